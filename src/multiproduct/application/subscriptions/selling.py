"""Selling: from a plan in the catalog to the terms of a subscription and the lines of an invoice."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.catalog import Catalog, PlanFilter
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.billing import NewLine, Sold, Subject
from multiproduct.domain.catalog import Coupon, NotForSale, Offering, Pricing, Quote
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import Period, Subscription, Terms

SUBSCRIPTION = "subscription"
"""The kind of subject that lines are for."""


class Selling:
    """Steps that read. Previews and the real thing both ask here."""

    def __init__(self, *, catalog: Catalog, default_currency: str) -> None:
        self._catalog = catalog
        self._default_currency = default_currency

    async def offering(
        self, unit: SubscriptionsUnit, plan: str | UUID, product: str | UUID | None = None
    ) -> Offering:
        """A plan with its product, on sale or not. Raises UnknownPlan, UnknownProduct, AmbiguousPlan."""
        return await self._catalog.plan_reading.plan(unit, plan, product=product)

    async def plans_of(
        self, unit: SubscriptionsUnit, product: str, *, at: datetime, limit: int
    ) -> Sequence[Offering]:
        """The plans of a product that are on sale, by their sort order. Raises UnknownProduct."""
        found = await self._catalog.plan_reading.product(unit, product)
        return await unit.plans.page(PlanFilter(on_sale=True, product_id=found.id), at=at, limit=limit)

    def require_configuration(
        self, offering: Offering, configuration: dict[str, object], *, field: str = "configuration"
    ) -> None:
        """Raises InvalidInput for a configuration that the product's schema refuses."""
        self._catalog.configuring.require_configuration(offering.product, configuration, field=field)

    async def coupons(self, unit: SubscriptionsUnit, codes: Sequence[str]) -> Sequence[Coupon]:
        """Raises UnknownCoupon."""
        return await self._catalog.coupon_redeeming.named(unit, codes) if codes else ()

    async def redeem(
        self,
        unit: SubscriptionsUnit,
        coupons: Sequence[Coupon],
        *,
        person_id: UUID,
        order_id: UUID,
        now: datetime,
    ) -> None:
        """Redeems them for an order. Raises CouponUsedUp."""
        if coupons:
            await self._catalog.coupon_redeeming.redeem(
                unit, coupons=coupons, person_id=person_id, subject_id=order_id, now=now
            )

    async def redeem_again(
        self,
        unit: SubscriptionsUnit,
        coupon_ids: Sequence[UUID],
        *,
        person_id: UUID,
        order_id: UUID,
        now: datetime,
    ) -> None:
        """Redeems coupons for the order that follows one they were redeemed for, as far as they can be."""
        for each in coupon_ids:
            await self._catalog.coupon_redeeming.redeem_again(
                unit, coupon_ids=[each], person_id=person_id, subject_id=order_id, now=now
            )

    @staticmethod
    def quotes(
        wanted: Sequence[tuple[Offering, int]],
        currency: Currency,
        at: datetime,
        coupons: Sequence[Coupon] = (),
    ) -> list[Quote]:
        """What the plans cost together. Raises NoPriceInCurrency, CouponNotApplicable."""
        plans = [(offering.plan, quantity) for offering, quantity in wanted]
        return Pricing.quote_lines(plans, currency, at, coupons)

    @staticmethod
    def terms(offering: Offering, quantity: int, currency: Currency, at: datetime) -> Terms:
        """The terms of a plan as it is sold at a moment, without coupons. Raises NoPriceInCurrency."""
        quote = Pricing.quote(offering.plan, currency, quantity, at)
        return Terms(
            plan_id=offering.plan.id,
            quantity=quantity,
            price=quote.total.minor,
            cycle=offering.plan.cycle,
            unit_price=offering.plan.exact_price(currency, at),
        )

    def currency_of(self, offering: Offering, wanted: str | None, at: datetime) -> Currency:
        """The currency asked for, else the installation's, else the first that the plan has a price in.
        Raises NotForSale."""
        currency = offering.plan.currency_at(at, wanted=wanted, default=self._default_currency)
        if currency is None:
            raise NotForSale
        return currency


def sold_as(offering: Offering) -> Sold:
    """What a customer reads on the invoice: the product and its plan."""
    return Sold(offering.product.name, offering.plan.name)


def period_line(
    subscription: Subscription,
    terms: Terms,
    period: Period,
    sold: Sold,
    *,
    discount: int = 0,
    coupons: tuple[UUID, ...] = (),
) -> NewLine:
    """The line that pays for a period; there is one for a subscription and a beginning."""
    currency = Currency(subscription.currency)
    return NewLine(
        description=str(sold),
        sold=sold,
        unit_price=Money(terms.price // terms.quantity, currency),
        quantity=terms.quantity,
        amount=Money(terms.price, currency),
        discount=Money(discount, currency) if discount else None,
        period_start=period.start,
        period_end=period.end,
        subject=Subject(kind=SUBSCRIPTION, id=subscription.id),
        covers_period=True,
        coupons=coupons,
    )


def part_line(
    subscription: Subscription, cost: int, at: datetime, end: datetime, *, sold: Sold, quantity: int
) -> NewLine:
    """The line that pays for a change in the midst of a period, to so many."""
    amount = Money(cost, Currency(subscription.currency))
    return NewLine(
        description=str(sold),
        sold=sold,
        unit_price=amount,
        period_start=at,
        period_end=end,
        subject=Subject(kind=SUBSCRIPTION, id=subscription.id),
        prorated_for=quantity,
    )
