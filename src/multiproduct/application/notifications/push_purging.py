"""Removing devices that nobody has refreshed for most of a year."""

from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.push_ports import PushUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.notifications.push_device import KEPT_FOR

BATCH = 1_000
MAX_BATCHES = 100


class PushDevicePurging:
    """In batches, each a transaction of its own; at most 100,000 a run."""

    def __init__(self, *, units: Units[PushUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def run(self) -> int:
        """Purges; answers how many devices went."""
        total = 0
        for _ in range(MAX_BATCHES):
            removed = await self._batch()
            total += removed
            if removed < BATCH:
                break
        return total

    async def _batch(self) -> int:
        before = self._clock.now() - KEPT_FOR

        async def body(unit: PushUnit) -> int:
            removed = await unit.push_devices.purge(before=before, limit=BATCH)
            await unit.commit()
            return removed

        return await in_unit(lambda: self._units.open(SYSTEM), body)
