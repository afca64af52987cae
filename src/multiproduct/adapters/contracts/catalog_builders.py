"""Builders of what the catalog keeps: each call makes one that nothing else has."""

from dataclasses import replace
from datetime import datetime

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.domain.catalog import (
    Aggregation,
    Coupon,
    Cycle,
    CycleName,
    Meter,
    MeteredPrice,
    Percent,
    Plan,
    Price,
    PriceModel,
    Product,
    ProductStatus,
    Tariff,
    Tier,
    UnitPrice,
)
from multiproduct.domain.shared.money import Currency, Money

USD, TWD = Currency("USD"), Currency("TWD")


def a_product(*, now: datetime = NOW) -> Product:
    """One that is published."""
    id_ = a_uuid()
    return Product(
        id=id_,
        name="STARK CRM",
        slug=f"crm-{id_.hex[-12:]}",
        code=f"CRM-{id_.hex[-12:].upper()}",
        status=ProductStatus.PUBLISHED,
        created_at=now,
        updated_at=now,
    )


def a_price(minor: int = 1999, currency: Currency = USD, *, valid_from: datetime = NOW) -> Price:
    """A price without an end."""
    return Price(id=a_uuid(), amount=Money(minor, currency), valid_from=valid_from)


def a_plan(product: Product, *prices: Price, now: datetime = NOW) -> Plan:
    """A monthly plan; without prices it costs 19.99 USD."""
    id_ = a_uuid()
    return Plan(
        id=id_,
        product_id=product.id,
        name="Gold",
        slug=f"gold-{id_.hex[-12:]}",
        code=f"GOLD-{id_.hex[-12:].upper()}",
        cycle=Cycle.named(CycleName.MONTHLY),
        prices=prices or (a_price(valid_from=now),),
        created_at=now,
        updated_at=now,
    )


def a_coupon(percent: str | None = "10", **amounts: int) -> Coupon:
    """A percentage off everything, or minor units by currency."""
    id_ = a_uuid()
    coupon = Coupon(id=id_, code=f"C{id_.hex[-12:].upper()}", name="Welcome", created_at=NOW, updated_at=NOW)
    if amounts:
        return replace(coupon, amounts=dict(amounts))
    return replace(coupon, percent=Percent.parse(percent or "10"))


def a_meter(product: Product) -> Meter:
    """One that sums up."""
    id_ = a_uuid()
    return Meter(
        id=id_,
        product_id=product.id,
        code=f"CALLS_{id_.hex[-12:].upper()}",
        name="API calls",
        aggregation=Aggregation.SUM,
        created_at=NOW,
        updated_at=NOW,
    )


def a_metered_price(
    plan: Plan, meter: Meter, *, currency: Currency = USD, valid_from: datetime = NOW
) -> MeteredPrice:
    """A fraction of a cent for each unit."""
    return MeteredPrice(
        id=a_uuid(),
        plan_id=plan.id,
        meter_id=meter.id,
        tariff=Tariff(
            model=PriceModel.GRADUATED,
            currency=currency,
            tiers=(
                Tier(up_to=1000, unit_price=UnitPrice("0.000000000001"), flat_minor=5),
                Tier(up_to=None, unit_price=UnitPrice("0.0025")),
            ),
        ),
        valid_from=valid_from,
    )
