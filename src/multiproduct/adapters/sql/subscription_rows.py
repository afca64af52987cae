"""How a subscription stands in its row: columns for what is asked for, documents for the terms beside it."""

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from multiproduct.domain.catalog import Cycle, CycleName, CycleUnit
from multiproduct.domain.subscriptions import (
    Accrual,
    Awaited,
    OpenInvoice,
    Reduction,
    Subscription,
    SubscriptionStatus,
    Terms,
    UsageSpan,
)

_AS_THEY_ARE = (
    "id",
    "version",
    "user_id",
    "product_id",
    "currency",
    "zone",
    "auto_renew",
    "configuration",
    "gateway",
    "method_id",
    "starts_at",
    "trial_end",
    "anchor",
    "cancels_at_period_end",
    "cancelled_at",
    "ended_at",
    "paused_at",
    "resumes_at",
    "failed_at",
    "failures",
    "next_attempt_at",
    "reminded",
    "closes_at",
    "due_at",
    "created_at",
    "updated_at",
)


def row_of(subscription: Subscription) -> dict[str, Any]:
    """The row, without its lease."""
    terms, accrual = subscription.terms, subscription.accrual
    return {
        **{name: getattr(subscription, name) for name in _AS_THEY_ARE},
        "status": subscription.status.value,
        "plan_id": terms.plan_id,
        "quantity": terms.quantity,
        "price_minor": terms.price,
        "unit_price": _unit_text(terms),
        "cycle_name": terms.cycle.name.value,
        "cycle_unit": terms.cycle.unit.value,
        "cycle_count": terms.cycle.count,
        "period_index": subscription.index,
        "period_number": subscription.number,
        "accrual_origin": accrual.origin if accrual else None,
        "accrual_length": accrual.length if accrual else None,
        "accrual_price": accrual.price if accrual else None,
        "accrual_used": accrual.used if accrual else None,
        "accrual_sum": str(accrual.accrued) if accrual else None,
        "accrual_reduction": _reduction_text(accrual),
        "prepaid": terms_document(subscription.prepaid),
        "scheduled": terms_document(subscription.scheduled),
        "awaiting": _invoice_document(subscription.awaiting),
        "usage_spans": _span_documents(subscription.spans),
    }


def subscription_of(row: Row[Any]) -> Subscription:
    """The subscription."""
    return Subscription(
        **{name: getattr(row, name) for name in _AS_THEY_ARE},
        status=SubscriptionStatus(row.status),
        terms=Terms(
            plan_id=row.plan_id,
            quantity=row.quantity,
            price=row.price_minor,
            cycle=_cycle(row.cycle_name, row.cycle_unit, row.cycle_count),
            unit_price=_unit_price(row.unit_price),
        ),
        index=row.period_index,
        number=row.period_number,
        accrual=_accrual(row),
        prepaid=terms_of(row.prepaid),
        scheduled=terms_of(row.scheduled),
        awaiting=_invoice(row.awaiting),
        spans=tuple(map(_span, row.usage_spans or ())),
    )


def _accrual(row: Row[Any]) -> Accrual | None:
    if row.accrual_origin is None:
        return None
    return Accrual(
        origin=row.accrual_origin,
        length=row.accrual_length,
        price=row.accrual_price,
        used=row.accrual_used,
        accrued=int(row.accrual_sum),
        reduction=_reduction(row.accrual_reduction),
    )


def _reduction_text(accrual: Accrual | None) -> str | None:
    if accrual is None or accrual.reduction is None:
        return None
    return f"{accrual.reduction.sold_for}/{accrual.reduction.listed}"


def _reduction(text: str | None) -> Reduction | None:
    if text is None:
        return None
    sold_for, _, listed = text.partition("/")
    return Reduction(int(sold_for), int(listed))


def _cycle(name: str, unit: str, count: int) -> Cycle:
    return Cycle(CycleName(name), CycleUnit(unit), count)


def terms_document(terms: Terms | None) -> dict[str, Any] | None:
    """Terms as a document beside other columns."""
    if terms is None:
        return None
    cycle = terms.cycle
    return {
        "plan_id": str(terms.plan_id),
        "quantity": terms.quantity,
        "price": terms.price,
        "unit_price": _unit_text(terms),
        "cycle": [cycle.name.value, cycle.unit.value, cycle.count],
    }


def terms_of(document: dict[str, Any] | None) -> Terms | None:
    """The terms of such a document."""
    if document is None:
        return None
    return Terms(
        plan_id=UUID(document["plan_id"]),
        quantity=document["quantity"],
        price=document["price"],
        cycle=_cycle(*document["cycle"]),
        unit_price=_unit_price(document["unit_price"]),
    )


def _unit_text(terms: Terms) -> str | None:
    return None if terms.unit_price is None else str(terms.unit_price)


def _unit_price(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _invoice_document(invoice: OpenInvoice | None) -> dict[str, Any] | None:
    if invoice is None:
        return None
    return {
        "order_id": str(invoice.order_id),
        "invoice_id": str(invoice.invoice_id),
        "awaited": invoice.awaited.value,
        "terms": terms_document(invoice.terms),
        "at": invoice.at.isoformat(),
        "asked_at": invoice.asked_at.isoformat(),
        "first_price": invoice.first_price,
        "is_charging": invoice.is_charging,
        "is_ahead": invoice.is_ahead,
        "by_schedule": invoice.by_schedule,
    }


def _invoice(document: dict[str, Any] | None) -> OpenInvoice | None:
    terms = None if document is None else terms_of(document["terms"])
    if document is None or terms is None:
        return None
    return OpenInvoice(
        order_id=UUID(document["order_id"]),
        invoice_id=UUID(document["invoice_id"]),
        awaited=Awaited(document["awaited"]),
        terms=terms,
        at=datetime.fromisoformat(document["at"]),
        asked_at=datetime.fromisoformat(document["asked_at"]),
        first_price=document["first_price"],
        is_charging=document["is_charging"],
        # What was asked for ahead of time by a release that did not note it had the usage in it.
        is_ahead=document.get("is_ahead", False),
        # Before it was noted every payment of a renewal counted as an attempt of the schedule.
        by_schedule=document.get("by_schedule", document["awaited"] == Awaited.RENEWAL.value),
    )


def _span_documents(spans: Sequence[UsageSpan]) -> list[dict[str, Any]] | None:
    return [
        {
            "until": span.until.isoformat(),
            "plan_id": None if span.plan_id is None else str(span.plan_id),
            "number": span.number,
        }
        for span in spans
    ] or None


def _span(document: dict[str, Any]) -> UsageSpan:
    plan_id = document["plan_id"]
    return UsageSpan(
        until=datetime.fromisoformat(document["until"]),
        plan_id=None if plan_id is None else UUID(plan_id),
        number=document["number"],
    )
