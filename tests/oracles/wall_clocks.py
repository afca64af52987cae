"""When it is quiet and when a digest is due, by walking a zone's clock minute by minute: an oracle.

Nothing of the domain is used, and no arithmetic of zones: only what the clock shows at each minute of UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)


class WalkedClock:
    """What the clock of a zone shows at each minute of a stretch around a moment."""

    def __init__(self, around: datetime, zone: str, *, days: int) -> None:
        begin = around.astimezone(UTC).replace(second=0, microsecond=0) - timedelta(days=days)
        self.minutes = [begin + n * MINUTE for n in range(2 * days * 24 * 60)]
        walls = (each.astimezone(ZoneInfo(zone)) for each in self.minutes)
        self.shown = [(each.date(), each.time()) for each in walls]

    def first(self, day: date, at: time) -> datetime:
        """The first minute at which the clock shows that time of that day, or a later one."""
        return next(
            minute for minute, shown in zip(self.minutes, self.shown, strict=True) if shown >= (day, at)
        )

    def after_last(self, day: date, at: time) -> datetime:
        """The minute after the last one at which it shows an earlier one."""
        found = [minute for minute, shown in zip(self.minutes, self.shown, strict=True) if shown < (day, at)]
        return found[-1] + MINUTE

    def quiet_until(self, moment: datetime, start: time, end: time) -> datetime | None:
        """The end of the quiet that holds at the moment."""
        today = next(
            shown[0]
            for minute, shown in zip(self.minutes, self.shown, strict=True)
            if minute <= moment < minute + MINUTE
        )
        found = []
        for day in (today - timedelta(days=1), today):
            last = day + timedelta(days=1) if end < start else day
            begins, ends = self.first(day, start), self.after_last(last, end)
            if begins <= moment < ends:
                found.append(ends)
        return max(found) if found else None

    def next_digest(self, moment: datetime, at: time) -> datetime:
        """The next first minute of any day."""
        days = sorted({shown[0] for shown in self.shown})
        found = [self.first(day, at) for day in days[1:-1]]
        return min(each for each in found if each > moment)
