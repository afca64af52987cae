"""Products and plans in tables."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    Select,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from multiproduct.adapters.sql.catalog_rows import (
    plan_of,
    plan_row,
    price_of,
    price_row,
    product_of,
    product_row,
)
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.catalog import plan_prices, plans, products
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.catalog.ports import PlanFilter, ProductFilter
from multiproduct.domain.catalog import CodeTaken, Offering, Plan, Price, Product, ProductStatus, SlugTaken
from multiproduct.domain.shared import Aggregate, StaleAggregate

_p, _l, _m = products.c, plans.c, plan_prices.c
_NEVER_WRITTEN_AGAIN = frozenset({"id", "slug", "code", "product_id", "provider_id", "created_at"})
_OF_PRODUCT = "product__"


def _save_of(table: Any) -> Executable:
    changing = [column.name for column in table.c if column.name not in _NEVER_WRITTEN_AGAIN]
    return (
        update(table)
        .where(table.c.id == bindparam("of_id"), table.c.version == bindparam("of_version"))
        .values({name: bindparam(f"new_{name}") for name in changing})
    )


_ADD_PRODUCT = in_each_dialect(lambda inserting: inserting(products).on_conflict_do_nothing())
_SAVE_PRODUCT = _save_of(products)  # pk_products
_FIND_PRODUCT = select(products).where(_p.id == bindparam("of_id"))  # pk_products
_FIND_PRODUCT_NAMED = (  # uq_products_slug, uq_products_code
    select(products)
    .where(or_(_p.slug == bindparam("of_slug"), _p.code == bindparam("of_code")))
    .order_by((_p.slug == bindparam("of_slug")).desc())
    .limit(1)
)
_HAS_PRODUCT_SLUG = select(exists().where(_p.slug == bindparam("of_slug")))  # uq_products_slug

_ADD_PLAN = in_each_dialect(lambda inserting: inserting(plans).on_conflict_do_nothing())
_SAVE_PLAN = _save_of(plans)  # pk_plans
_HAS_PLAN_SLUG = select(exists().where(_l.slug == bindparam("of_slug")))  # uq_plans_slug
_OFFERINGS = select(plans, *(column.label(f"{_OF_PRODUCT}{column.name}") for column in _p)).join_from(
    plans, products, _l.product_id == _p.id
)
_FIND_OFFERING = _OFFERINGS.where(_l.id == bindparam("of_id"))  # pk_plans, pk_products
_FIND_OFFERING_NAMED = (  # uq_plans_slug, ix_plans_code: one by the slug, and two by the code
    _OFFERINGS.where(or_(_l.slug == bindparam("of_slug"), _l.code == bindparam("of_code")))
    .order_by((_l.slug == bindparam("of_slug")).desc(), _l.id)
    .limit(3)
)
_FIND_OFFERING_OF_PRODUCT = _FIND_OFFERING_NAMED.where(  # uq_plans_slug, uq_plans_product_id_code
    _l.product_id == bindparam("of_product")
)
_COUNT_PLANS = select(func.count()).where(  # ix_plans_product_id_sort_order_id
    _l.product_id == bindparam("of_product"), _l.archived_at.is_(None)
)
_ADD_PRICE = insert(plan_prices)
_END_PRICE = (  # pk_plan_prices
    update(plan_prices).where(_m.id == bindparam("of_id")).values(valid_until=bindparam("new_end"))
)
_KNOWN_PRICES = select(_m.id, _m.valid_until).where(  # pk_plan_prices
    _m.id.in_(bindparam("of_ids", expanding=True))
)
_PRESENT_PRICES = (  # ix_plan_prices_plan_id_valid_from
    select(plan_prices)
    .where(
        _m.plan_id.in_(bindparam("of_plans", expanding=True)),
        or_(_m.valid_until.is_(None), _m.valid_until > bindparam("at")),
    )
    .order_by(_m.plan_id, _m.valid_from, _m.id)
)
_FIND_PRICE = select(plan_prices).where(_m.id == bindparam("of_id"))  # pk_plan_prices
_ALL_PRICES = (  # ix_plan_prices_plan_id_valid_from
    select(plan_prices)
    .where(_m.plan_id == bindparam("of_plan"))
    .order_by(_m.valid_from.desc(), _m.id.desc())
    .limit(bindparam("most"))
)


def changed_row(aggregate: Aggregate, row: dict[str, Any]) -> dict[str, Any]:
    """What a statement made by `_save_of` is bound to, for an aggregate with this row."""
    values = {f"new_{name}": value for name, value in row.items() if name not in _NEVER_WRITTEN_AGAIN}
    return values | {
        "of_id": row["id"],
        "of_version": aggregate.version,
        "new_version": aggregate.version + 1,
    }


class SqlProducts:
    """The `Products` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, product: Product) -> None:
        """Keeps a new product, unless its slug or code is taken."""
        if await self.ensure(product):
            return
        taken = await self._lane.run(_HAS_PRODUCT_SLUG, {"of_slug": product.slug})
        raise SlugTaken(slug=product.slug) if taken.scalar() else CodeTaken(taken=product.code)

    async def ensure(self, product: Product) -> bool:
        """Keeps a product unless it is there."""
        added = await self._lane.run(_ADD_PRODUCT[self._lane.dialect], product_row(product))
        if added.rowcount != 1:
            return False
        self._track(product)
        return True

    async def save(self, product: Product) -> None:
        """Writes a product, unless it is stale."""
        saved = await self._lane.run(_SAVE_PRODUCT, changed_row(product, product_row(product)))
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(product.id))
        product.version += 1
        self._track(product)

    async def find(self, id: UUID) -> Product | None:
        """The product by id."""
        row = (await self._lane.run(_FIND_PRODUCT, {"of_id": id})).first()
        return None if row is None else product_of(row)

    async def find_named(self, *, slug: str, code: str) -> Product | None:
        """The product by slug or code."""
        found = await self._lane.run(_FIND_PRODUCT_NAMED, {"of_slug": slug, "of_code": code})
        row = found.first()
        return None if row is None else product_of(row)

    async def page(
        self, wanted: ProductFilter, *, limit: int, after: UUID | None = None
    ) -> Sequence[Product]:
        """Those that are wanted, the oldest first."""
        found = await self._lane.run(products_statement(wanted, limit=limit, after=after))
        return [product_of(row) for row in found]


def products_statement(wanted: ProductFilter, *, limit: int, after: UUID | None) -> Select[Any]:
    """The one statement of a page: it follows ix_products_status_id, ix_products_provider_id or pk_products,
    and looks at each row's text where words are wanted."""
    statement = select(products).where(*_of_products(wanted)).order_by(_p.id).limit(limit)
    return statement if after is None else statement.where(_p.id > after)


def _of_products(wanted: ProductFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.on_sale:
        yield _p.status == ProductStatus.PUBLISHED.value
        yield _p.is_active
    if wanted.status is not None:
        yield _p.status == wanted.status.value
    if wanted.provider_id is not None:
        yield _p.provider_id == wanted.provider_id
    if wanted.slug is not None:
        yield _p.slug == wanted.slug
    if wanted.code is not None:
        yield _p.code == wanted.code
    for word in wanted.words:
        yield _p.searched.contains(word, autoescape=True)


class SqlPlans:
    """The `Plans` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, plan: Plan) -> None:
        """Keeps a new plan, unless its slug or code is taken, and its prices."""
        added = await self._lane.run(_ADD_PLAN[self._lane.dialect], plan_row(plan))
        if added.rowcount != 1:
            taken = await self._lane.run(_HAS_PLAN_SLUG, {"of_slug": plan.slug})
            raise SlugTaken(slug=plan.slug) if taken.scalar() else CodeTaken(taken=plan.code)
        if plan.prices:
            await self._lane.run(_ADD_PRICE, [price_row(price, plan.id) for price in plan.prices])
        self._track(plan)

    async def save(self, plan: Plan) -> None:
        """Writes a plan, unless it is stale."""
        saved = await self._lane.run(_SAVE_PLAN, changed_row(plan, plan_row(plan)))
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(plan.id))
        plan.version += 1
        self._track(plan)

    async def save_prices(self, plan: Plan) -> None:
        """Writes a plan, its new prices, and when the others end. Nobody else does so at the same time, as
        the plan's row is held by then."""
        await self.save(plan)
        found = await self._lane.run(_KNOWN_PRICES, {"of_ids": [price.id for price in plan.prices]})
        known = {row.id: row.valid_until for row in found}
        ended = [p for p in plan.prices if p.id in known and p.valid_until != known[p.id]]
        new = [price for price in plan.prices if price.id not in known]
        if ended:
            await self._lane.run(_END_PRICE, [{"of_id": p.id, "new_end": p.valid_until} for p in ended])
        if new:
            await self._lane.run(_ADD_PRICE, [price_row(price, plan.id) for price in new])

    async def find(self, id: UUID, *, at: datetime) -> Offering | None:
        """The plan by id, with its product."""
        found = await self._with_prices((await self._lane.run(_FIND_OFFERING, {"of_id": id})).all(), at)
        return found[0] if found else None

    async def find_named(
        self, *, slug: str, code: str, product_id: UUID | None, at: datetime
    ) -> Sequence[Offering]:
        """The plan by slug, or those that have the code."""
        named: dict[str, Any] = {"of_slug": slug, "of_code": code}
        if product_id is None:
            found = await self._lane.run(_FIND_OFFERING_NAMED, named)
        else:
            found = await self._lane.run(_FIND_OFFERING_OF_PRODUCT, {**named, "of_product": product_id})
        rows = found.all()
        return await self._with_prices([row for row in rows if row.slug == slug] or rows[:2], at)

    async def page(
        self, wanted: PlanFilter, *, at: datetime, limit: int, after: tuple[int, UUID] | None = None
    ) -> Sequence[Offering]:
        """Those that are wanted, by sort order and id."""
        found = await self._lane.run(plans_statement(wanted, limit=limit, after=after), {"at": at})
        return await self._with_prices(found.all(), at)

    async def count(self, product_id: UUID) -> int:
        """How many plans of a product are not archived."""
        return int((await self._lane.run(_COUNT_PLANS, {"of_product": product_id})).scalar_one())

    async def price(self, price_id: UUID) -> Price | None:
        """A price by id."""
        row = (await self._lane.run(_FIND_PRICE, {"of_id": price_id})).first()
        return None if row is None else price_of(row)

    async def prices(self, plan_id: UUID, *, limit: int) -> Sequence[Price]:
        """All prices of a plan, those of the latest beginning first."""
        found = await self._lane.run(_ALL_PRICES, {"of_plan": plan_id, "most": limit})
        return [price_of(row) for row in found]

    async def _with_prices(self, rows: Sequence[Row[Any]], at: datetime) -> list[Offering]:
        if not rows:
            return []
        priced: dict[UUID, list[Price]] = {row.id: [] for row in rows}
        for row in await self._lane.run(_PRESENT_PRICES, {"of_plans": list(priced), "at": at}):
            priced[row.plan_id].append(price_of(row))
        return [
            Offering(plan=plan_of(row, tuple(priced[row.id])), product=product_of(row, _OF_PRODUCT))
            for row in rows
        ]


def plans_statement(wanted: PlanFilter, *, limit: int, after: tuple[int, UUID] | None) -> Select[Any]:
    """The one statement of a page; `at` is left to be bound. It follows ix_plans_sort_order_id, within a
    product ix_plans_product_id_sort_order_id."""
    statement = _OFFERINGS.where(*_of_plans(wanted)).order_by(_l.sort_order, _l.id).limit(limit)
    if after is None:
        return statement
    place = tuple_(
        bindparam("after_order", after[0], type_=_l.sort_order.type),
        bindparam("after_id", after[1], type_=_l.id.type),
    )
    return statement.where(tuple_(_l.sort_order, _l.id) > place)


def _of_plans(wanted: PlanFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.on_sale:
        yield _l.is_active
        yield _l.archived_at.is_(None)
        yield _p.status == ProductStatus.PUBLISHED.value
        yield _p.is_active
    if wanted.product_id is not None:
        yield _l.product_id == wanted.product_id
    if wanted.provider_id is not None:
        yield _p.provider_id == wanted.provider_id
    if wanted.cycle is not None:
        yield _l.cycle == wanted.cycle.value
    if wanted.is_popular is not None:
        yield _l.is_popular.is_(wanted.is_popular)
    if wanted.currency is not None:
        yield exists().where(  # ix_plan_prices_plan_id_valid_from
            _m.plan_id == _l.id,
            _m.currency == wanted.currency,
            _m.valid_from <= bindparam("at"),
            or_(_m.valid_until.is_(None), _m.valid_until > bindparam("at")),
        )
    for word in wanted.words:
        yield _l.searched.contains(word, autoescape=True)
