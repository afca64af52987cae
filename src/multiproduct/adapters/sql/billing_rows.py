"""Rows of orders and invoices, to aggregates and back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from multiproduct.domain.billing import (
    AppliedTax,
    Invoice,
    InvoiceLine,
    InvoiceStatus,
    NewLine,
    Order,
    OrderStatus,
    Party,
    Sold,
    Subject,
)
from multiproduct.domain.shared import Currency, Money

_PLAIN_ORDER = (
    *("id", "version", "number", "customer_id", "minor", "plan_id", "subscription_id", "payment_method"),
    *("gateway", "gateway_reference", "ip", "notes", "created_at", "updated_at", "expires_at", "paid_at"),
)
_PLAIN_INVOICE = (
    *("id", "version", "customer_id", "order_id", "seller", "locale", "net_minor", "tax_minor"),
    *("total_minor", "notes", "metadata", "created_at", "series", "year", "sequence", "number"),
    *("issued_at", "due_at", "paid_minor", "credited_minor", "returned_minor", "paid_at", "closed_at"),
    *("is_overdue", "next_reminder_at", "settlement_id"),
)
_PLAIN_LINE = (
    *("id", "position", "description", "detail", "quantity", "unit_minor", "discount_minor", "net_minor"),
    *("tax_minor", "tax_class", "period_start", "period_end", "covers_period"),
)


def order_row(order: Order) -> dict[str, Any]:
    """The values of an order's columns."""
    row = {name: getattr(order, name) for name in _PLAIN_ORDER}
    return row | {
        "lines": [_line_document(line) for line in order.lines],
        "currency": order.currency.code,
        "status": order.status.value,
    }


def order_of(row: Row[Any]) -> Order:
    """The order of a row."""
    currency = Currency(row.currency)
    plain = {name: getattr(row, name) for name in _PLAIN_ORDER}
    return Order(
        lines=tuple(_line_of(document, currency) for document in row.lines),
        currency=currency,
        status=OrderStatus(row.status),
        **plain,
    )


def invoice_row(invoice: Invoice) -> dict[str, Any]:
    """The values of an invoice's columns."""
    row = {name: getattr(invoice, name) for name in _PLAIN_INVOICE}
    return row | {
        "currency": invoice.currency.code,
        "customer": party_document(invoice.customer),
        "status": invoice.status.value,
    }


def line_row(invoice_id: UUID, line: InvoiceLine) -> dict[str, Any]:
    """The values of a line's columns."""
    row = {name: getattr(line, name) for name in _PLAIN_LINE}
    return row | {
        "invoice_id": invoice_id,
        "tax_name": line.tax.name,
        "tax_rate_ppm": line.tax.rate_ppm,
        "tax_country": line.tax.country,
        "tax_is_inclusive": line.tax.is_inclusive,
        "is_reverse_charge": line.tax.is_reverse_charge,
        "subject_kind": line.subject.kind if line.subject else None,
        "subject_id": line.subject.id if line.subject else None,
        "is_void": False,
    }


def invoice_of(row: Row[Any], lines: Sequence[Row[Any]]) -> Invoice:
    """The invoice of a row and of its lines' rows."""
    plain = {name: getattr(row, name) for name in _PLAIN_INVOICE}
    return Invoice(
        currency=Currency(row.currency),
        lines=tuple(_invoice_line_of(line) for line in lines),
        customer=party_of(row.customer),
        status=InvoiceStatus(row.status),
        **plain,
    )


def party_document(party: Party) -> dict[str, Any]:
    """Somebody on a document, as JSON."""
    return {
        "name": party.name,
        "address": list(party.address),
        "country": party.country,
        "region": party.region,
        "tax_id": party.tax_id,
        "email": party.email,
    }


def party_of(document: Mapping[str, Any]) -> Party:
    """And back."""
    return Party(**{**document, "address": tuple(document["address"])})


def _invoice_line_of(row: Row[Any]) -> InvoiceLine:
    plain = {name: getattr(row, name) for name in _PLAIN_LINE}
    return InvoiceLine(
        tax=AppliedTax(
            name=row.tax_name,
            rate_ppm=row.tax_rate_ppm,
            country=row.tax_country,
            is_inclusive=row.tax_is_inclusive,
            is_reverse_charge=row.is_reverse_charge,
        ),
        subject=Subject(kind=row.subject_kind, id=row.subject_id) if row.subject_kind is not None else None,
        **plain,
    )


def _line_document(line: NewLine) -> dict[str, Any]:
    return {
        "description": line.description,
        "unit": line.unit_price.minor,
        "quantity": line.quantity,
        "discount": line.discount.minor if line.discount is not None else None,
        "amount": line.amount.minor if line.amount is not None else None,
        "tax_class": line.tax_class,
        "detail": line.detail,
        "period_start": _written(line.period_start),
        "period_end": _written(line.period_end),
        "subject": None if line.subject is None else [line.subject.kind, str(line.subject.id)],
        "covers_period": line.covers_period,
        "coupons": [str(each) for each in line.coupons],
        "sold": None if line.sold is None else list(line.sold),
        "prorated_for": line.prorated_for,
    }


def _line_of(document: Mapping[str, Any], currency: Currency) -> NewLine:
    def money(name: str) -> Money | None:
        return None if document[name] is None else Money(document[name], currency)

    subject, sold = document["subject"], document.get("sold")
    return NewLine(
        description=document["description"],
        unit_price=Money(document["unit"], currency),
        quantity=document["quantity"],
        discount=money("discount"),
        amount=money("amount"),
        tax_class=document["tax_class"],
        detail=document["detail"],
        period_start=_read(document["period_start"]),
        period_end=_read(document["period_end"]),
        subject=None if subject is None else Subject(kind=subject[0], id=UUID(subject[1])),
        covers_period=document["covers_period"],
        coupons=tuple(UUID(each) for each in document.get("coupons", ())),
        sold=None if sold is None else Sold(*sold),
        prorated_for=document.get("prorated_for"),
    )


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _read(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
