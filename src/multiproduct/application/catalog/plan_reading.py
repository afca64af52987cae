"""Reading products and plans for those who sell them, by whatever name these go."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.domain.catalog import (
    AmbiguousPlan,
    MeteredPrice,
    Offering,
    Price,
    Product,
    UnknownPlan,
    UnknownProduct,
)

Named = UUID | str
"""An id, or the text of an id, a slug or a code."""
_LONGEST = 64


class PlanReading:
    """Steps: they take the caller's unit. Whether what is read can be bought is for the caller to ask
    (`Offering.require_on_sale`): a renewal goes on when a plan is not offered any more."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def product(self, unit: CatalogUnit, named: Named) -> Product:
        """A product by id, slug or code. Raises UnknownProduct."""
        own_id, text = _read(named)
        found = None
        if own_id is not None:
            found = await unit.products.find(own_id)
        elif text is not None:
            found = await unit.products.find_named(slug=text, code=text.upper())
        if found is None:
            raise UnknownProduct(product=str(named))
        return found

    async def plan(
        self, unit: CatalogUnit, named: Named, *, product: Named | None = None, at: datetime | None = None
    ) -> Offering:
        """A plan by id, slug or code, with its product and the prices that are not over `at` an instant (now,
        where none is given). Codes are a product's own, so that one may need the product named.

        Raises UnknownPlan, UnknownProduct, AmbiguousPlan.
        """
        at = at or self._clock.now()
        product_id = None if product is None else (await self.product(unit, product)).id
        found = await self._find(unit, named, product_id, at)
        if len(found) > 1:
            raise AmbiguousPlan(plan=str(named))
        if not found or product_id not in (None, found[0].product.id):
            raise UnknownPlan(plan=str(named))
        return found[0]

    async def price(self, unit: CatalogUnit, price_id: UUID) -> Price | None:
        """What something was sold at, by the price's id, also when it is over."""
        return await unit.plans.price(price_id)

    async def metered_prices(
        self, unit: CatalogUnit, plan_id: UUID, *, at: datetime, currency: str | None = None
    ) -> Sequence[MeteredPrice]:
        """What a plan charges for usage at an instant."""
        return await unit.metered_prices.of_plan(plan_id, at=at, currency=currency)

    async def _find(
        self, unit: CatalogUnit, named: Named, product_id: UUID | None, at: datetime
    ) -> Sequence[Offering]:
        own_id, text = _read(named)
        if own_id is not None:
            found = await unit.plans.find(own_id, at=at)
            return [] if found is None else [found]
        if text is None:
            return []
        return await unit.plans.find_named(slug=text, code=text.upper(), product_id=product_id, at=at)


def _read(named: Named) -> tuple[UUID | None, str | None]:
    """The id, or the text that is a slug or a code; neither for what cannot be one."""
    if isinstance(named, UUID):
        return named, None
    try:
        return UUID(named), None
    except ValueError:
        is_name = 0 < len(named) <= _LONGEST and named.isascii() and named.isprintable()
        return None, named if is_name else None
