"""Looking around in what is for sale: everybody may, and nobody is asked who they are."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.catalog.commands import AskForQuote, BrowsePlans, BrowseProducts
from multiproduct.application.catalog.coupon_redeeming import CouponRedeeming
from multiproduct.application.catalog.places import id_cursor, id_place, order_place
from multiproduct.application.catalog.plan_reading import PlanReading
from multiproduct.application.catalog.ports import CatalogUnit, PlanFilter, ProductFilter
from multiproduct.application.catalog.results import (
    PlanDetail,
    PlanPage,
    PlanView,
    ProductDetail,
    ProductPage,
    ProductView,
    QuoteLineView,
    QuoteView,
)
from multiproduct.application.money import MoneyView
from multiproduct.application.paging import encode_cursor, page_of
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.catalog import (
    CycleName,
    Offering,
    Pricing,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.catalog.search_text import words_of
from multiproduct.domain.shared.money import Currency, Money

MAX_PLANS_SHOWN = 200
"""Of one product, in its details. The list of plans pages through more."""


class Browsing:
    """Shows products that are published and active, and their plans that are active. What is neither is
    answered as what there is not."""

    def __init__(
        self,
        *,
        units: Units[CatalogUnit],
        clock: Clock,
        plan_reading: PlanReading,
        coupon_redeeming: CouponRedeeming,
        default_currency: str,
    ) -> None:
        self._units = units
        self._clock = clock
        self._plan_reading = plan_reading
        self._coupon_redeeming = coupon_redeeming
        self._default_currency = default_currency

    async def products(self, command: BrowseProducts, caller: Caller) -> ProductPage:
        """A page of products. Raises InvalidInput for a cursor that is none."""
        wanted = ProductFilter(
            on_sale=True,
            slug=command.slug,
            code=command.code.upper() if command.code else None,
            words=words_of(command.q or ""),
        )
        after = id_place(command.cursor)
        async with self._units.view(caller) as view:
            found = await view.products.page(wanted, limit=command.limit + 1, after=after)
        page = page_of(list(found), limit=command.limit, cursor_of=id_cursor)
        return ProductPage(
            items=[ProductView.of(product) for product in page.items], next_cursor=page.next_cursor
        )

    async def product(self, product_id: UUID, caller: Caller) -> ProductDetail:
        """A product with its plans. Raises UnknownProduct."""
        now = self._clock.now()
        async with self._units.view(caller) as view:
            product = await view.products.find(product_id)
            if product is None or not product.is_on_sale:
                raise UnknownProduct
            wanted = PlanFilter(on_sale=True, product_id=product.id)
            offerings = await view.plans.page(wanted, at=now, limit=MAX_PLANS_SHOWN)
        return ProductDetail.detailed(
            product, list(offerings), at=now, default_currency=self._default_currency
        )

    async def plans(self, command: BrowsePlans, caller: Caller) -> PlanPage:
        """A page of plans. Raises InvalidInput for a cursor that is none, UnknownProduct."""
        now = self._clock.now()
        after = order_place(command.cursor)
        async with self._units.view(caller) as view:
            product_id = None
            if command.product is not None:
                product = await self._plan_reading.product(view, command.product)
                if not product.is_on_sale:
                    raise UnknownProduct
                product_id = product.id
            wanted = PlanFilter(
                on_sale=True,
                product_id=product_id,
                cycle=CycleName(command.cycle) if command.cycle else None,
                currency=command.currency,
                is_popular=command.popular,
                words=words_of(command.q or ""),
            )
            found = await view.plans.page(wanted, at=now, limit=command.limit + 1, after=after)
        page = page_of(list(found), limit=command.limit, cursor_of=plan_cursor)
        return PlanPage(
            items=[
                PlanView.of(
                    offering, at=now, default_currency=self._default_currency, currency=command.currency
                )
                for offering in page.items
            ],
            next_cursor=page.next_cursor,
        )

    async def plan(self, plan_id: UUID, caller: Caller) -> PlanDetail:
        """A plan with what usage costs. Raises UnknownPlan."""
        now = self._clock.now()
        async with self._units.view(caller) as view:
            offering = await view.plans.find(plan_id, at=now)
            if offering is None or not offering.is_on_sale:
                raise UnknownPlan
            metered = await view.metered_prices.of_plan(plan_id, at=now)
        return PlanDetail.detailed(offering, list(metered), at=now, default_currency=self._default_currency)

    async def quote(self, command: AskForQuote, caller: Caller) -> QuoteView:
        """What plans would cost the caller now, before tax. Redeems nothing. Needs somebody who is signed in,
        so that codes of coupons cannot be tried out at will.

        Raises UnknownPlan, UnknownProduct, AmbiguousPlan, NotForSale, NoPriceInCurrency, UnknownCoupon,
        CouponNotApplicable, CouponUsedUp.
        """
        caller.require_user()
        now = self._clock.now()
        currency = Currency(command.currency)
        async with self._units.view(caller) as view:
            coupons = await self._coupon_redeeming.named(view, command.coupons)
            wanted = []
            for line in command.lines:
                offering = await self._plan_reading.plan(view, line.plan, product=line.product, at=now)
                offering.require_on_sale()
                wanted.append((offering.plan, line.quantity))
        quotes = Pricing.quote_lines(wanted, currency, now, coupons)
        total = sum((quote.total for quote in quotes), Money.zero(currency))
        return QuoteView(lines=[QuoteLineView.of(quote) for quote in quotes], total=MoneyView.of(total))


def plan_cursor(offering: Offering) -> str:
    """The cursor of a plan in a page."""
    return encode_cursor(offering.plan.sort_order, str(offering.plan.id))
