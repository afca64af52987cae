"""Usage: what a customer used of a product, told by the product in events that may be told again."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

MAX_EVENT_ID = 255
MAX_BATCH = 1_000
LATE_USAGE = timedelta(hours=1)
"""For so long after its end a subscription takes usage that happened before it."""
CLOSING_MARGIN = timedelta(minutes=5)
"""After that so long passes until the last usage is billed: what was being recorded is committed by then."""
MAX_VALUE = 10**12
"""Of one event: what is used more of at a time is measured in a larger unit."""
MAX_DECIMALS = 12
MANY_SPANS = 50
"""Of one subscription: when there are so many, what was used in them is billed without waiting for the end of
the period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSpan:
    """A time that is over, from the end of the span before it until before `until`, in which a plan was held:
    usage that happened in it costs what that plan asks, and counts in period `number`, whenever it is told
    and billed. Without `plan_id` it costs nothing: it was a trial."""

    until: datetime
    plan_id: UUID | None
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageEvent:
    """One thing used. `event_id` is the product's own: told again, with whatever content, it is not counted
    again. `happened_at` places it in a period; `value` is what a meter sums or compares, `unique` what it
    counts once."""

    subscription_id: UUID
    event_id: str
    meter: str
    value: Decimal
    happened_at: datetime
    recorded_at: datetime
    unique: str | None = None
    billed_in: UUID | None = field(default=None)
