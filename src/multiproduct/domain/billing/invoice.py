"""An invoice: what a customer owes for, from its draft to its being paid, void, or given up."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.billing import events
from multiproduct.domain.billing.customer import Party
from multiproduct.domain.billing.errors import (
    CreditTooLarge,
    InvoiceBeingPaid,
    InvoiceHasPayments,
    InvoiceNotOpen,
)
from multiproduct.domain.billing.events import SubjectRef
from multiproduct.domain.billing.lines import InvoiceLine
from multiproduct.domain.billing.numbering import TakenNumber
from multiproduct.domain.billing.terms import ReminderPlan
from multiproduct.domain.shared import Aggregate, Currency, Money


class InvoiceStatus(StrEnum):
    """How an invoice stands."""

    DRAFT = "draft"
    OPEN = "open"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"


OWED = frozenset({InvoiceStatus.OPEN, InvoiceStatus.UNCOLLECTIBLE})
"""Those that money may come for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credited:
    """What a credit note does: of its total, `reduced_minor` is owed no more, `back_minor` was paid and goes
    back to the customer."""

    reduced_minor: int
    back_minor: int


@dataclass(slots=True, kw_only=True)
class Invoice(Aggregate):
    """Amounts are in minor units of `currency`. Nothing of what a finalised invoice says is ever changed;
    what happens to it is: payments, credit notes, and how it stands.

    `paid_minor` was allocated, `credited_minor` is the total of its credit notes, `returned_minor` the part
    of the credits that had been paid and went back. `settlement_id` is the payment that is under way.
    """

    id: UUID
    customer_id: UUID
    order_id: UUID
    seller: str
    currency: Currency
    lines: tuple[InvoiceLine, ...]
    customer: Party
    locale: str = "en"
    net_minor: int
    tax_minor: int
    total_minor: int
    notes: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    status: InvoiceStatus = InvoiceStatus.DRAFT
    created_at: datetime
    series: str | None = None
    year: int | None = None
    sequence: int | None = None
    number: str | None = None
    issued_at: datetime | None = None
    due_at: datetime | None = None
    paid_minor: int = 0
    credited_minor: int = 0
    returned_minor: int = 0
    paid_at: datetime | None = None
    closed_at: datetime | None = None
    is_overdue: bool = False
    next_reminder_at: datetime | None = None
    settlement_id: UUID | None = None

    @property
    def total(self) -> Money:
        """With tax."""
        return Money(self.total_minor, self.currency)

    @property
    def due_minor(self) -> int:
        """What is still to be paid."""
        if self.status not in OWED:
            return 0
        return self.total_minor - self.paid_minor - (self.credited_minor - self.returned_minor)

    @property
    def creditable_minor(self) -> int:
        """What is left to credit."""
        return self.total_minor - self.credited_minor

    @property
    def is_taken_back(self) -> bool:
        """Whether nothing of it stands any more, so that what it was for can be invoiced again."""
        is_credited = self.credited_minor > 0 and not self.creditable_minor
        return self.status is InvoiceStatus.VOID or is_credited

    @property
    def subjects(self) -> tuple[SubjectRef, ...]:
        """What is paid for, for events."""
        return tuple(
            dict.fromkeys(
                SubjectRef(
                    subject_kind=line.subject.kind,
                    subject_id=line.subject.id,
                    period_start=line.period_start,
                    period_end=line.period_end,
                    covers_period=line.covers_period,
                )
                for line in self.lines
                if line.subject is not None
            )
        )

    def finalise(self, taken: TakenNumber, number: str, *, due_at: datetime, reminders: ReminderPlan) -> None:
        """Gives it its number: from here on it stands as it is. One of zero is paid at once."""
        if self.status is not InvoiceStatus.DRAFT:
            raise InvoiceNotOpen(status=self.status.value)
        self.status = InvoiceStatus.OPEN
        self.series, self.year, self.sequence = taken.series.name, taken.series.year, taken.sequence
        self.number, self.issued_at, self.due_at = number, taken.issued_at, due_at
        self.next_reminder_at = reminders.next_after(taken.issued_at, due_at=due_at)
        self._record(
            events.InvoiceIssued(
                occurred_at=taken.issued_at, minor=self.total_minor, due_at=due_at, **self._facts()
            )
        )
        self._settle_if_nothing_is_due(now=taken.issued_at)

    def allocate(
        self,
        minor: int,
        *,
        now: datetime,
        settlement_id: UUID | None = None,
        payment_id: UUID | None = None,
    ) -> None:
        """Takes money for it, at most what is due. Raises InvoiceNotOpen, ValueError for more."""
        if self.status not in OWED:
            raise InvoiceNotOpen(status=self.status.value)
        if not 0 < minor <= self.due_minor:
            raise ValueError("an allocation is at most what is due")
        self.paid_minor += minor
        self._settle_if_nothing_is_due(now=now, settlement_id=settlement_id, payment_id=payment_id)

    def fail_payment(self, *, settlement_id: UUID, payment_id: UUID, reason: str, now: datetime) -> None:
        """Notes that a payment was declined for good."""
        self._record(
            events.InvoicePaymentFailed(
                occurred_at=now,
                minor=self.due_minor,
                settlement_id=settlement_id,
                payment_id=payment_id,
                reason=reason,
                **self._facts(),
            )
        )

    def credit(self, minor: int, *, now: datetime) -> Credited:
        """Gives back some of it: what is owed first, then what was paid. Raises InvoiceNotOpen for one that
        is a draft or void, CreditTooLarge."""
        if self.status not in OWED and self.status is not InvoiceStatus.PAID:
            raise InvoiceNotOpen(status=self.status.value)
        if minor > self.creditable_minor:
            raise CreditTooLarge(left=str(Money(self.creditable_minor, self.currency)))
        reduced = min(minor, self.due_minor)
        back = minor - reduced
        self.credited_minor += minor
        self.returned_minor += back
        self._settle_if_nothing_is_due(now=now)
        return Credited(reduced_minor=reduced, back_minor=back)

    def void(self, *, now: datetime) -> None:
        """Ends an open one that nothing was paid or credited of.

        Raises InvoiceNotOpen, InvoiceBeingPaid, InvoiceHasPayments.
        """
        self._require_open_and_free()
        if self.paid_minor or self.credited_minor:
            raise InvoiceHasPayments
        self.status, self.closed_at, self.next_reminder_at = InvoiceStatus.VOID, now, None
        self.is_overdue = False
        self._record(events.InvoiceVoided(occurred_at=now, minor=self.total_minor, **self._facts()))

    def write_off(self, *, now: datetime) -> int:
        """Gives up what is due, and answers how much. Money may still come. Raises InvoiceNotOpen,
        InvoiceBeingPaid."""
        self._require_open_and_free()
        lost = self.due_minor
        self.status, self.closed_at, self.next_reminder_at = InvoiceStatus.UNCOLLECTIBLE, now, None
        self._record(events.InvoiceWrittenOff(occurred_at=now, minor=lost, **self._facts()))
        return lost

    def remind(self, plan: ReminderPlan, *, now: datetime) -> bool:
        """Tells that a reminder is due, or that the due date passed; false where there is nothing to tell.
        Reminders that were missed are made good by one."""
        if self.status is not InvoiceStatus.OPEN or self.due_at is None or self.next_reminder_at is None:
            return False
        if now < self.next_reminder_at:
            return False
        became_overdue = now >= self.due_at and not self.is_overdue
        minor, due_at = self.due_minor, self.due_at
        if became_overdue:
            self.is_overdue = True
            self._record(events.InvoiceOverdue(occurred_at=now, minor=minor, due_at=due_at, **self._facts()))
        else:
            days = (now - due_at).days
            self._record(
                events.InvoiceReminderDue(
                    occurred_at=now, minor=minor, due_at=due_at, days=days, **self._facts()
                )
            )
        self.next_reminder_at = plan.next_after(now, due_at=self.due_at)
        return True

    def _require_open_and_free(self) -> None:
        """Nobody ends what is being paid just now: its money would be for nothing."""
        if self.status is not InvoiceStatus.OPEN:
            raise InvoiceNotOpen(status=self.status.value)
        if self.settlement_id is not None:
            raise InvoiceBeingPaid

    def _settle_if_nothing_is_due(
        self, *, now: datetime, settlement_id: UUID | None = None, payment_id: UUID | None = None
    ) -> None:
        if self.status not in OWED or self.due_minor:
            return
        self.status, self.paid_at, self.closed_at = InvoiceStatus.PAID, now, now
        self.next_reminder_at, self.is_overdue = None, False
        self._record(
            events.InvoicePaid(
                occurred_at=now,
                minor=self.total_minor,
                settlement_id=settlement_id,
                payment_id=payment_id,
                **self._facts(),
            )
        )

    def _facts(self) -> events.InvoiceFacts:
        return {
            "customer_id": self.customer_id,
            "order_id": self.order_id,
            "invoice_id": self.id,
            "number": self.number or "",
            "currency": self.currency.code,
            "subjects": self.subjects,
        }
