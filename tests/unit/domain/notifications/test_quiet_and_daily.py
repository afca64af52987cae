"""Quiet hours and daily digests by the clock on the wall, checked against a walk over every minute, on the
days when clocks change and on others."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.campaigns import proof_scale
from tests.oracles.wall_clocks import WalkedClock

from multiproduct.domain.notifications.digest import next_daily
from multiproduct.domain.notifications.quiet_hours import QuietHours

# A zone, and a day on which its clock changes: forward, back, by half an hour, at midnight, by a whole day.
CHANGES = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2018, 2, 17)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Kolkata", date(2026, 3, 29)),
    ("Asia/Tehran", date(2022, 3, 22)),
)
_walked: dict[tuple[str, date], WalkedClock] = {}
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda n: time(n // 60, n % 60))
NEAR = st.integers(-36 * 60, 36 * 60)


def walked(change):
    zone, day = change
    if change not in _walked:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        _walked[change] = WalkedClock(noon, zone, days=4)
    return _walked[change]


def moment(change, minutes):
    day = change[1]
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(minutes=minutes)


@settings(max_examples=proof_scale(60, 5_000), deadline=None)
@given(st.sampled_from(CHANGES), NEAR, MINUTES, MINUTES)
@example(CHANGES[0], -12 * 60 + 30, time(2, 30), time(6))
@example(CHANGES[0], -12 * 60 + 30, time(22), time(2, 30))
@example(CHANGES[1], -12 * 60 + 45, time(22), time(2, 30))
@example(CHANGES[1], -12 * 60 + 75, time(2, 15), time(2, 45))
@example(CHANGES[6], -10 * 60, time(22), time(0, 30))
@example(CHANGES[8], 0, time(22), time(7))
def test_quiet_ends_when_the_clock_says_so(change, minutes, start, end):
    if start == end:
        return
    at = moment(change, minutes)
    found = QuietHours(start=start, end=end).end_of_quiet(at, ZoneInfo(change[0]))
    assert found == walked(change).quiet_until(at, start, end)


@settings(max_examples=proof_scale(60, 5_000), deadline=None)
@given(st.sampled_from(CHANGES), NEAR, MINUTES)
@example(CHANGES[0], -12 * 60 + 59, time(2, 30))
@example(CHANGES[1], -12 * 60 + 45, time(2, 30))
@example(CHANGES[8], -60, time(8))
def test_a_digest_is_due_when_the_clock_first_says_so(change, minutes, at):
    now = moment(change, minutes)
    assert next_daily(now, at, ZoneInfo(change[0])) == walked(change).next_digest(now, at)


def test_a_time_that_comes_twice_is_one_digest():
    zone, at = ZoneInfo("Europe/Berlin"), time(2, 30)
    first = next_daily(datetime(2026, 10, 24, 23, tzinfo=UTC), at, zone)
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert next_daily(first, at, zone) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_a_time_that_is_left_out_is_the_moment_of_the_change():
    zone = ZoneInfo("Europe/Berlin")
    assert next_daily(datetime(2026, 3, 28, 12, tzinfo=UTC), time(2, 30), zone) == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    )
    quiet = QuietHours(start=time(22), end=time(2, 30))
    assert quiet.end_of_quiet(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), zone) == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("start", "end"), [(time(1), time(1)), (time(1, 0, 1), time(2)), (time(1), time(2, tzinfo=UTC))]
)
def test_quiet_hours_that_are_none_are_refused(start, end):
    with pytest.raises(ValueError, match="quiet"):
        QuietHours(start=start, end=end)
