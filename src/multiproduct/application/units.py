"""Running the body of a unit of work again when concurrency got in its way."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.shared import StaleAggregate, Unavailable

U = TypeVar("U")
T = TypeVar("T")

MAX_TRIES = 8
DEADLINE_SECONDS = 10.0
_FIRST_PAUSE = 0.002
_GOLDEN = 0.618033988749895


async def in_unit(
    open_unit: Callable[[], AbstractAsyncContextManager[U]],
    body: Callable[[U], Awaitable[T]],
) -> T:
    """Runs `body` in a fresh unit, again after a stale aggregate, a deadlock or a busy database.

    The body opens nothing, sends nothing and commits by itself. After 8 tries or 10 seconds it raises
    Unavailable, which tells the caller to try again later. The pauses double from 2 ms, each spread by
    a fraction that differs from try to try and from task to task.
    """
    loop = asyncio.get_running_loop()
    started = loop.time()
    for attempt in range(MAX_TRIES):
        try:
            async with open_unit() as unit:
                return await body(unit)
        except (StaleAggregate, TransientFailure):
            if loop.time() - started > DEADLINE_SECONDS:
                break
        spread = (loop.time() * 1e6 * _GOLDEN) % 1.0
        await asyncio.sleep(_FIRST_PAUSE * 2**attempt * (0.5 + spread))
    raise Unavailable(what="database", retry_after=1)
