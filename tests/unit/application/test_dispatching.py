"""Running one todo: done once, put back after a failure with growing pauses, buried in the end."""

import asyncio
from datetime import timedelta

import pytest
from tests.owing import SHIP, HandTime, Owing

from multiproduct.application.dispatching import MAX_ATTEMPTS, Dispatching, pause_after
from multiproduct.application.ports.todos import Todo, TodoKey
from multiproduct.application.reactions import ReactionTable
from multiproduct.domain.shared import Unavailable


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
def owing(time: HandTime) -> Owing:
    return Owing(real_time=time)


async def _lease_one(owing: Owing, time: HandTime) -> Todo:
    (todo,) = await owing.todos.lease(now=time.now(), until=time.now() + timedelta(minutes=1), limit=9)
    return todo


def _failing(error: Exception):
    async def fail(parcel: str) -> None:
        raise error

    return fail


async def test_a_todo_is_run_and_gone(owing: Owing, time: HandTime) -> None:
    await owing.order("a")
    assert await owing.dispatching.run(await _lease_one(owing, time))
    assert owing.shipped == ["a"]
    assert (await owing.todos.backlog(now=time.now())).open == 0


async def test_a_message_that_comes_twice_has_one_effect(owing: Owing, time: HandTime) -> None:
    await owing.order("a")
    todo = await _lease_one(owing, time)
    assert await owing.dispatching.run(todo)
    assert not await owing.dispatching.run(todo)
    assert owing.shipped == ["a"]


async def test_messages_that_come_twice_at_the_same_moment_have_one_effect(
    owing: Owing, time: HandTime
) -> None:
    await owing.order("a")
    todo = await _lease_one(owing, time)
    both = asyncio.Barrier(2)

    async def meet(parcel: str) -> None:
        await both.wait()

    owing.before_shipping = meet
    async with asyncio.timeout(10):
        runs = await asyncio.gather(owing.dispatching.run(todo), owing.dispatching.run(todo))
    assert sorted(runs) == [False, True]
    assert owing.started == ["a", "a"]
    assert owing.shipped == ["a"]


async def test_a_failed_todo_is_put_back_for_its_pause_with_the_reason(owing: Owing, time: HandTime) -> None:
    owing.before_shipping = _failing(ValueError("no such street"))
    await owing.order("a")
    assert not await owing.dispatching.run(await _lease_one(owing, time))
    assert (await owing.todos.backlog(now=time.now())).oldest_due_at is None
    time.pass_by(seconds=1)
    assert (await _lease_one(owing, time)).attempts == 2


async def test_a_service_that_names_its_own_pause_gets_it(owing: Owing, time: HandTime) -> None:
    owing.before_shipping = _failing(Unavailable(what="post office", retry_after=90))
    await owing.order("a")
    await owing.dispatching.run(await _lease_one(owing, time))
    time.pass_by(seconds=89)
    assert (await owing.todos.backlog(now=time.now())).oldest_due_at is None
    time.pass_by(seconds=1)
    assert (await owing.todos.backlog(now=time.now())).oldest_due_at == time.now()


async def test_a_todo_is_buried_after_its_last_attempt_and_can_be_revived(
    owing: Owing, time: HandTime
) -> None:
    owing.before_shipping = _failing(ValueError("no such street"))
    await owing.order("a")
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert (await owing.todos.backlog(now=time.now())).dead == 0
        await owing.dispatching.run(await _lease_one(owing, time))
        time.pass_by(seconds=pause_after(attempt).total_seconds())
    assert (await owing.todos.backlog(now=time.now())).dead == 1
    assert await owing.todos.revive(now=time.now()) == 1
    assert (await _lease_one(owing, time)).attempts == 1


async def test_pauses_double_from_a_second_and_stay_below_an_hour() -> None:
    assert [pause_after(attempt).total_seconds() for attempt in (1, 2, 3, 11, 12, 13, 400)] == [
        1, 2, 4, 1024, 2048, 3600, 3600,
    ]  # fmt: skip


async def test_a_todo_whose_event_is_gone_is_buried(owing: Owing, time: HandTime) -> None:
    await owing.order("a")
    leased = await _lease_one(owing, time)
    elsewhere = TodoKey(leased.key.position + 1000, SHIP)
    assert not await owing.dispatching.run(Todo(elsewhere, 1, leased.leased_until))
    assert owing.started == []


async def test_a_reaction_that_is_not_declared_any_more_is_retried_for_the_sake_of_older_processes(
    owing: Owing, time: HandTime
) -> None:
    reports: list[tuple[Todo, Exception]] = []
    dispatching = Dispatching(
        todos=owing.todos,
        reactions=ReactionTable(),
        events=owing.events,
        real_time=time,
        report=lambda todo, error: reports.append((todo, error)),
    )
    await owing.order("a")
    todo = await _lease_one(owing, time)
    assert not await dispatching.run(todo)
    assert [(told, type(error)) for told, error in reports] == [(todo, LookupError)]
    assert (await owing.todos.backlog(now=time.now())).open == 1
