"""Business time for tests that move it."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2030, 1, 2, 12, tzinfo=UTC)


class StandingClock:
    """Stands at noon until it is moved."""

    def __init__(self) -> None:
        self.moment = NOON

    def now(self) -> datetime:
        return self.moment

    def pass_by(self, time: timedelta) -> None:
        """Moves it."""
        self.moment += time
