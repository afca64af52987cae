"""What every event log must do with age: old events go, unless something is still owed to them."""

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from multiproduct.adapters.contracts.builders import DAY, NOW, a_caller, a_user_id
from multiproduct.adapters.contracts.reacting import Noted, Passed
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.todos import PurgedStretch, Todo, TodoQueue
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import UserUpdated


async def _passed(units: Units[StoreUnit], *ages: timedelta) -> None:
    """Logs an event of each age that nothing is owed to."""
    async with units.open(ANYBODY) as unit:
        for age in ages:
            unit.record(Passed(occurred_at=NOW - age, note="x"))
        await unit.commit()


async def _leased_notes(units: Units[StoreUnit], todo_queue: TodoQueue, *ages: timedelta) -> list[Todo]:
    """Logs an event of each age that two reactions are owed to, and leases these."""
    async with units.open(ANYBODY) as unit:
        for age in ages:
            unit.record(Noted(occurred_at=NOW - age, note="x"))
        await unit.commit()
    soon = datetime.now(UTC) + timedelta(seconds=5)
    return list(await todo_queue.lease(now=soon, until=soon + timedelta(minutes=1), limit=200))


async def _complete(units: Units[StoreUnit], todo: Todo) -> None:
    await in_one_unit(units, lambda unit: unit.todos.complete(todo))


async def _purge(todo_queue: TodoQueue, *, from_position: int = 0, limit: int = 100) -> PurgedStretch:
    return await todo_queue.purge_events(before=NOW - DAY, from_position=from_position, limit=limit)


async def _mask(unit: StoreUnit, *, user_id: UUID, after: int) -> int | None:
    masks: dict[str, dict[str, Any]] = {UserUpdated.NAME: {"fields": {}}}
    return await unit.personal_rows.mask_events(user_id, masks, after=after, limit=2)


async def _kept(todo_queue: TodoQueue, *positions: int) -> list[bool]:
    return [await todo_queue.event(position) is not None for position in positions]


class EventLogContract:
    """Needs, over one store that is empty when the test begins, so that its first event has the position 1:

    - `units`: `Units[StoreUnit]`, opened with `reacting.contract_surroundings()`;
    - `todo_queue`: the `TodoQueue` of the same store.
    """

    async def test_an_empty_log_has_nothing_to_purge(self, todo_queue: TodoQueue) -> None:
        assert await _purge(todo_queue) == PurgedStretch(0, None)

    async def test_what_tells_of_a_person_is_masked_in_stretches(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        gone, other = a_user_id(), a_user_id()
        async with units.open(a_caller()) as unit:
            for user_id in (gone, other, gone):
                fields: dict[str, tuple[str | None, str | None]] = {"first_name": ("Ada", "Augusta")}
                unit.record(UserUpdated(occurred_at=NOW, user_id=user_id, fields=fields))
            unit.record(Passed(occurred_at=NOW, note="x"))
            await unit.commit()
        places = [0, 2, 4]
        for place, then in zip(places, [*places[1:], None], strict=True):
            assert await in_one_unit(units, partial(_mask, user_id=gone, after=place)) == then
        logged = [await todo_queue.event(position) for position in (1, 2, 3, 4)]
        assert [event is not None and event.fields.get("fields") for event in logged] == [
            {}, {"first_name": ["Ada", "Augusta"]}, {}, None
        ]  # fmt: skip
        assert [event is not None and event.request_id is None for event in logged] == [
            True, False, True, False
        ]  # fmt: skip

    async def test_events_older_than_the_moment_go_and_younger_ones_stay(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _passed(units, 3 * DAY, DAY + timedelta(microseconds=1), DAY, timedelta())
        assert await _purge(todo_queue) == PurgedStretch(2, None)
        assert await _kept(todo_queue, 1, 2, 3, 4) == [False, False, True, True]
        assert await _purge(todo_queue) == PurgedStretch(0, None)

    async def test_a_stretch_ends_at_the_limit_and_tells_where_the_next_begins(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _passed(units, *(9 * DAY,) * 5)
        assert await _purge(todo_queue, limit=2) == PurgedStretch(2, 3)
        assert await _kept(todo_queue, 1, 2, 3, 4, 5) == [False, False, True, True, True]
        assert await _purge(todo_queue, from_position=3, limit=2) == PurgedStretch(2, 5)
        assert await _purge(todo_queue, from_position=5, limit=2) == PurgedStretch(1, None)

    async def test_an_event_stays_as_long_as_something_is_owed_to_it(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        done, also_done, open_, buried = await _leased_notes(units, todo_queue, 9 * DAY, 9 * DAY)
        assert (done.key.position, open_.key.position) == (1, 2)
        for todo in (done, also_done):
            await _complete(units, todo)
        assert await _purge(todo_queue) == PurgedStretch(1, None)
        assert await _kept(todo_queue, 1, 2) == [False, True]
        await _complete(units, open_)
        await todo_queue.bury(buried, error="hopeless", now=NOW)
        assert await _purge(todo_queue) == PurgedStretch(0, None)
        assert await _kept(todo_queue, 2) == [True]

    async def test_what_is_kept_does_not_stand_in_the_way_of_what_follows(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _leased_notes(units, todo_queue, *(9 * DAY,) * 3)
        await _passed(units, 9 * DAY)
        assert await _purge(todo_queue, limit=2) == PurgedStretch(0, 3)
        assert await _purge(todo_queue, from_position=3, limit=2) == PurgedStretch(1, 5)
        assert await _kept(todo_queue, 1, 2, 3, 4) == [True, True, True, False]
