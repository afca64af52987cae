"""Moments by the clock on somebody's wall, also on the days when it is put forward or back."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def first_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the clock first shows `at` on that day, or passes over it: where the hour is left out that is the
    moment of the change, where it comes twice the first of the two. Answers UTC, to the second."""
    wall = datetime.combine(day, at)
    early, late = _readings(wall, zone)
    return early if early <= late else _change(wall, late, early, zone)


def last_moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """When the clock shows `at` on that day for the last time, or passes over it. Answers UTC."""
    wall = datetime.combine(day, at)
    early, late = _readings(wall, zone)
    return late if early <= late else _change(wall, late, early, zone)


def _readings(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """By the offset before a change and by the one after it (PEP 495): in a gap the former is the later."""
    early = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    late = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return early, late


def _change(wall: datetime, before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The moment at which the clock jumps over `wall`, which lies between the two: found by halving, in at
    most 17 steps for a day."""
    low, high = before, after
    while high - low > _SECOND:
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if middle <= low:
            middle = low + _SECOND
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            high = middle
        else:
            low = middle
    return high
