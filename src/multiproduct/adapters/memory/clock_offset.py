"""The test clock's offset in memory."""

from datetime import timedelta

from multiproduct.adapters.memory.store import MemoryStore


class MemoryClockOffset:
    """Seen by everything that shares the store."""

    def __init__(self, *, store: MemoryStore) -> None:
        self._store = store

    async def read(self) -> timedelta:
        """The present offset, zero at first."""
        return self._store.clock_offset

    async def advance(self, by: timedelta) -> timedelta:
        """Moves the clock forward; answers the new offset. Raises ValueError for a negative step."""
        if by < timedelta():
            raise ValueError("the clock never goes back")
        self._store.clock_offset += by
        return self._store.clock_offset
