"""Time from the operating system, and a business clock that tests and demonstrations can set ahead of it."""

import time
from datetime import UTC, datetime, timedelta

from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.clock_offset import ClockOffset


class SystemRealTime:
    """The system's time."""

    def now(self) -> datetime:
        """The present in aware UTC."""
        return datetime.now(UTC)

    monotonic = staticmethod(time.monotonic)
    """Seconds since some moment, never going back. The function itself: hot paths call it for each
    request."""


class SystemClock:
    """Business time that is real time."""

    def now(self) -> datetime:
        """The present in aware UTC."""
        return datetime.now(UTC)


class OffsetClock:
    """Business time that runs ahead of real time by an offset, kept where every process sees it.

    It goes by the offset that `refresh` read. Within a process that never shrinks, because refreshes may
    overlap, and the answer that comes last may be the older one.
    """

    def __init__(self, *, real_time: RealTime, offset: ClockOffset) -> None:
        self._real_time = real_time
        self._kept = offset
        self._offset = timedelta()

    def now(self) -> datetime:
        """The present in aware UTC, by the offset last read."""
        return self._real_time.now() + self._offset

    async def refresh(self) -> timedelta:
        """Reads the offset; answers what the clock goes by from now on."""
        read = await self._kept.read()
        self._offset = max(self._offset, read)
        return self._offset
