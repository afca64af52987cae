"""Products and plans: what may follow what, names, cycles, and prices that never change."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.adapters.contracts.builders import DAY, NOW
from multiproduct.adapters.contracts.catalog_builders import TWD, USD, a_plan, a_price, a_product
from multiproduct.domain.catalog import (
    Cycle,
    CycleName,
    CycleUnit,
    NotForSale,
    Offering,
    PlanArchived,
    ProductMoveRefused,
    ProductStatus,
)
from multiproduct.domain.catalog.names import code_of, read_code, read_slug, slug_of
from multiproduct.domain.catalog.product import MOVES
from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.shared.money import Money

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("before", ProductStatus)
@pytest.mark.parametrize("after", ProductStatus)
def test_a_product_moves_as_the_table_says(before, after):
    product = replace(a_product(), status=before)
    if after is not before and after not in MOVES[before]:
        with pytest.raises(ProductMoveRefused):
            product.move(after, now=NOW)
        assert product.status is before
        return
    product.move(after, now=NOW)
    assert product.status is after
    assert len(product.collect_events()) == (after is not before)


def test_an_archived_product_stays_as_it_is():
    product = replace(a_product(), status=ProductStatus.ARCHIVED)
    with pytest.raises(ProductMoveRefused):
        product.change({"name": "Another"}, now=NOW)


def test_changing_nothing_is_not_an_event():
    product, plan = a_product(), a_plan(a_product())
    product.change({"name": product.name}, now=NOW + HOUR)
    plan.change({"name": plan.name}, now=NOW + HOUR)
    assert product.collect_events() == plan.collect_events() == []
    assert product.updated_at == plan.updated_at == NOW


def test_only_a_published_active_product_with_an_offered_plan_is_for_sale():
    product = a_product()
    plan = a_plan(product)
    assert Offering(plan=plan, product=product).is_on_sale
    for plan_changes, product_changes in (
        ({"is_active": False}, {}),
        ({"archived_at": NOW}, {}),
        ({}, {"is_active": False}),
        ({}, {"status": ProductStatus.DRAFT}),
        ({}, {"status": ProductStatus.UNPUBLISHED}),
        ({}, {"status": ProductStatus.ARCHIVED}),
    ):
        offering = Offering(plan=replace(plan, **plan_changes), product=replace(product, **product_changes))
        with pytest.raises(NotForSale):
            offering.require_on_sale()


def test_a_trial_is_the_plans_own_or_the_products():
    product = replace(a_product(), trial_days=14)
    plan = a_plan(product)
    days = [
        Offering(plan=replace(plan, has_trial=has, trial_days=own), product=product).trial_days
        for has, own in ((False, None), (False, 7), (True, None), (True, 7), (True, 0))
    ]
    assert days == [0, 0, 14, 7, 0]


@given(
    st.lists(st.tuples(st.sampled_from([USD, TWD]), st.integers(0, 20), st.integers(0, 10**6)), max_size=12)
)
def test_at_every_instant_a_currency_has_the_price_that_was_set_last_for_it(settings):
    plan = replace(a_plan(a_product()), prices=())
    truth: dict[tuple[str, int], int] = {}
    for currency, hour, minor in settings:
        plan.set_price(a_price(minor, currency, valid_from=NOW + hour * HOUR), now=NOW)
        truth |= {(currency.code, later): minor for later in range(hour, 30)}
    for currency in (USD, TWD):
        for hour in range(30):
            at = NOW + hour * HOUR
            held = [price for price in plan.prices if price.currency == currency and price.holds(at)]
            assert len(held) <= 1
            expected = truth.get((currency.code, hour))
            assert [price.amount.minor for price in held] == ([] if expected is None else [expected])


def test_a_price_never_changes_and_never_begins_in_the_past():
    plan = a_plan(a_product(), a_price(1999))
    sold = plan.required_price(USD, NOW)
    plan.set_price(a_price(2999, valid_from=NOW + HOUR), now=NOW)
    assert sold.amount == Money(1999, USD)
    assert next(price for price in plan.prices if price.id == sold.id).amount == sold.amount
    with pytest.raises(ValueError, match="sold"):
        plan.set_price(a_price(1, valid_from=NOW - HOUR), now=NOW)


def test_an_archived_plan_does_not_change_any_more():
    plan = a_plan(a_product())
    plan.archive(now=NOW)
    plan.archive(now=NOW + HOUR)
    assert plan.archived_at == NOW
    for change in (
        lambda: plan.change({"name": "Another"}, now=NOW),
        lambda: plan.set_price(a_price(), now=NOW),
        lambda: plan.touch(now=NOW),
    ):
        with pytest.raises(PlanArchived):
            change()


def test_named_cycles_are_what_their_names_say():
    cycles = {name: Cycle.named(name) for name in CycleName if name is not CycleName.CUSTOM}
    assert {name.value: (cycle.unit.value, cycle.count) for name, cycle in cycles.items()} == {
        "weekly": ("day", 7),
        "monthly": ("month", 1),
        "quarterly": ("month", 3),
        "half_yearly": ("month", 6),
        "yearly": ("month", 12),
    }
    for wrong in (
        lambda: Cycle.named(CycleName.CUSTOM),
        lambda: Cycle.custom(CycleUnit.DAY, 0),
        lambda: Cycle.custom(CycleUnit.MONTH, 121),
        lambda: Cycle(CycleName.MONTHLY, CycleUnit.MONTH, 2),
    ):
        with pytest.raises(ValueError, match=r"cycle|monthly"):
            wrong()


@given(st.text(max_size=80))
def test_made_names_can_be_read(text):
    slug, code = slug_of(text, fallback="product-1"), code_of(text, fallback="PRODUCT_1")
    assert read_slug(slug) == slug
    assert read_code(code) == code


@pytest.mark.parametrize("text", ["", "A", "a--b", "-a", "a-", "a b", "é", "a" * 61])
def test_what_is_no_slug_is_refused(text):
    with pytest.raises(InvalidInput):
        read_slug(text)


def test_codes_are_kept_in_capitals():
    assert read_code("stark-mk85") == "STARK-MK85"
    assert read_code("MONTHLY_GOLD") == "MONTHLY_GOLD"
    for wrong in ("", "A B", "_A", "A_", "ß", "ı", "A" * 51):
        with pytest.raises(InvalidInput):
            read_code(wrong)


def test_what_happens_is_told_with_before_and_after():
    plan = a_plan(a_product())
    plan.change({"max_users": 5, "features": ("a", "b")}, now=NOW + DAY)
    (event,) = plan.collect_events()
    assert event.changes == {"max_users": ("1", "5"), "features": ("", "a b")}
    assert event.resource_id == str(plan.id)
