"""Whom of the others somebody of the staff may lay hands on."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.authority import is_administrator, require_reach
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import OwnAccount, UnknownUser, User, UserStatus
from multiproduct.domain.identity.assignment import PLATFORM


async def another_user(unit: IdentityUnit, user_id: UUID, caller: Caller) -> User:
    """A user other than the caller, who is not erased. Raises OwnAccount, UnknownUser."""
    if caller.principal.user_id == user_id:
        raise OwnAccount
    user = await unit.users.find(user_id)
    if user is None or user.status is UserStatus.DELETED:
        raise UnknownUser
    return user


async def require_reach_over(unit: IdentityUnit, user: User, caller: Caller) -> None:
    """Nobody changes the account of a person who may do more than they may themselves. Raises
    BeyondOwnPermissions."""
    if is_administrator(caller):
        return
    roles = {role.key: role for role in await unit.roles.every()}
    for key in user.roles:
        if key in roles:
            require_reach(caller, roles[key], PLATFORM)
