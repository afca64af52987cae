"""What people ask of sign-in by telephone."""

from uuid import UUID

from pydantic import Field

from multiproduct.application.identity.commands import Code, Command, Phone


class RequestPhoneCode(Command):
    """Asks for a code by text message, with which whoever holds the number can sign in."""

    phone: Phone


class SignInByPhone(Command):
    """Answers the code. `challenge_id` may be left out while the number has just one live code."""

    challenge_id: UUID | None = None
    phone: Phone | None = None
    otp: Code = Field(repr=False)

    @property
    def email(self) -> str | None:
        """A telephone's code names no mailbox."""
        return None
