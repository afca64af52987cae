"""Whom of the others somebody of the staff may lay hands on."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.authority import is_administrator, require_reach
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import OwnAccount, UnknownUser, User, UserStatus


async def another_user(unit: IdentityUnit, user_id: UUID, caller: Caller) -> User:
    """A user other than the caller, who is not erased. Raises OwnAccount, UnknownUser."""
    if caller.principal.user_id == user_id:
        raise OwnAccount
    user = await unit.users.find(user_id)
    if user is None or user.status is UserStatus.DELETED:
        raise UnknownUser
    return user


async def require_reach_over(unit: IdentityUnit, user: User, caller: Caller, *, now: datetime) -> None:
    """Nobody changes the account of a person who may do more than they may themselves, anywhere. Raises
    BeyondOwnPermissions."""
    if is_administrator(caller):
        return
    roles = {role.key: role for role in await unit.roles.every()}
    for each in await unit.role_assignments.of_user(user.id, now=now):
        if each.role in roles:
            require_reach(caller, roles[each.role], each.scope)
