"""Coming again later where one is told to, as hundreds wait for one row on whatever machine this is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from multiproduct.domain.shared import Unavailable

T = TypeVar("T")

MOST_TRIES = 20


async def patiently(attempt: Callable[[], Awaitable[T]]) -> T:
    """Tries again after `Unavailable`, which undid whatever was begun. Raises it in the end."""
    for _ in range(MOST_TRIES):
        try:
            return await attempt()
        except Unavailable:
            await asyncio.sleep(0.1)
    raise Unavailable(what="database")
