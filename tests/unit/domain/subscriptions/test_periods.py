"""Periods: computed from their anchor, in the account's time zone, for ten years."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.oracles.calendar_periods import nth_boundary

from multiproduct.domain.catalog import Cycle, CycleUnit
from multiproduct.domain.subscriptions import (
    HALF_YEARLY,
    MONTHLY,
    QUARTERLY,
    WEEKLY,
    YEARLY,
    boundary,
    nth_period,
    period_at,
)

CYCLES = {
    "weekly": WEEKLY,
    "monthly": MONTHLY,
    "quarterly": QUARTERLY,
    "half_yearly": HALF_YEARLY,
    "yearly": YEARLY,
    "10 days": Cycle.custom(CycleUnit.DAY, 10),
    "1 day": Cycle.custom(CycleUnit.DAY, 1),
    "5 months": Cycle.custom(CycleUnit.MONTH, 5),
    "24 months": Cycle.custom(CycleUnit.MONTH, 24),
}
ZONES = ["UTC", "Asia/Taipei", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Tehran"]
WALLS = [
    "2024-01-29T00:00:00",
    "2023-01-29T09:15:30",
    "2024-01-30T23:59:59",
    "2024-01-31T00:00:00",
    "2023-01-31T12:00:00",
    "2024-02-29T00:00:00",
    "2024-02-29T02:30:00",
    "2024-03-31T02:30:00",
    "2024-03-10T02:30:00",
    "2024-10-27T02:30:00",
    "2024-11-03T01:30:00",
    "2024-04-07T01:45:00",
    "2024-12-31T23:30:00",
]
YEARS = 10


def _count(cycle):
    return YEARS * 366 // cycle.count if cycle.unit is CycleUnit.DAY else YEARS * 12 // cycle.count


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("cycle_name", CYCLES)
def test_periods_of_ten_years_are_those_of_the_calendar_walked_another_way(zone_name, cycle_name):
    zone, cycle = ZoneInfo(zone_name), CYCLES[cycle_name]
    step = 97 if cycle_name == "1 day" else 1
    for wall in WALLS:
        anchor = datetime.fromisoformat(wall).replace(tzinfo=zone).astimezone(UTC)
        for n in range(0, _count(cycle), step):
            expected = nth_boundary(anchor, count=cycle.count, unit=cycle.unit.value, zone=zone, n=n)
            assert boundary(anchor, cycle, zone, n) == expected, (wall, n)


@pytest.mark.parametrize("zone_name", ZONES)
@pytest.mark.parametrize("cycle_name", CYCLES)
def test_every_instant_lies_in_exactly_one_period(zone_name, cycle_name):
    zone, cycle = ZoneInfo(zone_name), CYCLES[cycle_name]
    for wall in WALLS:
        anchor = datetime.fromisoformat(wall).replace(tzinfo=zone).astimezone(UTC)
        for n in range(0, _count(cycle), 13):
            period = nth_period(anchor, cycle, zone, n)
            assert period.start < period.end
            assert period_at(anchor, cycle, zone, period.start) == period
            assert period_at(anchor, cycle, zone, period.end - timedelta(microseconds=1)) == period
            assert period.start in period
            assert period.end not in period
            assert nth_period(anchor, cycle, zone, n + 1).start == period.end


def _days(anchor, cycle, zone, count):
    return [boundary(anchor, cycle, zone, n).astimezone(zone).date().isoformat() for n in range(count)]


def test_month_ends_return_to_their_anchor():
    utc = ZoneInfo("UTC")
    assert _days(datetime(2023, 1, 31, tzinfo=UTC), MONTHLY, utc, 5) == [
        "2023-01-31",
        "2023-02-28",
        "2023-03-31",
        "2023-04-30",
        "2023-05-31",
    ]
    assert _days(datetime(2024, 2, 29, tzinfo=UTC), YEARLY, utc, 5)[1:] == [
        "2025-02-28",
        "2026-02-28",
        "2027-02-28",
        "2028-02-29",
    ]


def test_kill_bill_127_an_account_of_the_31st_is_billed_every_month():
    anchor = datetime(2023, 1, 31, tzinfo=UTC)
    months = [day[:7] for day in _days(anchor, MONTHLY, ZoneInfo("UTC"), 121)]
    assert months == [f"{2023 + m // 12}-{m % 12 + 1:02}" for m in range(121)]


def test_local_midnight_stays_midnight_when_clocks_are_moved():
    zone = ZoneInfo("America/New_York")
    anchor = datetime(2024, 1, 15, tzinfo=zone).astimezone(UTC)
    assert {boundary(anchor, MONTHLY, zone, n).astimezone(zone).hour for n in range(24)} == {0}


def test_a_time_that_clocks_skip_is_moved_forward():
    zone = ZoneInfo("America/New_York")
    anchor = datetime(2024, 2, 10, 2, 30, tzinfo=zone).astimezone(UTC)
    assert boundary(anchor, MONTHLY, zone, 1).astimezone(zone).strftime("%m-%d %H:%M") == "03-10 03:30"
    assert boundary(anchor, MONTHLY, zone, 2).astimezone(zone).strftime("%m-%d %H:%M") == "04-10 02:30"


def test_of_a_time_that_clocks_show_twice_the_first_is_taken():
    zone = ZoneInfo("America/New_York")
    anchor = datetime(2024, 10, 3, 1, 30, tzinfo=zone).astimezone(UTC)
    assert boundary(anchor, MONTHLY, zone, 1) == datetime(2024, 11, 3, 5, 30, tzinfo=UTC)


def test_an_anchor_that_is_the_second_of_two_stays_itself():
    zone = ZoneInfo("America/New_York")
    anchor = datetime(2024, 11, 3, 6, 30, tzinfo=UTC)
    assert boundary(anchor, YEARLY, zone, 0) == anchor
    assert boundary(anchor, YEARLY, zone, 1).astimezone(zone).strftime("%H:%M") == "01:30"


def test_a_day_that_a_zone_skips_makes_no_period_that_anything_falls_into():
    zone = ZoneInfo("Pacific/Apia")
    anchor = datetime(2011, 12, 27, 10, tzinfo=zone).astimezone(UTC)
    daily = Cycle.custom(CycleUnit.DAY, 1)
    empty = nth_period(anchor, daily, zone, 3)
    assert empty.start == empty.end
    assert period_at(anchor, daily, zone, empty.start) == nth_period(anchor, daily, zone, 4)


@pytest.mark.parametrize("n", [-1, 100_001])
def test_periods_before_the_anchor_or_beyond_all_bounds_are_refused(n):
    with pytest.raises(ValueError, match="counted from 0"):
        boundary(datetime(2024, 1, 1, tzinfo=UTC), WEEKLY, ZoneInfo("UTC"), n)


def test_an_instant_before_the_anchor_has_no_period():
    anchor = datetime(2024, 1, 1, tzinfo=UTC)
    with pytest.raises(ValueError, match="no period begins"):
        period_at(anchor, WEEKLY, ZoneInfo("UTC"), anchor - timedelta(microseconds=1))
