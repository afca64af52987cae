"""Usage in invoices: what was used and is in none yet, by the meters and prices of the plan that was held."""

import logging
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from multiproduct.application.ports.ids import Ids
from multiproduct.application.subscriptions.ports import SubscriptionsUnit, UsagePlace
from multiproduct.application.subscriptions.selling import SUBSCRIPTION
from multiproduct.domain.billing import NewLine, Subject
from multiproduct.domain.billing.lines import MAX_MINOR
from multiproduct.domain.catalog import Gauge, Measurement, Meter
from multiproduct.domain.shared import Money
from multiproduct.domain.subscriptions import Subscription, UsageEvent

_log = logging.getLogger(__name__)

_PAGE = 1_000
MAX_PAGES = 1_000
"""Of events of one subscription in one invoice: what is beyond is billed with the next one."""
_MAX_METERS = 100
MAX_LINES = 100
"""Of usage, in one invoice: what is beyond is one line together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used, and is noted as billed in `order_id` alone: an id for the order that is to charge for
    the lines, of which there are none where all of it was free. `is_whole`: nothing is left for the next."""

    lines: Sequence[NewLine]
    order_id: UUID
    is_whole: bool = True


@dataclass(slots=True, kw_only=True)
class _Share:
    """What was used while one plan was held in one period; its prices are those of the end of that. Without a
    plan it was free."""

    plan_id: UUID | None
    until: datetime
    gauges: dict[str, Gauge] = field(default_factory=dict)


class UsageBilling:
    """Steps: they take the caller's unit, and never commit. What a period's usage comes to is worked out for
    each plan that was held in it, by all that happened while it was, however often it was changed to."""

    def __init__(self, *, ids: Ids) -> None:
        self._ids = ids

    async def claim(self, unit: SubscriptionsUnit, subscription: Subscription, *, before: datetime) -> Usage:
        """Claims the usage before a moment that is in no invoice, also what was free, which would be counted
        again beyond what is free of the next one. Just what is claimed is in the lines, whoever tells of more
        meanwhile."""
        order_id, shares = self._ids.next(), _Shares(subscription, before)
        page: Sequence[UsageEvent] = ()
        after: UsagePlace | None = None
        for turn in range(MAX_PAGES):
            page = await unit.usage_events.claim(
                subscription.id, before=before, after=after, limit=_PAGE, order_id=order_id
            )
            if page and not turn:
                shares.measured_by(await unit.meters.of_product(subscription.product_id, limit=_MAX_METERS))
            for order, event in enumerate(page, start=turn * _PAGE):
                shares.add(event, order)
            if len(page) < _PAGE:
                break
            after = UsagePlace(happened_at=page[-1].happened_at, event_id=page[-1].event_id)
        lines = await self._lines(unit, subscription, shares)
        return Usage(lines=lines, order_id=order_id, is_whole=len(page) < _PAGE)

    async def _lines(
        self, unit: SubscriptionsUnit, subscription: Subscription, shares: "_Shares"
    ) -> list[NewLine]:
        lines = []
        for share in shares.used():
            if share.plan_id is None:
                continue
            for price in await unit.metered_prices.of_plan(
                share.plan_id, at=share.until, currency=subscription.currency
            ):
                meter = shares.meter(price.meter_id)
                gauge = share.gauges.get(meter.code) if meter else None
                if meter is None or gauge is None:
                    continue
                amount = price.tariff.charge(gauge.quantity)
                if amount.minor > MAX_MINOR:
                    _too_much(subscription, share, meter, amount)
                elif amount.minor:
                    lines.append(_line(subscription, share, meter, gauge, amount))
        return _few(lines)


class _Shares:
    """Sorts usage by the plan and period that it belongs to, and keeps of it what the meters need."""

    def __init__(self, subscription: Subscription, before: datetime) -> None:
        self._spans = subscription.spans
        self._ends = [span.until for span in subscription.spans]
        self._present: tuple[UUID | None, int] = subscription.terms.plan_id, subscription.number
        self._meters: Mapping[str, Meter] = {}
        self._before = before
        self._shares: dict[tuple[UUID | None, int], _Share] = {}

    def measured_by(self, meters: Sequence[Meter]) -> None:
        """To be told before anything is added: those of the product."""
        self._meters = {meter.code: meter for meter in meters}

    def meter(self, meter_id: UUID) -> Meter | None:
        """One of the product's."""
        return next((each for each in self._meters.values() if each.id == meter_id), None)

    def used(self) -> Sequence[_Share]:
        """Those in which anything was used, by when it was first."""
        return list(self._shares.values())

    def add(self, event: UsageEvent, order: int) -> None:
        """Counts an event. `order` is its place among those of the same moment."""
        meter = self._meters.get(event.meter)
        if meter is None:
            return
        place = bisect_right(self._ends, event.happened_at)
        key, until = self._present, self._before
        if place < len(self._spans):
            span = self._spans[place]
            key, until = (span.plan_id, span.number), min(span.until, self._before)
        share = self._shares.setdefault(key, _Share(plan_id=key[0], until=until))
        share.until = max(share.until, until)
        gauge = share.gauges.setdefault(meter.code, Gauge(meter.aggregation))
        gauge.add(
            Measurement(quantity=Fraction(event.value), at=event.happened_at, order=order, value=event.unique)
        )


def _line(subscription: Subscription, share: _Share, meter: Meter, gauge: Gauge, amount: Money) -> NewLine:
    return NewLine(
        description=meter.name,
        detail=f"{_shown(gauge.quantity)} {meter.unit}".strip(),
        unit_price=amount,
        period_start=gauge.begins_at,
        period_end=share.until,
        subject=Subject(kind=SUBSCRIPTION, id=subscription.id),
    )


def _few(lines: list[NewLine]) -> list[NewLine]:
    """An invoice has room for so many lines. Nobody is spared what is beyond: it is in the last of them, as
    far as one can ask for it."""
    kept = lines[:MAX_LINES]
    for each in lines[MAX_LINES:]:
        together = min(kept[-1].unit_price.minor + each.unit_price.minor, MAX_MINOR)
        kept[-1] = replace(kept[-1], unit_price=Money(together, each.unit_price.currency), detail="")
    return kept


def _too_much(subscription: Subscription, share: _Share, meter: Meter, amount: Money) -> None:
    """More than any line can ask is a mistake of whoever told of it. It keeps nothing else from being billed,
    and is for staff to judge."""
    _log.error(
        "usage is not billed: it comes to more than an invoice can ask",
        extra={
            "subscription_id": str(subscription.id),
            "plan_id": str(share.plan_id),
            "meter": meter.code,
            "amount": str(amount),
            "currency": amount.currency.code,
        },
    )


def _shown(quantity: Fraction) -> str:
    return str(quantity.numerator) if quantity.denominator == 1 else f"{float(quantity):.6g}"
