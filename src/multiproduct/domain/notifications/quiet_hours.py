"""Quiet hours: when somebody is not to be disturbed, by their own clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from multiproduct.domain.notifications.wall_clock import first_moment, last_moment

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Every day from one time to another, which may lie on the next day. Raises ValueError where both are the
    same, and for seconds: people set minutes.

    On the day of a change quiet begins when the clock first shows its beginning and ends when it shows its
    end for the last time; a time that is passed over is the moment of the change.
    """

    start: time
    end: time

    def __post_init__(self) -> None:
        if self.start == self.end:
            raise ValueError("quiet hours begin and end at different times")
        for each in (self.start, self.end):
            if each.second or each.microsecond or each.tzinfo is not None:
                raise ValueError("quiet hours are told in whole minutes, without a zone")

    def end_of_quiet(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet that holds at the moment is over, in UTC; None where it is not quiet."""
        today = moment.astimezone(zone).date()
        over: datetime | None = None
        for days in (-1, 0):
            day = today + days * _DAY
            begins = first_moment(day, self.start, zone)
            ends = last_moment(day + _DAY if self.end < self.start else day, self.end, zone)
            if begins <= moment < ends and (over is None or ends > over):
                over = ends
        return over.astimezone(UTC) if over is not None else None
