"""What every rate limiter does, told with a clock that the test moves."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from multiproduct.application.ports.rate_limiter import Claim, Limit, RateLimiter, Standing, Window

MINUTE = Limit("minute", 5, 60)
HOUR = Limit("hour", 8, 3600)
DAILY = Limit("daily", 3, 86_400, Window.UTC_DAY)
LARGE = Limit("large", 6_400, 60)
HUGE = Limit("huge", 1_000_000_000, 60)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MORNING = datetime(2027, 3, 1, 8, tzinfo=UTC)


class HandTime:
    """Real time that stands still until the test moves it, in whole microseconds."""

    def __init__(self, start: datetime = _MORNING) -> None:
        self.micros = (start - _EPOCH) // timedelta(microseconds=1)

    def advance(self, seconds: float) -> None:
        """Goes on by so much."""
        self.micros += round(seconds * 1_000_000)

    def now(self) -> datetime:
        """The present in aware UTC."""
        return _EPOCH + timedelta(microseconds=self.micros)

    def monotonic(self) -> float:
        """Seconds since 1970."""
        return self.micros / 1_000_000


async def _take(limiter: RateLimiter, limit: Limit, key: str = "ann") -> Standing:
    [standing] = await limiter.take([Claim(limit, key)])
    return standing


async def _admitted(limiter: RateLimiter, limit: Limit, times: int, key: str = "ann") -> int:
    return sum([(await _take(limiter, limit, key)).admitted for _ in range(times)])


class RateLimiterContract:
    """Needs the fixtures `time` (a HandTime) and `limiter`, which is fresh and lives by it."""

    async def test_a_burst_is_admitted_up_to_the_quota_and_no_further(self, limiter: RateLimiter) -> None:
        assert await _admitted(limiter, MINUTE, 20) == 5

    async def test_standings_count_down_and_say_when_to_come_back(
        self, limiter: RateLimiter, time: HandTime
    ) -> None:
        seen = []
        for _ in range(6):
            standing = await _take(limiter, MINUTE)
            seen.append((standing.admitted, standing.remaining, standing.reset))
            time.advance(1)
        assert seen == [
            (True, 4, 60),
            (True, 3, 60),
            (True, 2, 60),
            (True, 1, 60),
            (True, 0, 56),  # the first of the five, four seconds ago, is the first to be free
            (False, 0, 55),
        ]

    async def test_an_event_counts_until_it_is_exactly_a_window_old(
        self, limiter: RateLimiter, time: HandTime
    ) -> None:
        await _admitted(limiter, MINUTE, 5)
        time.advance(59.999_999)
        assert await _take(limiter, MINUTE) == Standing(MINUTE, admitted=False, remaining=0, reset=1)
        time.advance(0.000_001)
        assert await _take(limiter, MINUTE) == Standing(MINUTE, admitted=True, remaining=4, reset=60)

    async def test_a_window_may_begin_anywhere(self, limiter: RateLimiter, time: HandTime) -> None:
        time.advance(50)
        assert await _admitted(limiter, MINUTE, 5) == 5
        time.advance(20)  # a new minute of the clock, but not of this client
        assert await _admitted(limiter, MINUTE, 5) == 0

    async def test_refused_calls_cost_nothing(self, limiter: RateLimiter, time: HandTime) -> None:
        await _admitted(limiter, MINUTE, 5)
        for _ in range(100):
            time.advance(0.5)
            await _take(limiter, MINUTE)
        time.advance(10)
        assert await _admitted(limiter, MINUTE, 5) == 5

    async def test_keys_and_limits_are_counted_apart(self, limiter: RateLimiter) -> None:
        assert await _admitted(limiter, MINUTE, 9, "ann") == 5
        assert await _admitted(limiter, MINUTE, 9, "bob") == 5
        assert await _admitted(limiter, HOUR, 9, "ann") == 8

    async def test_a_call_takes_from_all_claims_or_from_none(self, limiter: RateLimiter) -> None:
        await _admitted(limiter, MINUTE, 4)
        both = [Claim(HOUR, "ann"), Claim(MINUTE, "ann")]
        assert [standing.admitted for standing in await limiter.take(both)] == [True, True]
        refused = await limiter.take(both)
        assert [(s.limit, s.admitted, s.remaining) for s in refused] == [(HOUR, True, 7), (MINUTE, False, 0)]
        assert [s.remaining for s in await limiter.peek([Claim(HOUR, "ann")])] == [7]

    async def test_two_claims_of_one_key_need_two_free_places(self, limiter: RateLimiter) -> None:
        await _admitted(limiter, MINUTE, 4)
        twice = [Claim(MINUTE, "ann"), Claim(MINUTE, "ann")]
        assert [standing.admitted for standing in await limiter.take(twice)] == [True, False]
        assert (await _take(limiter, MINUTE)).remaining == 0

    async def test_peeking_takes_nothing(self, limiter: RateLimiter, time: HandTime) -> None:
        claims = [Claim(MINUTE, "ann"), Claim(DAILY, "ann")]
        unused = [
            Standing(MINUTE, admitted=True, remaining=5, reset=0),
            Standing(DAILY, admitted=True, remaining=3, reset=0),
        ]
        for _ in range(10):
            assert list(await limiter.peek(claims)) == unused
        await limiter.take(claims)
        time.advance(3600)
        [minute, day] = await limiter.peek(claims)
        assert minute == unused[0]
        assert day == Standing(DAILY, admitted=True, remaining=2, reset=15 * 3600)

    async def test_a_day_quota_is_whole_again_at_midnight_utc(
        self, limiter: RateLimiter, time: HandTime
    ) -> None:
        time.advance(16 * 3600 - 0.5)  # half a second before midnight
        assert await _admitted(limiter, DAILY, 9) == 3
        assert (await _take(limiter, DAILY)).reset == 1
        time.advance(0.499_999)
        assert await _admitted(limiter, DAILY, 1) == 0
        time.advance(0.000_001)
        assert await _take(limiter, DAILY) == Standing(DAILY, admitted=True, remaining=2, reset=86_400)

    async def test_a_large_quota_is_admitted_whole_in_one_burst(
        self, limiter: RateLimiter, time: HandTime
    ) -> None:
        assert await _admitted(limiter, LARGE, 6_500) == 6_400
        time.advance(60)
        assert (await _take(limiter, LARGE)).remaining == 6_399

    async def test_a_large_quota_frees_places_group_by_group(
        self, limiter: RateLimiter, time: HandTime
    ) -> None:
        await _admitted(limiter, LARGE, 150)  # a group of 100, and half of one
        time.advance(30)
        await _admitted(limiter, LARGE, 50)
        time.advance(30)
        [standing] = await limiter.peek([Claim(LARGE, "ann")])
        assert (standing.remaining, standing.reset) == (6_300, 30)
        time.advance(30)
        assert list(await limiter.peek([Claim(LARGE, "ann")])) == [
            Standing(LARGE, admitted=True, remaining=6_400, reset=0)
        ]

    async def test_remaining_is_how_many_are_admitted_now(self, limiter: RateLimiter, time: HandTime) -> None:
        for pause, count in ((0, 777), (7.5, 3_000), (20, 1_234), (25, 333), (9, 1)):
            time.advance(pause)
            await _admitted(limiter, LARGE, count)
        [standing] = await limiter.peek([Claim(LARGE, "ann")])
        assert await _admitted(limiter, LARGE, 6_400) == standing.remaining > 0

    async def test_a_quota_of_a_thousand_million_is_nothing_special(
        self, limiter: RateLimiter, time: HandTime
    ) -> None:
        for _ in range(49):
            time.advance(3)
            await _take(limiter, HUGE)
        assert await _take(limiter, HUGE) == Standing(HUGE, admitted=True, remaining=10**9 - 50, reset=60)
        time.advance(60)
        assert (await _take(limiter, HUGE)).remaining == 10**9 - 1

    @pytest.mark.parametrize("key", ["", "ann:bob", "{ann}", "\N{SNOWMAN}" * 500, "\udcff", "a\x00b"])
    async def test_any_text_is_a_key(self, limiter: RateLimiter, key: str) -> None:
        assert await _admitted(limiter, MINUTE, 6, key) == 5
        assert await _admitted(limiter, MINUTE, 6, key + "x") == 5

    async def test_sixteen_claims_are_a_call_and_seventeen_are_not(self, limiter: RateLimiter) -> None:
        claims = [Claim(MINUTE, f"key {i}") for i in range(17)]
        assert all(standing.admitted for standing in await limiter.take(claims[:16]))
        with pytest.raises(ValueError, match="at most 16"):
            await limiter.take(claims)
        assert list(await limiter.take([])) == []

    @pytest.mark.parametrize("limit", [Limit("none", 0, 60), Limit("never", 5, 0)])
    async def test_limits_that_mean_nothing_are_not_accepted(
        self, limiter: RateLimiter, limit: Limit
    ) -> None:
        with pytest.raises(ValueError, match="admits nothing"):
            await limiter.take([Claim(limit, "ann")])

    async def test_many_at_once_get_exactly_the_quota(self, limiter: RateLimiter) -> None:
        hundred = Limit("hundred", 100, 60)
        standings = await asyncio.gather(*(_take(limiter, hundred) for _ in range(1_000)))
        assert sum(standing.admitted for standing in standings) == 100
