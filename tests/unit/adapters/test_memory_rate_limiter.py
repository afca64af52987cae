"""The limiter of one process, against a brute-force log and its own promises."""

import random
from bisect import bisect_right

import pytest
from tests.campaigns import proof_scale
from tests.oracles.rate_log import SECOND, most_in_any_window
from tests.oracles.rate_traces import large_times, small_trace

from multiproduct.adapters.contracts.rate_limiter import HandTime, RateLimiterContract
from multiproduct.adapters.memory.rate_limiter import MemoryRateLimiter
from multiproduct.application.limiting import EXACT_UP_TO, group_size
from multiproduct.application.ports.rate_limiter import Claim, Limit, Window

HUNDRED = Limit("username_check", 100, 60)


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
def limiter(time) -> MemoryRateLimiter:
    return MemoryRateLimiter(real_time=time)


class TestMemoryRateLimiter(RateLimiterContract):
    pass


def test_it_decides_like_a_brute_force_log_in_generated_stories():
    refused = 0
    for seed in range(proof_scale(1_000, 10_000)):
        time = HandTime()
        limiter = MemoryRateLimiter(real_time=time)
        for number, step in enumerate(small_trace(seed)):
            time.micros = step.now
            standings = (limiter.take_now if step.takes else limiter.peek_now)(step.claims)
            assert standings == step.expected, f"seed {seed}, step {number}"
            refused += step.takes and not all(standing.admitted for standing in standings)
    assert refused > 1_000  # the stories do lead to the edge


def test_the_fast_path_decides_like_the_other():
    for seed in range(proof_scale(100, 3_000)):
        dice = random.Random(seed)
        window = dice.choice((Window.ROLLING, Window.ROLLING, Window.UTC_DAY))
        limit = Limit("x", dice.choice((1, 3, 10, 301, 400)), 60, window)
        time = HandTime()
        fast, slow = MemoryRateLimiter(real_time=time), MemoryRateLimiter(real_time=time)
        lane = fast.lane(limit)
        for _ in range(60):
            time.advance(dice.choice((0, 0, 0, 0.000_001, 1, 59, 60)))
            key = dice.choice("ab")
            for _ in range(dice.choice((1, 1, 10, 100))):
                [standing] = slow.take_now([Claim(limit, key)])
                verdict = lane(key) if dice.random() < 0.5 else fast.admit(limit, key)
                assert verdict == (standing.admitted, standing.remaining, standing.reset), f"seed {seed}"


@pytest.mark.parametrize("quota", [301, 500, 1_000, 6_000])
def test_a_large_quota_is_never_exceeded_and_98_percent_of_it_are_never_refused(quota):
    limit = Limit("large", quota, 60)
    refused = 0
    for seed in range(proof_scale(10, 300)):
        time = HandTime()
        lane = MemoryRateLimiter(real_time=time).lane(limit)
        admitted: list[int] = []
        for now in large_times(seed, limit, 6 * quota):
            time.micros = now
            if lane("ann")[0]:
                admitted.append(now)
                continue
            refused += 1
            in_window = len(admitted) - bisect_right(admitted, now - 60 * SECOND) + 1
            assert in_window > 0.98 * quota, f"seed {seed}: refused the {in_window}th of a window"
        assert most_in_any_window(admitted, 60) <= quota, f"seed {seed}"
    assert refused > 100


def test_a_client_that_keeps_within_98_percent_of_a_large_quota_is_never_refused():
    limit = Limit("large", 1_000, 60)
    for seed in range(proof_scale(5, 200)):
        time = HandTime()
        lane = MemoryRateLimiter(real_time=time).lane(limit)
        sent: list[int] = []
        for now in large_times(seed, limit, 8_000):
            if len(sent) - bisect_right(sent, now - 60 * SECOND) < 980:  # this client counts for itself
                time.micros = now
                assert lane("ann")[0], f"seed {seed}"
                sent.append(now)
        assert most_in_any_window(sent, 60) == 980


def test_groups_stay_below_two_percent_of_the_quota_and_logs_below_eighty_entries():
    for quota in (*range(1, 5_000), 10**6, 10**9):
        group = group_size(quota)
        assert group == 1 if quota <= EXACT_UP_TO else group <= 0.0157 * quota
        assert quota <= EXACT_UP_TO or -(-quota // group) <= 80


def test_a_burst_of_a_thousand_gets_exactly_a_hundred_and_so_does_any_minute(limiter, time):
    admitted = []
    dice = random.Random(7)
    for _ in range(30):
        for _ in range(dice.choice((10, 1_000))):
            if limiter.admit(HUNDRED, "198.51.100.7")[0]:
                admitted.append(time.micros)
        assert most_in_any_window(admitted, 60) <= 100
        time.advance(dice.uniform(0, 90))
    assert admitted[:100] == [admitted[0]] * 100
    assert most_in_any_window(admitted, 60) == 100


def test_edges_are_exact_to_the_microsecond_soon_after_the_machine_started():
    dice = random.Random(3)
    once = Limit("once", 1, 60)
    time = HandTime()
    for number in range(2_000):
        lane = MemoryRateLimiter(real_time=time).lane(once)
        time.micros = dice.randrange(1, 10**9)
        lane("ann")
        time.micros += 60 * SECOND - 1
        assert lane("ann") == (False, 0, 1), number
        time.micros += 1
        assert lane("ann") == (True, 0, 60), number


def test_a_key_that_idles_longest_is_forgotten_first(time):
    limiter = MemoryRateLimiter(real_time=time, max_keys=3)
    once = Limit("once", 1, 60)
    for key in ("ann", "bob", "cid"):
        assert limiter.admit(once, key)[0]
    assert not limiter.admit(once, "ann")[0]  # also a refusal is use
    assert limiter.admit(once, "dan")[0]
    assert [limiter.admit(once, key)[0] for key in ("ann", "cid", "dan")] == [False, False, False]
    assert limiter.admit(once, "bob")[0]  # forgotten


def test_a_flood_of_one_limit_does_not_push_out_the_keys_of_another(time):
    limiter = MemoryRateLimiter(real_time=time, max_keys=100)
    limiter.admit(Limit("precious", 1, 60), "ann")
    for i in range(1_000):
        limiter.admit(HUNDRED, str(i))
    assert not limiter.admit(Limit("precious", 1, 60), "ann")[0]


def test_logs_that_ran_out_are_dropped_as_new_keys_arrive(time):
    limiter = MemoryRateLimiter(real_time=time)
    for i in range(1_000):
        limiter.admit(HUNDRED, f"old {i}")
    time.advance(60)
    for i in range(600):
        limiter.admit(HUNDRED, f"new {i}")
    assert len(limiter._logs[HUNDRED]._entries) == 600


def test_a_clock_that_steps_back_over_midnight_gives_no_second_quota(limiter, time):
    daily = Limit("daily", 1, 86_400, Window.UTC_DAY)
    time.advance(16 * 3600)
    assert limiter.admit(daily, "ann")[0]
    time.advance(-1)
    assert limiter.admit(daily, "ann") == (False, 0, 86_401)


class TestSharing:
    def test_only_tracked_limits_are_told(self, limiter):
        limiter.track(HUNDRED)
        for key in ("ann", "bob", "ann"):
            limiter.admit(HUNDRED, key)
        limiter.take_now([Claim(HUNDRED, "ann")])
        limiter.admit(Limit("private", 5, 60), "ann")
        assert limiter.drain_admitted() == {HUNDRED: {"ann": 3, "bob": 1}}
        assert limiter.drain_admitted() == {}

    def test_refused_peeked_and_absorbed_events_are_not_told(self, limiter):
        once = Limit("once", 1, 60)
        limiter.track(once)
        limiter.admit(once, "ann")
        limiter.admit(once, "ann")
        limiter.take_now([Claim(once, "ann")])
        limiter.peek_now([Claim(once, "bob")])
        limiter.absorb(once, "cid", 1)
        assert limiter.drain_admitted() == {once: {"ann": 1}}

    def test_nothing_is_kept_when_tracking_has_ended(self, limiter):
        limiter.track(HUNDRED)
        limiter.admit(HUNDRED, "ann")
        limiter.untrack(HUNDRED)
        limiter.admit(HUNDRED, "ann")
        assert limiter.drain_admitted() == {}

    def test_what_waits_to_be_told_is_bounded(self, time):
        limiter = MemoryRateLimiter(real_time=time, max_keys=10)
        limiter.track(HUNDRED)
        for i in range(50):
            limiter.admit(HUNDRED, str(i))
            limiter.admit(HUNDRED, "0")
        [told] = limiter.drain_admitted().values()
        assert len(told) == 10
        assert told["0"] == 51

    @pytest.mark.parametrize("quota", [10, 300, 301, 1_000, 10**9])
    def test_absorbed_events_count_as_if_they_happened_now(self, time, quota):
        limit = Limit("x", quota, 60)
        limiter = MemoryRateLimiter(real_time=time)
        limiter.admit(limit, "ann")
        time.advance(10)
        limiter.absorb(limit, "ann", quota // 2)
        assert limiter.admit(limit, "ann")[1] == quota - quota // 2 - 2
        limiter.absorb(limit, "ann", quota)
        assert limiter.admit(limit, "ann") == (False, 0, 60)
        time.advance(59.999_999)
        assert limiter.admit(limit, "ann") == (False, 0, 1)
        time.advance(0.000_001)
        assert limiter.admit(limit, "ann") == (True, quota - 1, 60)

    def test_a_log_does_not_grow_by_what_is_absorbed(self, limiter):
        for limit in (HUNDRED, Limit("large", 10**9, 60)):
            for _ in range(100):
                limiter.absorb(limit, "ann", limit.quota)
            assert len(limiter._logs[limit]._entries["ann"]) <= 103

    def test_absorbing_counts_for_days_too(self, limiter):
        daily = Limit("daily", 5, 86_400, Window.UTC_DAY)
        limiter.absorb(daily, "ann", 7)
        assert limiter.admit(daily, "ann") == (False, 0, 16 * 3600)
