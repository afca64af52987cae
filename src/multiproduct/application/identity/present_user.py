"""Reading the signed-in person within a unit that is about to change something of theirs."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import User
from multiproduct.domain.shared import Unauthenticated


async def present_user(unit: IdentityUnit, user_id: UUID) -> User:
    """The user as stored now. Raises Unauthenticated for one that was erased or suspended since the caller's
    token was read."""
    user = await unit.users.find(user_id)
    if user is None or not user.may_sign_in:
        raise Unauthenticated
    return user


async def own_account(unit: IdentityUnit, user_id: UUID, *, now: datetime) -> User:
    """For a unit that keeps something for the person without changing the user: writes the user all the same,
    before anything else. Of this and an erasure at the same moment one waits for the other, and decides
    again. Raises Unauthenticated as `present_user` does, and StaleAggregate."""
    user = await present_user(unit, user_id)
    user.updated_at = now
    await unit.users.save(user)
    return user
