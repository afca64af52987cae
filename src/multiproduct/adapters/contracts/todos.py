"""What every queue of todos must do: no todo is lost, none is run by two at once, none is done twice."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from multiproduct.adapters.contracts.builders import NOW, UNUSUAL_TEXT, a_user
from multiproduct.adapters.contracts.reacting import FIRST, SECOND, Noted
from multiproduct.adapters.contracts.store_unit import PATIENCE_SECONDS, StoreUnit, in_one_unit, in_view
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.todos import Backlog, LeaseLost, Todo, TodoKey, TodoQueue
from multiproduct.application.ports.unit_of_work import Units

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


async def _complete(units: Units[StoreUnit], todo: Todo) -> None:
    await in_one_unit(units, lambda unit: unit.todos.complete(todo))


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
        await todo_queue.release(todo, error=UNUSUAL_TEXT, due_at=due_at)
        assert await _lease(todo_queue, due_at - timedelta(microseconds=1)) == []
        assert await _lease(todo_queue, due_at) == [Todo(todo.key, 2, due_at + _LEASE)]

    async def test_a_completed_todo_is_gone_and_cannot_be_completed_again(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, other = await _lease(todo_queue, now)
        await _complete(units, todo)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(LeaseLost):
                await unit.todos.complete(todo)
        assert [left.key for left in await _lease(todo_queue, now + 2 * _LEASE)] == [other.key]

    async def test_a_todo_is_completed_with_its_effect_or_not_at_all(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, _ = await _lease(todo_queue, now)
        async with units.open(ANYBODY) as unit:
            await unit.todos.complete(todo)
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
                    await unit.todos.complete(todo)
                    await unit.commit()
            except LeaseLost:
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
        await todo_queue.bury(todo, error="hopeless", now=now)
        later = now + 2 * _LEASE
        assert [left.key for left in await _lease(todo_queue, later)] == [other.key]
        assert (await todo_queue.backlog(now=later)).dead == 1
        assert await todo_queue.revive(now=later) == 1
        assert await todo_queue.revive(now=later) == 0
        # It starts counting afresh, or its first failure would bury it again.
        assert await _lease(todo_queue, later) == [Todo(todo.key, 1, later + _LEASE)]

    async def test_putting_back_or_burying_what_was_completed_changes_nothing(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        for todo in await _lease(todo_queue, now):
            await _complete(units, todo)
            await todo_queue.release(todo, error="late", due_at=now)
            await todo_queue.bury(todo, error="late", now=now)
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
        await todo_queue.release(first, error="x", due_at=now + timedelta(hours=1))
        await todo_queue.release(second, error="x", due_at=now + timedelta(hours=2))
        await todo_queue.bury(third, error="x", now=now)
        await _complete(units, fourth)
        assert await todo_queue.backlog(now=now) == Backlog(open=2, dead=1, oldest_due_at=None)
        oldest = now + timedelta(hours=1)
        assert await todo_queue.backlog(now=now + timedelta(hours=3)) == Backlog(2, 1, oldest)

    async def test_a_run_whose_lease_another_has_now_can_neither_complete_nor_put_back_nor_bury(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        lost, _ = await _lease(todo_queue, now)
        later = now + _LEASE
        held, other = await _lease(todo_queue, later)
        assert held.key == lost.key
        user = a_user()
        async with units.open(ANYBODY) as unit:
            await unit.users.add(user)
            with pytest.raises(LeaseLost):
                await unit.todos.complete(lost)
        assert await in_view(units, lambda unit: unit.users.find(user.id)) is None
        await todo_queue.release(lost, error="late", due_at=later)
        await todo_queue.give_back(lost, error="late", due_at=later)
        await todo_queue.bury(lost, error="late", now=later)
        assert await _lease(todo_queue, later + _LEASE - timedelta(seconds=1)) == []
        assert (await todo_queue.backlog(now=later)).dead == 0
        for todo in (held, other):
            await _complete(units, todo)
        assert (await todo_queue.backlog(now=later)).open == 0

    async def test_a_lease_that_ran_out_and_that_nobody_took_over_is_still_good(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        over_at_once = await todo_queue.lease(now=now, until=now, limit=9)
        assert len(over_at_once) == 2
        for todo in over_at_once:
            await _complete(units, todo)
        assert (await todo_queue.backlog(now=now)).open == 0

    @pytest.mark.parametrize("way", ["release", "give_back"])
    async def test_a_run_that_was_put_back_meanwhile_cannot_complete_what_nobody_has_leased(
        self, units: Units[StoreUnit], todo_queue: TodoQueue, way: str
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, _ = await _lease(todo_queue, now)
        await getattr(todo_queue, way)(todo, error="lost", due_at=now)
        with pytest.raises(LeaseLost):
            await _complete(units, todo)
        assert (await todo_queue.backlog(now=now)).open == 2

    async def test_a_todo_that_was_given_back_is_due_again_and_has_spent_no_attempt(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        todo, _ = await _lease(todo_queue, now)
        for number in range(3):
            due_at = now + (number + 1) * timedelta(seconds=2)
            await todo_queue.give_back(todo, error=UNUSUAL_TEXT, due_at=due_at)
            assert await _lease(todo_queue, due_at - timedelta(microseconds=1)) == []
            (again,) = await _lease(todo_queue, due_at)
            assert again == Todo(todo.key, 1, due_at + _LEASE)
            todo = again

    async def test_giving_back_takes_nothing_off_the_attempts_that_were_made(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        ran, _ = await _lease(todo_queue, now)
        await todo_queue.release(ran, error="failed", due_at=now)
        (not_run,) = await _lease(todo_queue, now)
        assert not_run.attempts == 2
        await todo_queue.give_back(not_run, error="no broker", due_at=now)
        (again,) = await _lease(todo_queue, now)
        assert again.attempts == 2

    async def test_what_was_given_back_and_leased_anew_is_not_the_first_holders_any_more(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        await _note(units, 1)
        now = _real_now()
        lost, _ = await _lease(todo_queue, now)
        await todo_queue.give_back(lost, error="perhaps sent, perhaps not", due_at=now)
        (held,) = await _lease(todo_queue, now + timedelta(microseconds=1))
        assert (held.key, held.attempts) == (lost.key, lost.attempts)
        with pytest.raises(LeaseLost):
            await _complete(units, lost)
        await _complete(units, held)
