"""Rows of the catalog's tables, and what they stand for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from multiproduct.domain.catalog import (
    Aggregation,
    Coupon,
    Cycle,
    CycleName,
    CycleUnit,
    Discount,
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
from multiproduct.domain.catalog.search_text import searched
from multiproduct.domain.shared.money import Currency, Money


def product_row(product: Product) -> dict[str, Any]:
    """The values of a product's row."""
    base = product.base_price
    return {
        "id": product.id,
        "version": product.version,
        "name": product.name,
        "slug": product.slug,
        "code": product.code,
        "description": product.description,
        "searched": searched(product.name, product.code, product.slug, product.description),
        "base_minor": None if base is None else base.minor,
        "base_currency": None if base is None else base.currency.code,
        "configuration_schema": product.schema,
        "trial_days": product.trial_days,
        "is_active": product.is_active,
        "status": product.status.value,
        "provider_id": product.provider_id,
        "published_at": product.published_at,
        "created_at": product.created_at,
        "updated_at": product.updated_at,
    }


def product_of(row: Row[Any], prefix: str = "") -> Product:
    """The product of a row whose columns' names begin with `prefix`."""
    values = {
        name.removeprefix(prefix): value for name, value in row._asdict().items() if name.startswith(prefix)
    }
    minor, currency = values["base_minor"], values["base_currency"]
    return Product(
        id=values["id"],
        version=values["version"],
        name=values["name"],
        slug=values["slug"],
        code=values["code"],
        description=values["description"],
        base_price=None if minor is None else Money(minor, Currency(currency)),
        schema=values["configuration_schema"],
        trial_days=values["trial_days"],
        is_active=values["is_active"],
        status=ProductStatus(values["status"]),
        provider_id=values["provider_id"],
        published_at=values["published_at"],
        created_at=values["created_at"],
        updated_at=values["updated_at"],
    )


def plan_row(plan: Plan) -> dict[str, Any]:
    """The values of a plan's row."""
    discount = plan.discount
    return {
        "id": plan.id,
        "version": plan.version,
        "product_id": plan.product_id,
        "name": plan.name,
        "slug": plan.slug,
        "code": plan.code,
        "description": plan.description,
        "searched": searched(plan.name, plan.code, plan.slug, plan.description),
        "cycle": plan.cycle.name.value,
        "cycle_unit": plan.cycle.unit.value,
        "cycle_count": plan.cycle.count,
        "discount_hundredths": None if discount is None else discount.percent.hundredths,
        "discount_starts_at": None if discount is None else discount.starts_at,
        "discount_ends_at": None if discount is None else discount.ends_at,
        "features": list(plan.features),
        "max_users": plan.max_users,
        "storage_gb": plan.storage_gb,
        "is_popular": plan.is_popular,
        "sort_order": plan.sort_order,
        "has_trial": plan.has_trial,
        "trial_days": plan.trial_days,
        "is_active": plan.is_active,
        "archived_at": plan.archived_at,
        "created_at": plan.created_at,
        "updated_at": plan.updated_at,
    }


def plan_of(row: Row[Any], prices: tuple[Price, ...]) -> Plan:
    """The plan of a row, with its prices."""
    return Plan(
        id=row.id,
        version=row.version,
        product_id=row.product_id,
        name=row.name,
        slug=row.slug,
        code=row.code,
        description=row.description,
        cycle=Cycle(CycleName(row.cycle), CycleUnit(row.cycle_unit), row.cycle_count),
        prices=prices,
        discount=None
        if row.discount_hundredths is None
        else Discount(
            percent=Percent(row.discount_hundredths),
            starts_at=row.discount_starts_at,
            ends_at=row.discount_ends_at,
        ),
        features=tuple(row.features),
        max_users=row.max_users,
        storage_gb=row.storage_gb,
        is_popular=row.is_popular,
        sort_order=row.sort_order,
        has_trial=row.has_trial,
        trial_days=row.trial_days,
        is_active=row.is_active,
        archived_at=row.archived_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def price_row(price: Price, plan_id: UUID) -> dict[str, Any]:
    """The values of a price's row."""
    return {
        "id": price.id,
        "plan_id": plan_id,
        "currency": price.currency.code,
        "minor": price.amount.minor,
        "valid_from": price.valid_from,
        "valid_until": price.valid_until,
    }


def price_of(row: Row[Any]) -> Price:
    """The price of a row."""
    return Price(
        id=row.id,
        amount=Money(row.minor, Currency(row.currency)),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def coupon_row(coupon: Coupon) -> dict[str, Any]:
    """The values of a coupon's row."""
    return {
        "id": coupon.id,
        "version": coupon.version,
        "code": coupon.code,
        "name": coupon.name,
        "percent_hundredths": None if coupon.percent is None else coupon.percent.hundredths,
        "amounts": coupon.amounts,
        "product_ids": sorted(map(str, coupon.product_ids)),
        "plan_ids": sorted(map(str, coupon.plan_ids)),
        "max_redemptions": coupon.max_redemptions,
        "max_per_person": coupon.max_per_person,
        "starts_at": coupon.starts_at,
        "ends_at": coupon.ends_at,
        "is_stackable": coupon.is_stackable,
        "is_active": coupon.is_active,
        "redeemed": coupon.redeemed,
        "archived_at": coupon.archived_at,
        "created_at": coupon.created_at,
        "updated_at": coupon.updated_at,
    }


def coupon_of(row: Row[Any]) -> Coupon:
    """The coupon of a row."""
    return Coupon(
        id=row.id,
        version=row.version,
        code=row.code,
        name=row.name,
        percent=None if row.percent_hundredths is None else Percent(row.percent_hundredths),
        amounts=dict(row.amounts),
        product_ids=frozenset(map(UUID, row.product_ids)),
        plan_ids=frozenset(map(UUID, row.plan_ids)),
        max_redemptions=row.max_redemptions,
        max_per_person=row.max_per_person,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        is_stackable=row.is_stackable,
        is_active=row.is_active,
        redeemed=row.redeemed,
        archived_at=row.archived_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def meter_row(meter: Meter) -> dict[str, Any]:
    """The values of a meter's row."""
    return {
        "id": meter.id,
        "version": meter.version,
        "product_id": meter.product_id,
        "code": meter.code,
        "name": meter.name,
        "unit": meter.unit,
        "aggregation": meter.aggregation.value,
        "archived_at": meter.archived_at,
        "created_at": meter.created_at,
        "updated_at": meter.updated_at,
    }


def meter_of(row: Row[Any]) -> Meter:
    """The meter of a row."""
    return Meter(
        id=row.id,
        version=row.version,
        product_id=row.product_id,
        code=row.code,
        name=row.name,
        unit=row.unit,
        aggregation=Aggregation(row.aggregation),
        archived_at=row.archived_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def metered_price_row(price: MeteredPrice) -> dict[str, Any]:
    """The values of a metered price's row."""
    return {
        "id": price.id,
        "plan_id": price.plan_id,
        "meter_id": price.meter_id,
        "currency": price.tariff.currency.code,
        "model": price.tariff.model.value,
        "tiers": [
            {"up_to": tier.up_to, "unit_price": tier.unit_price.text, "flat_minor": tier.flat_minor}
            for tier in price.tariff.tiers
        ],
        "package_size": price.tariff.package_size,
        "valid_from": price.valid_from,
        "valid_until": price.valid_until,
    }


def metered_price_of(row: Row[Any]) -> MeteredPrice:
    """The metered price of a row."""
    valid_until: datetime | None = row.valid_until
    return MeteredPrice(
        id=row.id,
        plan_id=row.plan_id,
        meter_id=row.meter_id,
        tariff=Tariff(
            model=PriceModel(row.model),
            currency=Currency(row.currency),
            tiers=tuple(
                Tier(
                    up_to=tier["up_to"],
                    unit_price=UnitPrice(tier["unit_price"]),
                    flat_minor=tier["flat_minor"],
                )
                for tier in row.tiers
            ),
            package_size=row.package_size,
        ),
        valid_from=row.valid_from,
        valid_until=valid_until,
    )
