"""The hourly purge of inboxes and of tickets that nobody used."""

from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.inbox import changed_key
from multiproduct.application.notifications.inbox_ports import InboxUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit

KEPT = timedelta(days=180)
"""Longer than an event is kept that an entry is owed to, so that nothing comes a second time."""
PEOPLE = 200
ENTRIES = 1_000
MAX_BATCHES = 500


class InboxPurging:
    """Removes entries 180 days after they came, read or not, and moves the counts with them. Each person is a
    transaction of its own; at most half a million of them a run, with 1,000 entries each time."""

    def __init__(self, *, units: Units[InboxUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def run(self) -> int:
        """Purges; answers how many entries and tickets went."""
        total = await self._tickets()
        before = self._clock.now() - KEPT
        for _ in range(MAX_BATCHES):
            async with self._units.view(SYSTEM) as view:
                people = await view.inbox.whose_are_old(before=before, limit=PEOPLE)
            if not people:
                break
            total += sum([await self._person(user_id, before) for user_id in people])
        return total

    async def _person(self, user_id: UUID, before: datetime) -> int:
        async def body(unit: InboxUnit) -> int:
            counter = await unit.inbox.hold(user_id)
            removed, unread = await unit.inbox.drop_old(user_id, before=before, limit=ENTRIES)
            if unread and counter is not None:
                await unit.inbox.write(counter.moved(unread_by=-unread))
                unit.forget(changed_key(user_id))
            await unit.commit()
            return removed

        return await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _tickets(self) -> int:
        before, total = self._clock.now(), 0

        async def body(unit: InboxUnit) -> int:
            removed = await unit.stream_tickets.purge(before=before, limit=ENTRIES)
            await unit.commit()
            return removed

        for _ in range(MAX_BATCHES):
            removed = await in_unit(lambda: self._units.open(SYSTEM), body)
            total += removed
            if removed < ENTRIES:
                break
        return total
