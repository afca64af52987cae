"""Roles in memory, and who has which."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.application.identity.role_ports import Grant
from multiproduct.domain.identity import (
    PLATFORM,
    Role,
    RoleAssignment,
    RoleKeyTaken,
    UnknownRole,
    UnknownUser,
    User,
    UserStatus,
)
from multiproduct.domain.identity.role import ADMIN_ROLE_ID
from multiproduct.domain.shared import Aggregate, StaleAggregate


class MemoryRoles:
    """Whoever writes is alone."""

    def __init__(self, *, stage: Stage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.identity.roles
        self._assignments = stage.identity.role_assignments
        self._track = track

    async def hold_all(self) -> None:
        """The unit is the only one that writes."""

    async def add(self, role: Role) -> None:
        """Keeps a new role. Raises RoleKeyTaken."""
        if self._rows.has("key", role.key):
            raise RoleKeyTaken(key=role.key)
        self._rows.put(role)
        self._track(role)

    async def save(self, role: Role) -> None:
        """Writes a role unless somebody saved it since it was loaded. Raises StaleAggregate."""
        stored = self._rows.get(role.id)
        if stored is None or stored.version != role.version:
            raise StaleAggregate(id=str(role.id))
        role.version += 1
        self._rows.put(role)
        self._track(role)

    async def find(self, id: UUID) -> Role | None:
        """The role by id."""
        return self._rows.get(id)

    async def find_by_key(self, key: str) -> Role | None:
        """The role by key."""
        return self._rows.one_under("key", key)

    async def every(self) -> Sequence[Role]:
        """All roles, the built-in ones first, then by key."""
        found = (self._rows.get(row.id) for row in self._rows.where(lambda _row: True))
        kept = [role for role in found if role is not None]
        return sorted(kept, key=lambda role: (not role.is_built_in, role.key))

    async def remove(self, role: Role, *, now: datetime) -> bool:
        """Removes a role that nobody has."""
        given = self._assignments.under("role", role.id)
        if any(assignment.holds(now=now) for assignment in given) or not self._rows.remove(role.id):
            return False
        for expired in given:
            self._assignments.remove((expired.user_id, expired.role_id, expired.scope))
        self._track(role)
        return True


class MemoryRoleAssignments:
    """At most one for a user, a role and a scope."""

    def __init__(self, *, stage: Stage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.identity.role_assignments
        self._roles = stage.identity.roles
        self._users = stage.identity.users
        self._stage = stage
        self._track = track

    async def put(self, assignment: RoleAssignment) -> None:
        """Keeps an assignment. Raises UnknownRole, UnknownUser."""
        if self._roles.get(assignment.role_id) is None:
            raise UnknownRole
        if self._users.get(assignment.user_id) is None:
            raise UnknownUser
        self._rows.put(assignment)
        self._track(assignment)

    async def remove(self, assignment: RoleAssignment) -> bool:
        """Removes an assignment; false where it was gone already."""
        if not self._rows.remove((assignment.user_id, assignment.role_id, assignment.scope)):
            return False
        self._track(assignment)
        return True

    async def find(self, user_id: UUID, role_id: UUID, scope: str) -> RoleAssignment | None:
        """The assignment, also one that has expired."""
        return self._rows.get((user_id, role_id, scope))

    async def of_user(self, user_id: UUID, *, now: datetime) -> Sequence[RoleAssignment]:
        """Those of a user that have not expired, by role and scope."""
        return held_by(self._rows.under("user", user_id), now=now)

    async def has_admin_besides(self, user_id: UUID) -> bool:
        """Whether somebody else, who can sign in, is Admin for good."""
        return any(
            user.id != user_id and user.status is UserStatus.ACTIVE
            for assignment in self._rows.under("role", ADMIN_ROLE_ID)
            if assignment.scope == PLATFORM and assignment.expires_at is None
            for user in [self._users.get(assignment.user_id)]
            if user is not None and self._has_way_in(user)
        )

    def _has_way_in(self, user: User) -> bool:
        return (
            user.password_hash is not None
            or user.email_verified
            or any(passkey.is_way_in for passkey in self._stage.identity.passkeys.under("user", user.id))
            or bool(self._stage.identity.social_accounts.under("user", user.id))
        )


def held_by(assignments: Sequence[RoleAssignment], *, now: datetime) -> list[RoleAssignment]:
    """Those that have not expired, by role and scope."""
    held = [assignment for assignment in assignments if assignment.holds(now=now)]
    return sorted(held, key=lambda assignment: (assignment.role, assignment.scope))


def platform_roles(stage: Stage, user_id: UUID, *, now: datetime) -> frozenset[str]:
    """The keys of the roles that a user has everywhere."""
    held = held_by(stage.identity.role_assignments.under("user", user_id), now=now)
    return frozenset(assignment.role for assignment in held if assignment.scope == PLATFORM)


def grants(stage: Stage, user_id: UUID, *, now: datetime) -> frozenset[Grant]:
    """What the assignments of a user permit."""
    return frozenset(
        Grant(role=role.key, scope=assignment.scope, permissions=role.permissions)
        for assignment in held_by(stage.identity.role_assignments.under("user", user_id), now=now)
        for role in [stage.identity.roles.get(assignment.role_id)]
        if role is not None
    )


def give_new_user(stage: Stage, user_id: UUID, keys: frozenset[str], *, now: datetime) -> None:
    """Writes the first assignments of a user. Raises UnknownRole, before anything is written."""
    roles = [stage.identity.roles.one_under("key", key) for key in sorted(keys)]
    known = [role for role in roles if role is not None]
    if len(known) != len(roles):
        raise UnknownRole
    for role in known:
        stage.identity.role_assignments.put(
            RoleAssignment(user_id=user_id, role_id=role.id, role=role.key, granted_at=now)
        )
