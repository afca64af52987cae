"""How far the test clock stands ahead of real time, kept where every process sees it."""

from datetime import timedelta
from typing import Protocol


class ClockOffset(Protocol):
    """Only used where the test clock is on. Each call is a transaction of its own."""

    async def read(self) -> timedelta:
        """The present offset, zero at first."""
        ...

    async def advance(self, by: timedelta) -> timedelta:
        """Moves the clock forward; answers the new offset. Raises ValueError for a negative step."""
        ...
