"""The relay: leases due todos and hands each to whoever runs it, here or behind a broker."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
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
_GIVEN_BACK_SECONDS = 2

HandOver = Callable[[Todo], Coroutine[Any, Any, object]]
"""Runs a todo or sends it on. Where it raises, the todo is given back and offered again soon."""
Room = Callable[[], Awaitable[int]]
"""How many more todos may be handed over now. Raises Unavailable where nobody would take one."""


async def any_number() -> int:
    """Room for as many as the relay itself allows."""
    return BATCH


class Relaying:
    """One loop that leases todos in batches, and wakes at once when told that a commit left some.

    `hand_over` runs a todo (on this loop) or sends it to a broker. What becomes of a todo:

    - its hand-over raised: it is given back, at no cost of an attempt, and due again within seconds;
    - its run died with the process, or its message was lost: it is leased again after `lease`;
    - its run outlives the lease: it runs a second time, which is harmless, as only the transaction of the run
      that has the lease can complete it.

    Nothing is leased while there is no `room` for it, so that a broker that is down or far behind costs no
    todo its attempts. At most `concurrency` todos are under way at once.
    """

    def __init__(
        self,
        *,
        todos: TodoQueue,
        real_time: RealTime,
        hand_over: HandOver,
        room: Room = any_number,
        lease: timedelta = LEASE,
        concurrency: int = 16,
    ) -> None:
        self._todos = todos
        self._real_time = real_time
        self._hand_over = hand_over
        self._room = room
        self._lease_length = lease
        self._concurrency = concurrency
        self._woken = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._loop_task: asyncio.Task[None] | None = None
        self._stopping = False

    def wake(self) -> None:
        """There may be todos now. Safe to call at any time from the relay's own loop."""
        self._woken.set()

    async def start(self) -> None:
        """Begins relaying in a task of its own."""
        self._stopping = False
        # An event belongs to the loop that first waits for it, which is this one from now on.
        self._woken = asyncio.Event()
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
                await self._hand(todo)
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
            except (Unavailable, TransientFailure, OSError) as error:
                _log.warning("the relay waits for its database or broker", extra={"reason": str(error)})
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            except Exception:  # noqa: BLE001 - see below
                # Whatever it was, it may be mended by the next try; a relay that ended would tell nobody.
                _log.exception("the relay failed")
                await asyncio.sleep(_AFTER_FAILURE_SECONDS)
                continue
            if not found:
                await self._rest()

    async def _relay_some(self) -> bool:
        free = self._concurrency - len(self._running)
        if free <= 0:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)
            return True
        batch = await self._lease(min(free, await self._room(), BATCH))
        for todo in batch:
            task = asyncio.create_task(self._hand(todo))
            self._running.add(task)
            task.add_done_callback(self._finished)
        return bool(batch)

    async def _lease(self, limit: int) -> list[Todo]:
        if limit <= 0:
            return []
        now = self._real_time.now()
        return list(await self._todos.lease(now=now, until=now + self._lease_length, limit=limit))

    async def _hand(self, todo: Todo) -> None:
        try:
            await self._hand_over(todo)
        except Unavailable as error:
            await self._give_back(todo, error, seconds=max(error.retry_after, _GIVEN_BACK_SECONDS))
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody else would give the todo back
            await self._give_back(todo, error, seconds=_GIVEN_BACK_SECONDS)

    async def _give_back(self, todo: Todo, error: Exception, *, seconds: int) -> None:
        _log.warning("a todo was not handed over", extra={"reaction": todo.key.reaction}, exc_info=error)
        reason = f"not handed over: {type(error).__name__}: {error}"[:500]
        due_at = self._real_time.now() + timedelta(seconds=seconds)
        await self._todos.give_back(todo, error=reason, due_at=due_at)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The todo stays leased and is offered again after the lease.
            _log.error("a todo could not be given back", exc_info=error)
        self._woken.set()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._woken.wait(), timeout=IDLE_SECONDS)
        except TimeoutError:
            return
