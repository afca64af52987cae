"""What billing answers."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.money import MoneyView
from multiproduct.domain.billing import (
    CreditLine,
    CreditNote,
    Invoice,
    InvoiceLine,
    NewLine,
    Order,
    Party,
    Settlement,
)
from multiproduct.domain.shared import Currency, Money

_PPM_OF_PERCENT = 10_000


def percent(rate_ppm: int) -> str:
    """A rate in percent, without zeros that say nothing."""
    return f"{(Decimal(rate_ppm) / _PPM_OF_PERCENT).normalize():f}"


def money_view(minor: int, currency: Currency) -> MoneyView:
    """An amount as it is told."""
    return MoneyView.of(Money(minor, currency))


class Result(BaseModel):
    """Has these fields and no others."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class LineSubjectView(Result):
    """What a line pays for."""

    kind: str
    id: UUID


class OrderLineView(Result):
    """A line as it was asked for; whether tax is in it, the invoice says."""

    description: str
    quantity: int
    unit_price: MoneyView
    discount: MoneyView
    amount: MoneyView
    subject: LineSubjectView | None

    @classmethod
    def of(cls, line: NewLine) -> "OrderLineView":
        """The line as it is told."""
        currency = line.unit_price.currency
        return cls(
            description=line.description,
            quantity=line.quantity,
            unit_price=MoneyView.of(line.unit_price),
            discount=MoneyView.of(line.discount or Money.zero(currency)),
            amount=MoneyView.of(line.asked),
            subject=_subject(line),
        )


class OrderView(Result):
    """An order. `invoice_id` is its invoice that counts."""

    id: UUID
    number: str
    customer_id: UUID
    status: str
    amount: MoneyView
    lines: tuple[OrderLineView, ...]
    plan_id: UUID | None
    subscription_id: UUID | None
    invoice_id: UUID | None = None
    payment_method: str
    gateway: str
    gateway_reference: str
    notes: str
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None
    paid_at: datetime | None

    @classmethod
    def of(cls, order: Order, *, invoice_id: UUID | None = None) -> "OrderView":
        """The order as it is told."""
        return cls(
            id=order.id,
            number=order.number,
            customer_id=order.customer_id,
            status=order.status.value,
            amount=MoneyView.of(order.amount),
            lines=tuple(OrderLineView.of(line) for line in order.lines),
            plan_id=order.plan_id,
            subscription_id=order.subscription_id,
            invoice_id=invoice_id,
            payment_method=order.payment_method,
            gateway=order.gateway,
            gateway_reference=order.gateway_reference,
            notes=order.notes,
            created_at=order.created_at,
            updated_at=order.updated_at,
            expires_at=order.expires_at,
            paid_at=order.paid_at,
        )


class OrderList(Result):
    """A page of orders."""

    items: list[OrderView]
    next_cursor: str | None


class InvoiceLineView(Result):
    """A line with its tax. `tax_rate` is in percent."""

    id: UUID
    description: str
    detail: str
    quantity: int
    unit_price: MoneyView
    discount: MoneyView
    amount: MoneyView = Field(description="Without tax.")
    tax_name: str
    tax_rate: str
    tax_amount: MoneyView
    total_amount: MoneyView
    is_reverse_charge: bool
    period_start: datetime | None
    period_end: datetime | None
    subject: LineSubjectView | None

    @classmethod
    def of(cls, line: InvoiceLine, currency: Currency) -> "InvoiceLineView":
        """The line as it is told."""
        return cls(
            id=line.id,
            description=line.description,
            detail=line.detail,
            quantity=line.quantity,
            unit_price=money_view(line.unit_minor, currency),
            discount=money_view(line.discount_minor, currency),
            amount=money_view(line.net_minor, currency),
            tax_name=line.tax.name,
            tax_rate=percent(line.tax.rate_ppm),
            tax_amount=money_view(line.tax_minor, currency),
            total_amount=money_view(line.total_minor, currency),
            is_reverse_charge=line.tax.is_reverse_charge,
            period_start=line.period_start,
            period_end=line.period_end,
            subject=_subject(line),
        )


class InvoicePartyView(Result):
    """Somebody as the document names them."""

    name: str
    address: tuple[str, ...]
    country: str
    region: str
    tax_id: str | None
    email: str | None

    @classmethod
    def of(cls, party: Party) -> "InvoicePartyView":
        """As they are told."""
        return cls(
            name=party.name,
            address=party.address,
            country=party.country,
            region=party.region,
            tax_id=party.tax_id,
            email=party.email,
        )


class InvoiceView(Result):
    """An invoice."""

    id: UUID
    number: str | None
    customer_id: UUID
    order_id: UUID
    status: str
    is_overdue: bool
    customer: InvoicePartyView
    lines: tuple[InvoiceLineView, ...]
    amount: MoneyView = Field(description="Without tax.")
    tax_amount: MoneyView
    total_amount: MoneyView
    paid_amount: MoneyView
    credited_amount: MoneyView
    due_amount: MoneyView
    created_at: datetime
    issued_at: datetime | None
    due_at: datetime | None
    paid_at: datetime | None
    notes: str
    metadata: dict[str, str]
    pdf_url: str

    @classmethod
    def of(cls, invoice: Invoice) -> "InvoiceView":
        """The invoice as it is told."""
        currency = invoice.currency
        return cls(
            id=invoice.id,
            number=invoice.number,
            customer_id=invoice.customer_id,
            order_id=invoice.order_id,
            status=invoice.status.value,
            is_overdue=invoice.is_overdue,
            customer=InvoicePartyView.of(invoice.customer),
            lines=tuple(InvoiceLineView.of(line, currency) for line in invoice.lines),
            amount=money_view(invoice.net_minor, currency),
            tax_amount=money_view(invoice.tax_minor, currency),
            total_amount=money_view(invoice.total_minor, currency),
            paid_amount=money_view(invoice.paid_minor, currency),
            credited_amount=money_view(invoice.credited_minor, currency),
            due_amount=money_view(invoice.due_minor, currency),
            created_at=invoice.created_at,
            issued_at=invoice.issued_at,
            due_at=invoice.due_at,
            paid_at=invoice.paid_at,
            notes=invoice.notes,
            metadata=dict(invoice.metadata),
            pdf_url=f"/api/v1/billing/invoices/{invoice.id}/pdf",
        )


class InvoiceList(Result):
    """A page of invoices."""

    items: list[InvoiceView]
    next_cursor: str | None


class CreditNoteLineView(Result):
    """What is given back of one line."""

    line_id: UUID
    description: str
    amount: MoneyView
    tax_amount: MoneyView
    total_amount: MoneyView

    @classmethod
    def of(cls, line: CreditLine, currency: Currency) -> "CreditNoteLineView":
        """The line as it is told."""
        return cls(
            line_id=line.line_id,
            description=line.description,
            amount=money_view(line.net_minor, currency),
            tax_amount=money_view(line.tax_minor, currency),
            total_amount=money_view(line.total_minor, currency),
        )


class CreditNoteView(Result):
    """A credit note. `refunded_amount` is what is back with the payment method."""

    id: UUID
    number: str
    invoice_id: UUID
    order_id: UUID
    customer_id: UUID
    lines: tuple[CreditNoteLineView, ...]
    amount: MoneyView
    tax_amount: MoneyView
    total_amount: MoneyView
    refund_to: str
    refund_amount: MoneyView
    refunded_amount: MoneyView
    reason: str
    issued_at: datetime

    @classmethod
    def of(cls, note: CreditNote) -> "CreditNoteView":
        """The credit note as it is told."""
        currency = note.currency
        return cls(
            id=note.id,
            number=note.number,
            invoice_id=note.invoice_id,
            order_id=note.order_id,
            customer_id=note.customer_id,
            lines=tuple(CreditNoteLineView.of(line, currency) for line in note.lines),
            amount=money_view(note.net_minor, currency),
            tax_amount=money_view(note.tax_minor, currency),
            total_amount=money_view(note.total_minor, currency),
            refund_to=note.refund_to.value,
            refund_amount=money_view(note.refund_minor, currency),
            refunded_amount=money_view(note.refunded_minor, currency),
            reason=note.reason,
            issued_at=note.issued_at,
        )


class CreditNoteList(Result):
    """A page of credit notes."""

    items: list[CreditNoteView]
    next_cursor: str | None


class AllocationView(Result):
    """What an invoice was to get, and what it got."""

    invoice_id: UUID
    asked: MoneyView
    allocated: MoneyView


class BillingTransactionView(Result):
    """One payment for one or several invoices."""

    id: UUID
    reference: str
    customer_id: UUID
    status: str
    amount: MoneyView
    received: MoneyView
    gateway: str
    payment_id: UUID | None
    failure: str | None
    allocations: tuple[AllocationView, ...]
    created_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, settlement: Settlement) -> "BillingTransactionView":
        """The settlement as it is told."""
        currency = settlement.currency
        return cls(
            id=settlement.id,
            reference=settlement.reference,
            customer_id=settlement.customer_id,
            status=settlement.status.value,
            amount=MoneyView.of(settlement.amount),
            received=money_view(settlement.received_minor, currency),
            gateway=settlement.gateway,
            payment_id=settlement.payment_id,
            failure=settlement.failure,
            allocations=tuple(
                AllocationView(
                    invoice_id=each.invoice_id,
                    asked=money_view(each.asked_minor, currency),
                    allocated=money_view(each.allocated_minor, currency),
                )
                for each in settlement.allocations
            ),
            created_at=settlement.created_at,
            ended_at=settlement.ended_at,
        )


class BillingTransactionList(Result):
    """A page of transactions."""

    items: list[BillingTransactionView]
    next_cursor: str | None


def _subject(line: NewLine | InvoiceLine) -> LineSubjectView | None:
    return None if line.subject is None else LineSubjectView(kind=line.subject.kind, id=line.subject.id)
