"""Many hands in one inbox: what each contender of the race for an exact unread count does."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from tests.integration.journeys.patience import patiently

from multiproduct.adapters.contracts.inbox import a_new_entry
from multiproduct.application.caller import SYSTEM, Caller, Principal
from multiproduct.application.notifications.inbox_commands import ListNotifications, ReadAll
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.library import Multiproduct

Contender = Callable[[int], Awaitable[Any]]
PAUSE_SECONDS = 0.002


class SlowInbox:
    """The real repository, with a pause between taking the counter and what follows."""

    def __init__(self, real: Any) -> None:
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    async def hold(self, *args: Any) -> Any:
        counter = await self._real.hold(*args)
        await asyncio.sleep(PAUSE_SECONDS)
        return counter

    async def count_up(self, *args: Any) -> Any:
        counter = await self._real.count_up(*args)
        await asyncio.sleep(PAUSE_SECONDS)
        return counter


def fills_and_reads(house: Multiproduct, order: dict[str, Any]) -> Contender:
    """Each contender puts something, some of it twice, and marks what it finds; every fifth marks all."""
    user_id = UUID(order["user_id"])
    caller = Caller(principal=Principal(user_id=user_id))
    inbox = house.container.inbox

    async def one(number: int) -> None:
        chance = random.Random(number)
        # Two contenders each are told of the same event, as when a reaction is run twice.
        await patiently(lambda: _put(house, user_id, number // 2))
        found = (await inbox.reading.notifications(ListNotifications(limit=20), caller)).items
        for entry in chance.sample(found, min(3, len(found))):
            mark = chance.choice((inbox.marking.read, inbox.marking.read, inbox.marking.unread))
            await patiently(lambda: mark(entry.id, caller))  # noqa: B023 - awaited at once
        if number % 5 == 0 and found:
            await patiently(lambda: inbox.marking.read_all(ReadAll(up_to=found[-1].id), caller))

    return one


def fills_until_erased(house: Multiproduct, order: dict[str, Any]) -> Contender:
    """Each contender puts something and reads all; one of them erases the person."""
    user_id = UUID(order["user_id"])
    caller = Caller(principal=Principal(user_id=user_id))

    async def one(number: int) -> None:
        if number == order["eraser"]:
            await patiently(lambda: house.identity.erasing.erase(user_id, SYSTEM))
            return
        await patiently(lambda: _put(house, user_id, number))
        try:
            await patiently(lambda: house.container.inbox.marking.read_all(ReadAll(), caller))
        except NotFound:
            return

    return one


async def _put(house: Multiproduct, user_id: UUID, position: int) -> None:
    async def body(unit: Any) -> None:
        await house.container.inbox.entries.put(unit, a_new_entry(user_id, position + 1))
        await unit.commit()

    await in_unit(lambda: house.container.units.open(SYSTEM), body)
