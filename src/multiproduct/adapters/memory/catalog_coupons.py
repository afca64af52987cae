"""Coupons, meters and what usage costs, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.catalog import CatalogStage
from multiproduct.domain.catalog import CodeTaken, Coupon, Meter, MeteredPrice, Redemption
from multiproduct.domain.shared import Aggregate, StaleAggregate


class MemoryCoupons:
    """The `Coupons` port. Whoever writes is alone."""

    def __init__(self, *, stage: CatalogStage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.coupons
        self._redemptions = stage.redemptions
        self._track = track

    async def add(self, coupon: Coupon) -> None:
        """Keeps a new coupon. Raises CodeTaken."""
        if self._rows.has("code", coupon.code):
            raise CodeTaken(taken=coupon.code)
        self._rows.put(coupon)
        self._track(coupon)

    async def save(self, coupon: Coupon) -> None:
        """Writes a coupon, unless it is stale."""
        stored = self._rows.get(coupon.id)
        if stored is None or stored.version != coupon.version:
            raise StaleAggregate(id=str(coupon.id))
        coupon.version += 1
        self._rows.put(replace(coupon, code=stored.code, redeemed=stored.redeemed))
        self._track(coupon)

    async def find(self, id: UUID) -> Coupon | None:
        """The coupon by id."""
        return self._rows.get(id)

    async def find_codes(self, codes: Sequence[str]) -> Sequence[Coupon]:
        """The coupons that have one of the codes, by code."""
        found = (self._rows.one_under("code", code) for code in sorted(set(codes)))
        return [coupon for coupon in found if coupon is not None]

    async def page(self, *, limit: int, after: UUID | None = None) -> Sequence[Coupon]:
        """All coupons, the newest first."""
        ids = sorted(
            (row.id for row in self._rows.where(lambda row: after is None or row.id < after)),
            reverse=True,
        )
        kept = (self._rows.get(coupon_id) for coupon_id in ids[:limit])
        return [row for row in kept if row is not None]

    async def redeem(self, redemption: Redemption) -> bool:
        """Redeems a coupon if it may be."""
        coupon = self._rows.get(redemption.coupon_id)
        at = redemption.redeemed_at
        if coupon is None or not coupon.is_active or coupon.archived_at is not None:
            return False
        used = len(self._redemptions.under("person", (coupon.id, redemption.person_id)))
        if (
            (coupon.starts_at is not None and at < coupon.starts_at)
            or (coupon.ends_at is not None and at >= coupon.ends_at)
            or (coupon.max_redemptions is not None and coupon.redeemed >= coupon.max_redemptions)
            or (coupon.max_per_person is not None and used >= coupon.max_per_person)
            or self._redemptions.get((coupon.id, redemption.subject_id)) is not None
        ):
            return False
        coupon.redeemed += 1
        self._rows.put(coupon)
        self._redemptions.put(redemption)
        return True

    async def redemptions(self, subject_id: UUID) -> Sequence[Redemption]:
        """What was redeemed for a subject, by the coupons' codes."""
        return sorted(self._redemptions.under("subject", subject_id), key=lambda row: row.code)

    async def give_back(self, redemption: Redemption) -> bool:
        """Undoes a redemption, once."""
        coupon = self._rows.get(redemption.coupon_id)
        if coupon is None or not self._redemptions.remove((coupon.id, redemption.subject_id)):
            return False
        coupon.redeemed -= 1
        self._rows.put(coupon)
        return True


class MemoryMeters:
    """The `Meters` port."""

    def __init__(self, *, stage: CatalogStage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.meters
        self._track = track

    async def add(self, meter: Meter) -> None:
        """Keeps a new meter. Raises CodeTaken."""
        if await self.find_code(meter.product_id, meter.code) is not None:
            raise CodeTaken(taken=meter.code)
        self._rows.put(meter)
        self._track(meter)

    async def save(self, meter: Meter) -> None:
        """Writes a meter, unless it is stale."""
        stored = self._rows.get(meter.id)
        if stored is None or stored.version != meter.version:
            raise StaleAggregate(id=str(meter.id))
        meter.version += 1
        self._rows.put(
            replace(
                stored,
                version=meter.version,
                name=meter.name,
                unit=meter.unit,
                archived_at=meter.archived_at,
                updated_at=meter.updated_at,
            )
        )
        self._track(meter)

    async def find(self, id: UUID) -> Meter | None:
        """The meter by id."""
        return self._rows.get(id)

    async def find_code(self, product_id: UUID, code: str) -> Meter | None:
        """A product's meter by code."""
        found = self._rows.under("product", product_id)
        return next((row for row in found if row.code == code), None)

    async def of_product(self, product_id: UUID, *, limit: int) -> Sequence[Meter]:
        """A product's meters, by code."""
        return sorted(self._rows.under("product", product_id), key=lambda row: row.code)[:limit]


class MemoryMeteredPrices:
    """The `MeteredPrices` port."""

    def __init__(self, *, stage: CatalogStage) -> None:
        self._rows = stage.metered_prices

    async def put(self, price: MeteredPrice) -> None:
        """Keeps a new metered price in the place of those before."""
        for row in self._rows.under("plan", price.plan_id):
            is_same = (row.meter_id, row.tariff.currency) == (price.meter_id, price.tariff.currency)
            if is_same and (row.valid_until is None or row.valid_until > price.valid_from):
                self._rows.put(replace(row, valid_until=max(row.valid_from, price.valid_from)))
        self._rows.put(price)

    async def find(self, id: UUID) -> MeteredPrice | None:
        """The metered price by id."""
        return self._rows.get(id)

    async def of_plan(
        self, plan_id: UUID, *, at: datetime, currency: str | None = None
    ) -> Sequence[MeteredPrice]:
        """Those of a plan that hold at the instant."""
        found = [
            row
            for row in self._rows.under("plan", plan_id)
            if row.holds(at) and currency in (None, row.tariff.currency.code)
        ]
        return sorted(found, key=lambda row: (row.meter_id, row.tariff.currency.code))
