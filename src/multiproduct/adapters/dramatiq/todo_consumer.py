"""Taking todos from a message broker and running them on the event loop of whoever started it."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import dramatiq

from multiproduct.adapters.dramatiq.links import QUEUE, BrokerLink
from multiproduct.application.ports.todos import Todo, TodoKey

ACTOR = "react"
Run = Callable[[Todo], Coroutine[Any, Any, object]]

LONGEST_RUN = timedelta(minutes=5)
"""A reaction that takes longer is cancelled; its todo is leased again."""
DRAIN = timedelta(seconds=30)
"""How long stopping waits for reactions under way."""
_POLL_MS = 200


class TodoConsumer:
    """Dramatiq's worker, whose threads only wait: the reactions run on the loop that called `start`.

    That is why Dramatiq's AsyncIO middleware is not used: it runs a loop of its own, and a database engine
    must never be shared by two loops. There may be one running consumer per process.

    The same todo can arrive twice: when its lease ran out while a message waited, or while it ran. Only the
    transaction of the run that has the lease has an effect, and the delivery log keeps a second mail from
    being sent once the first was noted as sent.
    """

    def __init__(self, *, link: BrokerLink, run: Run, threads: int) -> None:
        self._link = link
        self._run = run
        self._threads = threads
        self._loop: asyncio.AbstractEventLoop | None = None
        self._worker: dramatiq.Worker | None = None

    async def start(self) -> None:
        """Begins to take messages. A broker that is down is tried again every three seconds."""
        self._loop = asyncio.get_running_loop()
        broker = self._link.broker
        if ACTOR not in broker.actors:
            dramatiq.actor(broker=broker, actor_name=ACTOR, queue_name=QUEUE)(self._react)
        self._worker = dramatiq.Worker(broker, worker_timeout=_POLL_MS, worker_threads=self._threads)
        await asyncio.to_thread(self._worker.start)

    async def stop(self) -> None:
        """Takes no more messages, waits for those under way (at most 30 seconds), and hands the others
        back."""
        if self._worker is None:
            return
        worker, self._worker = self._worker, None
        await asyncio.to_thread(worker.stop, timeout=int(DRAIN.total_seconds() * 1000))

    def _react(self, position: int, reaction: str, attempts: int, leased_until: str) -> None:
        """Runs in one of Dramatiq's threads. What it raises ends the message, not the todo."""
        if self._loop is None:
            raise RuntimeError("the consumer was not started")
        todo = Todo(TodoKey(position, reaction), attempts, datetime.fromisoformat(leased_until))
        asyncio.run_coroutine_threadsafe(self._within_limit(todo), self._loop).result()

    async def _within_limit(self, todo: Todo) -> None:
        async with asyncio.timeout(LONGEST_RUN.total_seconds()):
            await self._run(todo)
