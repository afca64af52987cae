"""The hourly purge of messages."""

from datetime import timedelta

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.application.webhooks.ports import WebhooksUnit

KEPT = timedelta(days=30)
"""For replays. An event is kept no longer either, so none can be told of a second time after that."""
BATCH = 1_000
MAX_BATCHES = 500


class MessagePurging:
    """Removes messages with their attempts 30 days after they were made, in batches, each a transaction of
    its own; at most half a million a run."""

    def __init__(self, *, units: Units[WebhooksUnit], real_time: RealTime) -> None:
        self._units = units
        self._real_time = real_time

    async def run(self) -> int:
        """Purges; answers how many messages went."""
        total = 0
        for _ in range(MAX_BATCHES):
            removed = await self._batch()
            total += removed
            if removed < BATCH:
                break
        return total

    async def _batch(self) -> int:
        before = self._real_time.now() - KEPT

        async def body(unit: WebhooksUnit) -> int:
            removed = await unit.webhook_messages.purge(before=before, limit=BATCH)
            await unit.commit()
            return removed

        return await in_unit(lambda: self._units.open(SYSTEM), body)
