"""Reading the address that a command names: an e-mail address or a telephone number."""

from dataclasses import dataclass
from typing import Protocol

from multiproduct.application.identity.phone_numbers import PhoneNumbers
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import EmailAddress, PhoneNumber, User
from multiproduct.domain.otp import Challenge, Channel
from multiproduct.domain.shared import FieldProblem, InvalidInput


class NamesContact(Protocol):
    """A command with an e-mail address or a telephone number, or neither."""

    @property
    def email(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Contact:
    """One address that codes can be sent to."""

    email: EmailAddress | None
    phone: PhoneNumber | None

    @property
    def channel(self) -> Channel:
        """How a code travels there."""
        return Channel.EMAIL if self.email is not None else Channel.SMS

    @property
    def key(self) -> str:
        """What makes the address the same as another writing of it."""
        return self.email.key if self.email is not None else str(self.phone)

    @property
    def display(self) -> str:
        """As it is written to."""
        return self.email.display if self.email is not None else str(self.phone)


class Contacts:
    """Reads addresses, and finds whose they are."""

    def __init__(self, *, phone_numbers: PhoneNumbers, default_region: str | None = None) -> None:
        self._phone_numbers = phone_numbers
        self._default_region = default_region

    def read(self, command: NamesContact) -> Contact | None:
        """The address a command names, or None. Raises InvalidInput for a malformed one, or for two."""
        if command.email is not None and command.phone is not None:
            raise InvalidInput(FieldProblem("phone", "one_of", (("fields", "email, phone"),)))
        if command.email is not None:
            return Contact(EmailAddress.parse(command.email), None)
        if command.phone is not None:
            return Contact(None, self.phone(command.phone))
        return None

    def require(self, command: NamesContact) -> Contact:
        """Like `read`, but an address must be named."""
        contact = self.read(command)
        if contact is None:
            raise InvalidInput(FieldProblem("email", "required"))
        return contact

    def phone(self, text: str) -> PhoneNumber:
        """A telephone number. Raises InvalidInput."""
        return self._phone_numbers.parse(text, region=self._default_region)

    @staticmethod
    def of(challenge: Challenge) -> Contact:
        """The address that a challenge's code goes to."""
        if challenge.channel is Channel.EMAIL:
            return Contact(EmailAddress.parse(challenge.address), None)
        return Contact(None, PhoneNumber.parse(challenge.address))

    @staticmethod
    async def owner(unit: IdentityUnit, *, channel: Channel, key: str) -> User | None:
        """Whose address it is."""
        if channel is Channel.EMAIL:
            return await unit.users.find_by_email(key)
        return await unit.users.find_by_phone(key)
