"""The cache that all processes share. While Redis is away it knows nothing, and costs nothing."""

from collections.abc import Awaitable, Collection, Iterator, Mapping
from itertools import islice
from typing import cast

from redis.asyncio import Redis

from multiproduct.adapters.redis.connection import FAILURES, Outage
from multiproduct.application.ports.clock import RealTime

_MOST_KEYS = 500
"""In one command."""
_LONGEST_VALUE = 1024 * 1024
_MOST_OWED = 10_000


class RedisSharedCache:
    """Values in Redis under `<prefix>:cache:`.

    After a failure Redis is left alone for `pause_seconds`: reads are misses, writes are dropped, and
    deletions are owed. They are the first thing done after that, before any of the keys is read.
    """

    def __init__(
        self,
        *,
        client: Redis,
        real_time: RealTime,
        prefix: str = "multiproduct",
        pause_seconds: float = 1.0,
    ) -> None:
        self._client = client
        self._prefix = f"{prefix}:cache:"
        self._real_time = real_time
        self._pause = pause_seconds
        self._ask_again_at = float("-inf")
        self._owed: dict[str, object] = {}
        self._outage = Outage(what="caching")

    async def get_many(self, keys: Collection[str]) -> dict[str, bytes]:
        """Those of the keys that are known."""
        found: dict[str, bytes] = {}
        if not keys or not await self._is_ready():
            return found
        try:
            for chunk in _chunks(keys):
                reply = self._client.mget([self._prefix + key for key in chunk])
                values = await cast("Awaitable[list[bytes | None]]", reply)
                found.update(
                    (key, value) for key, value in zip(chunk, values, strict=True) if value is not None
                )
            self._outage.ended()
        except FAILURES as error:
            self._failed(error)
        # What was deleted while the answer was on its way, and could not be, is not given out either.
        return {key: value for key, value in found.items() if key not in self._owed}

    async def set_many(self, entries: Mapping[str, bytes], seconds: float) -> None:
        """Keeps each value for at most so long. Values over 1 MiB are passed over."""
        milliseconds = int(seconds * 1000)
        if milliseconds < 1 or not await self._is_ready():
            return
        small = [key for key, value in entries.items() if len(value) <= _LONGEST_VALUE]
        try:
            for chunk in _chunks(small):
                async with self._client.pipeline(transaction=False) as pipeline:
                    for key in chunk:
                        pipeline.set(self._prefix + key, entries[key], px=milliseconds)
                    await pipeline.execute()
            self._outage.ended()
        except FAILURES as error:
            self._failed(error)

    async def delete(self, keys: Collection[str]) -> None:
        """Forgets, now or as soon as Redis is there."""
        for key in keys:
            self._owed.pop(key, None)
            self._owed[key] = object()  # told apart from an earlier deletion that is still under way
        while len(self._owed) > _MOST_OWED:
            del self._owed[next(iter(self._owed))]
        await self._is_ready()

    async def _is_ready(self) -> bool:
        """Whether Redis may be asked, with all owed deletions done."""
        if self._real_time.monotonic() < self._ask_again_at:
            return False
        try:
            while self._owed:
                chunk = dict(islice(self._owed.items(), _MOST_KEYS))
                await self._client.unlink(*(self._prefix + key for key in chunk))
                for key, deletion in chunk.items():
                    if self._owed.get(key) is deletion:
                        del self._owed[key]
                self._outage.ended()
        except FAILURES as error:
            self._failed(error)
            return False
        return True

    def _failed(self, error: BaseException) -> None:
        self._outage.began(error)
        self._ask_again_at = self._real_time.monotonic() + self._pause


def _chunks(keys: Collection[str]) -> Iterator[list[str]]:
    rest = iter(keys)
    while chunk := list(islice(rest, _MOST_KEYS)):
        yield chunk
