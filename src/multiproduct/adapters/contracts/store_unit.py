"""A unit of work with every repository there is, and racing for what lies in it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from multiproduct.application.audit.ports import AuditUnit
from multiproduct.application.caller import ANYBODY
from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.notifications.inbox_ports import InboxUnit
from multiproduct.application.notifications.push_ports import PushUnit
from multiproduct.application.payments import PaymentsUnit
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.translation import TranslationUnit
from multiproduct.application.units import in_unit
from multiproduct.application.webhooks import WebhooksUnit

T = TypeVar("T")

PATIENCE_SECONDS = 60.0
"""After this a test gives up waiting: something holds what it should have let go."""


class StoreUnit(
    AuditUnit,
    WebhooksUnit,
    PushUnit,
    InboxUnit,
    IdentityUnit,
    NotificationUnit,
    CatalogUnit,
    PaymentsUnit,
    TranslationUnit,
    Protocol,
):
    """What the unit of a complete store offers."""


async def race(units: Units[StoreUnit], rivals: int, body: Callable[[StoreUnit], Awaitable[T]]) -> list[T]:
    """Runs `body` in so many units at once, each again as use cases do; answers what each came to."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        return await asyncio.gather(*(in_unit(lambda: units.open(ANYBODY), body) for _ in range(rivals)))


async def in_one_unit(units: Units[StoreUnit], body: Callable[[StoreUnit], Awaitable[T]]) -> T:
    """Runs `body` in a unit of its own and commits."""
    async with asyncio.timeout(PATIENCE_SECONDS), units.open(ANYBODY) as unit:
        answer = await body(unit)
        await unit.commit()
        return answer


async def in_view(units: Units[StoreUnit], body: Callable[[StoreUnit], Awaitable[T]]) -> T:
    """Reads by `body` what is committed."""
    async with asyncio.timeout(PATIENCE_SECONDS), units.view(ANYBODY) as unit:
        return await body(unit)


async def has_to_wait(task: "asyncio.Task[T]") -> bool:
    """Whether the task is still waiting after it had ample opportunity to finish."""
    await asyncio.wait([task], timeout=0.1)
    return not task.done()
