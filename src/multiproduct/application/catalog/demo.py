"""A catalog to try the service with: products of the brand STARK, their plans, a coupon, a metered price."""

from collections.abc import Mapping, Sequence
from typing import Any

from multiproduct.application.caller import SYSTEM
from multiproduct.application.catalog.commands import CreatePlan, CreateProduct
from multiproduct.application.catalog.coupon_commands import CreateCoupon
from multiproduct.application.catalog.coupon_keeping import CouponKeeping
from multiproduct.application.catalog.meter_commands import CreateMeter, SetMeteredPrice
from multiproduct.application.catalog.meter_keeping import MeterKeeping
from multiproduct.application.catalog.plan_keeping import PlanKeeping
from multiproduct.application.catalog.product_keeping import ProductKeeping
from multiproduct.domain.catalog import CodeTaken, ProductStatus, SlugTaken

Fields = Mapping[str, Any]


def _prices(usd: str, eur: str, twd: str) -> list[dict[str, str]]:
    amounts = {"USD": usd, "EUR": eur, "TWD": twd}
    return [{"amount": amount, "currency": currency} for currency, amount in amounts.items()]


PRODUCTS: Sequence[Fields] = (
    {
        "name": "STARK CRM",
        "slug": "stark-crm",
        "code": "STARK-MK85",
        "description": "Customers, deals and their history in one place.",
        "base_price": {"amount": "9.99", "currency": "USD"},
        "trial_days": 14,
        "product_schema": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": {
                "workspace": {"type": "string", "minLength": 3, "maxLength": 40, "pattern": "^[a-z0-9-]+$"},
                "pipelines": {"type": "array", "items": {"$ref": "#/$defs/pipeline"}, "maxItems": 20},
            },
            "additionalProperties": False,
            "$defs": {
                "pipeline": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string", "minLength": 1},
                        "follows": {"$ref": "#/$defs/pipeline"},
                    },
                    "required": ["name"],
                    "additionalProperties": False,
                }
            },
        },
    },
    {
        "name": "STARK Analytics",
        "slug": "stark-analytics",
        "code": "STARK-MK50",
        "description": "Figures about everything that happens, while it happens.",
        "base_price": {"amount": "19.99", "currency": "USD"},
        "trial_days": 7,
        "product_schema": {
            "type": "object",
            "properties": {"retention_days": {"type": "integer", "minimum": 30, "maximum": 3650}},
        },
    },
)
"""By their codes."""

PLANS: Mapping[str, Sequence[Fields]] = {
    "STARK-MK85": (
        {
            "name": "Bronze",
            "code": "WEEKLY_BRONZE",
            "cycle": "weekly",
            "prices": _prices("2.99", "2.79", "90"),
        },
        {
            "name": "Silver",
            "code": "MONTHLY_SILVER",
            "cycle": "monthly",
            "prices": _prices("9.99", "8.99", "300"),
            "features": ["Contacts", "Deals"],
            "max_users": 3,
            "has_trial": True,
        },
        {
            "name": "Gold",
            "code": "MONTHLY_GOLD",
            "cycle": "monthly",
            "prices": _prices("19.99", "17.99", "600"),
            "features": ["Contacts", "Deals", "Pipelines", "Reports"],
            "max_users": 10,
            "storage_gb": 50,
            "is_popular": True,
            "has_trial": True,
        },
        {
            "name": "Gold, quarterly",
            "code": "QUARTERLY_GOLD",
            "cycle": "quarterly",
            "prices": _prices("56.99", "50.99", "1700"),
            "features": ["Contacts", "Deals", "Pipelines", "Reports"],
            "max_users": 10,
            "storage_gb": 50,
        },
        {
            "name": "Gold, half-yearly",
            "code": "HALF_YEARLY_GOLD",
            "cycle": "half_yearly",
            "prices": _prices("107.99", "96.99", "3240"),
            "features": ["Contacts", "Deals", "Pipelines", "Reports"],
            "max_users": 10,
            "storage_gb": 50,
        },
        {
            "name": "Gold, yearly",
            "code": "YEARLY_GOLD",
            "cycle": "yearly",
            "prices": _prices("239.88", "215.88", "7200"),
            "discount_percent": "20",
            "features": ["Contacts", "Deals", "Pipelines", "Reports"],
            "max_users": 10,
            "storage_gb": 50,
        },
    ),
    "STARK-MK50": (
        {
            "name": "Gold",
            "code": "MONTHLY_GOLD",
            "cycle": "monthly",
            "prices": _prices("29.99", "26.99", "900"),
            "features": ["Dashboards", "Alerts", "Export"],
            "max_users": 5,
            "storage_gb": 100,
            "is_popular": True,
            "has_trial": True,
        },
        {
            "name": "Gold, yearly",
            "code": "YEARLY_GOLD",
            "cycle": "yearly",
            "prices": _prices("299.99", "269.99", "9000"),
            "features": ["Dashboards", "Alerts", "Export"],
            "max_users": 5,
            "storage_gb": 100,
            "has_trial": True,
        },
    ),
}
"""By the codes of their products, in the order in which they are shown."""
COUPON: Fields = {
    "code": "WELCOME10",
    "name": "Ten percent off the first order",
    "percent": "10",
    "max_per_person": 1,
}
METER: Fields = {
    "product": "STARK-MK50",
    "code": "API_CALLS",
    "name": "API calls",
    "unit": "call",
    "aggregation": "sum",
}
USAGE: Mapping[str, str] = {"USD": "0.0025", "EUR": "0.0022", "TWD": "0.08"}
"""What a call costs beyond the first 10,000 of a period."""


class DemoCatalog:
    """What is there by its code is left as it is."""

    def __init__(
        self, *, products: ProductKeeping, plans: PlanKeeping, coupons: CouponKeeping, meters: MeterKeeping
    ) -> None:
        self._products = products
        self._plans = plans
        self._coupons = coupons
        self._meters = meters

    async def ensure(self) -> list[str]:
        """Makes what is not there; answers the codes of what it made, plans' after their products'."""
        made = []
        for fields in PRODUCTS:
            if await self._product(fields):
                made.append(fields["code"])
            for order, plan in enumerate(PLANS[fields["code"]], start=1):
                if await self._plan({**plan, "product": fields["code"], "sort_order": 10 * order}):
                    made.append(f"{fields['code']} {plan['code']}")
        if await self._coupon():
            made.append(COUPON["code"])
        return made

    async def _product(self, fields: Fields) -> bool:
        try:
            product = await self._products.create(CreateProduct.model_validate(fields), SYSTEM)
        except (CodeTaken, SlugTaken):
            return False
        await self._products.move(product.id, ProductStatus.PUBLISHED, SYSTEM)
        if product.code == METER["product"]:
            await self._meters.create(CreateMeter.model_validate(METER), SYSTEM)
        return True

    async def _plan(self, fields: Fields) -> bool:
        try:
            plan = await self._plans.create(CreatePlan.model_validate(fields), SYSTEM)
        except CodeTaken:
            return False
        if fields["product"] == METER["product"]:
            for currency, price in USAGE.items():
                command = {
                    "meter": METER["code"],
                    "currency": currency,
                    "model": "graduated",
                    "tiers": [{"up_to": 10_000, "unit_price": "0"}, {"unit_price": price}],
                }
                await self._meters.set_price(plan.id, SetMeteredPrice.model_validate(command), SYSTEM)
        return True

    async def _coupon(self) -> bool:
        try:
            await self._coupons.create(CreateCoupon.model_validate(COUPON), SYSTEM)
        except CodeTaken:
            return False
        return True
