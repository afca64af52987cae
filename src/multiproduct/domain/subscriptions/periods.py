"""Billing periods: where they begin and end, computed from their anchor and never from the last end."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from multiproduct.domain.catalog.cycle import Cycle, CycleName, CycleUnit

MAX_PERIODS = 100_000
"""After the anchor: more than a cycle of one day has in two and a half centuries."""

WEEKLY = Cycle.named(CycleName.WEEKLY)
MONTHLY = Cycle.named(CycleName.MONTHLY)
QUARTERLY = Cycle.named(CycleName.QUARTERLY)
HALF_YEARLY = Cycle.named(CycleName.HALF_YEARLY)
YEARLY = Cycle.named(CycleName.YEARLY)


@dataclass(frozen=True, slots=True)
class Period:
    """A half-open span, `start <= moment < end`, both in aware UTC."""

    start: datetime
    end: datetime

    def __contains__(self, moment: datetime) -> bool:
        return self.start <= moment < self.end

    @property
    def seconds(self) -> int:
        """Its true length: a day on which clocks are moved has 23 or 25 hours. Fractions are cut off."""
        return (self.end - self.start) // timedelta(seconds=1)


def boundary(anchor: datetime, cycle: Cycle, zone: tzinfo, n: int) -> datetime:
    """The moment at which period `n` begins and period `n - 1` ends, in aware UTC.

    The anchor's date in `zone` is moved by `n` cycles, a day that the month does not have becomes the month's
    last day (January 31, February 28 or 29, March 31), and the clock shows there what it showed then.
    A time that the zone's clocks skip is moved forward by as much as they skip; of a time that they show
    twice, the first is taken. Both are what PEP 495 gives for `fold=0`.

    The one exception is the anchor itself, which is boundary 0 also where it is the second of the two.
    Raises ValueError for an `n` below 0 or beyond MAX_PERIODS, and for an anchor without a time zone.
    """
    if anchor.tzinfo is None:
        raise ValueError("an anchor has a time zone")
    if not 0 <= n <= MAX_PERIODS:
        raise ValueError(f"periods are counted from 0 to {MAX_PERIODS}, not {n}")
    if n == 0:
        return anchor.astimezone(UTC)
    local = anchor.astimezone(zone)
    if cycle.unit is CycleUnit.DAY:
        wall = local.replace(tzinfo=None) + timedelta(days=cycle.count * n)
    else:
        wall = _months_later(local.replace(tzinfo=None), cycle.count * n)
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def nth_period(anchor: datetime, cycle: Cycle, zone: tzinfo, n: int) -> Period:
    """Period `n`, counted from 0. It is empty only where a zone skips a whole day and the cycle is of days
    (Samoa, 2011-12-30). Raises ValueError as `boundary` does."""
    return Period(boundary(anchor, cycle, zone, n), boundary(anchor, cycle, zone, n + 1))


def number_at(anchor: datetime, cycle: Cycle, zone: tzinfo, instant: datetime) -> int:
    """The number of the period that contains the instant. Raises ValueError for one before the anchor."""
    if instant < anchor:
        raise ValueError("no period begins before its anchor")
    n = _estimate(anchor.astimezone(zone), cycle, instant.astimezone(zone))
    while n > 0 and boundary(anchor, cycle, zone, n) > instant:
        n -= 1
    while boundary(anchor, cycle, zone, n + 1) <= instant:
        n += 1
    return n


def period_at(anchor: datetime, cycle: Cycle, zone: tzinfo, instant: datetime) -> Period:
    """The period that contains the instant; never an empty one. Raises ValueError for one before the
    anchor."""
    return nth_period(anchor, cycle, zone, number_at(anchor, cycle, zone, instant))


def number_after(anchor: datetime, cycle: Cycle, zone: tzinfo, end: datetime, n: int) -> int:
    """The number of the first period after `n` that ends later than `end`, so that an empty one, or one that
    a change of the zone's rules would make end where it begins, is passed over."""
    following = n + 1
    while boundary(anchor, cycle, zone, following + 1) <= end:
        following += 1
    return following


def _months_later(wall: datetime, months: int) -> datetime:
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    return wall.replace(year=year, month=month + 1, day=min(wall.day, monthrange(year, month + 1)[1]))


def _estimate(anchor: datetime, cycle: Cycle, instant: datetime) -> int:
    """About which period it is: at most one off, so that the search beside it is short."""
    if cycle.unit is CycleUnit.DAY:
        return (instant.date() - anchor.date()).days // cycle.count
    return ((instant.year - anchor.year) * 12 + instant.month - anchor.month) // cycle.count
