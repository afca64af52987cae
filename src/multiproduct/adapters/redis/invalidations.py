"""Tells the other processes through Redis pub/sub which cached keys are stale."""

import asyncio
import contextlib
import json
import secrets
from collections.abc import Callable, Collection, Sequence
from itertools import islice

from redis.asyncio import Redis

from multiproduct.adapters.redis.connection import FAILURES, Outage, Subscription, end

_MOST_KEYS = 1_000
"""In one message."""
_MOST_OWED = 10_000
_LONGEST_MESSAGE = 4 * 1024 * 1024


class RedisInvalidations:
    """Messages on the channel `<prefix>:invalidations`: the sender, and the keys, or null for "anything".

    What cannot be told because Redis is away is owed, and told with the next publication or subscription;
    when more than 10,000 keys are owed, the others are told that anything may be stale.
    """

    def __init__(self, *, client: Redis, prefix: str = "multiproduct") -> None:
        self._client = client
        self._channel = f"{prefix}:invalidations"
        self._sender = secrets.token_hex(8)
        self._listeners: list[tuple[Callable[[Sequence[str]], None], Callable[[], None]]] = []
        self._owed: dict[str, None] = {}
        self._owes_all = False
        self._outage = Outage(what="telling of stale keys")
        self._back: asyncio.Task[None] | None = None
        self._subscription = Subscription(
            client=client, channel=self._channel, on_message=self._heard, on_subscribed=self._subscribed
        )

    def listen(self, on_keys: Callable[[Sequence[str]], None], on_gap: Callable[[], None]) -> None:
        """Adds a listener; to be done before `start`."""
        self._listeners.append((on_keys, on_gap))

    async def publish(self, keys: Collection[str]) -> None:
        """Tells the others that these keys are stale."""
        self._owed.update(dict.fromkeys(keys))
        if len(self._owed) > _MOST_OWED:
            self._owed.clear()
            self._owes_all = True
        await self._tell()

    async def start(self) -> None:
        """Begins to hear; also when Redis is away, and then as soon as it is back."""
        await self._subscription.start()

    async def stop(self) -> None:
        """Ends it."""
        await self._subscription.stop()
        task, self._back = self._back, None
        if task is not None:
            await end(task)

    async def _tell(self) -> None:
        try:
            while self._owes_all or self._owed:
                await self._send_some()
        except FAILURES as error:
            self._outage.began(error)
        else:
            self._outage.ended()

    async def _send_some(self) -> None:
        everything, self._owes_all = self._owes_all, False
        keys = [] if everything else list(islice(self._owed, _MOST_KEYS))
        for key in keys:  # before sending: a key that becomes stale once more meanwhile is told once more
            del self._owed[key]
        message = json.dumps([self._sender, None if everything else keys], separators=(",", ":"))
        try:
            await self._client.publish(self._channel, message)
        except BaseException:
            self._owes_all = self._owes_all or everything
            self._owed.update(dict.fromkeys(keys))
            raise

    def _subscribed(self) -> None:
        for _, on_gap in self._listeners:
            on_gap()
        if (self._owed or self._owes_all) and (self._back is None or self._back.done()):
            self._back = asyncio.create_task(self._tell(), name="redis owed invalidations")

    def _heard(self, data: bytes) -> None:
        with contextlib.suppress(ValueError, RecursionError):
            sender, keys = _read(data)
            if sender == self._sender:
                return
            for on_keys, on_gap in self._listeners:
                if keys is None:
                    on_gap()
                else:
                    on_keys(keys)


def _read(data: bytes) -> tuple[str, list[str] | None]:
    """Raises ValueError for what is not a message of ours."""
    if len(data) > _LONGEST_MESSAGE:
        raise ValueError("too long")
    message = json.loads(data)
    if not isinstance(message, list) or len(message) != 2:
        raise ValueError("no pair")
    sender, keys = message
    if keys is not None and not (isinstance(keys, list) and all(isinstance(key, str) for key in keys)):
        raise ValueError("no keys")
    return sender, keys
