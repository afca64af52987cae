"""What every queue of todos must do: no todo is lost, none is run by two at once, none is done twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from multiproduct.adapters.contracts.builders import NOW, UNUSUAL_TEXT, a_user
from multiproduct.adapters.contracts.reacting import FIRST, SECOND, Noted
from multiproduct.adapters.contracts.store_unit import PATIENCE_SECONDS, StoreUnit, in_one_unit, in_view
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.todos import AlreadyDone, Backlog, Todo, TodoQueue
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import TodoKey

_LEASE = timedelta(minutes=1)


def _real_now() -> datetime:
    # A store may date new todos by a clock that runs slightly ahead of this one.
    return datetime.now(UTC).replace(microsecond=123456) + timedelta(seconds=5)


async def _note(units: Units[StoreUnit], count: int) -> None:
    """Leaves two todos for each event."""
    async with units.open(ANYBODY) as unit:
        for number in range(count):
            unit.record(Noted(occurred_at=NOW, note=str(number)))
        await unit.commit()


async def _lease(queue: TodoQueue, now: datetime, *, limit: int = 200) -> list[Todo]:
    return list(await queue.lease(now=now, until=now + _LEASE, limit=limit))


async def _complete(units: Units[StoreUnit], key: TodoKey) -> None:
    await in_one_unit(units, lambda unit: unit.todos.complete(key))


class TodosContract:
    """Needs, over one store that is empty when the test begins:

    - `units`: `Units[StoreUnit]`, opened with `reacting.contract_surroundings()`;
    - `todo_queue`: the `TodoQueue` of the same store.

    A new todo is due at once, by real time and not by the time of its event.
    """

    async def test_todos_are_leased_oldest_event_first_and_no_more_than_the_limit(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 3)
        now = _real_now()
        batches = [await _lease(todo_queue, now, limit=2) for _ in range(4)]
        assert [len(batch) for batch in batches] == [2, 2, 2, 0]
        assert all({todo.key.reaction for todo in batch} == {FIRST, SECOND} for batch in batches[:3])
        positions = [todo.key.position for batch in batches for todo in batch]
        assert positions == sorted(positions)

    async def test_a_todo_is_due_at_once_whatever_the_business_clock_says(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        async with units.open(ANYBODY) as unit:
            unit.record(Noted(occurred_at=NOW + timedelta(days=36500), note="from the far future"))
            await unit.commit()
        assert len(await _lease(todo_queue, _real_now())) == 2

    async def test_the_event_of_a_todo_is_found_at_its_position(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        async with units.open(ANYBODY) as unit:
            unit.record(Noted(occurred_at=NOW, note=UNUSUAL_TEXT))
            await unit.commit()
        todo = (await _lease(todo_queue, _real_now()))[0]
        for _ in range(2):
            event = await todo_queue.event(todo.key.position)
            assert event is not None
            assert event.position == todo.key.position
            assert event.name == "contract.noted"
            assert event.fields["note"] == UNUSUAL_TEXT
            assert event.occurred_at == NOW
            assert event.request_id is None
            event.fields["note"] = "what is changed here changes nothing there"

    async def test_there_is_no_event_beyond_the_log(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        last = (await _lease(todo_queue, _real_now()))[-1].key.position
        assert await todo_queue.event(last + 1000) is None

    async def test_four_relays_lease_every_todo_exactly_once(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 100)
        now = _real_now()

        async def relay() -> list[TodoKey]:
            keys: list[TodoKey] = []
            while batch := await _lease(todo_queue, now, limit=7):
                keys += [todo.key for todo in batch]
                await asyncio.sleep(0)
            return keys

        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await asyncio.gather(*(relay() for _ in range(4)))
        keys = [key for relayed in found for key in relayed]
        assert len(keys) == 200
        assert len(set(keys)) == 200

    async def test_a_lease_that_ran_out_is_offered_again_with_one_more_attempt(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        first = await _lease(todo_queue, now)
        assert [todo.attempts for todo in first] == [1, 1]
        assert await _lease(todo_queue, now + _LEASE - timedelta(seconds=1)) == []
        again = await _lease(todo_queue, now + _LEASE)
        assert {todo.key for todo in again} == {todo.key for todo in first}
        assert [todo.attempts for todo in again] == [2, 2]

    async def test_a_todo_that_was_put_back_rests_until_it_is_due(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, _ = await _lease(todo_queue, now)
        due_at = now + timedelta(seconds=8)
        await todo_queue.release(todo.key, error=UNUSUAL_TEXT, due_at=due_at)
        assert await _lease(todo_queue, due_at - timedelta(microseconds=1)) == []
        assert await _lease(todo_queue, due_at) == [Todo(todo.key, 2)]

    async def test_a_completed_todo_is_gone_and_cannot_be_completed_again(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, other = await _lease(todo_queue, now)
        await _complete(units, todo.key)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(AlreadyDone):
                await unit.todos.complete(todo.key)
        assert [left.key for left in await _lease(todo_queue, now + 2 * _LEASE)] == [other.key]

    async def test_a_todo_is_completed_with_its_effect_or_not_at_all(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, _ = await _lease(todo_queue, now)
        async with units.open(ANYBODY) as unit:
            await unit.todos.complete(todo.key)
        assert todo.key in {left.key for left in await _lease(todo_queue, now + 2 * _LEASE)}

    async def test_of_rival_runs_of_one_reaction_one_has_its_effect(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        todo, _ = await _lease(todo_queue, _real_now())

        async def run() -> bool:
            user = a_user()
            try:
                async with units.open(ANYBODY) as unit:
                    await unit.users.add(user)
                    await asyncio.sleep(0)
                    await unit.todos.complete(todo.key)
                    await unit.commit()
            except AlreadyDone:
                assert await in_view(units, lambda unit: unit.users.find(user.id)) is None
                return False
            return True

        async with asyncio.timeout(PATIENCE_SECONDS):
            assert sorted(await asyncio.gather(*(run() for _ in range(10)))) == [False] * 9 + [True]

    async def test_a_buried_todo_stays_visible_and_is_not_leased_until_revived(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, other = await _lease(todo_queue, now)
        await todo_queue.bury(todo.key, error="hopeless", now=now)
        later = now + 2 * _LEASE
        assert [left.key for left in await _lease(todo_queue, later)] == [other.key]
        assert (await todo_queue.backlog(now=later)).dead == 1
        assert await todo_queue.revive(now=later) == 1
        assert await todo_queue.revive(now=later) == 0
        # It starts counting afresh, or its first failure would bury it again.
        assert await _lease(todo_queue, later) == [Todo(todo.key, 1)]

    async def test_putting_back_or_burying_what_was_completed_changes_nothing(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        for todo in await _lease(todo_queue, now):
            await _complete(units, todo.key)
            await todo_queue.release(todo.key, error="late", due_at=now)
            await todo_queue.bury(todo.key, error="late", now=now)
        assert await todo_queue.backlog(now=now) == Backlog(open=0, dead=0, oldest_due_at=None)

    async def test_the_backlog_tells_how_much_there_is_to_do(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        now = _real_now()
        assert await todo_queue.backlog(now=now) == Backlog(open=0, dead=0, oldest_due_at=None)
        await _note(units, 2)
        fresh = await todo_queue.backlog(now=now)
        assert (fresh.open, fresh.dead) == (4, 0)
        assert fresh.oldest_due_at is not None
        assert abs(now - fresh.oldest_due_at) < timedelta(minutes=1)
        first, second, third, fourth = await _lease(todo_queue, now)
        await todo_queue.release(first.key, error="x", due_at=now + timedelta(hours=1))
        await todo_queue.release(second.key, error="x", due_at=now + timedelta(hours=2))
        await todo_queue.bury(third.key, error="x", now=now)
        await _complete(units, fourth.key)
        assert await todo_queue.backlog(now=now) == Backlog(open=2, dead=1, oldest_due_at=None)
        oldest = now + timedelta(hours=1)
        assert await todo_queue.backlog(now=now + timedelta(hours=3)) == Backlog(2, 1, oldest)
