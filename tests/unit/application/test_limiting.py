"""Falling back from the shared limiter to a local one, and finding the way back."""

import asyncio

import pytest
from tests.oracles.rate_log import most_in_any_window

from multiproduct.adapters.contracts.rate_limiter import HandTime
from multiproduct.adapters.memory import MemoryRateLimiter
from multiproduct.application.limiting import FallbackRateLimiter
from multiproduct.application.ports.rate_limiter import Claim, Limit
from multiproduct.domain.shared import Unavailable

SIGN_IN = Limit("sign_in", 5, 60)
CLAIMS = [Claim(SIGN_IN, "ann")]


class Outages:
    """A limiter behind a connection that can be cut or held up."""

    def __init__(self, limiter: MemoryRateLimiter) -> None:
        self._limiter = limiter
        self.is_up = True
        self.answers = asyncio.Event()
        self.answers.set()
        self.asked = 0

    async def take(self, claims):
        await self._connected()
        return await self._limiter.take(claims)

    async def peek(self, claims):
        await self._connected()
        return await self._limiter.peek(claims)

    async def _connected(self) -> None:
        self.asked += 1
        await self.answers.wait()
        if not self.is_up:
            raise Unavailable(what="rate_limiter")


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
async def shared(time) -> Outages:
    return Outages(MemoryRateLimiter(real_time=time))


@pytest.fixture
def limiter(shared, time) -> FallbackRateLimiter:
    return FallbackRateLimiter(shared=shared, local=MemoryRateLimiter(real_time=time), real_time=time)


async def admitted(limiter, times: int) -> int:
    return sum([(await limiter.take(CLAIMS))[0].admitted for _ in range(times)])


async def test_the_shared_limiter_decides_while_it_answers(limiter, shared):
    assert await admitted(limiter, 20) == 5
    assert shared.asked == 20
    assert not limiter.degraded


async def test_an_outage_neither_opens_nor_closes_the_gates(limiter, shared):
    shared.is_up = False
    assert await admitted(limiter, 20) == 5
    assert limiter.degraded


async def test_after_a_failure_the_shared_limiter_is_left_alone_for_a_second(limiter, shared, time):
    shared.is_up = False
    await admitted(limiter, 20)
    assert shared.asked == 1
    shared.is_up = True
    time.advance(0.999_999)
    await limiter.peek(CLAIMS)
    assert shared.asked == 1
    time.advance(0.000_001)
    [standing] = await limiter.peek(CLAIMS)
    assert shared.asked == 2
    assert standing.remaining == 5  # nothing was taken from the shared one
    assert not limiter.degraded


async def test_peeking_falls_back_too(limiter, shared):
    shared.is_up = False
    assert (await limiter.peek(CLAIMS))[0].remaining == 5
    assert limiter.degraded


async def test_only_one_call_tries_whether_the_shared_limiter_is_back(limiter, shared, time):
    shared.is_up = False
    await limiter.take(CLAIMS)
    time.advance(1)
    shared.answers.clear()
    probe = asyncio.create_task(limiter.take(CLAIMS))
    await asyncio.sleep(0)
    assert await admitted(limiter, 20) == 4  # at once, by the local one
    assert not probe.done()
    shared.is_up = True
    shared.answers.set()
    await probe
    assert shared.asked == 2
    assert not limiter.degraded


async def test_a_try_that_fails_begins_another_second(limiter, shared, time):
    shared.is_up = False
    for seconds in range(5):
        await limiter.take(CLAIMS)
        assert shared.asked == seconds + 1
        time.advance(1)


async def test_however_often_it_flaps_each_limiter_admits_its_quota_and_no_more(limiter, shared, time):
    moments: list[int] = []
    for number in range(600):
        shared.is_up = number % 7 < 4
        moments += [time.micros] * await admitted(limiter, 3)
        time.advance(0.4)
    assert 5 < most_in_any_window(moments, 60) <= 10


async def test_what_is_wrong_with_the_claims_is_no_outage(limiter):
    with pytest.raises(ValueError, match="admits nothing"):
        await limiter.take([Claim(Limit("none", 0, 60), "ann")])
    assert not limiter.degraded
