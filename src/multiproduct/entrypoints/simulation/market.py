"""What is for sale in the simulation: a product, its plans, and a meter."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.catalog import Catalog, CreatePlan, CreateProduct
from multiproduct.application.catalog.meter_commands import CreateMeter, SetMeteredPrice
from multiproduct.domain.catalog import ProductStatus

CURRENCY = "USD"
METER = "API_CALLS"
_PRODUCT = "STARK-CRM"
_PLANS = (
    ("BRONZE", "monthly", "9.99", 0.40),
    ("SILVER", "monthly", "29.00", 0.30),
    ("GOLD", "monthly", "99.50", 0.12),
    ("SILVER_QUARTERLY", "quarterly", "79.00", 0.06),
    ("GOLD_YEARLY", "yearly", "999.00", 0.05),
    ("METERED", "monthly", "5.00", 0.07),
)
"""Code, cycle, price, and how many of those who come choose it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The plans by their ids, with how many choose them; `metered_id` charges for use besides."""

    product_id: UUID
    plans: tuple[UUID, ...]
    weights: tuple[float, ...]
    metered_id: UUID


async def open_market(catalog: Catalog) -> Market:
    """Puts everything up for sale, by the use cases that staff has. Raises SlugTaken where it was before: a
    simulation wants a database of its own."""
    product = await catalog.products.create(
        CreateProduct(name="STARK CRM", code=_PRODUCT, trial_days=14), SYSTEM
    )
    plans = []
    for code, cycle, price, _ in _PLANS:
        command = CreatePlan.model_validate(
            {
                "product": _PRODUCT,
                "name": code.replace("_", " ").title(),
                "code": code,
                "cycle": cycle,
                "prices": [{"amount": price, "currency": CURRENCY}],
                "has_trial": True,
            }
        )
        plans.append((await catalog.plans.create(command, SYSTEM)).id)
    await _meter(catalog, plans[-1])
    await catalog.products.move(product.id, ProductStatus.PUBLISHED, SYSTEM)
    return Market(
        product_id=product.id,
        plans=tuple(plans),
        weights=tuple(weight for *_, weight in _PLANS),
        metered_id=plans[-1],
    )


async def _meter(catalog: Catalog, plan_id: UUID) -> None:
    """The first thousand calls are free."""
    await catalog.meters.create(
        CreateMeter(product=_PRODUCT, code=METER, name="API calls", unit="call", aggregation="sum"), SYSTEM
    )
    tiers = [{"up_to": 1_000, "unit_price": "0"}, {"unit_price": "0.0025"}]
    await catalog.meters.set_price(
        plan_id,
        SetMeteredPrice.model_validate(
            {"meter": METER, "currency": CURRENCY, "model": "graduated", "tiers": tiers}
        ),
        SYSTEM,
    )
