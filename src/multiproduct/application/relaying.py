"""The relay: leases due todos and hands each to whoever runs it, here or behind a broker."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.todos import Todo, TodoQueue
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.shared import Unavailable

_log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
BATCH = 64
IDLE_SECONDS = 0.5
_AFTER_FAILURE_SECONDS = 1.0

HandOver = Callable[[Todo], Coroutine[Any, Any, object]]


class Relaying:
    """One loop that leases todos in batches, and wakes at once when told that a commit left some.

    `hand_over` runs a todo (on this loop) or sends it to a broker. A todo whose run dies with the process is
    leased again after a minute. At most `concurrency` todos are under way at once.
    """

    def __init__(
        self, *, todos: TodoQueue, real_time: RealTime, hand_over: HandOver, concurrency: int = 16
    ) -> None:
        self._todos = todos
        self._real_time = real_time
        self._hand_over = hand_over
        self._concurrency = concurrency
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[object]] = set()
        self._loop_task: asyncio.Task[None] | None = None
        self._stopping = False

    def wake(self) -> None:
        """There may be todos now. Safe to call at any time from the relay's own loop."""
        self._woken.set()

    async def start(self) -> None:
        """Begins relaying in a task of its own."""
        self._stopping = False
        self._loop_task = asyncio.create_task(self._loop(), name="relay")

    async def stop(self) -> None:
        """Takes no more todos and waits until those under way are finished."""
        self._stopping = True
        self._woken.set()
        if self._loop_task is not None:
            await self._loop_task
            self._loop_task = None
        if self._running:
            await asyncio.wait(self._running)

    async def drain(self) -> int:
        """Runs todos until none is due and none is under way; answers how many it ran. For tests, and for
        embedding without the loop."""
        done = 0
        while True:
            batch = await self._lease(BATCH)
            for todo in batch:
                await self._hand_over(todo)
            done += len(batch)
            if self._running:
                await asyncio.wait(self._running)
            elif not batch:
                return done

    async def _loop(self) -> None:
        while not self._stopping:
            self._woken.clear()
            try:
                found = await self._relay_some()
            except (Unavailable, TransientFailure, OSError):
                _log.warning("the relay could not reach the todo table", exc_info=True)
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            if not found:
                await self._rest()

    async def _relay_some(self) -> bool:
        free = self._concurrency - len(self._running)
        if free <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return True
        batch = await self._lease(min(free, BATCH))
        for todo in batch:
            task = asyncio.create_task(self._hand_over(todo))
            self._running.add(task)
            task.add_done_callback(self._finished)
        return bool(batch)

    async def _lease(self, limit: int) -> list[Todo]:
        now = self._real_time.now()
        return list(await self._todos.lease(now=now, until=now + LEASE, limit=limit))

    def _finished(self, task: asyncio.Task[object]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The todo stays leased and is offered again after the lease.
            _log.error("a reaction could not be put back", exc_info=error)
        self._woken.set()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), timeout=IDLE_SECONDS)
        except TimeoutError:
            return
