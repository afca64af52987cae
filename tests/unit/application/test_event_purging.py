"""The purge of the event log: a month is kept, and whatever is still owed something."""

from datetime import datetime, timedelta

import pytest
from tests.owing import NOON, HandTime, Owing

from multiproduct.application import event_purging as module
from multiproduct.application.event_purging import EventPurging
from multiproduct.application.ports.todos import Todo
from multiproduct.entrypoints.library import Multiproduct

DAY = timedelta(days=1)
MOMENT = timedelta(microseconds=1)


class SetClock:
    """A business clock that says what the test sets."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
def owing(time: HandTime) -> Owing:
    return Owing(real_time=time)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def purging(owing: Owing, clock: SetClock) -> EventPurging:
    return EventPurging(todos=owing.todos, clock=clock)


async def _run_all(owing: Owing, time: HandTime) -> None:
    for todo in await _lease_all(owing, time):
        assert await owing.dispatching.run(todo)


async def _lease_all(owing: Owing, time: HandTime) -> list[Todo]:
    return list(await owing.todos.lease(now=time.now(), until=time.now() + DAY, limit=1_000))


async def test_an_event_goes_thirty_days_after_it_happened(
    owing: Owing, time: HandTime, clock: SetClock, purging: EventPurging
) -> None:
    assert await purging.run() == 0
    await owing.order("a")
    await _run_all(owing, time)
    clock.at = NOON + 30 * DAY
    assert await purging.run() == 0
    clock.at += MOMENT
    assert await purging.run() == 1
    assert await owing.todos.event(1) is None


async def test_an_event_whose_reaction_waits_or_was_given_up_on_stays_until_it_is_done(
    owing: Owing, time: HandTime, clock: SetClock, purging: EventPurging
) -> None:
    await owing.order("waits", "dead", "done")
    _, dead, done = await _lease_all(owing, time)
    await owing.todos.bury(dead, error="hopeless", now=time.now())
    assert await owing.dispatching.run(done)
    clock.at = NOON + 3_650 * DAY
    assert await purging.run() == 1
    assert await owing.todos.event(3) is None
    await owing.todos.revive(now=time.now())
    time.pass_by(seconds=DAY.total_seconds())
    await _run_all(owing, time)
    assert sorted(owing.shipped) == ["dead", "done", "waits"]
    assert await purging.run() == 2


async def test_many_go_in_stretches_past_what_is_kept(
    owing: Owing, time: HandTime, clock: SetClock, purging: EventPurging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STRETCH", 2)
    await owing.order(*map(str, range(9)))
    todos = await _lease_all(owing, time)
    for todo in todos[4:]:
        assert await owing.dispatching.run(todo)
    clock.at = NOON + 31 * DAY
    assert await purging.run() == 5
    assert [await owing.todos.event(position) is None for position in range(1, 10)] == [False] * 4 + [
        True
    ] * 5


async def test_a_run_has_an_end_however_much_there_is(
    owing: Owing, time: HandTime, clock: SetClock, purging: EventPurging, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STRETCH", 2)
    monkeypatch.setattr(module, "MAX_STRETCHES", 3)
    await owing.order(*map(str, range(9)))
    await _run_all(owing, time)
    clock.at = NOON + 31 * DAY
    assert [await purging.run() for _ in range(3)] == [6, 3, 0]


async def test_the_purge_is_among_the_jobs_of_every_installation() -> None:
    async with Multiproduct.in_memory() as installation:
        await installation.container.scheduling.stop()
        runs = await installation.container.store.job_ledger.all()
        names = {run.name for run in runs} | set(await installation.container.scheduling.run_due())
    assert "events.purge" in names
