"""Usage in invoices: what was used since the last one, by the meters and prices of the plan."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from uuid import UUID

from multiproduct.application.subscriptions.ports import SubscriptionsUnit, UsagePlace
from multiproduct.application.subscriptions.selling import SUBSCRIPTION
from multiproduct.domain.billing import NewLine, Subject
from multiproduct.domain.catalog import Measurement, Meter, aggregate
from multiproduct.domain.subscriptions import Subscription

_PAGE = 1_000
MAX_PAGES = 1_000
"""Of events of one subscription in one invoice: what is beyond is billed with the next one."""
_MAX_METERS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What was used: the lines that charge for it, of which there are none where it was free, and the moment
    until which it is counted."""

    lines: Sequence[NewLine]
    until: datetime
    is_any: bool


class UsageBilling:
    """Steps: they take the caller's unit, and never commit."""

    async def lines(self, unit: SubscriptionsUnit, subscription: Subscription, *, before: datetime) -> Usage:
        """Usage before a moment that is in no invoice. It is counted until an earlier one where there is too
        much of it."""
        prices = await unit.metered_prices.of_plan(
            subscription.terms.plan_id, at=before, currency=subscription.currency
        )
        measured, until = await self._measured(unit, subscription.id, before)
        if not measured or not prices:
            return Usage(lines=(), until=until, is_any=bool(measured))
        meters = {
            meter.id: meter
            for meter in await unit.meters.of_product(subscription.product_id, limit=_MAX_METERS)
        }
        lines = []
        for price in prices:
            meter: Meter | None = meters.get(price.meter_id)
            taken = measured.get(meter.code, []) if meter else []
            if meter is None or not taken:
                continue
            quantity = aggregate(meter.aggregation, taken)
            amount = price.tariff.charge(quantity)
            if amount.minor:
                lines.append(
                    NewLine(
                        description=meter.name,
                        detail=f"{_shown(quantity)} {meter.unit}".strip(),
                        unit_price=amount,
                        period_start=min(each.at for each in taken),
                        period_end=until,
                        subject=Subject(kind=SUBSCRIPTION, id=subscription.id),
                    )
                )
        return Usage(lines=lines, until=until, is_any=True)

    async def bill(
        self, unit: SubscriptionsUnit, subscription_id: UUID, usage: Usage, *, order_id: UUID
    ) -> None:
        """Notes that the usage is in an order: also the usage that was free, which would be counted again
        beyond what is free of the next one."""
        if usage.is_any:
            await unit.usage_events.bill(subscription_id, before=usage.until, order_id=order_id)

    @staticmethod
    async def _measured(
        unit: SubscriptionsUnit, subscription_id: UUID, before: datetime
    ) -> tuple[dict[str, list[Measurement]], datetime]:
        found: dict[str, list[Measurement]] = {}
        after: UsagePlace | None = None
        for turn in range(MAX_PAGES):
            page = await unit.usage_events.unbilled(subscription_id, before=before, after=after, limit=_PAGE)
            for order, event in enumerate(page, start=turn * _PAGE):
                found.setdefault(event.meter, []).append(
                    Measurement(
                        quantity=Fraction(event.value), at=event.happened_at, order=order, value=event.unique
                    )
                )
            if len(page) < _PAGE:
                return found, before
            after = UsagePlace(happened_at=page[-1].happened_at, event_id=page[-1].event_id)
        # Those of the very last moment may not all be there: they are left for the next invoice.
        until = after.happened_at if after else before
        return {code: [m for m in taken if m.at < until] for code, taken in found.items()}, until


def _shown(quantity: Fraction) -> str:
    return str(quantity.numerator) if quantity.denominator == 1 else f"{float(quantity):.6g}"
