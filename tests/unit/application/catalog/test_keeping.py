"""Keeping the catalog: who may do what, what is refused, and prices that never change what was sold."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import a_user_id, a_uuid
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.application.catalog import (
    AskForQuote,
    BrowsePlans,
    BrowseProducts,
    ChangeCoupon,
    ChangePlan,
    ChangeProduct,
    CreateCoupon,
    CreateMeter,
    CreatePlan,
    CreateProduct,
    ListPlans,
    ListProducts,
    ManagedPlan,
    ManagedProduct,
    SetMeteredPrice,
    SetPrice,
)
from multiproduct.domain.catalog import (
    DEFAULT_PRODUCT_ID,
    AmbiguousPlan,
    ChangedMeanwhile,
    CodeTaken,
    CouponUsedUp,
    NotForSale,
    PlanArchived,
    ProductStatus,
    SlugTaken,
    UnknownCoupon,
    UnknownMeter,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.catalog.permissions import OWN_PRODUCTS, PRODUCTS_READ, PRODUCTS_UPDATE
from multiproduct.domain.shared import Forbidden, InvalidInput, Unauthenticated
from multiproduct.domain.shared.money import Currency, Money
from multiproduct.entrypoints.library import Multiproduct

USD = Currency("USD")
SCHEMA = {"type": "object", "properties": {"seats": {"type": "integer", "minimum": 1}}}


@pytest.fixture
async def mp() -> AsyncIterator[Multiproduct]:
    async with Multiproduct.in_memory() as opened:
        yield opened


def somebody(*permissions: str, scoped: dict[str, frozenset[str]] | None = None) -> Caller:
    return Caller(
        principal=Principal(user_id=a_user_id(), permissions=frozenset(permissions), scoped=scoped or {})
    )


def price(amount: str, currency: str = "USD") -> dict[str, str]:
    return {"amount": amount, "currency": currency}


async def a_product(mp: Multiproduct, caller: Caller = SYSTEM, **fields: object) -> ManagedProduct:
    """One on sale."""
    command = CreateProduct.model_validate({"name": "CRM"} | fields)
    made = await mp.catalog.products.create(command, caller)
    return await mp.catalog.products.move(made.id, ProductStatus.PUBLISHED, caller)


async def a_plan(mp: Multiproduct, product: ManagedProduct | None = None, **fields: object) -> ManagedPlan:
    given = {"name": "Gold", "cycle": "monthly", "prices": [price("19.99")]}
    given |= {"product": str(product.id)} if product else {}
    return await mp.catalog.plans.create(CreatePlan.model_validate(given | fields), SYSTEM)


def codes(refused: pytest.ExceptionInfo[InvalidInput]) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in refused.value.problems]


async def test_a_product_is_seen_by_everybody_once_it_is_published(mp):
    made = await mp.catalog.products.create(CreateProduct(name="CRM"), SYSTEM)
    assert (await mp.catalog.browsing.products(BrowseProducts(), ANYBODY)).items == []
    with pytest.raises(UnknownProduct):
        await mp.catalog.browsing.product(made.id, ANYBODY)
    await mp.catalog.products.move(made.id, ProductStatus.PUBLISHED, SYSTEM)
    await a_plan(mp, made)
    shown = await mp.catalog.browsing.product(made.id, ANYBODY)
    assert [plan.name for plan in shown.plans] == ["Gold"]
    assert [
        each.id for each in (await mp.catalog.browsing.products(BrowseProducts(q="crm"), ANYBODY)).items
    ] == [made.id]
    await mp.catalog.products.change(made.id, ChangeProduct(is_active=False), SYSTEM)
    for gone in (
        lambda: mp.catalog.browsing.product(made.id, ANYBODY),
        lambda: mp.catalog.browsing.plans(BrowsePlans(product=made.code), ANYBODY),
    ):
        with pytest.raises(UnknownProduct):
            await gone()
    with pytest.raises(UnknownPlan):
        await mp.catalog.browsing.plan(shown.plans[0].id, ANYBODY)
    assert (await mp.catalog.browsing.plans(BrowsePlans(), ANYBODY)).items == []


async def test_a_provider_keeps_their_own_products_and_learns_nothing_of_others(mp):
    ada, grace = somebody(OWN_PRODUCTS), somebody(OWN_PRODUCTS)
    hers = await a_product(mp, ada, name="Analytics")
    house = await a_product(mp)
    assert hers.provider_id == ada.principal.user_id
    plan = await mp.catalog.plans.create(
        CreatePlan.model_validate(
            {"name": "Gold", "cycle": "monthly", "prices": [price("1")], "product": hers.code}
        ),
        ada,
    )
    assert [each.id for each in (await mp.catalog.products.find(ListProducts(), ada)).items] == [hers.id]
    others = ListProducts(provider_id=hers.provider_id)
    assert (await mp.catalog.products.find(others, grace)).items == []
    renamed = ChangeProduct(name="x")
    for product_id in (hers.id, house.id, a_uuid()):
        for refused in (
            lambda product_id=product_id: mp.catalog.products.read(product_id, grace),
            lambda product_id=product_id: mp.catalog.products.change(product_id, renamed, grace),
            lambda product_id=product_id: mp.catalog.products.move(product_id, ProductStatus.ARCHIVED, grace),
            lambda product_id=product_id: mp.catalog.plans.find(ListPlans(product=str(product_id)), grace),
        ):
            with pytest.raises(UnknownProduct):
                await refused()
    with pytest.raises(UnknownPlan):
        await mp.catalog.plans.archive(plan.id, grace)
    with pytest.raises(Forbidden):
        await mp.catalog.products.create(CreateProduct(name="x", provider_id=hers.provider_id), grace)
    with pytest.raises(Forbidden):
        await mp.catalog.plans.create(
            CreatePlan.model_validate({"name": "x", "cycle": "monthly", "prices": [price("1")]}), ada
        )


async def test_others_are_refused_before_anything_is_looked_up(mp):
    made = await a_product(mp)
    for product_id in (made.id, a_uuid()):
        with pytest.raises(Forbidden):
            await mp.catalog.products.read(product_id, somebody())
        with pytest.raises(Unauthenticated):
            await mp.catalog.products.read(product_id, ANYBODY)
    with pytest.raises(Forbidden):
        await mp.catalog.products.change(made.id, ChangeProduct(name="x"), somebody(PRODUCTS_READ))
    with pytest.raises(Forbidden):
        await mp.catalog.coupons.create(CreateCoupon(code="A", name="A", percent="1"), somebody(OWN_PRODUCTS))


async def test_staff_of_one_provider_reaches_only_that_providers_products(mp):
    ada = somebody(OWN_PRODUCTS)
    hers, house = await a_product(mp, ada), await a_product(mp, name="House")
    helper = somebody(scoped={f"provider:{hers.provider_id}": frozenset({PRODUCTS_UPDATE, PRODUCTS_READ})})
    changed = await mp.catalog.products.change(hers.id, ChangeProduct(name="Hers"), helper)
    assert changed.name == "Hers"
    listed = await mp.catalog.products.find(ListProducts(provider_id=hers.provider_id), helper)
    assert [each.id for each in listed.items] == [hers.id]
    with pytest.raises(UnknownProduct):
        await mp.catalog.products.change(house.id, ChangeProduct(name="x"), helper)


async def test_names_that_nobody_chose_never_clash_and_chosen_ones_are_refused(mp):
    first, second = await a_product(mp), await a_product(mp)
    assert (first.slug, first.code) == ("crm", "CRM")
    assert second.slug.startswith("crm-")
    assert second.code.startswith("CRM_")
    with pytest.raises(SlugTaken):
        await a_product(mp, slug="crm")
    with pytest.raises(CodeTaken):
        await a_product(mp, code="crm")
    assert (await a_product(mp, name="夢")).slug.startswith("product-")
    gold, other = await a_plan(mp, first), await a_plan(mp, first)
    assert (gold.slug, gold.code) == ("crm-gold", "GOLD")
    assert other.slug != gold.slug


async def test_everything_wrong_with_a_product_is_told_at_once(mp):
    with pytest.raises(InvalidInput) as refused:
        await a_product(
            mp,
            slug="A B",
            code="ß",
            base_price=price("1.234"),
            product_schema={"properties": {"a": {"type": "objekt"}}},
        )
    assert codes(refused) == [
        ("slug", "invalid"),
        ("code", "invalid"),
        ("base_price.amount", "amount_digits"),
        ("product_schema.properties.a.type", "bad_schema"),
    ]


async def test_everything_wrong_with_a_plan_is_told_at_once(mp):
    with pytest.raises(InvalidInput) as refused:
        await a_plan(
            mp,
            cycle="custom",
            prices=[price("1"), price("2"), price("-1", "TWD"), "5"],
            discount_percent="101",
        )
    assert codes(refused) == [
        ("prices.1.currency", "repeated"),
        ("prices.2.amount", "value_too_small"),
        ("prices.3.currency", "required"),
        ("cycle_days", "one_of"),
        ("discount_percent", "value_too_large"),
    ]
    for wrong, problem in (
        ({"cycle_days": 3}, ("cycle_days", "not_allowed")),
        ({"discount_ends_at": "2027-01-01T00:00:00Z"}, ("discount_percent", "required")),
    ):
        with pytest.raises(InvalidInput) as refused:
            await a_plan(mp, **wrong)
        assert codes(refused) == [problem]


async def test_a_configuration_is_judged_by_the_products_schema(mp):
    made = await a_product(mp, product_schema=SCHEMA)
    async with mp.container.units.view(SYSTEM) as view:
        product = await mp.catalog.plan_reading.product(view, made.id)
    mp.catalog.configuring.require_configuration(product, {"seats": 1})
    with pytest.raises(InvalidInput) as refused:
        mp.catalog.configuring.require_configuration(product, {"seats": 0})
    assert codes(refused) == [("configuration.seats", "breaks_schema")]


async def test_a_plan_without_a_product_is_one_of_the_installations_own(mp):
    first, second = await a_plan(mp), await a_plan(mp, name="Silver")
    assert first.product.id == second.product.id == DEFAULT_PRODUCT_ID
    listed = await mp.catalog.browsing.plans(BrowsePlans(), ANYBODY)
    assert {plan.name for plan in listed.items} == {"Gold", "Silver"}


async def test_a_plan_is_found_by_id_slug_and_code_within_its_product(mp):
    crm, analytics = await a_product(mp, code="STARK-MK85"), await a_product(mp, name="Analytics")
    gold = await a_plan(mp, crm, code="MONTHLY_GOLD")
    twin = await a_plan(mp, analytics, code="MONTHLY_GOLD")
    read = mp.catalog.plan_reading.plan
    async with mp.container.units.view(ANYBODY) as view:
        for named in (gold.id, str(gold.id), gold.slug):
            assert (await read(view, named)).plan.id == gold.id
        found = await read(view, "monthly_gold", product="STARK-MK85")
        assert (found.plan.id, found.product.id) == (gold.id, crm.id)
        assert (await read(view, "MONTHLY_GOLD", product=analytics.slug)).plan.id == twin.id
        with pytest.raises(AmbiguousPlan):
            await read(view, "MONTHLY_GOLD")
        for named, product in (
            (twin.id, crm.id),
            ("nothing", None),
            (a_uuid(), None),
            ("\0", None),
            ("", None),
        ):
            with pytest.raises(UnknownPlan):
                await read(view, named, product=product)
        with pytest.raises(UnknownProduct):
            await read(view, gold.id, product="nothing")


async def test_another_price_changes_nothing_that_was_sold(mp):
    plan = await a_plan(mp)
    sold = plan.prices[0]
    later = mp.container.clock.now() + timedelta(days=30)
    coming = await mp.catalog.plans.set_price(
        plan.id, SetPrice.model_validate({"price": price("29.99"), "valid_from": later}), SYSTEM
    )
    assert [each.price.amount for each in coming.prices] == ["19.99"]
    assert [each.price.amount for each in coming.coming_prices] == ["29.99"]
    now = await mp.catalog.plans.set_price(plan.id, SetPrice.model_validate({"price": price("9.99")}), SYSTEM)
    assert [each.price.amount for each in now.prices] == ["9.99"]
    assert now.coming_prices == []
    async with mp.container.units.view(ANYBODY) as view:
        kept = await mp.catalog.plan_reading.price(view, sold.id)
    assert kept is not None
    assert kept.amount == Money(1999, USD)
    history = await mp.catalog.plans.prices(plan.id, SYSTEM)
    assert sorted(each.price.amount for each in history.items) == ["19.99", "29.99", "9.99"]
    with pytest.raises(InvalidInput) as refused:
        await mp.catalog.plans.set_price(
            plan.id,
            SetPrice.model_validate({"price": price("1"), "valid_from": later - timedelta(days=60)}),
            SYSTEM,
        )
    assert codes(refused) == [("valid_from", "not_in_the_future")]


async def test_a_change_by_whoever_read_something_older_is_refused(mp):
    product = await a_product(mp)
    plan = await a_plan(mp, product)
    await mp.catalog.plans.change(plan.id, ChangePlan(max_users=5, version=plan.version), SYSTEM)
    for stale in (
        lambda: mp.catalog.plans.change(plan.id, ChangePlan(max_users=6, version=plan.version), SYSTEM),
        lambda: mp.catalog.plans.set_price(
            plan.id, SetPrice.model_validate({"price": price("1"), "version": plan.version}), SYSTEM
        ),
        lambda: mp.catalog.products.change(product.id, ChangeProduct(name="x", version=9), SYSTEM),
    ):
        with pytest.raises(ChangedMeanwhile):
            await stale()
    assert (await mp.catalog.plans.read(plan.id, SYSTEM)).max_users == 5


async def test_a_discount_is_changed_part_by_part_and_taken_away(mp):
    plan = await a_plan(mp, prices=[price("100")], discount_percent="15")
    assert plan.final_price is not None
    assert plan.final_price.amount == "85.00"
    begins = mp.container.clock.now() + timedelta(days=1)
    later = await mp.catalog.plans.change(plan.id, ChangePlan(discount_starts_at=begins), SYSTEM)
    assert (later.discount_percent, later.final_price and later.final_price.amount) == ("15", "100.00")
    none = await mp.catalog.plans.change(plan.id, ChangePlan(discount_percent=None), SYSTEM)
    assert (none.discount_percent, none.discount_starts_at) == (None, None)


async def test_an_archived_plan_is_not_sold_and_stays_as_it_is(mp):
    product = await a_product(mp)
    plan = await a_plan(mp, product)
    archived = await mp.catalog.plans.archive(plan.id, SYSTEM)
    assert archived.archived_at is not None
    with pytest.raises(PlanArchived):
        await mp.catalog.plans.change(plan.id, ChangePlan(name="x"), SYSTEM)
    async with mp.container.units.view(ANYBODY) as view:
        offering = await mp.catalog.plan_reading.plan(view, plan.id)
    with pytest.raises(NotForSale):
        offering.require_on_sale()
    listed = await mp.catalog.plans.find(ListPlans(product=product.code), SYSTEM)
    assert [each.id for each in listed.items] == [plan.id]


async def test_the_same_key_makes_one_plan(mp):
    command = CreatePlan.model_validate({"name": "Gold", "cycle": "monthly", "prices": [price("1")]})
    caller = somebody(PRODUCTS_UPDATE)
    first = await mp.catalog.plans.create(command, caller, idempotency_key="k")
    again = await mp.catalog.plans.create(command, caller, idempotency_key="k")
    assert again == first
    assert len((await mp.catalog.browsing.plans(BrowsePlans(), ANYBODY)).items) == 1


async def _redeem(mp: Multiproduct, code: str, *, person: UUID, subject: UUID) -> None:
    async with mp.container.units.open(SYSTEM) as unit:
        coupons = await mp.catalog.coupon_redeeming.named(unit, [code])
        await mp.catalog.coupon_redeeming.redeem(
            unit, coupons=coupons, person_id=person, subject_id=subject, now=mp.container.clock.now()
        )
        await unit.commit()


async def test_a_coupon_is_redeemed_once_for_an_order_and_given_back_when_it_came_to_nothing(mp):
    coupon = await mp.catalog.coupons.create(
        CreateCoupon(code="welcome10", name="Welcome", percent="10", max_per_person=1), SYSTEM
    )
    person, order = a_user_id(), a_uuid()
    await _redeem(mp, "Welcome10", person=person, subject=order)
    await _redeem(mp, "WELCOME10", person=person, subject=order)
    with pytest.raises(CouponUsedUp):
        await _redeem(mp, "WELCOME10", person=person, subject=a_uuid())
    assert (await mp.catalog.coupons.read(coupon.id, SYSTEM)).redeemed == 1
    for expected in (1, 0):
        async with mp.container.units.open(SYSTEM) as unit:
            back = await mp.catalog.coupon_redeeming.give_back(
                unit, subject_id=order, now=mp.container.clock.now()
            )
            await unit.commit()
        assert back == expected
    await _redeem(mp, "WELCOME10", person=person, subject=a_uuid())
    await mp.catalog.coupons.change(coupon.id, ChangeCoupon(is_active=False), SYSTEM)
    with pytest.raises(UnknownCoupon):
        await _redeem(mp, "WELCOME10", person=a_user_id(), subject=a_uuid())
    with pytest.raises(UnknownCoupon):
        await _redeem(mp, "NONE", person=person, subject=a_uuid())


async def test_a_coupon_takes_off_either_a_percentage_or_amounts(mp):
    for wrong in ({}, {"percent": "1", "amounts": [price("1")]}):
        with pytest.raises(InvalidInput) as refused:
            await mp.catalog.coupons.create(
                CreateCoupon.model_validate({"code": "A", "name": "A"} | wrong), SYSTEM
            )
        assert codes(refused) == [("percent", "one_of")]


async def test_a_quote_tells_what_a_purchase_would_cost(mp):
    crm = await a_product(mp)
    await a_plan(mp, crm, code="MONTHLY_GOLD", prices=[price("9.99")], discount_percent="15")
    await mp.catalog.coupons.create(
        CreateCoupon.model_validate({"code": "FIVE", "name": "Five", "amounts": [price("5")]}), SYSTEM
    )
    asked = AskForQuote.model_validate(
        {"lines": [{"plan": "MONTHLY_GOLD", "quantity": 4}], "currency": "USD", "coupons": ["five"]}
    )
    quote = await mp.catalog.browsing.quote(asked, somebody())
    line = quote.lines[0]
    told = (line.subtotal, line.plan_discount, line.coupons[0].amount, line.total, quote.total)
    assert [money.amount for money in told] == ["39.96", "5.99", "5.00", "28.97", "28.97"]
    with pytest.raises(Unauthenticated):
        await mp.catalog.browsing.quote(asked, ANYBODY)
    await mp.catalog.products.move(crm.id, ProductStatus.UNPUBLISHED, SYSTEM)
    with pytest.raises(NotForSale):
        await mp.catalog.browsing.quote(asked, somebody())


async def test_usage_is_charged_for_by_the_metered_price_of_the_instant(mp):
    crm = await a_product(mp)
    plan = await a_plan(mp, crm)
    await mp.catalog.meters.create(
        CreateMeter.model_validate(
            {"product": crm.code, "code": "api_calls", "name": "Calls", "aggregation": "sum"}
        ),
        SYSTEM,
    )
    command = {"meter": "API_CALLS", "currency": "USD", "model": "graduated"}
    tiers = [{"up_to": 1000, "unit_price": "0"}, {"unit_price": "0.0025", "flat": "1.00"}]
    made = await mp.catalog.meters.set_price(
        plan.id, SetMeteredPrice.model_validate(command | {"tiers": tiers}), SYSTEM
    )
    async with mp.container.units.view(ANYBODY) as view:
        (held,) = await mp.catalog.plan_reading.metered_prices(
            view, plan.id, at=mp.container.clock.now(), currency="USD"
        )
    assert held.id == made.id
    assert held.tariff.charge(3000) == Money(600, USD)
    shown = await mp.catalog.browsing.plan(plan.id, ANYBODY)
    assert [tier.unit_price for tier in shown.metered_prices[0].tiers] == ["0", "0.0025"]
    for wrong, problem in (
        ([{"up_to": 5, "unit_price": "1"}], ("tiers", "bad_tiers")),
        ([{"unit_price": "1", "flat": "0.001"}], ("tiers.0.flat", "amount_digits")),
    ):
        with pytest.raises(InvalidInput) as refused:
            await mp.catalog.meters.set_price(
                plan.id, SetMeteredPrice.model_validate(command | {"tiers": wrong}), SYSTEM
            )
        assert codes(refused) == [problem]
    other = SetMeteredPrice.model_validate(command | {"tiers": tiers, "meter": "NONE"})
    with pytest.raises(UnknownMeter):
        await mp.catalog.meters.set_price(plan.id, other, SYSTEM)


async def test_the_demo_catalog_is_made_once(mp):
    made = await mp.catalog.demo.ensure()
    assert {"STARK-MK85", "STARK-MK85 MONTHLY_GOLD", "STARK-MK50", "WELCOME10"} <= set(made)
    assert await mp.catalog.demo.ensure() == []
    async with mp.container.units.view(ANYBODY) as view:
        gold = await mp.catalog.plan_reading.plan(view, "MONTHLY_GOLD", product="STARK-MK85")
    assert gold.is_on_sale
    assert {str(price.amount) for price in gold.plan.prices} == {"19.99", "17.99", "600.00"}
    shown = await mp.catalog.browsing.plans(BrowsePlans(currency="EUR", popular=True), ANYBODY)
    assert [(plan.product.code, plan.code) for plan in shown.items] == [
        ("STARK-MK50", "MONTHLY_GOLD"),
        ("STARK-MK85", "MONTHLY_GOLD"),
    ]
