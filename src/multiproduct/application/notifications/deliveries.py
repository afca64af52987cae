"""The delivery log: what was sent to whom over which channel, or why it was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.ports.todos import TodoCompletion
from multiproduct.application.ports.unit_of_work import UnitOfWork


class DeliveryStatus(StrEnum):
    """How far a delivery has come."""

    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message owed because of one event. `recipient` is masked; no body is kept."""

    id: UUID
    event_position: int
    type_key: str
    channel: str
    user_id: UUID | None
    recipient: str
    status: DeliveryStatus
    reason: str | None
    created_at: datetime
    settled_at: datetime | None = None


class Deliveries(Protocol):
    """Keeps the delivery log. There is one delivery per event position and channel."""

    async def begin(self, delivery: Delivery) -> Delivery:
        """Keeps the delivery if its event position and channel have none, else answers the one that is
        kept."""
        ...

    async def settle(self, id: UUID, *, status: DeliveryStatus, reason: str | None, now: datetime) -> None:
        """Notes how a delivery ended. Without a reason it keeps the one it began with."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that were begun before the moment, at most `limit`; answers how many."""
        ...

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Delivery]:
        """What was sent to a user, the newest first, at most `limit`."""
        ...


class NotificationUnit(UnitOfWork, Protocol):
    """This context's slice of a unit of work."""

    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def todos(self) -> TodoCompletion: ...
    @property
    def idempotency(self) -> IdempotencyRecords: ...
