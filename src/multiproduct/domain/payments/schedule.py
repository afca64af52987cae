"""When a gateway is asked about what nobody here knows."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class CheckSchedule:
    """The pauses before each question; after the last one without an answer staff is told.

    Five minutes suffice for a gateway that was slow, an hour for one that was down; the days are for those
    that settle their own uncertainty overnight.
    """

    pauses: tuple[timedelta, ...] = (
        timedelta(minutes=5),
        timedelta(hours=1),
        *(timedelta(days=1),) * 5,
    )

    def after(self, checks: int, *, now: datetime) -> datetime | None:
        """When to ask next after so many questions; None when it was asked often enough."""
        return now + self.pauses[checks] if checks < len(self.pauses) else None
