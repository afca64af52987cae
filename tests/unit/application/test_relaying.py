"""The relay: every todo reaches whoever runs it, and what nobody takes goes back to the table."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.owing import HandTime, Owing

from multiproduct.application.caller import ANYBODY
from multiproduct.application.dispatching import MAX_ATTEMPTS
from multiproduct.application.ports.todos import Todo
from multiproduct.application.relaying import Relaying
from multiproduct.domain.shared import Unavailable


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
def owing(time: HandTime) -> Owing:
    return Owing(real_time=time)


def a_relay(owing: Owing, time: HandTime, **parts: object) -> Relaying:
    given = {"hand_over": owing.dispatching.run} | parts
    return Relaying(todos=owing.todos, real_time=time, **given)  # type: ignore[arg-type]


async def test_draining_runs_whatever_is_due(owing: Owing, time: HandTime) -> None:
    await owing.order("a", "b")
    relay = a_relay(owing, time)
    assert await relay.drain() == 2
    assert owing.shipped == ["a", "b"]
    assert await relay.drain() == 0


async def test_a_commit_that_wakes_the_relay_is_reacted_to_without_waiting_for_the_next_look(
    owing: Owing, time: HandTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiproduct.application.relaying.IDLE_SECONDS", 3600)
    relay = a_relay(owing, time)
    owing.wakes = relay.wake
    done = asyncio.Event()

    async def tell(parcel: str) -> None:
        done.set()

    owing.before_shipping = tell
    await relay.start()
    await asyncio.sleep(0.01)  # the relay has looked, found nothing, and rests
    await owing.order("a")
    async with asyncio.timeout(10):
        await done.wait()
    await relay.stop()
    assert owing.shipped == ["a"]


async def test_stopping_waits_for_what_is_under_way_and_takes_nothing_more(
    owing: Owing, time: HandTime
) -> None:
    relay = a_relay(owing, time, concurrency=1)
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def hold(parcel: str) -> None:
        begun.set()
        await may_end.wait()

    owing.before_shipping = hold
    await owing.order("a", "b")
    await relay.start()
    async with asyncio.timeout(10):
        await begun.wait()
        stopping = asyncio.create_task(relay.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        may_end.set()
        await stopping
    assert owing.shipped == ["a"]
    assert (await owing.todos.backlog(now=time.now())).open == 1


async def test_no_more_than_the_stated_number_are_under_way_at_once(owing: Owing, time: HandTime) -> None:
    relay = a_relay(owing, time, concurrency=3)
    under_way, most = 0, 0

    async def count(parcel: str) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1

    owing.before_shipping = count
    await owing.order(*(str(number) for number in range(20)))
    await relay.start()
    async with asyncio.timeout(10):
        while len(owing.shipped) < 20:
            await asyncio.sleep(0)
    await relay.stop()
    assert most == 3


async def test_a_todo_that_was_not_handed_over_is_given_back_and_due_long_before_its_lease_ends(
    owing: Owing, time: HandTime
) -> None:
    async def broken(todo: Todo) -> None:
        raise Unavailable(what="broker")

    await owing.order("a")
    assert await a_relay(owing, time, hand_over=broken, lease=timedelta(hours=1)).drain() == 1
    time.pass_by(seconds=5)
    assert await a_relay(owing, time).drain() == 1
    assert owing.shipped == ["a"]


async def test_a_todo_that_is_given_back_rests_as_long_as_the_broker_asked_for(
    owing: Owing, time: HandTime
) -> None:
    async def broken(todo: Todo) -> None:
        raise Unavailable(what="broker", retry_after=30)

    await owing.order("a")
    await a_relay(owing, time, hand_over=broken).drain()
    time.pass_by(seconds=29)
    assert await a_relay(owing, time).drain() == 0
    time.pass_by(seconds=1)
    assert await a_relay(owing, time).drain() == 1


async def test_an_unforeseen_failure_to_hand_over_gives_the_todo_back_too(
    owing: Owing, time: HandTime
) -> None:
    async def broken(todo: Todo) -> None:
        raise ZeroDivisionError

    await owing.order("a")
    await a_relay(owing, time, hand_over=broken, lease=timedelta(hours=1)).drain()
    time.pass_by(seconds=5)
    assert [todo.attempts for todo in await _leased(owing, time)] == [1]


async def _leased(owing: Owing, time: HandTime) -> Sequence[Todo]:
    return await owing.todos.lease(now=time.now(), until=time.now() + timedelta(minutes=1), limit=9)


async def test_no_number_of_failures_to_hand_over_gets_a_todo_buried(owing: Owing, time: HandTime) -> None:
    async def broken(todo: Todo) -> None:
        raise Unavailable(what="broker")

    await owing.order("a")
    relay = a_relay(owing, time, hand_over=broken)
    for _ in range(2 * MAX_ATTEMPTS):
        assert await relay.drain() == 1
        time.pass_by(seconds=5)
    assert (await owing.todos.backlog(now=time.now())).dead == 0
    await a_relay(owing, time).drain()
    assert owing.shipped == ["a"]


async def test_a_lost_todo_is_offered_again_after_the_lease_and_not_before(
    owing: Owing, time: HandTime
) -> None:
    async def lose(todo: Todo) -> None:
        return

    await owing.order("a")
    relay = a_relay(owing, time, hand_over=lose, lease=timedelta(seconds=10))
    assert await relay.drain() == 1
    time.pass_by(seconds=9.9)
    assert await relay.drain() == 0
    time.pass_by(seconds=0.1)
    assert await relay.drain() == 1


async def test_a_run_that_outlives_its_lease_and_its_repetition_have_one_effect(
    owing: Owing, time: HandTime
) -> None:
    relay = a_relay(owing, time, lease=timedelta(seconds=10))
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def dawdle(parcel: str) -> None:
        if len(owing.started) == 1:
            begun.set()
            await may_end.wait()

    owing.before_shipping = dawdle
    await owing.order("a")
    async with asyncio.timeout(10):
        slow = asyncio.create_task(relay.drain())
        await begun.wait()
        time.pass_by(seconds=11)
        await relay.drain()
        assert owing.shipped == ["a"]
        may_end.set()
        await slow
    assert owing.started == ["a", "a"]
    assert owing.shipped == ["a"]
    assert (await owing.todos.backlog(now=time.now())).open == 0


async def test_a_run_that_fails_after_its_lease_leaves_the_todo_to_whoever_has_it_now(
    owing: Owing, time: HandTime
) -> None:
    relay = a_relay(owing, time, lease=timedelta(seconds=10))
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def dawdle_and_fail(parcel: str) -> None:
        begun.set()
        await may_end.wait()
        raise ValueError("no such street")

    owing.before_shipping = dawdle_and_fail
    await owing.order("a")
    async with asyncio.timeout(10):
        slow = asyncio.create_task(relay.drain())
        await begun.wait()
        time.pass_by(seconds=11)
        [held] = await _leased(owing, time)
        may_end.set()
        await slow
    time.pass_by(seconds=30)
    assert await _leased(owing, time) == [], "it was put back under the hands of its new holder"
    async with owing.units.open(ANYBODY) as unit:
        await unit.todos.complete(held)
        await unit.commit()
    assert (await owing.todos.backlog(now=time.now())).open == 0


async def test_nothing_is_leased_while_there_is_no_room(owing: Owing, time: HandTime) -> None:
    looks = 0

    async def none() -> int:
        nonlocal looks
        looks += 1
        relay.wake()
        return 0

    relay = a_relay(owing, time, room=none)
    await owing.order("a")
    await relay.start()
    async with asyncio.timeout(10):
        while looks < 5:
            await asyncio.sleep(0)
    await relay.stop()
    assert owing.started == []
    assert [todo.attempts for todo in await _leased(owing, time)] == [1]


async def test_the_relay_goes_on_after_a_broker_that_did_not_answer(
    owing: Owing, time: HandTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiproduct.application.relaying._AFTER_FAILURE_SECONDS", 0)
    answers = [Unavailable(what="broker"), OSError("no route"), None]

    async def room() -> int:
        failure = answers.pop(0) if answers else None
        if failure is not None:
            raise failure
        return 1

    relay = a_relay(owing, time, room=room)
    await owing.order("a")
    await relay.start()
    async with asyncio.timeout(10):
        while not owing.shipped:
            await asyncio.sleep(0)
    await relay.stop()
    assert owing.shipped == ["a"]
