"""Connections to Redis that fail fast, and a subscription that outlives them."""

import asyncio
import logging
import random
from collections.abc import Callable

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

FAILURES = (RedisError, OSError)
"""What a call to Redis raises when the server is away, slow, full, loading or not the right one."""

_log = logging.getLogger(__name__)


def connect(
    url: str, *, timeout_seconds: float = 0.25, connections: int = 64, queue_seconds: float = 1.0
) -> Redis:
    """A client for `redis://`, `rediss://` or `unix://`. It opens its first connection when first used.

    `timeout_seconds` holds for connecting and for each answer. Nothing is tried twice by itself: a command
    that timed out may have been done, and the callers know better what to do instead. Beyond `connections`
    at a time calls queue, for at most `queue_seconds`.
    Belongs to the event loop that uses it first; close it with `aclose()`.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=queue_seconds,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return Redis.from_pool(pool)


async def end(task: "asyncio.Task[None]") -> None:
    """Cancels a task until it is over; raises what it raised.

    Once is not enough: before Python 3.12 asyncio.wait_for, in which the client sends each command, loses
    a cancellation that comes at the moment the command is sent.
    """
    while not task.done():
        task.cancel()
        await asyncio.wait((task,), timeout=0.1)
    if not task.cancelled():
        task.result()


class Outage:
    """Logs the beginning and the end of an outage once each, however many calls notice it."""

    def __init__(self, *, what: str) -> None:
        self._what = what
        self._since_failure = False

    def began(self, error: BaseException) -> None:
        """A call failed."""
        if not self._since_failure:
            self._since_failure = True
            _log.warning("redis: %s is interrupted: %s: %s", self._what, type(error).__name__, error)

    def ended(self) -> None:
        """A call succeeded."""
        if self._since_failure:
            self._since_failure = False
            _log.warning("redis: %s works again", self._what)


class Subscription:
    """Hears one channel, and subscribes again (after 0.05 to 5 seconds) whenever the connection is lost.

    `on_subscribed` is called after each time the server confirmed the subscription: what was published before
    that is lost. A connection that is silent is tried with a PING every `silence_seconds`.
    """

    def __init__(
        self,
        *,
        client: Redis,
        channel: str,
        on_message: Callable[[bytes], None],
        on_subscribed: Callable[[], None],
        silence_seconds: float = 5.0,
    ) -> None:
        self._client = client
        self._channel = channel
        self._on_message = on_message
        self._on_subscribed = on_subscribed
        self._silence = silence_seconds
        self._outage = Outage(what=f"listening to {channel}")
        self._tried = asyncio.Event()
        self._failures = 0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begins to listen; returns when the first attempt succeeded or failed. Two starts are one."""
        if self._task is None:
            self._tried.clear()
            self._task = asyncio.create_task(self._run(), name=f"redis subscription {self._channel}")
            await self._tried.wait()

    async def stop(self) -> None:
        """Ends listening. Two stops are one."""
        task, self._task = self._task, None
        if task is not None:
            await end(task)

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - a listener's own mistake also means that messages were missed
                self._outage.began(error)
                self._tried.set()
            await asyncio.sleep(min(5.0, 0.05 * 2**self._failures) * random.uniform(0.5, 1.0))  # noqa: S311 - jitter
            self._failures = min(self._failures + 1, 10)

    async def _listen(self) -> None:
        """Until the connection fails."""
        async with self._client.pubsub() as pubsub:
            await pubsub.subscribe(self._channel)
            pinged = False
            while True:
                message = await pubsub.get_message(timeout=self._silence)
                if message is None:
                    if pinged:
                        raise ConnectionError("silent, and no answer to PING")
                    await pubsub.ping()
                    pinged = True
                    continue
                pinged = False
                if message["type"] == "message":
                    self._on_message(message["data"])
                elif message["type"] == "subscribe":
                    self._failures = 0
                    self._outage.ended()
                    self._on_subscribed()
                    self._tried.set()
