"""A settlement ("transaction"): one payment for one or several invoices of a customer."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.billing.events import SettlementBegun, SettlementEnded
from multiproduct.domain.billing.numbering import settlement_reference
from multiproduct.domain.shared import Aggregate, Currency, Money

MAX_INVOICES = 50
"""In one payment."""


class SettlementStatus(StrEnum):
    """How it stands. `partial`: less came than was asked for."""

    PENDING = "pending"
    SETTLED = "settled"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What one invoice was to get of the payment, and what it got, in minor units."""

    invoice_id: UUID
    asked_minor: int
    allocated_minor: int = 0


@dataclass(slots=True, kw_only=True)
class Settlement(Aggregate):
    """`minor` is what is asked for; `received_minor` what came. What came and was allocated to nothing is in
    the customer's funds."""

    id: UUID
    reference: str
    customer_id: UUID
    currency: Currency
    minor: int
    allocations: tuple[Allocation, ...]
    gateway: str
    payment_id: UUID | None = None
    status: SettlementStatus = SettlementStatus.PENDING
    received_minor: int = 0
    failure: str | None = None
    created_at: datetime
    ended_at: datetime | None = None

    @classmethod
    def begin(
        cls,
        *,
        id: UUID,
        customer_id: UUID,
        currency: Currency,
        allocations: tuple[Allocation, ...],
        gateway: str,
        now: datetime,
    ) -> "Settlement":
        """One that waits for its payment."""
        settlement = cls(
            id=id,
            reference=settlement_reference(id),
            customer_id=customer_id,
            currency=currency,
            minor=sum(each.asked_minor for each in allocations),
            allocations=allocations,
            gateway=gateway,
            created_at=now,
        )
        settlement._record(
            SettlementBegun(
                occurred_at=now,
                customer_id=customer_id,
                settlement_id=id,
                minor=settlement.minor,
                currency=currency.code,
                invoice_ids=tuple(each.invoice_id for each in allocations),
            )
        )
        return settlement

    @property
    def amount(self) -> Money:
        """What is asked for."""
        return Money(self.minor, self.currency)

    def settle(self, received_minor: int, allocated: dict[UUID, int], *, now: datetime) -> None:
        """Notes what came, and what each invoice got of it."""
        self.received_minor += received_minor
        self.allocations = tuple(
            Allocation(
                invoice_id=each.invoice_id,
                asked_minor=each.asked_minor,
                allocated_minor=each.allocated_minor + allocated.get(each.invoice_id, 0),
            )
            for each in self.allocations
        )
        self._end(
            SettlementStatus.SETTLED if self.received_minor >= self.minor else SettlementStatus.PARTIAL, now
        )

    def fail(self, reason: str, *, now: datetime) -> bool:
        """Notes that the payment was declined for good; false where it is over already."""
        if self.status is not SettlementStatus.PENDING:
            return False
        self.failure = reason
        self._end(SettlementStatus.FAILED, now)
        return True

    def cancel(self, *, now: datetime) -> bool:
        """Notes that the payment was given up; false where it is over already."""
        if self.status is not SettlementStatus.PENDING:
            return False
        self._end(SettlementStatus.CANCELLED, now)
        return True

    def _end(self, status: SettlementStatus, now: datetime) -> None:
        self.status, self.ended_at = status, now
        self._record(
            SettlementEnded(
                occurred_at=now,
                customer_id=self.customer_id,
                settlement_id=self.id,
                minor=self.received_minor,
                currency=self.currency.code,
                status=status.value,
                invoice_ids=tuple(each.invoice_id for each in self.allocations),
            )
        )
