"""Meters in a table, and what usage costs."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, case, insert, or_, select, update

from multiproduct.adapters.sql.catalog_rows import (
    meter_of,
    meter_row,
    metered_price_of,
    metered_price_row,
)
from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.tables.catalog import metered_prices, meters
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.catalog import CodeTaken, Meter, MeteredPrice
from multiproduct.domain.shared import Aggregate, StaleAggregate

_m, _u = meters.c, metered_prices.c

_ADD = in_each_dialect(lambda inserting: inserting(meters).on_conflict_do_nothing())
_SAVE = (  # pk_meters
    update(meters)
    .where(_m.id == bindparam("of_id"), _m.version == bindparam("of_version"))
    .values(
        {name: bindparam(f"new_{name}") for name in ("version", "name", "unit", "archived_at", "updated_at")}
    )
)
_FIND = select(meters).where(_m.id == bindparam("of_id"))  # pk_meters
_FIND_CODE = select(meters).where(  # uq_meters_product_id_code
    _m.product_id == bindparam("of_product"), _m.code == bindparam("of_code")
)
_OF_PRODUCT = (  # uq_meters_product_id_code
    select(meters).where(_m.product_id == bindparam("of_product")).order_by(_m.code).limit(bindparam("most"))
)
_END = (  # uq_metered_prices_open, ix_metered_prices_plan_id_valid_from
    update(metered_prices)
    .where(
        _u.plan_id == bindparam("of_plan"),
        _u.meter_id == bindparam("of_meter"),
        _u.currency == bindparam("of_currency"),
        or_(_u.valid_until.is_(None), _u.valid_until > bindparam("at")),
    )
    .values(
        valid_until=case(
            (_u.valid_from > bindparam("at"), _u.valid_from),
            else_=bindparam("at", type_=_u.valid_until.type),
        )
    )
)
_ADD_PRICE = insert(metered_prices)
_FIND_PRICE = select(metered_prices).where(_u.id == bindparam("of_id"))  # pk_metered_prices
_OF_PLAN = (  # ix_metered_prices_plan_id_valid_from
    select(metered_prices)
    .where(
        _u.plan_id == bindparam("of_plan"),
        _u.valid_from <= bindparam("at"),
        or_(_u.valid_until.is_(None), _u.valid_until > bindparam("at")),
    )
    .order_by(_u.meter_id, _u.currency)
)
_OF_PLAN_IN = _OF_PLAN.where(_u.currency == bindparam("of_currency"))


class SqlMeters:
    """The `Meters` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, meter: Meter) -> None:
        """Keeps a new meter, unless its code is taken."""
        added = await self._lane.run(_ADD[self._lane.dialect], meter_row(meter))
        if added.rowcount != 1:
            raise CodeTaken(taken=meter.code)
        self._track(meter)

    async def save(self, meter: Meter) -> None:
        """Writes a meter, unless it is stale."""
        saved = await self._lane.run(
            _SAVE,
            {
                "of_id": meter.id,
                "of_version": meter.version,
                "new_version": meter.version + 1,
                "new_name": meter.name,
                "new_unit": meter.unit,
                "new_archived_at": meter.archived_at,
                "new_updated_at": meter.updated_at,
            },
        )
        if saved.rowcount != 1:
            raise StaleAggregate(id=str(meter.id))
        meter.version += 1
        self._track(meter)

    async def find(self, id: UUID) -> Meter | None:
        """The meter by id."""
        row = (await self._lane.run(_FIND, {"of_id": id})).first()
        return None if row is None else meter_of(row)

    async def find_code(self, product_id: UUID, code: str) -> Meter | None:
        """A product's meter by code."""
        row = (await self._lane.run(_FIND_CODE, {"of_product": product_id, "of_code": code})).first()
        return None if row is None else meter_of(row)

    async def of_product(self, product_id: UUID, *, limit: int) -> Sequence[Meter]:
        """A product's meters, by code."""
        found = await self._lane.run(_OF_PRODUCT, {"of_product": product_id, "most": limit})
        return [meter_of(row) for row in found]


class SqlMeteredPrices:
    """The `MeteredPrices` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def put(self, price: MeteredPrice) -> None:
        """Keeps a new metered price in the place of those before. Whoever does so holds the plan's row."""
        await self._lane.run(
            _END,
            {
                "of_plan": price.plan_id,
                "of_meter": price.meter_id,
                "of_currency": price.tariff.currency.code,
                "at": price.valid_from,
            },
        )
        await self._lane.run(_ADD_PRICE, metered_price_row(price))

    async def find(self, id: UUID) -> MeteredPrice | None:
        """The metered price by id."""
        row = (await self._lane.run(_FIND_PRICE, {"of_id": id})).first()
        return None if row is None else metered_price_of(row)

    async def of_plan(
        self, plan_id: UUID, *, at: datetime, currency: str | None = None
    ) -> Sequence[MeteredPrice]:
        """Those of a plan that hold at the instant."""
        if currency is None:
            found = await self._lane.run(_OF_PLAN, {"of_plan": plan_id, "at": at})
        else:
            found = await self._lane.run(_OF_PLAN_IN, {"of_plan": plan_id, "at": at, "of_currency": currency})
        return [metered_price_of(row) for row in found]
