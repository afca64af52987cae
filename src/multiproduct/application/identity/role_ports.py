"""What the use cases about roles need: repositories of roles and of who has which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.domain.identity import Role, RoleAssignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one assignment that has not expired permits, and where."""

    role: str
    scope: str
    permissions: frozenset[str]


class Roles(Protocol):
    """Keeps roles. The built-in ones are there from the beginning. The unique index on keys is the only truth
    about which are taken."""

    async def hold_all(self) -> None:
        """From here to the unit's end nobody else who calls this goes on: changes of who may do what wait for
        one another, and what is read afterwards stays true. To be called before anything else is written."""
        ...

    async def add(self, role: Role) -> None:
        """Keeps a new role. Raises RoleKeyTaken; the unit can go on."""
        ...

    async def save(self, role: Role) -> None:
        """Writes a role unless somebody saved it since it was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Role | None:
        """The role by id."""
        ...

    async def find_by_key(self, key: str) -> Role | None:
        """The role by key."""
        ...

    async def every(self) -> Sequence[Role]:
        """All roles, the built-in ones first, then by key."""
        ...

    async def remove(self, role: Role, *, now: datetime) -> bool:
        """Removes a role, with assignments of it that have expired; false, and nothing is removed, while
        somebody has it."""
        ...


class RoleAssignments(Protocol):
    """Keeps who has which role where: at most one assignment for a user, a role and a scope."""

    async def put(self, assignment: RoleAssignment) -> None:
        """Keeps an assignment, in the place of the one for the same user, role and scope. Raises UnknownRole
        or UnknownUser where these are not kept."""
        ...

    async def remove(self, assignment: RoleAssignment) -> bool:
        """Removes an assignment; false where it was gone already."""
        ...

    async def find(self, user_id: UUID, role_id: UUID, scope: str) -> RoleAssignment | None:
        """The assignment, also one that has expired."""
        ...

    async def of_user(self, user_id: UUID, *, now: datetime) -> Sequence[RoleAssignment]:
        """Those of a user that have not expired, by role and scope."""
        ...

    async def has_admin_besides(self, user_id: UUID) -> bool:
        """Whether a user other than this one is Admin of the platform without an expiry, is active, and has
        a way to sign in: a password, a proved e-mail address, a passkey that is good by itself or a linked
        account. Somebody who was invited and never came has none."""
        ...
