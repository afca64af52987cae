"""Steps by which changes of who may do what are judged: one after the other, on what is true then."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller, Principal
from multiproduct.application.identity.authenticating import principal_of
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import (
    PLATFORM,
    BeyondOwnPermissions,
    BuiltInRole,
    LastAdmin,
    Role,
    RoleAssignment,
    SessionOver,
)


async def in_turn(unit: IdentityUnit, caller: Caller, *, now: datetime) -> Caller:
    """Waits until nobody else changes who may do what, then reads again what the caller may do.

    So of two administrators who remove each other at once one does, and finds out about it the other. A
    caller without a session (the system, a host's own principal) is taken at its word. Raises SessionOver.
    """
    await unit.roles.hold_all()
    session_id = caller.principal.session_id
    if session_id is None:
        return caller
    standing = await unit.sessions.standing(session_id, now=now)
    if standing is None or not standing.is_live:
        raise SessionOver
    return replace(caller, principal=principal_of(standing))


def require_reach(caller: Caller, role: Role, scope: str, *, also: Iterable[str] = ()) -> None:
    """Nobody gives, changes or takes away what they do not have themselves, and only an Admin gives or takes
    Admin. Administrators of the whole platform and the system may do anything. Raises
    BeyondOwnPermissions."""
    if is_administrator(caller):
        return
    touched = {*role.permissions, *also}
    if role.is_admin or not all(caller.principal.may(each, scope=scope) for each in touched):
        raise BeyondOwnPermissions


async def require_lasting_reach(
    unit: IdentityUnit,
    caller: Caller,
    role: Role,
    scope: str,
    *,
    until: datetime | None,
    now: datetime,
    also: Iterable[str] = (),
) -> None:
    """What somebody has for a time they give for no longer than that: otherwise whoever is Admin for an hour
    makes it for ever, by themselves or by a friend. `until` None is for good. A caller without a session is
    taken at its word, as by `in_turn`. Raises BeyondOwnPermissions."""
    user_id = caller.principal.user_id
    if user_id is None or caller.principal.session_id is None:
        return
    lasting = await lasting_principal(unit, user_id, until=until, now=now)
    require_reach(replace(caller, principal=lasting), role, scope, also=also)


async def lasting_principal(
    unit: IdentityUnit, user_id: UUID, *, until: datetime | None, now: datetime
) -> Principal:
    """What somebody may do by those assignments that hold now and until then; None is for good."""
    roles = {role.key: role for role in await unit.roles.every()}
    held = await unit.role_assignments.of_user(user_id, now=now)
    lasting = [each for each in held if each.role in roles and _lasts(each, until)]
    permissions: dict[str, frozenset[str]] = {}
    for each in lasting:
        permissions[each.scope] = permissions.get(each.scope, frozenset()) | roles[each.role].permissions
    return Principal(
        user_id=user_id,
        roles=frozenset(each.role for each in lasting if each.scope == PLATFORM),
        permissions=permissions.pop(PLATFORM, frozenset()),
        scoped=permissions,
    )


def is_administrator(caller: Caller) -> bool:
    """Whether the caller is Admin of the whole platform, or the system."""
    return caller.principal.is_system or BuiltInRole.ADMIN.value in caller.principal.roles


async def require_another_admin(unit: IdentityUnit, user_id: UUID) -> None:
    """To be called in the unit that suspends or deletes a person, or takes Admin from them, before it writes
    anything. Until the unit ends nobody else gets past this. Raises LastAdmin where this person is Admin and
    nobody else, who may sign in, is for good."""
    await unit.roles.hold_all()
    user = await unit.users.find(user_id)
    if user is None or BuiltInRole.ADMIN.value not in user.roles:
        return
    if not await unit.role_assignments.has_admin_besides(user_id):
        raise LastAdmin


def _lasts(assignment: RoleAssignment, until: datetime | None) -> bool:
    if assignment.expires_at is None:
        return True
    return until is not None and assignment.expires_at >= until
