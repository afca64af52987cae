"""The delivery log: what was sent to whom over which channel, or why it was not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.notifications.keeping_ports import (
    Digests,
    Preferences,
    SettingsOfPeople,
    Suppressions,
)
from multiproduct.application.ports.todos import TodoCompletion
from multiproduct.application.ports.unit_of_work import UnitOfWork


class DeliveryStatus(StrEnum):
    """How far a delivery has come.

    `planned`: it is to go out. `sending`: it is being handed over. `held`: it waits for the end of quiet
    hours. `digested`: it is told in a digest. `uncertain`: whoever handed it over died at it, or the provider
    fell silent, so that nobody knows whether it went out; it is not sent again.
    """

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    SKIPPED = "skipped"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    HELD = "held"
    DIGESTED = "digested"

    @property
    def is_settled(self) -> bool:
        """Whether nothing more becomes of it by itself."""
        return self in _SETTLED


_SETTLED = frozenset(
    {
        DeliveryStatus.SENT,
        DeliveryStatus.SKIPPED,
        DeliveryStatus.FAILED,
        DeliveryStatus.UNCERTAIN,
        DeliveryStatus.DIGESTED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message owed because of one event. `recipient` is masked; no body is kept. `layer` is the layer of
    the resolution that decided, None where nobody was asked, as for codes."""

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
    layer: str | None = None

    @property
    def recipient_key(self) -> str:
        """By which one recipient is told from another of the same event: the user, else the masked
        address."""
        return str(self.user_id) if self.user_id is not None else self.recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryFilter:
    """Which deliveries are wanted; what is None does not matter."""

    user_id: UUID | None = None
    type_key: str | None = None
    channel: str | None = None
    status: DeliveryStatus | None = None


class Deliveries(Protocol):
    """Keeps the delivery log. There is one delivery per event position, recipient, type and channel."""

    async def begin(self, delivery: Delivery) -> Delivery:
        """Keeps the delivery if its event position, recipient, type and channel have none, else answers the
        one that is kept. A rival waits until the first unit ends."""
        ...

    async def begin_all(self, deliveries: Sequence[Delivery]) -> Sequence[Delivery]:
        """The same for several of different channels, with one statement where none of them is kept; answers
        what is kept of each, in their order."""
        ...

    async def find(self, id: UUID) -> Delivery | None:
        """The delivery of that id."""
        ...

    async def move(
        self, id: UUID, *, before: DeliveryStatus, after: DeliveryStatus, reason: str | None, now: datetime
    ) -> bool:
        """Notes a step, if the delivery stands as told; one conditional statement decides. Without a reason
        it keeps the one it has."""
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

    async def page(
        self, wanted: DeliveryFilter, *, before: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[Delivery]:
        """Those that are wanted, the newest first, from before a place (when begun, and id) on."""
        ...


class NotificationUnit(UnitOfWork, Protocol):
    """This context's slice of a unit of work."""

    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def notification_preferences(self) -> Preferences: ...
    @property
    def notification_settings(self) -> SettingsOfPeople: ...
    @property
    def notification_digests(self) -> Digests: ...
    @property
    def suppressions(self) -> Suppressions: ...
    @property
    def todos(self) -> TodoCompletion: ...
    @property
    def idempotency(self) -> IdempotencyRecords: ...
