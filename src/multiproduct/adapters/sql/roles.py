"""Roles in a table, and who has which."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    ScalarSelect,
    bindparam,
    delete,
    exists,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from multiproduct.adapters.sql.failures import is_missing_reference
from multiproduct.adapters.sql.json_functions import json_list, json_row
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.credentials import passkeys
from multiproduct.adapters.sql.tables.identity import users
from multiproduct.adapters.sql.tables.roles import role_assignments, roles
from multiproduct.adapters.sql.tables.social import social_accounts
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.identity.role_ports import Grant
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.identity import (
    PLATFORM,
    Role,
    RoleAssignment,
    RoleKeyTaken,
    UnknownRole,
    UnknownUser,
    UserStatus,
)
from multiproduct.domain.identity.role import ADMIN_ROLE_ID
from multiproduct.domain.shared import Aggregate, StaleAggregate

_r, _a = roles.c, role_assignments.c
_holds = or_(_a.expires_at.is_(None), _a.expires_at > bindparam("at"))
_KEPT_FOR_GOOD = frozenset({"id", "key", "is_built_in", "created_at"})

# One row stands for all of them. NO KEY, as assignments refer to it: those of new users need not wait.
# On SQLite a unit that writes is alone, so that it needs no lock on the row (and has none to take).
_HOLD_ALL = select(_r.id).where(_r.id == ADMIN_ROLE_ID).with_for_update(key_share=True)  # pk_roles
_ADD = in_each_dialect(lambda inserting: inserting(roles).on_conflict_do_nothing(index_elements=[_r.key]))
_SAVE = (  # pk_roles
    update(roles)
    .where(_r.id == bindparam("of_id"), _r.version == bindparam("of_version"))
    .values(
        {column.name: bindparam(f"new_{column.name}") for column in _r if column.name not in _KEPT_FOR_GOOD}
    )
)
_FIND = select(roles).where(_r.id == bindparam("of_id"))  # pk_roles
_FIND_BY_KEY = select(roles).where(_r.key == bindparam("of_key"))  # uq_roles_key
_EVERY = select(roles).order_by(_r.is_built_in.desc(), _r.key)
_DROP_EXPIRED = delete(role_assignments).where(  # ix_role_assignments_role_id
    _a.role_id == bindparam("of_id"), _a.expires_at <= bindparam("at")
)
_REMOVE = delete(roles).where(  # pk_roles, ix_role_assignments_role_id
    _r.id == bindparam("of_id"), ~exists().where(_a.role_id == bindparam("of_id"))
)

_NAMES = [column.name for column in _a]
# Only where both are kept: a reference that leads nowhere would make PostgreSQL give up the transaction.
_PUT = in_each_dialect(  # pk_role_assignments, pk_users, pk_roles
    lambda inserting: (
        inserting(role_assignments)
        .from_select(
            _NAMES,
            select(*(bindparam(f"new_{column.name}", type_=column.type) for column in _a)).where(
                exists().where(users.c.id == bindparam("new_user_id")),
                exists().where(_r.id == bindparam("new_role_id")),
            ),
        )
        .on_conflict_do_update(
            index_elements=[_a.user_id, _a.role_id, _a.scope],
            set_={name: inserting(role_assignments).excluded[name] for name in _NAMES[3:]},
        )
    )
)
_GIVE_NEW_USER = role_assignments.insert().from_select(  # uq_roles_key
    _NAMES,
    select(
        bindparam("of_user", type_=_a.user_id.type),
        _r.id,
        literal(PLATFORM),
        bindparam("by", None, type_=_a.granted_by.type),
        bindparam("at", type_=_a.granted_at.type),
        bindparam("until", None, type_=_a.expires_at.type),
    ).where(_r.key.in_(bindparam("keys", expanding=True))),
)
_TAKE = delete(role_assignments).where(  # pk_role_assignments
    _a.user_id == bindparam("of_user"), _a.role_id == bindparam("of_role"), _a.scope == bindparam("of_scope")
)
_ASSIGNMENTS = select(role_assignments, _r.key.label("role")).join_from(
    role_assignments, roles, _a.role_id == _r.id
)
_ASSIGNMENT = _ASSIGNMENTS.where(  # pk_role_assignments, pk_roles
    _a.user_id == bindparam("of_user"), _a.role_id == bindparam("of_role"), _a.scope == bindparam("of_scope")
)
_OF_USER = _ASSIGNMENTS.where(  # pk_role_assignments, pk_roles
    _a.user_id == bindparam("of_user"), _holds
).order_by(_r.key, _a.scope)
_HAS_WAY_IN = or_(  # ix_passkeys_user_id, ix_social_accounts_user_id
    users.c.password_hash.is_not(None),
    users.c.email_verified,
    exists().where(
        passkeys.c.user_id == users.c.id, passkeys.c.verifies_user, passkeys.c.suspended_at.is_(None)
    ),
    exists().where(social_accounts.c.user_id == users.c.id),
)
_HAS_ADMIN_BESIDES = select(  # ix_role_assignments_role_id, pk_users
    exists()
    .where(
        _a.role_id == ADMIN_ROLE_ID,
        _a.scope == PLATFORM,
        _a.expires_at.is_(None),
        _a.user_id != bindparam("of_user"),
    )
    .where(users.c.id == _a.user_id, users.c.status == UserStatus.ACTIVE.value, _HAS_WAY_IN)
)


def platform_roles(user_id: ColumnElement[UUID]) -> ScalarSelect[Any]:
    """The keys of the roles that a user has everywhere at the moment `at`, as a list."""
    return (
        select(json_list(_r.key))
        .join_from(role_assignments, roles, _a.role_id == _r.id)
        .where(_a.user_id == user_id, _a.scope == PLATFORM, _holds)
        .scalar_subquery()
    )


def grants(user_id: ColumnElement[UUID]) -> ScalarSelect[Any]:
    """What the assignments of a user permit at the moment `at`; `read_grants` reads it."""
    return (
        select(json_list(json_row(_r.key, _a.scope, _r.permissions)))
        .join_from(role_assignments, roles, _a.role_id == _r.id)
        .where(_a.user_id == user_id, _holds)
        .scalar_subquery()
    )


def read_grants(rows: Sequence[tuple[str, str, Sequence[str]]]) -> frozenset[Grant]:
    """What `grants` selected."""
    return frozenset(
        Grant(role=role, scope=scope, permissions=frozenset(permissions)) for role, scope, permissions in rows
    )


async def give_new_user(lane: Lane, user_id: UUID, keys: frozenset[str], *, now: datetime) -> None:
    """Writes the first assignments of a user. Raises UnknownRole."""
    if not keys:
        return
    given = await lane.run(_GIVE_NEW_USER, {"of_user": user_id, "keys": sorted(keys), "at": now})
    if given.rowcount != len(keys):
        raise UnknownRole


class SqlRoles:
    """The `Roles` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def hold_all(self) -> None:
        """Waits for whoever else changes who may do what."""
        await self._lane.run(_HOLD_ALL)

    async def add(self, role: Role) -> None:
        """Keeps a new role, unless its key is taken."""
        added = await self._lane.run(_ADD[self._lane.dialect], _role_row(role))
        if added.rowcount != 1:
            raise RoleKeyTaken(key=role.key)
        self._track(role)

    async def save(self, role: Role) -> None:
        """Writes a role, unless it is stale."""
        values = {
            f"new_{name}": value for name, value in _role_row(role).items() if name not in _KEPT_FOR_GOOD
        }
        values["new_version"] = role.version + 1
        saved = await self._lane.run(_SAVE, {"of_id": role.id, "of_version": role.version, **values})
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(role.id))
        role.version += 1
        self._track(role)

    async def find(self, id: UUID) -> Role | None:
        """The role by id."""
        return _first_role((await self._lane.run(_FIND, {"of_id": id})).first())

    async def find_by_key(self, key: str) -> Role | None:
        """The role by key."""
        return _first_role((await self._lane.run(_FIND_BY_KEY, {"of_key": key})).first())

    async def every(self) -> Sequence[Role]:
        """All roles, the built-in ones first, then by key."""
        return [_role(row) for row in await self._lane.run(_EVERY)]

    async def remove(self, role: Role, *, now: datetime) -> bool:
        """Removes a role that nobody has. Somebody who is given it at the very same time makes PostgreSQL
        abort the transaction; that is a TransientFailure, and the next try sees the assignment."""
        await self._lane.run(_DROP_EXPIRED, {"of_id": role.id, "at": now})
        try:
            removed = await self._lane.run(_REMOVE, {"of_id": role.id})
        except IntegrityError as error:
            if not is_missing_reference(error):
                raise
            raise TransientFailure("somebody is given the role") from error
        if removed.rowcount != 1:
            return False
        self._track(role)
        return True


class SqlRoleAssignments:
    """The `RoleAssignments` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def put(self, assignment: RoleAssignment) -> None:
        """Keeps an assignment, unless its user or role is not kept."""
        values = {f"new_{name}": getattr(assignment, name) for name in _NAMES}
        try:
            put = await self._lane.run(_PUT[self._lane.dialect], values)
        except IntegrityError as error:
            if not is_missing_reference(error):
                raise
            raise TransientFailure("what it refers to is just being removed") from error
        if put.rowcount != 1:
            role = (await self._lane.run(_FIND, {"of_id": assignment.role_id})).first()
            raise UnknownRole if role is None else UnknownUser
        self._track(assignment)

    async def remove(self, assignment: RoleAssignment) -> bool:
        """Removes an assignment; false where it was gone already."""
        removed = await self._lane.run(
            _TAKE,
            {"of_user": assignment.user_id, "of_role": assignment.role_id, "of_scope": assignment.scope},
        )
        if removed.rowcount != 1:
            return False
        self._track(assignment)
        return True

    async def find(self, user_id: UUID, role_id: UUID, scope: str) -> RoleAssignment | None:
        """The assignment, also one that has expired."""
        found = await self._lane.run(_ASSIGNMENT, {"of_user": user_id, "of_role": role_id, "of_scope": scope})
        row = found.first()
        return None if row is None else _assignment(row)

    async def of_user(self, user_id: UUID, *, now: datetime) -> Sequence[RoleAssignment]:
        """Those of a user that have not expired."""
        found = await self._lane.run(_OF_USER, {"of_user": user_id, "at": now})
        return [_assignment(row) for row in found]

    async def has_admin_besides(self, user_id: UUID) -> bool:
        """Whether somebody else, who can sign in, is Admin for good."""
        return bool((await self._lane.run(_HAS_ADMIN_BESIDES, {"of_user": user_id})).scalar())


def _role_row(role: Role) -> dict[str, Any]:
    return {
        "id": role.id,
        "version": role.version,
        "key": role.key,
        "name": role.name,
        "description": role.description,
        "permissions": sorted(role.permissions),
        "is_built_in": role.is_built_in,
        "created_at": role.created_at,
        "updated_at": role.updated_at,
    }


def _first_role(row: Row[Any] | None) -> Role | None:
    return None if row is None else _role(row)


def _role(row: Row[Any]) -> Role:
    return Role(
        id=row.id,
        version=row.version,
        key=row.key,
        name=row.name,
        description=row.description,
        permissions=frozenset(row.permissions),
        is_built_in=row.is_built_in,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _assignment(row: Row[Any]) -> RoleAssignment:
    return RoleAssignment(
        user_id=row.user_id,
        role_id=row.role_id,
        role=row.role,
        scope=row.scope,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
    )
