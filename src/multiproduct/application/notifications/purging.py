"""The hourly purges of the delivery log, and of digests that were told."""

from datetime import timedelta

from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.purging import purged

KEPT = timedelta(days=90)
"""Longer than an event is kept that a delivery is owed to, so that nothing is sent a second time."""
BATCH = 1_000
MAX_BATCHES = 500


class DeliveryPurging:
    """Removes deliveries 90 days after they were begun, in batches, each a transaction of its own; at most
    half a million a run."""

    def __init__(self, *, units: Units[NotificationUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def run(self) -> int:
        """Purges; answers how many deliveries went."""
        before = self._clock.now() - KEPT
        return await purged(
            self._units,
            lambda unit: unit.deliveries.purge(before=before, limit=BATCH),
            batch=BATCH,
            most_batches=MAX_BATCHES,
        )


class DigestPurging:
    """Removes digests, with their items, as long after they were closed as deliveries are kept."""

    def __init__(self, *, units: Units[NotificationUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def run(self) -> int:
        """Purges; answers how many digests went."""
        before = self._clock.now() - KEPT
        return await purged(
            self._units,
            lambda unit: unit.notification_digests.purge(before=before, limit=BATCH),
            batch=BATCH,
            most_batches=MAX_BATCHES,
        )
