"""Time, identifiers and randomness from the operating system."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import RFC_4122

import pytest

from multiproduct.adapters.contracts.builders import NOW
from multiproduct.adapters.memory import MemoryClockOffset, MemoryStore
from multiproduct.adapters.stdlib import OffsetClock, SystemClock, SystemIds, SystemRandomness, SystemRealTime


class _StandingTime:
    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0


class _SlowOffset:
    """Answers the first read last."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self._reads = 0

    async def read(self) -> timedelta:
        self._reads += 1
        if self._reads == 1:
            await self.gate.wait()
            return timedelta(days=1)
        return timedelta(days=2)

    async def advance(self, by: timedelta) -> timedelta:
        raise AssertionError(by)


def test_clocks_tell_the_present_in_aware_utc() -> None:
    for clock in (SystemClock(), SystemRealTime()):
        before = datetime.now(UTC)
        now = clock.now()
        assert before <= now <= datetime.now(UTC)
        assert now.utcoffset() == timedelta()


def test_monotonic_time_never_goes_back() -> None:
    real_time = SystemRealTime()
    first = real_time.monotonic()
    assert first <= real_time.monotonic() <= time.monotonic()


async def test_the_offset_clock_runs_ahead_by_what_it_read_last() -> None:
    offset = MemoryClockOffset(store=MemoryStore(real_time=_StandingTime()))
    clock = OffsetClock(real_time=_StandingTime(), offset=offset)
    assert clock.now() == NOW
    await offset.advance(timedelta(days=1))
    assert clock.now() == NOW
    assert await clock.refresh() == timedelta(days=1)
    assert clock.now() == NOW + timedelta(days=1)


async def test_a_refresh_that_answers_late_does_not_set_the_clock_back() -> None:
    offset = _SlowOffset()
    clock = OffsetClock(real_time=_StandingTime(), offset=offset)
    late = asyncio.create_task(clock.refresh())
    await asyncio.sleep(0)
    await clock.refresh()
    offset.gate.set()
    await late
    assert clock.now() == NOW + timedelta(days=2)


def test_users_have_random_uuids_and_the_rest_time_ordered_ones() -> None:
    ids = SystemIds()
    before = time.time_ns() // 1_000_000
    user, other = ids.for_user(), ids.next()
    assert (user.version, user.variant) == (4, RFC_4122)
    assert (other.version, other.variant) == (7, RFC_4122)
    assert before <= other.int >> 80 <= time.time_ns() // 1_000_000
    assert ids.for_user() != user


def test_identifiers_grow_also_within_a_millisecond() -> None:
    ids = SystemIds()
    made = [ids.next() for _ in range(20_000)]
    assert all(earlier < later for earlier, later in pairwise(made))


@pytest.mark.parametrize("step", [0, -5_000_000_000])
def test_identifiers_grow_while_the_clock_stands_or_goes_back(
    monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    moment = time.time_ns()

    def stuck() -> int:
        nonlocal moment
        moment += step
        return moment

    monkeypatch.setattr(time, "time_ns", stuck)
    ids = SystemIds()
    made = [ids.next() for _ in range(1_000)]
    assert all(earlier < later for earlier, later in pairwise(made))
    assert {identifier.version for identifier in made} == {7}


def test_identifiers_go_on_growing_when_the_counter_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.time_ns()
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    ids = SystemIds()
    ids.next()
    ids._counter = (1 << 74) - 1
    full = ids.next()
    assert full.int >> 80 == moment // 1_000_000 + 1
    assert full < ids.next()


def test_identifiers_made_by_several_threads_differ_and_grow_in_each() -> None:
    ids = SystemIds()
    with ThreadPoolExecutor(4) as threads:
        batches = list(threads.map(lambda _: [ids.next() for _ in range(2_000)], range(4)))
    assert len({identifier for batch in batches for identifier in batch}) == 8_000
    for batch in batches:
        assert batch == sorted(batch)


def test_randomness_is_as_long_as_asked_and_differs() -> None:
    randomness = SystemRandomness()
    assert len(randomness.bytes(32)) == 32
    assert randomness.bytes(0) == b""
    assert randomness.bytes(16) != randomness.bytes(16)
