"""The catalog in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.tables import (
    OnStage,
    OpenedTables,
    Table,
    as_it_is,
    copied_but,
    json_copy,
)
from multiproduct.application.catalog.ports import PlanFilter, ProductFilter
from multiproduct.domain.catalog import (
    CodeTaken,
    Coupon,
    Meter,
    MeteredPrice,
    Offering,
    Plan,
    Price,
    Product,
    Redemption,
    SlugTaken,
)
from multiproduct.domain.catalog.search_text import searched
from multiproduct.domain.shared import Aggregate, StaleAggregate


class CatalogTables:
    """What is kept of the catalog."""

    def __init__(self) -> None:
        self.products: Table[UUID, Product] = Table(
            key=lambda row: row.id,
            copy=copied_but("schema", json_copy),
            indexes={"slug": lambda row: row.slug, "code": lambda row: row.code},
        )
        self.plans: Table[UUID, Plan] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={
                "slug": lambda row: row.slug,
                "code": lambda row: row.code,
                "product": lambda row: row.product_id,
            },
        )
        self.prices: Table[UUID, tuple[UUID, Price]] = Table(
            key=lambda row: row[1].id, copy=as_it_is, indexes={"plan": lambda row: row[0]}
        )
        self.coupons: Table[UUID, Coupon] = Table(
            key=lambda row: row.id,
            copy=copied_but("amounts", dict),
            indexes={"code": lambda row: row.code},
        )
        self.redemptions: Table[tuple[UUID, UUID], Redemption] = Table(
            key=lambda row: (row.coupon_id, row.subject_id),
            copy=as_it_is,
            indexes={
                "subject": lambda row: row.subject_id,
                "person": lambda row: (row.coupon_id, row.person_id),
            },
        )
        self.meters: Table[UUID, Meter] = Table(
            key=lambda row: row.id, copy=replace, indexes={"product": lambda row: row.product_id}
        )
        self.metered_prices: Table[UUID, MeteredPrice] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"plan": lambda row: row.plan_id}
        )


class CatalogStage(OpenedTables):
    """The catalog as one unit sees it."""

    products = OnStage(CatalogTables, lambda tables: tables.products)
    plans = OnStage(CatalogTables, lambda tables: tables.plans)
    prices = OnStage(CatalogTables, lambda tables: tables.prices)
    coupons = OnStage(CatalogTables, lambda tables: tables.coupons)
    redemptions = OnStage(CatalogTables, lambda tables: tables.redemptions)
    meters = OnStage(CatalogTables, lambda tables: tables.meters)
    metered_prices = OnStage(CatalogTables, lambda tables: tables.metered_prices)


class MemoryProducts:
    """The `Products` port. Whoever writes is alone."""

    def __init__(self, *, stage: CatalogStage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.products
        self._track = track

    async def add(self, product: Product) -> None:
        """Keeps a new product. Raises SlugTaken, CodeTaken."""
        if self._rows.has("slug", product.slug):
            raise SlugTaken(slug=product.slug)
        if self._rows.has("code", product.code):
            raise CodeTaken(taken=product.code)
        self._rows.put(product)
        self._track(product)

    async def ensure(self, product: Product) -> bool:
        """Keeps a product unless it is there."""
        rows = self._rows
        if rows.get(product.id) or rows.has("slug", product.slug) or rows.has("code", product.code):
            return False
        rows.put(product)
        self._track(product)
        return True

    async def save(self, product: Product) -> None:
        """Writes a product, unless it is stale."""
        stored = self._rows.get(product.id)
        if stored is None or stored.version != product.version:
            raise StaleAggregate(id=str(product.id))
        product.version += 1
        self._rows.put(replace(product, slug=stored.slug, code=stored.code))
        self._track(product)

    async def find(self, id: UUID) -> Product | None:
        """The product by id."""
        return self._rows.get(id)

    async def find_named(self, *, slug: str, code: str) -> Product | None:
        """The product by slug or code."""
        return self._rows.one_under("slug", slug) or self._rows.one_under("code", code)

    async def page(
        self, wanted: ProductFilter, *, limit: int, after: UUID | None = None
    ) -> Sequence[Product]:
        """Those that are wanted, the oldest first."""
        found = [row for row in self._rows.where(_is_wanted(wanted)) if after is None or row.id > after]
        kept = (self._rows.get(row.id) for row in sorted(found, key=lambda row: row.id)[:limit])
        return [row for row in kept if row is not None]


def _is_wanted(wanted: ProductFilter) -> Callable[[Product], bool]:
    def matches(row: Product) -> bool:
        text = searched(row.name, row.code, row.slug, row.description) if wanted.words else ""
        return (
            (not wanted.on_sale or row.is_on_sale)
            and (wanted.status is None or row.status is wanted.status)
            and (wanted.provider_id is None or row.provider_id == wanted.provider_id)
            and (wanted.slug is None or row.slug == wanted.slug)
            and (wanted.code is None or row.code == wanted.code)
            and all(word in text for word in wanted.words)
        )

    return matches


class MemoryPlans:
    """The `Plans` port. Prices lie apart, so that those that are over stay."""

    def __init__(self, *, stage: CatalogStage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.plans
        self._prices = stage.prices
        self._products = stage.products
        self._track = track

    async def add(self, plan: Plan) -> None:
        """Keeps a new plan. Raises SlugTaken, CodeTaken."""
        if self._rows.has("slug", plan.slug):
            raise SlugTaken(slug=plan.slug)
        if any(other.product_id == plan.product_id for other in self._rows.under("code", plan.code)):
            raise CodeTaken(taken=plan.code)
        self._put(plan)
        self._put_prices(plan)

    async def save(self, plan: Plan) -> None:
        """Writes a plan, unless it is stale."""
        stored = self._rows.get(plan.id)
        if stored is None or stored.version != plan.version:
            raise StaleAggregate(id=str(plan.id))
        plan.version += 1
        self._put(replace(plan, slug=stored.slug, code=stored.code))
        self._track(plan)

    async def save_prices(self, plan: Plan) -> None:
        """Writes a plan with its prices, unless it is stale."""
        await self.save(plan)
        self._put_prices(plan)

    async def find(self, id: UUID, *, at: datetime) -> Offering | None:
        """The plan by id, with its product."""
        row = self._rows.get(id)
        return None if row is None else self._offering(row, at)

    async def find_named(
        self, *, slug: str, code: str, product_id: UUID | None, at: datetime
    ) -> Sequence[Offering]:
        """The plan by slug, or those that have the code."""
        for index, name in (("slug", slug), ("code", code)):
            rows = [row for row in self._rows.under(index, name) if product_id in (None, row.product_id)]
            if rows:
                return [self._offering(row, at) for row in sorted(rows, key=lambda row: row.id)[:2]]
        return []

    async def page(
        self, wanted: PlanFilter, *, at: datetime, limit: int, after: tuple[int, UUID] | None = None
    ) -> Sequence[Offering]:
        """Those that are wanted, by sort order and id."""
        every = sorted(self._rows.where(lambda _row: True), key=lambda row: (row.sort_order, row.id))
        offerings = (
            self._offering(row, at) for row in every if after is None or (row.sort_order, row.id) > after
        )
        return [offering for offering in offerings if _is_plan_wanted(wanted, offering, at)][:limit]

    async def count(self, product_id: UUID) -> int:
        """How many plans of a product are not archived."""
        return sum(row.archived_at is None for row in self._rows.under("product", product_id))

    async def price(self, price_id: UUID) -> Price | None:
        """A price by id."""
        row = self._prices.get(price_id)
        return None if row is None else row[1]

    async def prices(self, plan_id: UUID, *, limit: int) -> Sequence[Price]:
        """All prices of a plan, those of the latest beginning first."""
        found = [price for _, price in self._prices.under("plan", plan_id)]
        return sorted(found, key=lambda price: (price.valid_from, price.id), reverse=True)[:limit]

    def _put(self, plan: Plan) -> None:
        self._rows.put(plan)
        self._track(plan)

    def _put_prices(self, plan: Plan) -> None:
        for price in plan.prices:
            self._prices.put((plan.id, price))

    def _offering(self, row: Plan, at: datetime) -> Offering:
        product = self._products.get(row.product_id)
        assert product is not None, "a plan's product is never removed"
        prices = sorted(
            (price for _, price in self._prices.under("plan", row.id)),
            key=lambda price: (price.valid_from, price.id),
        )
        present = tuple(p for p in prices if p.valid_until is None or p.valid_until > at)
        return Offering(plan=replace(row, prices=present), product=product)


def _is_plan_wanted(wanted: PlanFilter, offering: Offering, at: datetime) -> bool:
    plan, product = offering.plan, offering.product
    text = searched(plan.name, plan.code, plan.slug, plan.description) if wanted.words else ""
    currencies = {price.currency.code for price in plan.prices_at(at)}
    return (
        (not wanted.on_sale or offering.is_on_sale)
        and (wanted.product_id is None or plan.product_id == wanted.product_id)
        and (wanted.provider_id is None or product.provider_id == wanted.provider_id)
        and (wanted.cycle is None or plan.cycle.name is wanted.cycle)
        and (wanted.is_popular is None or plan.is_popular is wanted.is_popular)
        and (wanted.currency is None or wanted.currency in currencies)
        and all(word in text for word in wanted.words)
    )
