"""The delivery log in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.application.notifications.deliveries import Delivery, DeliveryFilter, DeliveryStatus


class MemoryDeliveries:
    """One delivery for each event position, recipient, type and channel."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.deliveries

    async def begin(self, delivery: Delivery) -> Delivery:
        """Keeps the delivery if nothing like it is kept, else answers the kept one."""
        kept = self._rows.one_under(
            "owed", (delivery.event_position, delivery.recipient_key, delivery.type_key, delivery.channel)
        )
        if kept is not None:
            return kept
        self._rows.put(delivery)
        return delivery

    async def begin_all(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """The same for several; answers what is kept of each, in their order."""
        return [await self.begin(delivery) for delivery in deliveries]

    async def find(self, id: UUID) -> Delivery | None:
        """The delivery of that id."""
        return self._rows.get(id)

    async def move(
        self, id: UUID, *, before: DeliveryStatus, after: DeliveryStatus, reason: str | None, now: datetime
    ) -> bool:
        """Notes a step, if the delivery stands as told."""
        kept = self._rows.get(id)
        if kept is None or kept.status is not before:
            return False
        at = now if after.is_settled else None
        self._rows.put(replace(kept, status=after, reason=reason or kept.reason, settled_at=at))
        return True

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

    async def page(
        self, wanted: DeliveryFilter, *, before: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[Delivery]:
        """Those that are wanted, the newest first."""

        def is_wanted(row: Delivery) -> bool:
            given = (
                (wanted.user_id, row.user_id),
                (wanted.type_key, row.type_key),
                (wanted.channel, row.channel),
                (wanted.status, row.status),
            )
            is_next = before is None or (row.created_at, row.id) < before
            return is_next and all(asked is None or asked == has for asked, has in given)

        found = sorted(self._rows.where(is_wanted), key=lambda row: (row.created_at, row.id), reverse=True)
        return found[:limit]
