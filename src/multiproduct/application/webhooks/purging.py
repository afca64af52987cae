"""The hourly purge of messages."""

from datetime import timedelta

from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.purging import purged
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
        before = self._real_time.now() - KEPT
        return await purged(
            self._units,
            lambda unit: unit.webhook_messages.purge(before=before, limit=BATCH),
            batch=BATCH,
            most_batches=MAX_BATCHES,
        )
