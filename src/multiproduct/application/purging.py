"""Purging in batches, each a transaction of its own, so that nobody waits long for what is removed."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.unit_of_work import UnitOfWork, Units
from multiproduct.application.units import in_unit

U = TypeVar("U", bound=UnitOfWork)


async def purged(
    units: Units[U], remove: Callable[[U], Awaitable[int]], *, batch: int, most_batches: int
) -> int:
    """Calls `remove`, which removes at most `batch` and says how many, until it removes fewer, at most
    `most_batches` times. Answers how many went."""

    async def body(unit: U) -> int:
        removed = await remove(unit)
        await unit.commit()
        return removed

    total = 0
    for _ in range(most_batches):
        removed = await in_unit(lambda: units.open(SYSTEM), body)
        total += removed
        if removed < batch:
            break
    return total
