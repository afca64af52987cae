"""What administrators ask about roles, checked for shape."""

from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from multiproduct.application.identity.commands import Command
from multiproduct.domain.identity.assignment import PLATFORM

MAX_PERMISSIONS = 500

Key = Annotated[str, StringConstraints(min_length=1, max_length=50)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Description = Annotated[str, StringConstraints(max_length=500)]
Permission = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Permissions = Annotated[list[Permission], Field(max_length=MAX_PERMISSIONS)]
Scope = Annotated[str, StringConstraints(min_length=1, max_length=64)]

_KEY = "What programs know the role by: 3 to 50 small letters, digits and `_`, a letter first."
_NAME = "What people call the role."
_DESCRIPTION = "What the role is for."
_PERMISSIONS = "Names of the permissions, out of those that there are."
_ROLE = "The key of the role."
_SCOPE = "Where it holds: `platform` for everywhere, `market:<id>` or `provider:<id>`."
_EXAMPLE = ["identity.user.read", "identity.user.update"]


class CreateRole(Command):
    """Makes a role."""

    key: Key = Field(description=_KEY, examples=["support_agent"])
    name: Name = Field(description=_NAME, examples=["Support agent"])
    description: Description = Field(default="", description=_DESCRIPTION, examples=["Helps people."])
    permissions: Permissions = Field(default=[], description=_PERMISSIONS, examples=[_EXAMPLE])


class ChangeRole(Command):
    """Changes the fields that are given. `permissions` takes the place of all that there were."""

    name: Name | None = Field(default=None, description=_NAME, examples=["Support agent"])
    description: Description | None = Field(
        default=None, description=_DESCRIPTION, examples=["Helps people."]
    )
    permissions: Permissions | None = Field(default=None, description=_PERMISSIONS, examples=[_EXAMPLE])


class AssignRole(Command):
    """Gives somebody a role, or gives it anew with another end."""

    role: Key = Field(description=_ROLE, examples=["market_owner"])
    scope: Scope = Field(default=PLATFORM, description=_SCOPE, examples=[PLATFORM])
    expires_at: AwareDatetime | None = Field(
        default=None,
        description="Until when it holds (RFC 3339); null for good.",
        examples=["2027-11-21T06:30:00Z"],
    )


class RevokeRole(Command):
    """Takes a role from somebody."""

    role: Key = Field(description=_ROLE, examples=["market_owner"])
    scope: Scope = Field(default=PLATFORM, description=_SCOPE, examples=[PLATFORM])
