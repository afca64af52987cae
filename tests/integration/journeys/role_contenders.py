"""Administrators at odds: what each contender of a race for the last Admin does."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from tests.integration.journeys.patience import patiently

from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.identity import IdentityUnit, RevokeRole, require_another_admin
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.identity.roles import ROLES_ASSIGN
from multiproduct.entrypoints.library import Multiproduct

Contender = Callable[[int], Awaitable[Any]]
_ADMIN = RevokeRole(role="admin")


def revokes_or_suspends(house: Multiproduct, order: dict[str, Any]) -> Contender:
    """Each contender removes another administrator: every second by suspending them."""

    async def one(number: int) -> None:
        user_id = UUID(order["admins"][number])
        if number % 2:
            await patiently(lambda: _suspend(house, user_id))
        else:
            await patiently(lambda: house.identity.role_assignments.revoke(user_id, _ADMIN, SYSTEM))

    return one


def removes_the_next(house: Multiproduct, order: dict[str, Any]) -> Contender:
    """The administrators stand in a circle, and each removes the next one, as what they were at the start."""
    admins, sessions = order["admins"], order["sessions"]

    async def one(number: int) -> None:
        principal = Principal(
            user_id=UUID(admins[number]),
            session_id=UUID(sessions[number]),
            roles=frozenset({"admin"}),
            permissions=frozenset({ROLES_ASSIGN}),
            authenticated_at=house.container.clock.now(),
        )
        next_one = UUID(admins[(number + 1) % len(admins)])
        assigning = house.identity.role_assignments
        await patiently(lambda: assigning.revoke(next_one, _ADMIN, Caller(principal=principal)))

    return one


async def _suspend(house: Multiproduct, user_id: UUID) -> None:
    """As the use case that suspends people does it."""

    async def body(unit: IdentityUnit) -> None:
        await require_another_admin(unit, user_id)
        await asyncio.sleep(0)
        user = await unit.users.find(user_id)
        assert user is not None
        user.status = UserStatus.SUSPENDED
        await unit.users.save(user)
        await unit.commit()

    await in_unit(lambda: house.container.units.open(SYSTEM), body)
