"""The delivery log in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus


class MemoryDeliveries:
    """One delivery for each event position and channel."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.deliveries

    async def begin(self, delivery: Delivery) -> Delivery:
        """Keeps the delivery if its event position and channel have none, else answers the kept one."""
        kept = self._rows.one_under("owed", (delivery.event_position, delivery.channel))
        if kept is not None:
            return kept
        self._rows.put(delivery)
        return delivery

    async def settle(self, id: UUID, *, status: DeliveryStatus, reason: str | None, now: datetime) -> None:
        """Notes how a delivery ended. Without a reason it keeps the one it began with."""
        kept = self._rows.get(id)
        if kept is not None:
            self._rows.put(replace(kept, status=status, reason=reason or kept.reason, settled_at=now))

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that were begun before the moment."""
        return self._rows.purge(lambda row: row.created_at < before, limit=limit)

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Delivery]:
        """What was sent to a user, the newest first."""
        found = self._rows.under("user", user_id)
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)[:limit]
