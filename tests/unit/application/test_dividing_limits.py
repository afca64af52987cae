"""Which limiter decides: this process' own for the few limits named, the shared one for all others."""

import pytest

from multiproduct.adapters.memory import MemoryRateLimiter
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.limiting import DividedRateLimiter
from multiproduct.application.ports.rate_limiter import Claim, Limit

QUICK, EXACT = Limit("quick", 2, 60), Limit("exact", 2, 60)


@pytest.fixture
def limiters():
    shared, local = (MemoryRateLimiter(real_time=SystemRealTime()) for _ in range(2))
    return shared, local, DividedRateLimiter(shared=shared, local=local, local_limits=[QUICK])


async def left(limiter, limit):
    (standing,) = await limiter.peek([Claim(limit, "somebody")])
    return standing.remaining


async def test_a_limit_of_this_process_is_taken_from_its_own_log_alone(limiters):
    shared, local, divided = limiters
    await divided.take([Claim(QUICK, "somebody")])
    assert (await left(local, QUICK), await left(shared, QUICK), await left(divided, QUICK)) == (1, 2, 1)


async def test_every_other_limit_is_taken_from_the_shared_log_alone(limiters):
    shared, local, divided = limiters
    await divided.take([Claim(EXACT, "somebody")])
    assert (await left(local, EXACT), await left(shared, EXACT), await left(divided, EXACT)) == (2, 1, 1)


async def test_a_lane_beside_the_limiter_finds_what_was_taken_through_it(limiters):
    _, local, divided = limiters
    admit = local.lane(QUICK)
    assert admit("somebody")[0]
    assert admit("somebody")[0]
    (standing,) = await divided.take([Claim(QUICK, "somebody")])
    assert not standing.admitted


async def test_claims_of_both_sorts_in_one_call_are_refused(limiters):
    *_, divided = limiters
    with pytest.raises(ValueError, match="in one place"):
        await divided.take([Claim(QUICK, "somebody"), Claim(EXACT, "somebody")])
