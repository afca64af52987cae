"""What every store of coupons, meters and metered prices must do."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import DAY, HOUR, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.catalog import keep_plans, keep_products
from multiproduct.adapters.contracts.catalog_builders import (
    TWD,
    USD,
    a_coupon,
    a_meter,
    a_metered_price,
    a_plan,
    a_product,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.catalog import Aggregation, CodeTaken, Coupon, Redemption
from multiproduct.domain.shared import StaleAggregate

_INSTANT = timedelta(microseconds=1)


async def _keep(units: Units[StoreUnit], *coupons: Coupon) -> None:
    for coupon in coupons:
        await in_one_unit(units, lambda unit, coupon=coupon: unit.coupons.add(coupon))  # type: ignore[misc]


async def _found(units: Units[StoreUnit], coupon: Coupon) -> Coupon:
    found = await in_view(units, lambda unit: unit.coupons.find(coupon.id))
    assert found is not None
    return found


def _use(
    coupon: Coupon, *, person: UUID | None = None, subject: UUID | None = None, at: datetime = NOW
) -> Redemption:
    return Redemption(
        coupon_id=coupon.id,
        code=coupon.code,
        person_id=person or a_user_id(),
        subject_id=subject or a_uuid(),
        redeemed_at=at,
    )


class CouponsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        coupon = replace(
            a_coupon(USD=500, KWD=10**12),
            name=UNUSUAL_TEXT,
            product_ids=frozenset({a_uuid(), a_uuid()}),
            plan_ids=frozenset({a_uuid()}),
            max_redemptions=2_000_000,
            max_per_person=3,
            starts_at=NOW - _INSTANT,
            ends_at=NOW + _INSTANT,
            is_stackable=True,
            is_active=False,
            archived_at=NOW,
        )
        percent = a_coupon("12.34")
        await _keep(units, coupon, percent)
        assert await _found(units, coupon) == coupon
        assert await _found(units, percent) == percent
        codes = [percent.code, coupon.code, "NONE"]
        found = await in_view(units, lambda unit: unit.coupons.find_codes(codes))
        assert list(found) == sorted((coupon, percent), key=lambda each: each.code)
        assert await in_view(units, lambda unit: unit.coupons.find_codes([])) == []

    async def test_a_code_has_one_coupon_and_the_unit_goes_on(self, units: Units[StoreUnit]) -> None:
        kept, other = a_coupon(), a_coupon()
        await _keep(units, kept)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(CodeTaken):
                await unit.coupons.add(replace(a_coupon(), code=kept.code))
            await unit.coupons.add(other)
            await unit.commit()
        page = await in_view(units, lambda unit: unit.coupons.page(limit=1))
        rest = await in_view(units, lambda unit: unit.coupons.page(limit=5, after=page[0].id))
        assert {each.id for each in (*page, *rest)} == {kept.id, other.id}
        assert page[0].id > rest[0].id

    async def test_saving_a_coupon_leaves_its_count_alone(self, units: Units[StoreUnit]) -> None:
        coupon = a_coupon()
        await _keep(units, coupon)
        assert await in_one_unit(units, lambda unit: unit.coupons.redeem(_use(coupon)))
        coupon.change({"name": "Another"}, now=NOW)
        await in_one_unit(units, lambda unit: unit.coupons.save(coupon))
        kept = await _found(units, coupon)
        assert (kept.name, kept.redeemed, kept.version) == ("Another", 1, 1)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(StaleAggregate):
                await unit.coupons.save(replace(kept, version=0))

    async def test_a_coupon_counts_from_its_beginning_until_before_its_end(
        self, units: Units[StoreUnit]
    ) -> None:
        coupon = replace(a_coupon(), starts_at=NOW, ends_at=NOW + HOUR)
        off, archived = replace(a_coupon(), is_active=False), replace(a_coupon(), archived_at=NOW)
        await _keep(units, coupon, off, archived)
        tries = [
            _use(coupon, at=NOW - _INSTANT),
            _use(coupon, at=NOW),
            _use(coupon, at=NOW + HOUR - _INSTANT),
            _use(coupon, at=NOW + HOUR),
            _use(off),
            _use(archived),
            _use(a_coupon()),
        ]
        assert await in_one_unit(units, lambda unit: _each(unit, tries)) == [
            False,
            True,
            True,
            False,
            False,
            False,
            False,
        ]

    async def test_a_subject_redeems_a_coupon_once_and_gives_it_back_once(
        self, units: Units[StoreUnit]
    ) -> None:
        coupon = replace(a_coupon(), max_redemptions=1)
        await _keep(units, coupon)
        use = _use(coupon)
        assert await in_one_unit(units, lambda unit: _each(unit, [use, use])) == [True, False]
        assert await in_view(units, lambda unit: unit.coupons.redemptions(use.subject_id)) == [use]
        assert await in_one_unit(units, lambda unit: unit.coupons.give_back(use))
        assert not await in_one_unit(units, lambda unit: unit.coupons.give_back(use))
        assert (await _found(units, coupon)).redeemed == 0
        assert await in_view(units, lambda unit: unit.coupons.redemptions(use.subject_id)) == []
        assert await in_one_unit(units, lambda unit: unit.coupons.redeem(_use(coupon)))

    async def test_rivals_never_redeem_more_than_there_are(self, units: Units[StoreUnit]) -> None:
        coupon = replace(a_coupon(), max_redemptions=5)
        await _keep(units, coupon)

        async def redeem(unit: StoreUnit) -> bool:
            redeemed = await unit.coupons.redeem(_use(coupon))
            await unit.commit()
            return redeemed

        assert sum(await race(units, 20, redeem)) == 5
        assert (await _found(units, coupon)).redeemed == 5

    async def test_one_person_in_many_places_never_redeems_more_than_they_may(
        self, units: Units[StoreUnit]
    ) -> None:
        coupon = replace(a_coupon(), max_per_person=2)
        await _keep(units, coupon)
        person = a_user_id()

        async def redeem(unit: StoreUnit) -> bool:
            redeemed = await unit.coupons.redeem(_use(coupon, person=person))
            await unit.commit()
            return redeemed

        assert sum(await race(units, 20, redeem)) == 2
        assert (await _found(units, coupon)).redeemed == 2
        assert await in_one_unit(units, lambda unit: unit.coupons.redeem(_use(coupon)))


async def _each(unit: StoreUnit, redemptions: list[Redemption]) -> list[bool]:
    return [await unit.coupons.redeem(each) for each in redemptions]


class MetersContract:
    """Needs the same."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        meter = replace(
            a_meter(product),
            name=UNUSUAL_TEXT,
            unit=UNUSUAL_TEXT,
            aggregation=Aggregation.UNIQUE_COUNT,
            archived_at=NOW,
        )
        await keep_products(units, product)
        await in_one_unit(units, lambda unit: unit.meters.add(meter))
        async with units.view(ANYBODY) as view:
            assert await view.meters.find(meter.id) == meter
            assert await view.meters.find_code(product.id, meter.code) == meter
            assert await view.meters.find_code(a_uuid(), meter.code) is None
            assert await view.meters.of_product(product.id, limit=5) == [meter]
            assert await view.meters.of_product(product.id, limit=0) == []

    async def test_a_code_is_taken_within_its_product(self, units: Units[StoreUnit]) -> None:
        crm, analytics = a_product(), a_product()
        meter = a_meter(crm)
        await keep_products(units, crm, analytics)
        await in_one_unit(units, lambda unit: unit.meters.add(meter))
        async with units.open(ANYBODY) as unit:
            with pytest.raises(CodeTaken):
                await unit.meters.add(replace(a_meter(crm), code=meter.code))
            await unit.meters.add(replace(a_meter(analytics), code=meter.code))
            await unit.commit()

    async def test_a_stale_save_is_refused(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        meter = a_meter(product)
        await keep_products(units, product)
        await in_one_unit(units, lambda unit: unit.meters.add(meter))
        stale = replace(meter)
        meter.change({"name": "Another", "unit": "GB"}, now=NOW)
        await in_one_unit(units, lambda unit: unit.meters.save(meter))
        async with units.open(ANYBODY) as unit:
            with pytest.raises(StaleAggregate):
                await unit.meters.save(stale)
        assert await in_view(units, lambda unit: unit.meters.find(meter.id)) == meter

    async def test_another_metered_price_ends_the_one_before(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        plan, meter, other_meter = a_plan(product), a_meter(product), a_meter(product)
        await keep_products(units, product)
        await keep_plans(units, plan)
        for each in (meter, other_meter):
            await in_one_unit(units, lambda unit, each=each: unit.meters.add(each))  # type: ignore[misc]
        old = a_metered_price(plan, meter)
        called_off = a_metered_price(plan, meter, valid_from=NOW + DAY)
        new = a_metered_price(plan, meter, valid_from=NOW + HOUR)
        taiwan = a_metered_price(plan, meter, currency=TWD)
        of_other = a_metered_price(plan, other_meter)
        for price in (old, called_off, new, taiwan, of_other):
            await in_one_unit(units, lambda unit, price=price: unit.metered_prices.put(price))  # type: ignore[misc]

        async def held(at: datetime, currency: str | None = None) -> set[UUID]:
            found = await in_view(
                units, lambda unit: unit.metered_prices.of_plan(plan.id, at=at, currency=currency)
            )
            return {price.id for price in found}

        assert await held(NOW) == {old.id, taiwan.id, of_other.id}
        assert await held(NOW, USD.code) == {old.id, of_other.id}
        assert await held(NOW + HOUR) == {new.id, taiwan.id, of_other.id}
        assert await held(NOW + 2 * DAY) == {new.id, taiwan.id, of_other.id}
        kept = await in_view(units, lambda unit: unit.metered_prices.find(old.id))
        assert kept == replace(old, valid_until=NOW + HOUR)
