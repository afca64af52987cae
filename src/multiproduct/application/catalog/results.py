"""What is answered about products and plans."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.catalog.commands import PLAN_ID, PRICE, PRODUCT_ID, SCHEMA
from multiproduct.application.catalog.meter_results import MeteredPriceView
from multiproduct.application.money import MoneyView
from multiproduct.application.translation import AsWritten, Translatable
from multiproduct.domain.catalog import MeteredPrice, Offering, Plan, Price, Product, ProductStatus, Quote
from multiproduct.domain.shared.money import Money

ProductNameText = Annotated[str, Translatable("catalog.product.name")]
_WHEN = "2026-11-21T06:30:00Z"


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class Done(Result):
    """It is done."""


class ProductView(Result):
    """A product as everybody sees it. `name` and `description` are for people."""

    id: UUID = Field(description="The product's id.", examples=[PRODUCT_ID])
    name: ProductNameText = Field(description="What people call it.", examples=["STARK CRM"])
    description: Annotated[str, Translatable("catalog.product.description")] = Field(
        description="What it is.", examples=["Customers and deals in one place."]
    )
    slug: str = Field(description="What addresses name it by.", examples=["stark-crm"])
    code: str = Field(description="What programs name it by.", examples=["STARK-MK85"])
    base_price: MoneyView | None = Field(
        description="What it costs from; null for nothing said.", examples=[PRICE]
    )
    product_schema: dict[str, Any] = Field(
        description="JSON Schema that the configuration of a subscription must satisfy.", examples=[SCHEMA]
    )
    trial_days: int = Field(description="Days of a trial; 0 for none.", examples=[14])
    is_active: bool = Field(description="Whether it is on sale once published.", examples=[True])
    created_at: datetime = Field(description="When it was made (RFC 3339, UTC).", examples=[_WHEN])
    updated_at: datetime = Field(description="When it was last changed (RFC 3339, UTC).", examples=[_WHEN])

    @classmethod
    def of(cls, product: Product) -> "ProductView":
        """Shows a product."""
        return cls(**_product_fields(product))


class ManagedProduct(AsWritten, ProductView):
    """A product as those see it who manage it."""

    status: ProductStatus = Field(
        description="`draft`, `published`, `unpublished` or `archived`.", examples=["published"]
    )
    provider_id: UUID | None = Field(
        description="The user who offers it; null for the house.", examples=[None]
    )
    published_at: datetime | None = Field(description="When it was last published.", examples=[_WHEN])
    version: int = Field(description="Goes up with every change.", examples=[3])

    @classmethod
    def managed(cls, product: Product) -> "ManagedProduct":
        """Shows a product."""
        return cls(
            **_product_fields(product),
            status=product.status,
            provider_id=product.provider_id,
            published_at=product.published_at,
            version=product.version,
        )


def _product_fields(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "name": product.name,
        "description": product.description,
        "slug": product.slug,
        "code": product.code,
        "base_price": None if product.base_price is None else MoneyView.of(product.base_price),
        "product_schema": product.schema,
        "trial_days": product.trial_days,
        "is_active": product.is_active,
        "created_at": product.created_at,
        "updated_at": product.updated_at,
    }


class PriceView(Result):
    """A price of a plan: what is sold at it names its id, and never changes with it."""

    id: UUID = Field(description="The price's id.", examples=[PLAN_ID])
    price: MoneyView = Field(description="What one costs for a period.", examples=[PRICE])
    final_price: MoneyView = Field(description="The same less the plan's discount of now.", examples=[PRICE])
    valid_from: datetime = Field(description="From when it holds (RFC 3339, UTC).", examples=[_WHEN])
    valid_until: datetime | None = Field(
        description="Until before when; null while nothing follows.", examples=[None]
    )

    @classmethod
    def of(cls, price: Price, offering: Offering, at: datetime) -> "PriceView":
        """Shows a price of a plan."""
        return cls(
            id=price.id,
            price=MoneyView.of(price.amount),
            final_price=MoneyView.of(offering.plan.discounted(price.amount, at)),
            valid_from=price.valid_from,
            valid_until=price.valid_until,
        )


class ProductName(Result):
    """The product of a plan."""

    id: UUID = Field(description="The product's id.", examples=[PRODUCT_ID])
    name: ProductNameText = Field(description="What people call it.", examples=["STARK CRM"])
    slug: str = Field(description="What addresses name it by.", examples=["stark-crm"])
    code: str = Field(description="What programs name it by.", examples=["STARK-MK85"])


class PlanView(Result):
    """A plan as everybody sees it. `name`, `description` and `features` are for people."""

    id: UUID = Field(description="The plan's id.", examples=[PLAN_ID])
    product: ProductName = Field(description="What it is a plan of.")
    name: Annotated[str, Translatable("catalog.plan.name")] = Field(
        description="What people call it.", examples=["Gold"]
    )
    description: Annotated[str, Translatable("catalog.plan.description")] = Field(
        description="What it is.", examples=["For growing teams."]
    )
    features: Annotated[list[str], Translatable("catalog.plan.feature")] = Field(
        description="What it comes with.", examples=[["Pipelines"]]
    )
    slug: str = Field(description="What addresses name it by.", examples=["stark-crm-gold"])
    code: str = Field(description="What programs name it by.", examples=["MONTHLY_GOLD"])
    cycle: str = Field(description="How long a period is.", examples=["monthly"])
    cycle_unit: str = Field(description="What the cycle counts: `day` or `month`.", examples=["month"])
    cycle_count: int = Field(description="How many of those a period has.", examples=[1])
    price: MoneyView | None = Field(
        description="What one costs for a period, in the currency asked for, else the installation's where "
        "there is a price in it, else the first by code: what it is sold for. Null without one.",
        examples=[PRICE],
    )
    final_price: MoneyView | None = Field(
        description="The same less the discount of now.", examples=[{"amount": "16.99", "currency": "USD"}]
    )
    prices: list[PriceView] = Field(description="The prices of now, one for each currency.")
    discount_percent: str | None = Field(
        description="The percentage off, whether it counts now or not; null for none.", examples=["15"]
    )
    discount_starts_at: datetime | None = Field(
        description="From when it is off; null for an open end.", examples=[None]
    )
    discount_ends_at: datetime | None = Field(
        description="Until before when; null for an open end.", examples=["2026-12-01T00:00:00Z"]
    )
    max_users: int = Field(description="How many people may use it.", examples=[5])
    storage_gb: int = Field(description="Storage in GB.", examples=[50])
    is_popular: bool = Field(description="Whether it is shown as popular.", examples=[True])
    sort_order: int = Field(description="Its place among plans: small ones first.", examples=[10])
    has_trial: bool = Field(description="Whether a trial is offered.", examples=[True])
    trial_days: int = Field(description="Days of that trial; 0 for none.", examples=[14])
    is_active: bool = Field(description="Whether it is offered.", examples=[True])
    created_at: datetime = Field(description="When it was made (RFC 3339, UTC).", examples=[_WHEN])
    updated_at: datetime = Field(description="When it was last changed (RFC 3339, UTC).", examples=[_WHEN])

    @classmethod
    def of(
        cls, offering: Offering, *, at: datetime, default_currency: str, currency: str | None = None
    ) -> "PlanView":
        """Shows a plan as it is at an instant."""
        return cls(**_plan_fields(offering, at, default_currency, currency))


class PlanDetail(PlanView):
    """A plan with what it charges for usage."""

    metered_prices: list[MeteredPriceView] = Field(description="What usage costs now.")

    @classmethod
    def detailed(
        cls,
        offering: Offering,
        metered: list[MeteredPrice],
        *,
        at: datetime,
        default_currency: str,
    ) -> "PlanDetail":
        """Shows a plan as it is at an instant."""
        return cls(
            **_plan_fields(offering, at, default_currency),
            metered_prices=[MeteredPriceView.of(price) for price in metered],
        )


class ManagedPlan(AsWritten, PlanView):
    """A plan as those see it who manage it, with the prices that are to follow."""

    coming_prices: list[PriceView] = Field(description="Prices that do not hold yet.")
    archived_at: datetime | None = Field(description="When it was archived; null where not.", examples=[None])
    version: int = Field(description="Goes up with every change.", examples=[3])

    @classmethod
    def managed(cls, offering: Offering, *, at: datetime, default_currency: str) -> "ManagedPlan":
        """Shows a plan as it is at an instant."""
        plan = offering.plan
        return cls(
            **_plan_fields(offering, at, default_currency),
            coming_prices=[
                PriceView.of(price, offering, at)
                for price in plan.prices
                if price.valid_from > at and price.valid_until != price.valid_from
            ],
            archived_at=plan.archived_at,
            version=plan.version,
        )


def _plan_fields(
    offering: Offering, at: datetime, default_currency: str, currency: str | None = None
) -> dict[str, Any]:
    plan, product, discount = offering.plan, offering.product, offering.plan.discount
    shown = _shown_price(plan, at, default_currency, currency)
    return {
        "id": plan.id,
        "product": ProductName(id=product.id, name=product.name, slug=product.slug, code=product.code),
        "name": plan.name,
        "description": plan.description,
        "features": list(plan.features),
        "slug": plan.slug,
        "code": plan.code,
        "cycle": plan.cycle.name.value,
        "cycle_unit": plan.cycle.unit.value,
        "cycle_count": plan.cycle.count,
        "price": None if shown is None else MoneyView.of(shown),
        "final_price": None if shown is None else MoneyView.of(plan.discounted(shown, at)),
        "prices": [PriceView.of(price, offering, at) for price in plan.prices_at(at)],
        "discount_percent": None if discount is None else str(discount.percent),
        "discount_starts_at": None if discount is None else discount.starts_at,
        "discount_ends_at": None if discount is None else discount.ends_at,
        "max_users": plan.max_users,
        "storage_gb": plan.storage_gb,
        "is_popular": plan.is_popular,
        "sort_order": plan.sort_order,
        "has_trial": plan.has_trial,
        "trial_days": offering.trial_days,
        "is_active": plan.is_active,
        "created_at": plan.created_at,
        "updated_at": plan.updated_at,
    }


def _shown_price(plan: Plan, at: datetime, default_currency: str, currency: str | None) -> Money | None:
    chosen = plan.currency_at(at, wanted=currency, default=default_currency)
    price = None if chosen is None else plan.price(chosen, at)
    return None if price is None else price.amount


class ProductDetail(ProductView):
    """A product with the plans that it is sold by."""

    plans: list[PlanView] = Field(description="Its plans on sale, in their order.")

    @classmethod
    def detailed(
        cls, product: Product, offerings: list[Offering], *, at: datetime, default_currency: str
    ) -> "ProductDetail":
        """Shows a product as it is at an instant."""
        return cls(
            **_product_fields(product),
            plans=[PlanView.of(offering, at=at, default_currency=default_currency) for offering in offerings],
        )


class ProductPage(Result):
    """Some products, in the order in which they were made."""

    items: list[ProductView] = Field(description="The products.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class ManagedProductPage(Result):
    """Some products, in the order in which they were made."""

    items: list[ManagedProduct] = Field(description="The products.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class PlanPage(Result):
    """Some plans, by their sort order."""

    items: list[PlanView] = Field(description="The plans.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class ManagedPlanPage(Result):
    """Some plans, by their sort order."""

    items: list[ManagedPlan] = Field(description="The plans.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class PriceHistory(Result):
    """All prices of a plan, those of the latest beginning first, at most 200."""

    items: list[PriceView] = Field(description="The prices.")


class CouponShareView(Result):
    """What a coupon takes off a line."""

    code: str = Field(description="The coupon's code.", examples=["WELCOME10"])
    amount: MoneyView = Field(description="How much.", examples=[PRICE])


class QuoteLineView(Result):
    """What a line costs."""

    plan_id: UUID = Field(description="The plan's id.", examples=[PLAN_ID])
    price_id: UUID = Field(description="The id of the price it is sold at.", examples=[PLAN_ID])
    quantity: int = Field(description="How many.", examples=[3])
    unit_price: MoneyView = Field(description="What one costs, with nothing off.", examples=[PRICE])
    subtotal: MoneyView = Field(description="Unit price times quantity.", examples=[PRICE])
    plan_discount: MoneyView = Field(description="What the plan's discount takes off.", examples=[PRICE])
    coupons: list[CouponShareView] = Field(description="What coupons take off.")
    total: MoneyView = Field(description="What is left.", examples=[PRICE])

    @classmethod
    def of(cls, quote: Quote) -> "QuoteLineView":
        """Shows a line."""
        return cls(
            plan_id=quote.plan_id,
            price_id=quote.price.id,
            quantity=quote.quantity,
            unit_price=MoneyView.of(quote.price.amount),
            subtotal=MoneyView.of(quote.subtotal),
            plan_discount=MoneyView.of(quote.plan_discount),
            coupons=[
                CouponShareView(code=share.code, amount=MoneyView.of(share.amount)) for share in quote.coupons
            ],
            total=MoneyView.of(quote.total),
        )


class QuoteView(Result):
    """What plans cost together now, before tax."""

    lines: list[QuoteLineView] = Field(description="Line by line, in the order asked for.")
    total: MoneyView = Field(description="All lines together.", examples=[PRICE])
