"""What people type to say who they are: an e-mail address, a user name or a telephone number."""

from dataclasses import dataclass
from enum import StrEnum

from multiproduct.application.identity.commands import SignInWithPassword
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import EmailAddress, User
from multiproduct.domain.identity.usernames import canonical_key
from multiproduct.domain.shared import FieldProblem, InvalidInput


class IdentifierKind(StrEnum):
    """Which of a user's names it is."""

    EMAIL = "email"
    USERNAME = "username"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Identifier:
    """A name that at most one user has. One that is no name at all is looked up all the same, and nobody
    has it."""

    kind: IdentifierKind
    key: str

    async def find(self, unit: IdentityUnit) -> User | None:
        """Whose it is: always one query."""
        if self.kind is IdentifierKind.EMAIL:
            return await unit.users.find_by_email(self.key)
        if self.kind is IdentifierKind.PHONE:
            return await unit.users.find_by_phone(self.key)
        return await unit.users.find_by_username(self.key)


def read_identifier(command: SignInWithPassword, contacts: Contacts) -> Identifier:
    """The one name that the command gives. Raises InvalidInput when none or several are given."""
    given = {
        name: text
        for name in ("identifier", "email", "username", "phone")
        if (text := getattr(command, name)) is not None
    }
    if len(given) != 1:
        names = (("fields", "email, username, phone"),)
        code = "required" if not given else "one_of"
        raise InvalidInput(FieldProblem("email" if not given else next(iter(given)), code, names))
    ((field, text),) = given.items()
    if field == "phone":
        return _phone(text, contacts)
    if "@" in text and field != "username":
        return _email(text)
    if field == "identifier" and text.startswith("+"):
        return _phone(text, contacts)
    return Identifier(IdentifierKind.USERNAME, canonical_key(text))


def _email(text: str) -> Identifier:
    try:
        return Identifier(IdentifierKind.EMAIL, EmailAddress.parse(text).key)
    except InvalidInput:
        return Identifier(IdentifierKind.EMAIL, "")


def _phone(text: str, contacts: Contacts) -> Identifier:
    try:
        return Identifier(IdentifierKind.PHONE, str(contacts.phone(text)))
    except InvalidInput:
        return Identifier(IdentifierKind.PHONE, "")
