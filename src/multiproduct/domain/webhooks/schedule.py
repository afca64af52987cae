"""When a message that was not taken is sent again, and when an endpoint is given up on.

Source: the retry schedule that the Standard Webhooks specification (1.0) recommends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PAUSES: Sequence[timedelta] = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After the first attempt, after the second, and so on: ten attempts in a little over three days."""
JITTER = 0.2
"""A pause is longer by up to this share, so that messages that failed together do not return together."""
LONGEST_RETRY_AFTER = timedelta(hours=24)
GIVES_UP_AFTER = timedelta(days=5)
NEW_STRETCH_AFTER = timedelta(hours=48)
"""A failure that long after the one before begins a new stretch: the longest pause is below 29 hours, so
nothing was tried in between."""


def pause_after(tries: int, *, spread: float) -> timedelta | None:
    """How long to wait after the nth try of a series; None after the last. `spread` is in [0, 1)."""
    if not 1 <= tries <= len(PAUSES):
        return None
    return PAUSES[tries - 1] * (1 + JITTER * spread)


@dataclass(frozen=True, slots=True)
class Health:
    """Whether an endpoint takes what it is sent: since when it has failed without a break, and when it failed
    last."""

    failing_since: datetime | None = None
    last_failed_at: datetime | None = None

    def failed(self, now: datetime) -> "Health":
        """After one more failure."""
        is_new = self.last_failed_at is None or now - self.last_failed_at > NEW_STRETCH_AFTER
        return Health(now if is_new or self.failing_since is None else self.failing_since, now)

    @property
    def is_hopeless(self) -> bool:
        """Whether nothing was taken for five days, from the first failure to the last. At least two failures
        lie that far apart, so that one bad afternoon is never enough."""
        if self.failing_since is None or self.last_failed_at is None:
            return False
        return self.last_failed_at - self.failing_since >= GIVES_UP_AFTER
