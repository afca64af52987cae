"""Reading through two caches, in this process and shared, with one load per key however many ask."""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from typing import Generic, Protocol, TypeVar

from multiproduct.application.ports.cache import Invalidations, SharedCache
from multiproduct.application.ports.clock import RealTime

MOST_KEYS = 500
"""In one load."""

V = TypeVar("V")


class Codec(Protocol[V]):
    """Values as bytes, for the shared cache."""

    def encode(self, value: V) -> bytes:
        """What `decode` reads."""
        ...

    def decode(self, data: bytes) -> V:
        """Raises ValueError for bytes that it cannot read, as another version may have written."""
        ...


class _Flight(Generic[V]):
    """A load. Until it departs, one turn of the loop after its first key came, other missed keys join it.
    Keys that were forgotten since then are `stale`: nobody keeps what it finds."""

    def __init__(self) -> None:
        self.keys: dict[str, None] = {}
        self.stale: set[str] = set()
        self.values: asyncio.Future[Mapping[str, V]] = asyncio.get_running_loop().create_future()

    def fresh(self, values: Mapping[str, V]) -> dict[str, V]:
        return {key: value for key, value in values.items() if key not in self.stale}


class ReadThrough(Generic[V]):
    """Values by key: from this process (L0), else from the shared cache (L1), else loaded (L2).

    - Callers that miss the same key at the same time share one load, and so do all keys that are missed
      within one turn of the loop. A load that fails is told to those who wait for it and is then over: the
      next caller loads again. A caller that goes away takes nobody with it.
    - `ttl(value)` says for how many seconds a value is kept (in this process, in the shared cache); 0: not at
      all. A value can be as old as both together, unless it was forgotten.
    - What was forgotten is not kept by a load that had begun before, here or in another process that hears
      of it; callers who ask after that do not join such a load.
    - `None` is no value: what `load` does not give back is not kept. To remember that something is not there,
      use a value that says so.
    """

    def __init__(
        self,
        *,
        name: str,
        load: Callable[[Sequence[str]], Awaitable[Mapping[str, V]]],
        ttl: Callable[[V], tuple[float, float]],
        codec: Codec[V],
        shared: SharedCache,
        invalidations: Invalidations,
        real_time: RealTime,
        max_entries: int = 50_000,
    ) -> None:
        """`name` is the cache's own, without colon; keys in L1 and in invalidations are `<name>:<key>`.

        `load` is given at most 500 keys and gives back those that it found.
        """
        self.name = name
        self.loads = 0
        """How many keys have been asked of `load`."""
        self.shared_hits = 0
        """How many keys have been found in the shared cache."""
        self._prefix = f"{name}:"
        self._again_prefix = f"{name}!:"
        self._load = load
        self._ttl = ttl
        self._codec = codec
        self._shared = shared
        self._invalidations = invalidations
        self._monotonic = real_time.monotonic
        self._max_entries = max_entries
        self._entries: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._touch = self._entries.move_to_end
        self._flights: dict[str, _Flight[V]] = {}
        self._boarding: _Flight[V] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        invalidations.listen(self._heard, self.flush_local)

    def peek(self, key: str) -> V | None:
        """The value, if this process has it."""
        entry = self._entries.get(key)
        if entry is None or entry[0] <= self._monotonic():
            return None
        self._touch(key)
        return entry[1]

    async def get(self, key: str) -> V | None:
        """The value, wherever it is. Raises what `load` raises."""
        value = self.peek(key)
        return value if value is not None else (await self.get_many((key,))).get(key)

    async def get_many(self, keys: Iterable[str]) -> dict[str, V]:
        """The values of those keys that have one. Raises what `load` raises."""
        found: dict[str, V] = {}
        awaited: dict[str, _Flight[V]] = {}
        for key in dict.fromkeys(keys):
            if (value := self.peek(key)) is not None:
                found[key] = value
            else:
                awaited[key] = self._flights.get(key) or self._board(key)
        for key, flight in awaited.items():
            values = await asyncio.shield(flight.values)
            if key in values:
                found[key] = values[key]
        return found

    async def forget(self, keys: Collection[str]) -> None:
        """Has the values dropped here, in the shared cache and in every other process. Raises nothing."""
        self.forget_local(keys)
        named = [self._prefix + key for key in keys]
        await self._shared.delete(named)
        self.forget_local(keys)  # again: a load may have read the shared value before it was deleted
        await self._invalidations.publish(named)

    def forget_local(self, keys: Iterable[str]) -> None:
        """Drops values of this process, and keeps loads under way from keeping theirs."""
        for key in keys:
            self._entries.pop(key, None)
            flight = self._flights.pop(key, None)
            if flight is not None:
                flight.stale.add(key)

    def flush_local(self) -> None:
        """Drops everything of this process."""
        self._entries.clear()
        self.forget_local(list(self._flights))

    async def settle(self) -> None:
        """Waits for what is under way in the background: loads, and deletions of what others made stale."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    def _heard(self, named: Sequence[str]) -> None:
        keys = [name.removeprefix(self._prefix) for name in named if name.startswith(self._prefix)]
        # This process may have put the old value back into the shared cache just before it heard.
        held = [key for key in keys if key in self._entries or key in self._flights]
        self.forget_local(keys)
        if held:
            self._spawn(self._retract(held))
        again = [name for name in named if name.startswith(self._again_prefix)]
        self.forget_local(name.removeprefix(self._again_prefix) for name in again)

    async def _retract(self, keys: Collection[str]) -> None:
        """Takes back what this process may have put into the shared cache after it was forgotten there.

        Others may have read it meanwhile: they are told again, in a way that nobody answers, or those who
        hold a key that is asked for all the time would tell one another for ever."""
        await self._shared.delete([self._prefix + key for key in keys])
        self.forget_local(keys)
        await self._invalidations.publish([self._again_prefix + key for key in keys])

    def _board(self, key: str) -> _Flight[V]:
        flight = self._boarding
        if flight is None or len(flight.keys) >= MOST_KEYS:
            flight = self._boarding = _Flight[V]()
            self._spawn(self._fly(flight))
        flight.keys[key] = None
        flight.stale.discard(key)  # it was forgotten before this load began
        self._flights[key] = flight
        return flight

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._tasks.discard)

    async def _fly(self, flight: _Flight[V]) -> None:
        if self._boarding is flight:
            self._boarding = None
        try:
            values, loaded = await self._read(flight)
        except BaseException as error:  # whatever it was, those who wait must hear of it
            self._land(flight)
            if isinstance(error, asyncio.CancelledError):
                flight.values.cancel()
                raise
            flight.values.set_exception(error)
            flight.values.exception()  # there may be nobody left to ask for it
            return
        self._keep(flight.fresh(values))
        flight.values.set_result(values)
        try:
            await self._share(flight, loaded)
        finally:
            self._land(flight)

    def _land(self, flight: _Flight[V]) -> None:
        for key in flight.keys:
            if self._flights.get(key) is flight:
                del self._flights[key]

    async def _read(self, flight: _Flight[V]) -> tuple[dict[str, V], dict[str, V]]:
        """All values, and those among them that were loaded."""
        values: dict[str, V] = {}
        known = await self._shared.get_many([self._prefix + key for key in flight.keys])
        for name, data in known.items():
            with contextlib.suppress(ValueError):
                values[name.removeprefix(self._prefix)] = self._codec.decode(data)
        self.shared_hits += len(values)
        missing = [key for key in flight.keys if key not in values]
        if not missing:
            return values, {}
        self.loads += len(missing)
        loaded = await self._load(missing)
        asked = {key: loaded[key] for key in missing if key in loaded}
        return values | asked, asked

    def _keep(self, values: Mapping[str, V]) -> None:
        now = self._monotonic()
        for key, value in values.items():
            seconds, _ = self._ttl(value)
            if seconds > 0:
                self._entries[key] = (now + seconds, value)
                self._touch(key)
        while len(self._entries) > self._max_entries:
            self._entries.popitem(last=False)

    async def _share(self, flight: _Flight[V], loaded: Mapping[str, V]) -> None:
        by_seconds: dict[float, dict[str, bytes]] = {}
        for key, value in flight.fresh(loaded).items():
            _, seconds = self._ttl(value)
            if seconds > 0:
                by_seconds.setdefault(seconds, {})[self._prefix + key] = self._codec.encode(value)
        for seconds, entries in by_seconds.items():
            await self._shared.set_many(entries, seconds)
        forgotten = [key for key in flight.stale if key in loaded]
        if forgotten:  # while they were being stored: the deletion may have come first
            await self._retract(forgotten)


class Unshared:
    """A shared cache that keeps nothing, for values that stay within each process."""

    async def get_many(self, keys: Collection[str]) -> dict[str, bytes]:
        """Nothing is known."""
        del keys
        return {}

    async def set_many(self, entries: Mapping[str, bytes], seconds: float) -> None:
        """Keeps nothing."""

    async def delete(self, keys: Collection[str]) -> None:
        """There is nothing to forget."""


class Forgettable(Protocol):
    """Whatever is told that something under its keys has changed: a cache, or those who wait for a change."""

    @property
    def name(self) -> str:
        """Its own, without colon, which full keys begin with."""
        ...

    def forget_local(self, keys: Iterable[str]) -> None:
        """Does so in this process, at once."""
        ...

    async def forget(self, keys: Collection[str]) -> None:
        """Does so in every other process, after `forget_local` did here. Raises nothing."""
        ...


class Forgetting:
    """Drops keys of any of a process' caches, for callers that know only the full key and cannot wait."""

    def __init__(self, *, caches: Collection[Forgettable]) -> None:
        self._caches = {cache.name: cache for cache in caches}
        self._tasks: set[asyncio.Task[None]] = set()

    def forget_soon(self, full_keys: Iterable[str]) -> None:
        """Drops `<name>:<key>` here at once, and everywhere else as soon as it can be told.

        Raises KeyError for the name of no cache.
        """
        by_name: dict[str, list[str]] = {}
        for full_key in full_keys:
            name, _, key = full_key.partition(":")
            by_name.setdefault(name, []).append(key)
        for name, keys in by_name.items():
            cache = self._caches[name]
            cache.forget_local(keys)
            task = asyncio.create_task(cache.forget(keys))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def settle(self) -> None:
        """Waits until everything is told."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))
