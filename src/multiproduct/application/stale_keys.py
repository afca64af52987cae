"""Dropping stale cache keys in every process after a commit."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from multiproduct.application.ports.cache import Invalidations, SharedCache


class LocalCache(Protocol):
    """A cache of this process."""

    def forget_here(self, keys: Sequence[str]) -> None: ...
    def forget_all_here(self) -> None: ...


class StaleKeys:
    """Tells this process at once, then the shared cache and the other processes.

    Should the process die in between, a deferred reaction of whoever made the keys stale does it again.
    """

    def __init__(self, *, shared: SharedCache, invalidations: Invalidations) -> None:
        self._shared = shared
        self._invalidations = invalidations
        self._local: list[LocalCache] = []
        self._under_way: set[asyncio.Task[None]] = set()

    def watch(self, cache: LocalCache) -> None:
        """From now on stale keys are dropped from this cache too."""
        self._local.append(cache)

    async def start(self) -> None:
        """Begins to hear of keys that other processes made stale."""
        await self._invalidations.start(on_keys=self._drop, on_gap=self._drop_all)

    async def stop(self) -> None:
        """Ends listening, once what is under way is told."""
        if self._under_way:
            await asyncio.wait(self._under_way)
        await self._invalidations.stop()

    def tell(self, keys: frozenset[str]) -> None:
        """Called right after a commit; does not wait."""
        if not keys:
            return
        self._drop(tuple(keys))
        task = asyncio.get_running_loop().create_task(self._tell_others(tuple(keys)))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _tell_others(self, keys: Sequence[str]) -> None:
        await self._shared.delete(keys)
        await self._invalidations.publish(keys)

    def _drop(self, keys: Sequence[str]) -> None:
        for cache in self._local:
            cache.forget_here(keys)

    def _drop_all(self) -> None:
        for cache in self._local:
            cache.forget_all_here()
