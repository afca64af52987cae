"""When a subscription is looked after: reminders before its end, attempts after a failed payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

MAX_DAYS = 365
_DAY = timedelta(days=1)
_LATE = timedelta(hours=1)
"""An attempt that is made so late is still one of its day."""

MAX_REFUSALS = 3
"""So often a period that could not even be billed is tried, an hour apart, before it counts as not paid."""
REFUSED_AGAIN_AFTER = timedelta(hours=1)


class Errand(StrEnum):
    """What is to be done for a subscription at a moment."""

    REMIND = "remind"
    END_TRIAL = "end_trial"
    RENEW = "renew"
    END = "end"
    CHECK = "check"
    RETRY = "retry"
    GIVE_UP = "give_up"
    RESUME = "resume"
    CLOSE = "close"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`retry_days` after the first failure a payment is tried again, and after the last one given up;
    `reminder_days` before its end somebody is reminded. Both are whole days of 24 hours."""

    retry_days: Sequence[int] = (1, 3, 5, 7)
    reminder_days: Sequence[int] = (7, 3, 1)

    def __post_init__(self) -> None:
        if list(self.retry_days) != sorted(set(self.retry_days)) or min(self.retry_days, default=1) < 1:
            raise ValueError("retries are on growing days, from 1")
        if min(self.reminder_days, default=1) < 1:
            raise ValueError("reminders are a day before the end at least")
        if max(*self.retry_days, *self.reminder_days, 0, 0) > MAX_DAYS:
            raise ValueError(f"neither reaches over {MAX_DAYS} days")

    def next_attempt(self, failed_at: datetime, *, tried_at: datetime, now: datetime) -> datetime | None:
        """The next day of an attempt that is still ahead, a day after the last attempt at least: of those
        that were missed, as nobody looked, one is made up for. None where none is left."""
        days = (failed_at + timedelta(days=each) for each in self.retry_days)
        return next((day for day in days if day > now and day >= tried_at + _DAY - _LATE), None)

    def given_up_at(self, failed_at: datetime) -> datetime:
        """When whoever has still not paid is given up: so long after the first failure of a period, whatever
        payments are begun, left or declined meanwhile."""
        return failed_at + timedelta(days=max(self.retry_days, default=0))

    def next_reminder(self, end: datetime, reminded: int | None) -> datetime | None:
        """When the next reminder is due, after that of `reminded` days before the end."""
        later = [days for days in self.reminder_days if reminded is None or days < reminded]
        return end - timedelta(days=max(later)) if later else None

    def reminder_due(self, end: datetime, reminded: int | None, now: datetime) -> int | None:
        """Of how many days before the end somebody is to be reminded now: of runs that were missed only the
        last is made up for."""
        due = [
            days
            for days in self.reminder_days
            if (reminded is None or days < reminded) and end - timedelta(days=days) <= now
        ]
        return min(due, default=None)
