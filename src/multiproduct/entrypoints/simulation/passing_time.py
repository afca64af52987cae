"""Time that passes only when the simulation lets it."""

from datetime import UTC, datetime, timedelta

BEGINNING = datetime(2030, 1, 1, tzinfo=UTC)
"""When every simulation begins: a fixed moment, as the same arguments are to have the same outcome."""


class PassingTime:
    """Business time and the time of leases in one. It stands until it is moved, and never goes back."""

    def __init__(self, begins: datetime = BEGINNING) -> None:
        self._now = begins
        self._begins = begins

    def now(self) -> datetime:
        """The simulated present in aware UTC."""
        return self._now

    def monotonic(self) -> float:
        """Simulated seconds since the beginning."""
        return (self._now - self._begins).total_seconds()

    def reach(self, moment: datetime) -> None:
        """Lets time pass until the moment; nothing happens where it is over."""
        self._now = max(self._now, moment)

    def pass_by(self, length: timedelta) -> None:
        """Lets so much time pass."""
        self.reach(self._now + length)
