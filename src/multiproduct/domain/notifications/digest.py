"""What is put off to be told later: in one daily digest, or by itself when quiet hours are over."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.notifications.wall_clock import first_moment

MOST_ITEMS = 100
"""Items of a digest that are told; of those beyond it their number is."""
_DAY = timedelta(days=1)
_MOST_DAYS = 4  # a day that a zone skipped, and one on either side


class PutOff(StrEnum):
    """Why something waits."""

    DAILY = "daily_digest"
    QUIET = "quiet_hours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one person is told together. At most one is open for each recipient, type key and key; a closed
    one takes nothing any more, so that what comes late opens the next."""

    id: UUID
    user_id: UUID
    why: PutOff
    channel: Channel
    type_key: str
    key: str
    due_at: datetime
    created_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestItem:
    """One delivery that waits in a digest, with what it takes to word it. There are no secrets among it."""

    delivery_id: UUID
    digest_id: UUID
    type_key: str
    params: dict[str, str | int]
    created_at: datetime


def next_daily(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """When the clock next shows `at`, after the moment: once on every day of the zone, on the day of a change
    as `first_moment` says, and not on a day that the zone left out. Answers UTC."""
    today = moment.astimezone(zone).date()
    for days in range(-1, _MOST_DAYS):
        day = today + days * _DAY
        due = first_moment(day, at, zone)
        if due > moment and first_moment(day, time.min, zone).astimezone(zone).date() == day:
            return due
    raise ValueError("a zone has no clock that stands still for days")
