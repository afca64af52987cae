"""Coming again later where one is told to, as hundreds wait for one row on whatever machine this is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from multiproduct.domain.shared import Unavailable

MOST_TRIES = 20


async def patiently(attempt: Callable[[], Awaitable[Any]]) -> None:
    """Tries again after `Unavailable`, which undid whatever was begun. Raises it in the end."""
    for _ in range(MOST_TRIES):
        try:
            await attempt()
        except Unavailable:
            await asyncio.sleep(0.1)
        else:
            return
    raise Unavailable(what="database")
