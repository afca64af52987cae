"""What payments need of a store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.ledger import LedgerUnit
from multiproduct.application.ports.todos import TodoCompletion
from multiproduct.domain.payments import Attempt, GatewayCall, Payment, Refund, Status, StoredMethod

Call = TypeVar("Call", bound=GatewayCall)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFilter:
    """Which payments are asked for; None asks for all. `needs_review`: only those that staff has to look
    at."""

    payer_id: UUID | None = None
    status: Status | None = None
    gateway: str | None = None
    purpose: str | None = None
    purpose_id: UUID | None = None
    needs_review: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the payment made then, with this id."""

    created_at: datetime
    id: UUID


class Payments(Protocol):
    """Keeps payments. What is refunded is counted by conditional statements alone: `save` leaves `refunding`
    and `refunded` as they are."""

    async def add(self, payment: Payment) -> None:
        """Keeps a new payment."""
        ...

    async def save(self, payment: Payment) -> None:
        """Writes a payment unless somebody saved it since it was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Payment | None:
        """The payment by id."""
        ...

    async def page(self, wanted: PaymentFilter, *, after: Place | None, limit: int) -> Sequence[Payment]:
        """The newest first, by the moment they were made and their id."""
        ...

    async def set_aside_refund(self, id: UUID, minor: int) -> bool:
        """Counts a refund that begins, unless all of them would come to more than was settled, or the payment
        has not succeeded. One conditional statement decides."""
        ...

    async def count_refunded(self, id: UUID, minor: int) -> None:
        """Counts a refund that succeeded, which was set aside before."""
        ...

    async def free_refund(self, id: UUID, minor: int) -> None:
        """Takes back what was set aside for a refund that failed."""
        ...


class GatewayCalls(Protocol[Call]):
    """Keeps what gateways are told: attempts, or refunds."""

    async def add(self, call: Call) -> None:
        """Keeps a new one."""
        ...

    async def save(self, call: Call) -> None:
        """Writes one unless somebody saved or claimed it since it was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Call | None:
        """One by id."""
        ...

    async def find_by_reference(self, gateway: str, reference: str) -> Call | None:
        """The one that the gateway knows by this reference; the oldest where there are several."""
        ...

    async def of_payment(self, payment_id: UUID) -> Sequence[Call]:
        """All of a payment, in the order in which they were made."""
        ...

    async def claim(self, id: UUID, *, now: datetime, until: datetime, ask_at: datetime) -> Call | None:
        """Leases one that is requested or processing and that nobody is at, for telling the gateway, and has
        it processing. `now` and `until` are real time; `ask_at`, business time, is when the gateway is asked
        if nobody tells what came of it. One conditional statement decides; None where it was not to be
        had."""
        ...

    async def lease_due(self, *, at: datetime, now: datetime, until: datetime, limit: int) -> Sequence[Call]:
        """Leases those that the gateway is to be asked about by now (`at`, business time) and that nobody is
        at, at most `limit`, the longest due first. `now` and `until` are real time."""
        ...


class StoredMethods(Protocol):
    """Keeps stored methods, also removed ones, which only `find` and `hold` show."""

    async def add(self, method: StoredMethod) -> None:
        """Keeps a new one."""
        ...

    async def save(self, method: StoredMethod) -> None:
        """Writes one unless somebody saved it since it was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> StoredMethod | None:
        """One by id."""
        ...

    async def hold(self, id: UUID) -> StoredMethod | None:
        """One by id as it is now; whoever would change it waits for the unit's end."""
        ...

    async def of_user(self, user_id: UUID) -> Sequence[StoredMethod]:
        """Those of a person that are not removed, the default one first, then the newest."""
        ...

    async def clear_default(self, user_id: UUID) -> None:
        """Leaves the person without a default one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptNotice:
    """One thing that a callback told, until it is taken in. `outcome` is its JSON."""

    id: UUID
    gateway: str
    notice_id: str
    kind: str
    key: UUID | None
    reference: str | None
    outcome: Mapping[str, Any] = field(hash=False)
    received_at: datetime
    taken_at: datetime | None = None


class Notices(Protocol):
    """Keeps what callbacks told."""

    async def keep(self, notice: KeptNotice) -> bool:
        """Keeps it unless the gateway told it before. One conditional insert decides."""
        ...

    async def find(self, id: UUID) -> KeptNotice | None:
        """One by id."""
        ...

    async def mark_taken(self, id: UUID, *, now: datetime) -> None:
        """Notes that it was taken in."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those taken in before the moment, at most `limit`; answers how many."""
        ...


class PaymentsUnit(LedgerUnit, Protocol):
    """The slice of a unit that payments need, with the ledger's."""

    @property
    def payments(self) -> Payments: ...
    @property
    def payment_attempts(self) -> GatewayCalls[Attempt]: ...
    @property
    def payment_refunds(self) -> GatewayCalls[Refund]: ...
    @property
    def payment_methods(self) -> StoredMethods: ...
    @property
    def payment_notices(self) -> Notices: ...
    @property
    def idempotency(self) -> IdempotencyRecords: ...
    @property
    def todos(self) -> TodoCompletion: ...
