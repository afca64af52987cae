"""What every store of products, plans and prices must do."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import (
    DAY,
    HOUR,
    NOW,
    UNUSUAL_TEXT,
    a_user_id,
    a_uuid,
)
from multiproduct.adapters.contracts.catalog_builders import TWD, USD, a_plan, a_price, a_product
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.application.caller import ANYBODY
from multiproduct.application.catalog.ports import PlanFilter, ProductFilter
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.catalog import (
    CodeTaken,
    Cycle,
    CycleName,
    CycleUnit,
    Discount,
    Offering,
    Percent,
    Plan,
    Price,
    Product,
    ProductStatus,
    SlugTaken,
)
from multiproduct.domain.catalog.search_text import words_of
from multiproduct.domain.shared import StaleAggregate
from multiproduct.domain.shared.money import Currency, Money

_INSTANT = timedelta(microseconds=1)


async def keep_products(units: Units[StoreUnit], *products: Product) -> None:
    """Keeps them, in their order."""
    for product in products:
        await in_one_unit(units, lambda unit, product=product: unit.products.add(product))  # type: ignore[misc]


async def keep_plans(units: Units[StoreUnit], *plans: Plan) -> None:
    """Keeps them, in their order."""
    for plan in plans:
        await in_one_unit(units, lambda unit, plan=plan: unit.plans.add(plan))  # type: ignore[misc]


async def _product(units: Units[StoreUnit], product_id: UUID) -> Product | None:
    return await in_view(units, lambda unit: unit.products.find(product_id))


async def _products(units: Units[StoreUnit], wanted: ProductFilter) -> list[UUID]:
    found = await in_view(units, lambda unit: unit.products.page(wanted, limit=50))
    return [product.id for product in found]


async def _offering(units: Units[StoreUnit], plan: Plan, at: object = NOW) -> Offering:
    found = await in_view(units, lambda unit: unit.plans.find(plan.id, at=at))  # type: ignore[arg-type]
    assert found is not None
    return found


async def _plans(units: Units[StoreUnit], wanted: PlanFilter) -> list[UUID]:
    found = await in_view(units, lambda unit: unit.plans.page(wanted, at=NOW, limit=50))
    return [offering.plan.id for offering in found]


class ProductsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        product = replace(
            a_product(),
            name=UNUSUAL_TEXT,
            description=UNUSUAL_TEXT,
            base_price=Money(12_345_678_901_234, Currency("KWD")),
            schema={"type": "object", "properties": {UNUSUAL_TEXT: {"enum": [None, 1.5, True, [], {}]}}},
            trial_days=14,
            is_active=False,
            status=ProductStatus.UNPUBLISHED,
            provider_id=a_user_id(),
            published_at=NOW - _INSTANT,
            updated_at=NOW + _INSTANT,
        )
        await keep_products(units, product)
        assert await _product(units, product.id) == product
        named = await in_view(units, lambda unit: unit.products.find_named(slug=product.slug, code="-"))
        assert named == product

    async def test_a_slug_is_looked_at_before_a_code(self, units: Units[StoreUnit]) -> None:
        by_slug, by_code = replace(a_product(), slug="x1"), replace(a_product(), code="X1")
        await keep_products(units, by_code, by_slug)
        async with units.view(ANYBODY) as view:
            found = await view.products.find_named(slug="x1", code="X1")
            assert found is not None
            assert found.id == by_slug.id
            found = await view.products.find_named(slug="x2", code="X1")
            assert found is not None
            assert found.id == by_code.id
            assert await view.products.find_named(slug="x2", code="X2") is None
            assert await view.products.find(a_uuid()) is None

    async def test_slug_and_code_are_each_ones_own_and_the_unit_goes_on(
        self, units: Units[StoreUnit]
    ) -> None:
        kept, other = a_product(), a_product()
        await keep_products(units, kept)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(SlugTaken):
                await unit.products.add(replace(a_product(), slug=kept.slug))
            with pytest.raises(CodeTaken):
                await unit.products.add(replace(a_product(), code=kept.code))
            assert not await unit.products.ensure(replace(a_product(), id=kept.id))
            assert await unit.products.ensure(other)
            await unit.commit()
        assert await _product(units, other.id) == other
        assert await _product(units, kept.id) == kept

    async def test_a_stale_save_is_refused_and_names_stay(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        await keep_products(units, product)
        stale = await _product(units, product.id)
        assert stale is not None
        product.change({"name": "Another"}, now=NOW)
        await in_one_unit(units, lambda unit: unit.products.save(product))
        async with units.open(ANYBODY) as unit:
            for other in (stale, a_product()):
                with pytest.raises(StaleAggregate):
                    await unit.products.save(other)
        kept = await _product(units, product.id)
        assert kept is not None
        assert (kept.name, kept.slug, kept.version) == ("Another", stale.slug, 1)

    async def test_pages_follow_the_order_in_which_products_were_made(self, units: Units[StoreUnit]) -> None:
        products = [a_product() for _ in range(5)]
        products.sort(key=lambda product: product.id)
        await keep_products(units, *reversed(products))
        async with units.view(ANYBODY) as view:
            first = await view.products.page(ProductFilter(), limit=2)
            rest = await view.products.page(ProductFilter(), limit=9, after=first[-1].id)
        assert [each.id for each in (*first, *rest)] == [each.id for each in products]

    async def test_filters_find_what_they_say(self, units: Units[StoreUnit]) -> None:
        on_sale = replace(a_product(), description="Straße 100%_sure")
        draft = replace(a_product(), status=ProductStatus.DRAFT, provider_id=a_user_id())
        inactive = replace(a_product(), is_active=False)
        await keep_products(units, on_sale, draft, inactive)
        expected = {
            ProductFilter(on_sale=True): [on_sale],
            ProductFilter(status=ProductStatus.DRAFT): [draft],
            ProductFilter(provider_id=draft.provider_id): [draft],
            ProductFilter(slug=inactive.slug): [inactive],
            ProductFilter(code=inactive.code): [inactive],
            ProductFilter(words=words_of("STRASSE 100%_S")): [on_sale],
            ProductFilter(words=words_of("strasse crm")): [on_sale],
            ProductFilter(words=words_of("100_sure")): [],
            ProductFilter(words=words_of("stark"), on_sale=True): [on_sale],
        }
        for wanted, products in expected.items():
            assert await _products(units, wanted) == [product.id for product in products], wanted

    async def test_what_happens_to_products_is_of_record(self, units: Units[StoreUnit]) -> None:
        product = replace(a_product(), status=ProductStatus.DRAFT)
        product.created()
        await keep_products(units, product)
        product.change({"trial_days": 7}, now=NOW)
        product.move(ProductStatus.PUBLISHED, now=NOW)
        await in_one_unit(units, lambda unit: unit.products.save(product))
        wanted = AuditFilter(resource_type="product", resource_id=str(product.id))
        entries = await in_view(units, lambda unit: unit.audit_trail.find(wanted, limit=10))
        assert {entry.event: entry.changes for entry in entries} == {
            "catalog.product_created": {"code": [None, product.code], "provider_id": [None, None]},
            "catalog.product_changed": {"trial_days": ["0", "7"]},
            "catalog.product_moved": {"status": ["draft", "published"]},
        }


class PlansContract:
    """Needs the same."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        plan = replace(
            a_plan(product, a_price(0), a_price(10**15, Currency("KWD"), valid_from=NOW + DAY)),
            name=UNUSUAL_TEXT,
            description=UNUSUAL_TEXT,
            cycle=Cycle.custom(CycleUnit.DAY, 10),
            discount=Discount(percent=Percent(1), starts_at=NOW - _INSTANT, ends_at=NOW + _INSTANT),
            features=(UNUSUAL_TEXT, "b"),
            max_users=7,
            storage_gb=0,
            is_popular=True,
            sort_order=-3,
            has_trial=True,
            trial_days=0,
            is_active=False,
            archived_at=NOW,
            updated_at=NOW + _INSTANT,
        )
        await keep_products(units, product)
        await keep_plans(units, plan)
        assert await _offering(units, plan) == Offering(plan=plan, product=product)

    async def test_a_slug_is_taken_everywhere_and_a_code_within_its_product(
        self, units: Units[StoreUnit]
    ) -> None:
        crm, analytics = a_product(), a_product()
        gold = replace(a_plan(crm), code="GOLD")
        await keep_products(units, crm, analytics)
        await keep_plans(units, gold)
        twin = replace(a_plan(analytics), code="GOLD")
        async with units.open(ANYBODY) as unit:
            with pytest.raises(SlugTaken):
                await unit.plans.add(replace(a_plan(analytics), slug=gold.slug))
            with pytest.raises(CodeTaken):
                await unit.plans.add(replace(a_plan(crm), code="GOLD"))
            await unit.plans.add(twin)
            await unit.commit()
        async with units.view(ANYBODY) as view:
            both = await view.plans.find_named(slug="-", code="GOLD", product_id=None, at=NOW)
            assert {each.plan.id for each in both} == {gold.id, twin.id}
            one = await view.plans.find_named(slug="-", code="GOLD", product_id=analytics.id, at=NOW)
            assert [each.plan.id for each in one] == [twin.id]
            by_slug = await view.plans.find_named(slug=gold.slug, code="-", product_id=None, at=NOW)
            assert [(each.plan.id, each.product.id) for each in by_slug] == [(gold.id, crm.id)]
            assert await view.plans.find_named(slug="-", code="-", product_id=None, at=NOW) == []
            assert await view.plans.find(a_uuid(), at=NOW) is None

    async def test_a_stale_save_is_refused(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        plan = a_plan(product)
        await keep_products(units, product)
        await keep_plans(units, plan)
        stale = (await _offering(units, plan)).plan
        plan.change({"name": "Another", "features": ("a",)}, now=NOW)
        await in_one_unit(units, lambda unit: unit.plans.save(plan))
        stale.set_price(a_price(1), now=NOW)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(StaleAggregate):
                await unit.plans.save_prices(stale)
            with pytest.raises(StaleAggregate):
                await unit.plans.save(a_plan(product))
        kept = (await _offering(units, plan)).plan
        assert (kept.name, kept.features, kept.version, kept.prices) == ("Another", ("a",), 1, plan.prices)

    async def test_another_price_ends_the_one_before_which_stays_to_be_read(
        self, units: Units[StoreUnit]
    ) -> None:
        product = a_product()
        old, taiwan = a_price(1999), a_price(600_00, TWD)
        plan = a_plan(product, old, taiwan)
        await keep_products(units, product)
        await keep_plans(units, plan)

        async def reprice(price: Price) -> None:
            loaded = (await _offering(units, plan)).plan
            loaded.set_price(price, now=NOW)
            await in_one_unit(units, lambda unit: unit.plans.save_prices(loaded))

        called_off = a_price(9999, valid_from=NOW + DAY)
        new = a_price(2999, valid_from=NOW + HOUR)
        await reprice(called_off)
        await reprice(new)
        before, after = await _offering(units, plan), await _offering(units, plan, NOW + HOUR)
        assert before.plan.final_price(USD, NOW) == Money(1999, USD)
        assert after.plan.final_price(USD, NOW + HOUR) == Money(2999, USD)
        assert after.plan.final_price(USD, NOW + 2 * DAY) == Money(2999, USD)
        assert after.plan.final_price(TWD, NOW + HOUR) == Money(600_00, TWD)
        assert old.id not in {price.id for price in after.plan.prices}
        sold = await in_view(units, lambda unit: unit.plans.price(old.id))
        assert sold == replace(old, valid_until=NOW + HOUR)
        history = await in_view(units, lambda unit: unit.plans.prices(plan.id, limit=10))
        assert [price.id for price in history][:2] == [called_off.id, new.id]
        assert {price.id for price in history} == {called_off.id, new.id, old.id, taiwan.id}
        assert await in_view(units, lambda unit: unit.plans.price(a_uuid())) is None

    async def test_pages_follow_the_sort_order(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        plans = [replace(a_plan(product), sort_order=order) for order in (3, -1, 2, 2, 0)]
        await keep_products(units, product)
        await keep_plans(units, *plans)
        expected = sorted(plans, key=lambda plan: (plan.sort_order, plan.id))
        async with units.view(ANYBODY) as view:
            first = await view.plans.page(PlanFilter(), at=NOW, limit=3)
            place = (first[-1].plan.sort_order, first[-1].plan.id)
            rest = await view.plans.page(PlanFilter(), at=NOW, limit=9, after=place)
            assert await view.plans.count(product.id) == 5
        assert [each.plan.id for each in (*first, *rest)] == [plan.id for plan in expected]

    async def test_filters_find_what_they_say(self, units: Units[StoreUnit]) -> None:
        product = a_product()
        hidden = replace(a_product(), status=ProductStatus.DRAFT, provider_id=a_user_id())
        gold = replace(a_plan(product, a_price(), a_price(1, TWD)), is_popular=True, description="Für viele")
        yearly = replace(
            a_plan(product, a_price(1, TWD, valid_from=NOW + DAY)), cycle=Cycle.named(CycleName.YEARLY)
        )
        archived = replace(a_plan(product), archived_at=NOW)
        inactive = replace(a_plan(product), is_active=False)
        of_hidden = a_plan(hidden)
        await keep_products(units, product, hidden)
        await keep_plans(units, gold, yearly, archived, inactive, of_hidden)
        expected = {
            PlanFilter(on_sale=True): [gold, yearly],
            PlanFilter(product_id=hidden.id): [of_hidden],
            PlanFilter(provider_id=hidden.provider_id): [of_hidden],
            PlanFilter(on_sale=True, cycle=CycleName.YEARLY): [yearly],
            PlanFilter(currency="TWD"): [gold],
            PlanFilter(is_popular=True): [gold],
            PlanFilter(is_popular=False, on_sale=True): [yearly],
            PlanFilter(words=words_of("FÜR")): [gold],
        }
        for wanted, plans in expected.items():
            assert sorted(await _plans(units, wanted)) == sorted(plan.id for plan in plans), wanted
        assert await in_view(units, lambda unit: unit.plans.count(product.id)) == 3
