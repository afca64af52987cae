"""Builders of billing's documents, each with every field at a value that a careless mapping would lose."""

import itertools
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.contracts.builders import DAY, HOUR, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.domain.billing import (
    Allocation,
    AppliedTax,
    CreditLine,
    CreditNote,
    Customer,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    Movement,
    MovementKind,
    NewLine,
    Order,
    Party,
    RefundTo,
    Settlement,
    Sold,
    Subject,
    TaxRule,
)
from multiproduct.domain.shared import Currency, Money

USD = Currency("USD")
_numbers = itertools.count(1)


def an_order() -> Order:
    """An order of one line, pending."""
    line = NewLine(
        description=UNUSUAL_TEXT,
        unit_price=Money(700, USD),
        quantity=2,
        discount=Money(100, USD),
        amount=Money(1_101, USD),
        tax_class="books",
        detail="3 seats",
        period_start=NOW,
        period_end=NOW + DAY,
        subject=Subject(kind="subscription", id=a_uuid()),
        covers_period=True,
        coupons=(a_uuid(), a_uuid()),
        sold=Sold(UNUSUAL_TEXT, "Gold"),
        prorated_for=3,
    )
    order = Order.place(
        id=a_uuid(),
        customer_id=a_user_id(),
        lines=(line,),
        now=NOW,
        expires_at=NOW + DAY,
        plan_id=a_uuid(),
        subscription_id=a_uuid(),
        payment_method="atm",
        ip="2001:db8::7",
        notes=UNUSUAL_TEXT,
    )
    order.gateway, order.gateway_reference = "STARK_PAY", "TRX-1"
    order.collect_events()
    return order


def a_covering_line() -> InvoiceLine:
    """A line that covers a period of a subscription of its own."""
    return InvoiceLine(
        id=a_uuid(),
        position=1,
        description=UNUSUAL_TEXT,
        detail="3 seats",
        quantity=3,
        unit_minor=400,
        discount_minor=200,
        net_minor=1_000,
        tax_minor=190,
        tax_class="books",
        tax=AppliedTax(name="MwSt.", rate_ppm=190_000, country="DE"),
        period_start=NOW,
        period_end=NOW + DAY,
        subject=Subject(kind="subscription", id=a_uuid()),
        covers_period=True,
    )


def an_invoice(order: Order, line: InvoiceLine | None = None) -> Invoice:
    """An open invoice of an order, with a number that no other one has."""
    sequence = next(_numbers)
    return Invoice(
        id=a_uuid(),
        customer_id=order.customer_id,
        order_id=order.id,
        seller="house",
        currency=USD,
        lines=(line or a_covering_line(),),
        customer=Party(
            name=UNUSUAL_TEXT,
            address=("12 St James's Square", "London"),
            country="GB",
            region="England",
            tax_id="GB980780684",
            email="ada@example.com",
        ),
        locale="zh-Hant",
        net_minor=1_000,
        tax_minor=190,
        total_minor=1_190,
        notes=UNUSUAL_TEXT,
        metadata={"a": UNUSUAL_TEXT},
        status=InvoiceStatus.OPEN,
        created_at=NOW,
        series="INV",
        year=2026,
        sequence=sequence,
        number=f"INV-2026-{sequence:06}",
        issued_at=NOW,
        due_at=NOW + DAY,
        next_reminder_at=NOW + HOUR,
    )


def a_credit_note(invoice: Invoice) -> CreditNote:
    """A credit note for a part of an invoice."""
    sequence = next(_numbers)
    line = CreditLine(
        line_id=invoice.lines[0].id,
        description=UNUSUAL_TEXT,
        net_minor=100,
        tax_minor=19,
        country="DE",
        tax_name="MwSt.",
        rate_ppm=190_000,
    )
    return CreditNote(
        id=a_uuid(),
        invoice_id=invoice.id,
        order_id=invoice.order_id,
        customer_id=invoice.customer_id,
        seller="house",
        series="CN",
        year=2026,
        sequence=sequence,
        number=f"CN-2026-{sequence:06}",
        currency=USD,
        lines=(line,),
        net_minor=100,
        tax_minor=19,
        total_minor=119,
        reduced_minor=100,
        back_minor=19,
        refund_to=RefundTo.PAYMENT_METHOD,
        refund_minor=19,
        reason=UNUSUAL_TEXT,
        issued_at=NOW,
    )


def a_settlement(invoice: Invoice) -> Settlement:
    """A settlement of one invoice, pending."""
    settlement = Settlement.begin(
        id=a_uuid(),
        customer_id=invoice.customer_id,
        currency=USD,
        allocations=(Allocation(invoice_id=invoice.id, asked_minor=1_190),),
        gateway="STARK_PAY",
        now=NOW,
    )
    settlement.payment_id = a_uuid()
    settlement.collect_events()
    return settlement


def a_tax_rule(country: str) -> TaxRule:
    """A rule of a region, good since a day ago."""
    rule = TaxRule.create(
        id=a_uuid(),
        country=country,
        region="BY",
        tax_class="books",
        name="MwSt.",
        rate_ppm=70_000,
        is_inclusive=True,
        valid_from=NOW - DAY,
        valid_until=NOW + DAY,
        now=NOW,
    )
    rule.collect_events()
    return rule


def a_billing_customer(user_id: UUID) -> Customer:
    """What somebody wants on invoices."""
    return Customer(
        id=user_id,
        name=UNUSUAL_TEXT,
        address=("12 St James's Square", "London"),
        country="GB",
        region="England",
        tax_id="GB980780684",
        email="ada@example.com",
        term_days=7,
        updated_at=NOW,
    )


def a_movement(customer_id: UUID, minor: int, *, at: datetime) -> Movement:
    """A movement in USD."""
    return Movement(
        id=a_uuid(),
        customer_id=customer_id,
        currency="USD",
        minor=minor,
        kind=MovementKind.INVOICE,
        document_id=a_uuid(),
        reference="INV-2026-000001",
        at=at,
    )
