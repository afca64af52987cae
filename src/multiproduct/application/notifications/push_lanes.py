"""Lanes to providers: each with room of its own, and closed for as long as its provider asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from multiproduct.application.notifications.push_ports import PushAnswer, PushVerdict, PushWait
from multiproduct.application.ports.clock import RealTime

ROOM = 16
"""Messages under way to one provider, or one push service, at once."""
LONGEST_PAUSE = 3_600
"""Seconds. A provider that asks for more is asked again after that."""
BUSY_DEVICES = 3
"""After so many tokens of one lane were told to wait, and none was accepted in between, the lane itself is
taken to be busy."""
SHARED_PAUSE = 30
"""Seconds at most that it is left alone for then: people choose the addresses of push services, and must not
be able to keep others from theirs for long."""
_MOST_PAUSES = 1_000


class PushLanes:
    """Within this process. A provider that is slow or closed keeps nobody waiting but those who go to it, and
    a device that its provider is busy for keeps nobody waiting but its owner. Devices are told apart by the
    digest of their token."""

    def __init__(self, *, real_time: RealTime) -> None:
        self._rooms: dict[str, asyncio.Semaphore] = {}
        self._within: dict[str, int] = {}
        self._lanes = _Pauses(real_time=real_time)
        self._devices = _Pauses(real_time=real_time)
        self._busy: dict[str, set[str]] = {}

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

    def heard(self, lane: str, device: str, answer: PushAnswer) -> None:
        """What an answer to one device means for what is sent after it."""
        if answer.verdict is PushVerdict.ACCEPTED:
            self._busy.pop(lane, None)
        if answer.verdict is not PushVerdict.LATER or answer.retry_after is None:
            return
        if answer.waits is PushWait.LANE:
            self._lanes.pause(lane, answer.retry_after)
            return
        self._devices.pause(device, answer.retry_after)
        busy = self._busy.setdefault(lane, set())
        busy.add(device)
        if len(busy) >= BUSY_DEVICES:
            del self._busy[lane]
            self._lanes.pause(lane, min(answer.retry_after, SHARED_PAUSE))
        elif len(self._busy) > _MOST_PAUSES:
            del self._busy[next(iter(self._busy))]

    def closed_for(self, lane: str, device: str) -> float:
        """Seconds until something may go there again, 0 where it may."""
        return max(self._lanes.left(lane), self._devices.left(device))


class _Pauses:
    """Until when something is left alone, for a bounded number of things."""

    def __init__(self, *, real_time: RealTime) -> None:
        self._real_time = real_time
        self._until: dict[str, float] = {}

    def pause(self, name: str, seconds: int) -> None:
        now = self._real_time.monotonic()
        if len(self._until) >= _MOST_PAUSES:
            # Those that are over go, and of the others the one that is over first.
            self._until = {each: until for each, until in self._until.items() if until > now}
            if len(self._until) >= _MOST_PAUSES:
                del self._until[min(self._until, key=self._until.__getitem__)]
        until = now + min(seconds, LONGEST_PAUSE)
        self._until[name] = max(until, self._until.get(name, until))

    def left(self, name: str) -> float:
        left = self._until.get(name, 0.0) - self._real_time.monotonic()
        if left <= 0:
            self._until.pop(name, None)
            return 0.0
        return left
