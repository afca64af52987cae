"""Sending todos to a message broker: the hand-over of a relay that does not run reactions itself."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

from dramatiq import Message

from multiproduct.adapters.dramatiq.links import QUEUE, link_to
from multiproduct.adapters.dramatiq.todo_consumer import ACTOR, Run, TodoConsumer
from multiproduct.application.ports.todos import Todo
from multiproduct.application.relaying import LEASE
from multiproduct.domain.shared import Unavailable

T = TypeVar("T")

MOST_QUEUED = 500
"""Messages that may wait at the broker. Workers that do nine a second or more get to each within a lease."""
_RETRY_AFTER_SECONDS = 2


class TodoBroker:
    """A message holds the todo's position and reaction, its attempts and its lease, and nothing else.

    The broker may be emptied at any time: the todo table is the truth, and what is lost is sent again when
    its lease has run out. One thread of its own does the sending, as both clients block and RabbitMQ's
    connections belong to the thread that opened them. Constructing it connects to nothing.
    """

    def __init__(self, *, url: str, lease: timedelta = LEASE) -> None:
        self._link = link_to(url, lease=lease)
        self._sender = ThreadPoolExecutor(max_workers=1, thread_name_prefix="todo-sender")

    async def room(self) -> int:
        """How many more messages the queue should take. Raises Unavailable."""
        return MOST_QUEUED - await self._in_sender(self._link.count)

    async def hand_over(self, todo: Todo) -> None:
        """Sends one todo. Raises Unavailable, upon which the relay gives the todo back."""
        message: Message[None] = Message(
            queue_name=QUEUE,
            actor_name=ACTOR,
            args=(todo.key.position, todo.key.reaction, todo.attempts, todo.leased_until.isoformat()),
            kwargs={},
            # The todo table retries. Said in the message too, for a worker that has retries on.
            options={"max_retries": 0},
        )
        await self._in_sender(lambda: self._link.send(message))

    def consumer(self, run: Run, *, threads: int) -> TodoConsumer:
        """What takes messages from the same broker and runs them, `threads` at once."""
        return TodoConsumer(link=self._link, run=run, threads=threads)

    async def ping(self) -> None:
        """Returns when the broker answers. Raises Unavailable."""
        await self._in_sender(self._link.count)

    async def close(self) -> None:
        """Sends no more, and gives the connections back."""
        await self._in_sender(self._link.close)
        self._sender.shutdown(wait=False)

    async def _in_sender(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._sender, work)
        except self._link.failures as error:
            raise Unavailable(what="broker", retry_after=_RETRY_AFTER_SECONDS) from error
