"""What people ask about their sessions and their addresses."""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from multiproduct.application.identity.commands import Code, Command, LinkToken, Phone, Text254


class RenameSession(Command):
    """Gives a session's device a name of one's own; null or nothing but spaces takes it away."""

    name: Annotated[str, StringConstraints(max_length=60)] | None


class ChangeEmail(Command):
    """Asks for another e-mail address, which has to be proved."""

    email: Text254

    @property
    def phone(self) -> None:
        """This command names none."""


class ChangePhone(Command):
    """Asks for another telephone number, which has to be proved."""

    phone: Phone

    @property
    def email(self) -> None:
        """This command names none."""


class ConfirmContactChange(Command):
    """Proves the new address with its code, or with the link token of the mail in place of it."""

    challenge_id: UUID | None = None
    otp: Code | None = Field(default=None, repr=False)
    token: LinkToken | None = Field(default=None, repr=False)


class StopContactChange(Command):
    """Calls a change off with the token of the notice to the old address."""

    token: LinkToken = Field(repr=False)
