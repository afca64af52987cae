"""Removing devices that nobody has refreshed for most of a year."""

from multiproduct.application.notifications.push_ports import PushUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.purging import purged
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
        before = self._clock.now() - KEPT_FOR
        return await purged(
            self._units,
            lambda unit: unit.push_devices.purge(before=before, limit=BATCH),
            batch=BATCH,
            most_batches=MAX_BATCHES,
        )
