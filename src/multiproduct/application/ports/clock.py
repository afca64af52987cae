"""Time, as the business sees it and as leases and limiters see it."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Business time. Promises aware UTC datetimes; in tests and demonstrations it can be moved."""

    def now(self) -> datetime:
        """The present, by the business' own clock."""
        ...


class RealTime(Protocol):
    """Time that nobody moves: leases, cache lifetimes and limiters use it."""

    def now(self) -> datetime:
        """The present in aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment, never going back."""
        ...
