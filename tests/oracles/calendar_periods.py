"""Billing periods worked out another way: by walking the calendar day by day, and asking every offset."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


def nth_date(first: date, *, count: int, unit: str, n: int) -> date:
    """The date `n` cycles after the first, by counting days, or by walking from month to month."""
    if unit == "day":
        return date.fromordinal(first.toordinal() + count * n)
    month_begin = first.replace(day=1)
    for _ in range(count * n):
        month_begin = (month_begin + 32 * _DAY).replace(day=1)
    last = ((month_begin + 32 * _DAY).replace(day=1) - _DAY).day
    return month_begin.replace(day=min(first.day, last))


def moment_of(day: date, clock: str, zone: ZoneInfo) -> datetime:
    """The first moment at which the zone's clocks show this date and time, found by looking at every offset
    that the zone has around that day; for a time that is skipped, what a clock that was not moved would
    show."""
    wall = datetime.fromisoformat(f"{day.isoformat()}T{clock}")
    around = wall.replace(tzinfo=UTC)
    offsets = {
        (around + timedelta(hours=hours)).astimezone(zone).utcoffset() or timedelta()
        for hours in range(-36, 37)
    }
    shown = [
        moment
        for moment in sorted(around - offset for offset in offsets)
        if moment.astimezone(zone).replace(tzinfo=None) == wall
    ]
    if shown:
        return shown[0]
    return around - _offset_before_the_gap(around, zone, offsets)


def _offset_before_the_gap(around: datetime, zone: ZoneInfo, offsets: set[timedelta]) -> timedelta:
    """A skipped time lies between two offsets of which the later one is larger."""
    moment = around - max(offsets) - _MINUTE
    before = moment.astimezone(zone).utcoffset() or timedelta()
    while True:
        moment += _MINUTE
        offset = moment.astimezone(zone).utcoffset() or timedelta()
        if offset != before:
            return before


def nth_boundary(anchor: datetime, *, count: int, unit: str, zone: ZoneInfo, n: int) -> datetime:
    """Where period `n` begins."""
    if n == 0:
        return anchor
    local = anchor.astimezone(zone)
    return moment_of(nth_date(local.date(), count=count, unit=unit, n=n), local.strftime("%H:%M:%S"), zone)
