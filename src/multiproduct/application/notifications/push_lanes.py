"""Lanes to providers: each with room of its own, and closed for as long as its provider asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from multiproduct.application.ports.clock import RealTime

ROOM = 16
"""Messages under way to one provider, or one push service, at once."""
LONGEST_PAUSE = 3_600
"""Seconds. A provider that asks for more is asked again after that."""
_MOST_PAUSES = 1_000


class PushLanes:
    """Within this process. A provider that is slow or closed keeps nobody waiting but those who go to it."""

    def __init__(self, *, real_time: RealTime) -> None:
        self._real_time = real_time
        self._rooms: dict[str, asyncio.Semaphore] = {}
        self._within: dict[str, int] = {}
        self._closed_until: dict[str, float] = {}

    @asynccontextmanager
    async def room(self, lane: str) -> AsyncIterator[None]:
        """Waits for room in the lane, and holds it."""
        room = self._rooms.setdefault(lane, asyncio.Semaphore(ROOM))
        self._within[lane] = self._within.get(lane, 0) + 1
        try:
            async with room:
                yield
        finally:
            self._within[lane] -= 1
            if not self._within[lane]:
                del self._within[lane], self._rooms[lane]

    def close(self, lane: str, seconds: int) -> None:
        """Nothing goes there for so long."""
        now = self._real_time.monotonic()
        if len(self._closed_until) >= _MOST_PAUSES:
            # Those that are over go, and of the others the one that is over first.
            self._closed_until = {each: until for each, until in self._closed_until.items() if until > now}
            if len(self._closed_until) >= _MOST_PAUSES:
                del self._closed_until[min(self._closed_until, key=self._closed_until.__getitem__)]
        until = now + min(seconds, LONGEST_PAUSE)
        self._closed_until[lane] = max(until, self._closed_until.get(lane, until))

    def closed_for(self, lane: str) -> float:
        """Seconds until something may go there again, 0 where it may."""
        left = self._closed_until.get(lane, 0.0) - self._real_time.monotonic()
        if left <= 0:
            self._closed_until.pop(lane, None)
            return 0.0
        return left
