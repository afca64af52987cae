"""Reading through caches: this process' memory, then the shared cache, then the source."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from multiproduct.application.ports.cache import SharedCache
from multiproduct.application.ports.clock import RealTime

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Codec(Generic[V]):
    """How values travel through the shared cache. `decode` answers None for bytes that it does not
    understand."""

    encode: Callable[[V], bytes]
    decode: Callable[[bytes], V | None]


class ReadThrough(Generic[V]):
    """One load at a time per key, however many ask. A value that was being loaded when its key was
    forgotten is given to those who waited for it and not kept.

    `lifetime` answers for how many seconds a value is kept here and in the shared cache. At most
    `max_entries` are kept here; the least recently loaded go first. Without `shared` (or codec) there is
    only this process.
    """

    def __init__(
        self,
        *,
        real_time: RealTime,
        load: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]],
        lifetime: Callable[[V], tuple[float, float]],
        shared: SharedCache | None = None,
        codec: Codec[V] | None = None,
        max_entries: int = 100_000,
    ) -> None:
        self._monotonic = real_time.monotonic
        self._load = load
        self._lifetime = lifetime
        self._shared = shared
        self._codec = codec
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._flights: dict[str, asyncio.Task[V]] = {}

    def peek(self, key: str) -> V | None:
        """The value, if this process has it and it is fresh."""
        entry = self._entries.get(key)
        if entry is None or entry[0] <= self._monotonic():
            return None
        return entry[1]

    async def get(self, key: str) -> V:
        """The value from the nearest place that has it. Raises what loading raises."""
        found = self.peek(key)
        if found is not None:
            return found
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = asyncio.create_task(self._fly(key))
        # A caller who is cancelled must not take the load away from the others.
        return await asyncio.shield(flight)

    def forget_here(self, keys: Sequence[str]) -> None:
        """Drops values of this process, and keeps what is being loaded from being kept."""
        for key in keys:
            self._entries.pop(key, None)
            self._flights.pop(key, None)

    def forget_all_here(self) -> None:
        """Drops everything this process has."""
        self._entries.clear()
        self._flights.clear()

    async def _fly(self, key: str) -> V:
        me = asyncio.current_task()
        try:
            value, is_shared = await self._fetch(key)
            if self._flights.get(key) is me:
                here, everywhere = self._lifetime(value)
                self._keep(key, value, here)
                if not is_shared:
                    await self._share(key, value, everywhere, me)
            return value
        finally:
            if self._flights.get(key) is me:
                del self._flights[key]

    async def _fetch(self, key: str) -> tuple[V, bool]:
        """The value, and whether the shared cache had it."""
        if self._shared is not None and self._codec is not None:
            raw = (await self._shared.get_many([key])).get(key)
            value = self._codec.decode(raw) if raw is not None else None
            if value is not None:
                return value, True
        return (await self._load([key]))[key], False

    async def _share(self, key: str, value: V, seconds: float, me: "asyncio.Task[V] | None") -> None:
        if self._shared is None or self._codec is None:
            return
        await self._shared.set_many({key: self._codec.encode(value)}, seconds=seconds)
        if self._flights.get(key) is not me:
            # It was forgotten while it was being shared.
            await self._shared.delete([key])

    def _keep(self, key: str, value: V, seconds: float) -> None:
        self._entries[key] = (self._monotonic() + seconds, value)
        self._entries.move_to_end(key)
        if len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)
