"""What staff asks about people, and what people ask about everything that is kept of them."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from multiproduct.application.identity.commands import Command, LinkToken, Secret, Text150, Text254
from multiproduct.application.moments import Moment
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.identity import UserStatus

MAX_ROLES = 20
LEAST_SEARCH = 2

Locale = Annotated[str, StringConstraints(max_length=35)]
RoleKey = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Cursor = Annotated[str, StringConstraints(max_length=512)]
Search = Annotated[str, StringConstraints(min_length=LEAST_SEARCH, max_length=254, strip_whitespace=True)]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT)]

_LIMIT = "How many at most."
_CURSOR = "Where the page begins: the `next_cursor` of the one before."
_ROLES = "Keys of the roles that the account gets besides that of every user. Needs `identity.role.assign`."


class ListUsers(Command):
    """Asks for people, the newest first."""

    status: Literal["active", "suspended", "deleted"] | None = Field(
        default=None,
        description="`active`, `suspended` or `deleted`; without it, all that are not deleted.",
        examples=["active"],
    )
    role: RoleKey | None = Field(
        default=None, description="Only those who have this role, anywhere.", examples=["admin"]
    )
    verified: bool | None = Field(
        default=None, description="Whether an address of theirs was proved.", examples=[True]
    )
    created_from: Moment | None = Field(
        default=None,
        description="Only those who came then or later (RFC 3339).",
        examples=["2026-11-01T00:00:00Z"],
    )
    created_before: Moment | None = Field(
        default=None, description="Only those who came before (RFC 3339).", examples=["2026-12-01T00:00:00Z"]
    )
    search: Search | None = Field(
        default=None,
        description="What the user name, the e-mail address, the telephone number, the first or the last "
        "name begins with; letter case aside.",
        examples=["tony"],
    )
    cursor: Cursor | None = Field(default=None, description=_CURSOR, examples=["WyIyMDI2LTExLTIxIl0"])
    limit: Limit = Field(default=DEFAULT_LIMIT, description=_LIMIT, examples=[50])


class CreateUser(Command):
    """Makes an account without a password. Its owner gets a mail with a link to set one."""

    email: Text254
    username: Text150 | None = Field(
        default=None,
        description="Without it one is generated, which its owner can change once.",
        examples=["tony.s"],
    )
    first_name: Text150 = ""
    last_name: Text150 = ""
    locale: Locale | None = None
    roles: Annotated[list[RoleKey], Field(max_length=MAX_ROLES)] = Field(
        default=[], description=_ROLES, examples=[["service_provider"]]
    )


class InviteUser(Command):
    """Has a mail sent with a link by which somebody becomes a user."""

    email: Text254
    first_name: Text150 = ""
    last_name: Text150 = ""
    locale: Locale | None = None
    roles: Annotated[list[RoleKey], Field(max_length=MAX_ROLES)] = Field(
        default=[], description=_ROLES, examples=[["service_provider"]]
    )


class ChangeUser(Command):
    """Changes the fields that are given and leaves the others."""

    username: Text150 | None = None
    first_name: Text150 | None = None
    last_name: Text150 | None = None
    locale: Locale | None = None
    time_zone: Annotated[str, StringConstraints(max_length=64)] | None = None
    status: Literal[UserStatus.ACTIVE, UserStatus.SUSPENDED] | None = Field(
        default=None, description="`active` or `suspended`; never one's own.", examples=["active"]
    )


class ListInvitations(Command):
    """Asks for invitations, the newest first."""

    cursor: Cursor | None = Field(default=None, description=_CURSOR, examples=["WyIyMDI2LTExLTIxIl0"])
    limit: Limit = Field(default=DEFAULT_LIMIT, description=_LIMIT, examples=[50])


class AcceptInvitation(Command):
    """Sets a password with the link token of an invitation, and so becomes a user."""

    token: LinkToken = Field(repr=False)
    password: Secret = Field(repr=False)
    username: Text150 | None = Field(
        default=None,
        description="Without it one is generated, which can be changed once.",
        examples=["tony.s"],
    )
    first_name: Text150 | None = None
    last_name: Text150 | None = None


class ReplaceBankDetails(Command):
    """Says where one's money goes: an IBAN, or an account number where the country has none."""

    holder: Text150 = Field(description="Whose account it is, as the bank has it.", examples=["Tony Stark"])
    iban: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None,
        repr=False,
        description="An IBAN, with or without spaces.",
        examples=["GB82WEST12345698765432"],
    )
    account_number: Annotated[str, StringConstraints(max_length=64)] | None = Field(
        default=None, repr=False, description="In place of an IBAN.", examples=["000123456789"]
    )
    bank_code: Annotated[str, StringConstraints(max_length=32)] = Field(
        default="", description="The bank's code: BIC, routing or branch number.", examples=["WESTGB22"]
    )
    bank_name: Text150 = Field(default="", description="What the bank is called.", examples=["West Bank"])
