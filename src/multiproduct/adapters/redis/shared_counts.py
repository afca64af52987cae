"""Tells the other processes every 100 ms what this one's own limiter admitted, and hears what they did."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from redis.asyncio import Redis

from multiproduct.adapters.redis.connection import FAILURES, Outage, Subscription, end
from multiproduct.application.limiting import ShareableLog
from multiproduct.application.ports.rate_limiter import Limit

MOST_KEYS = 5_000
"""In one message; what is more goes into the next one."""
_LONGEST_KEY = 200
_LONGEST_MESSAGE = 4 * 1024 * 1024
_MOST_COUNTED = 10**12
_PAUSE_SECONDS = 1.0


class SharedCounts:
    """Shares the counts of a few limits between processes that each decide at once, by themselves.

    In one process the limit stays exact: never more than N in any window. Between P processes, what the
    others admitted counts here from the moment it is heard, one beat and one delivery later:
    - in any window at most N x P are admitted: in the worst case, every process spends its N before it hears
      of the others. More closely, beyond N come at most those of one beat and one delivery;
    - once N of one window are known to all, none admits another until they have aged out;
    - a client that keeps within N in any window that is one beat and one delivery longer is never refused.
    While Redis is away each process counts for itself; what it admitted then is not told later. Messages
    carry a random sender, so that nobody hears itself. Anything that is not such a message is passed over.
    """

    def __init__(
        self,
        *,
        client: Redis,
        log: ShareableLog,
        limits: Sequence[Limit],
        prefix: str = "multiproduct",
        beat_seconds: float = 0.1,
    ) -> None:
        self._client = client
        self._log = log
        self._limits = {limit.name: limit for limit in limits}
        self._channel = f"{prefix}:counts"
        self._beat = beat_seconds
        self._sender = secrets.token_hex(8)
        self._own_opening = f'["{self._sender}",'.encode()
        self._outage = Outage(what="sharing counts")
        self._subscription = Subscription(
            client=client, channel=self._channel, on_message=self._heard, on_subscribed=lambda: None
        )
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to tell and to hear; also when Redis is away, and then as soon as it is back."""
        if self._task is not None:
            return
        for limit in self._limits.values():
            self._log.track(limit)
        self._task = asyncio.create_task(self._run(), name="shared counts")
        await self._subscription.start()

    async def stop(self) -> None:
        """Ends both. What was admitted since the last beat is not told."""
        task, self._task = self._task, None
        if task is None:
            return
        await end(task)
        await self._subscription.stop()
        for limit in self._limits.values():
            self._log.untrack(limit)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._beat)
            try:
                for message in self._messages(self._log.drain_admitted()):
                    await self._client.publish(self._channel, message)
                    self._outage.ended()
            except FAILURES as error:
                self._outage.began(error)
                await asyncio.sleep(_PAUSE_SECONDS)

    def _messages(self, admitted: Mapping[Limit, Mapping[str, int]]) -> Iterator[str]:
        for limit, counts in admitted.items():
            if limit.name not in self._limits:
                continue
            pairs = ((key, count) for key, count in counts.items() if len(key) <= _LONGEST_KEY)
            while chunk := dict(islice(pairs, MOST_KEYS)):
                yield json.dumps([self._sender, limit.name, chunk], separators=(",", ":"))

    def _heard(self, data: bytes) -> None:
        if data.startswith(self._own_opening):
            return  # at once: under load there is a lot to read in it
        with contextlib.suppress(ValueError, RecursionError):
            limit, counts = self._read(data)
            for key, count in counts.items():
                self._log.absorb(limit, key, min(count, limit.quota))

    def _read(self, data: bytes) -> tuple[Limit, dict[str, int]]:
        """Raises ValueError for what is not a message of ours."""
        if len(data) > _LONGEST_MESSAGE:
            raise ValueError("too long")
        message = json.loads(data)
        if not isinstance(message, list) or len(message) != 3:
            raise ValueError("no triple")
        _, name, counts = message
        if not isinstance(name, str) or (limit := self._limits.get(name)) is None:
            raise ValueError("no limit that is shared here")
        if not isinstance(counts, dict) or len(counts) > MOST_KEYS:
            raise ValueError("no counts")
        for key, count in counts.items():
            if len(key) > _LONGEST_KEY or type(count) is not int or not 1 <= count <= _MOST_COUNTED:
                raise ValueError("no count")
        return limit, counts
