"""Marking what is in one's inbox as read or unread, and counting exactly."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.notifications.inbox import changed_key
from multiproduct.application.notifications.inbox_commands import ReadAll
from multiproduct.application.notifications.inbox_ports import InboxUnit
from multiproduct.application.notifications.inbox_results import AllRead, NotificationView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.notifications.inbox import InboxCounter, InboxEntry
from multiproduct.domain.shared import NotFound

_Mark = Callable[[InboxUnit, InboxEntry, int, datetime], Awaitable[bool]]


class InboxMarking:
    """The counter is held first. The rows that a conditional statement then marked are what it moves by, so
    that two who mark the same entry at the same moment move it once."""

    def __init__(self, *, units: Units[InboxUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def read(self, id: UUID, caller: Caller) -> NotificationView:
        """Marks an entry as read; again changes nothing. Raises Unauthenticated, NotFound."""

        async def mark(unit: InboxUnit, entry: InboxEntry, version: int, now: datetime) -> bool:
            return await unit.inbox.mark_read(entry.user_id, entry.id, version=version, now=now)

        return await self._mark(id, caller, mark, unread_by=-1)

    async def unread(self, id: UUID, caller: Caller) -> NotificationView:
        """Marks an entry as unread; again changes nothing. Raises Unauthenticated, NotFound."""

        async def mark(unit: InboxUnit, entry: InboxEntry, version: int, _now: datetime) -> bool:
            return await unit.inbox.mark_unread(entry.user_id, entry.id, version=version)

        return await self._mark(id, caller, mark, unread_by=1)

    async def read_all(self, command: ReadAll, caller: Caller) -> AllRead:
        """Marks everything as read, or everything up to an entry, so that nothing is marked that came while
        the person was looking. Raises Unauthenticated, NotFound for such an entry that is not there."""
        user_id = caller.require_user()

        async def body(unit: InboxUnit) -> AllRead:
            counter = await unit.inbox.hold(user_id) or InboxCounter(user_id=user_id)
            up_to = counter.version
            if command.up_to is not None:
                up_to = (await _found(unit, user_id, command.up_to)).sequence
            marked = await unit.inbox.mark_all_read(
                user_id, up_to=up_to, version=counter.version + 1, now=self._clock.now()
            )
            if marked:
                counter = counter.moved(unread_by=-marked)
                await _write(unit, counter)
            return AllRead(unread=counter.unread, version=counter.version, marked=marked)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _mark(self, id: UUID, caller: Caller, mark: _Mark, *, unread_by: int) -> NotificationView:
        user_id = caller.require_user()

        async def body(unit: InboxUnit) -> NotificationView:
            counter = await unit.inbox.hold(user_id)
            if counter is None:
                raise NotFound
            entry = await _found(unit, user_id, id)
            if await mark(unit, entry, counter.version + 1, self._clock.now()):
                entry = await _found(unit, user_id, id)
                await _write(unit, counter.moved(unread_by=unread_by))
            return NotificationView.of(entry)

        return await in_unit(lambda: self._units.open(caller), body)


async def _found(unit: InboxUnit, user_id: UUID, id: UUID) -> InboxEntry:
    entry = await unit.inbox.find(user_id, id)
    if entry is None:
        raise NotFound
    return entry


async def _write(unit: InboxUnit, counter: InboxCounter) -> None:
    await unit.inbox.write(counter)
    unit.forget(changed_key(counter.user_id))
    await unit.commit()
