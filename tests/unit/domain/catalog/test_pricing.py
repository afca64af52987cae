"""Prices, discounts and coupons, to the smallest coin, against an oracle that counts in decimals."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import quotes

from multiproduct.adapters.contracts.builders import NOW, a_uuid
from multiproduct.adapters.contracts.catalog_builders import a_coupon, a_plan, a_price, a_product
from multiproduct.domain.catalog import (
    CouponNotApplicable,
    CouponUsedUp,
    Discount,
    NoPriceInCurrency,
    Percent,
    Plan,
    Pricing,
    UnknownCoupon,
)
from multiproduct.domain.catalog.rates import half_up
from multiproduct.domain.shared.money import Currency, Money

USD, JPY, KWD = Currency("USD"), Currency("JPY"), Currency("KWD")
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)

percents = st.integers(0, 10_000).map(lambda hundredths: str(Percent(hundredths)))
currencies = st.sampled_from([USD, JPY, KWD])


def _plan(minor: int = 1999, currency: Currency = USD, discount: str | None = None) -> Plan:
    plan = a_plan(a_product(), a_price(minor, currency))
    if discount is None:
        return plan
    return replace(plan, discount=Discount(percent=Percent.parse(discount)))


@given(
    currency=currencies,
    lines=st.lists(
        st.tuples(st.integers(0, 10**9), st.integers(1, 1000), st.none() | percents), min_size=1, max_size=4
    ),
    percent_coupons=st.lists(percents, max_size=3),
    amount_coupons=st.lists(st.integers(0, 10**9), max_size=3),
    shuffled=st.randoms(use_true_random=False),
)
def test_totals_are_those_of_the_oracle_in_whatever_order_coupons_are_given(
    currency, lines, percent_coupons, amount_coupons, shuffled
):
    coupons = [replace(a_coupon(percent), is_stackable=True) for percent in percent_coupons]
    coupons += [replace(a_coupon(**{currency.code: minor}), is_stackable=True) for minor in amount_coupons]
    expected = quotes.totals(
        lines,
        [(coupon.code, str(coupon.percent)) for coupon in coupons if coupon.percent is not None],
        [(coupon.code, coupon.amounts[currency.code]) for coupon in coupons if coupon.percent is None],
    )
    shuffled.shuffle(coupons)
    wanted = [(_plan(price, currency, discount), quantity) for price, quantity, discount in lines]
    found = Pricing.quote_lines(wanted, currency, NOW, coupons)
    assert [quote.total.minor for quote in found] == expected
    for quote, (price, quantity, _) in zip(found, lines, strict=True):
        assert quote.subtotal == Money(price * quantity, currency)
        assert quote.subtotal - quote.plan_discount - quote.coupon_discount == quote.total
        assert quote.total.minor >= 0
        assert all(share.amount.minor >= 0 for share in quote.coupons)


@given(st.fractions(min_value=0, max_value=10**6, max_denominator=10**6))
def test_half_up_is_the_nearest_whole_number(exact):
    rounded = half_up(exact)
    assert rounded - Fraction(1, 2) <= exact < rounded + Fraction(1, 2)


@pytest.mark.parametrize(
    ("minor", "percent", "left"),
    [(1, "50", 1), (3, "50", 2), (999, "15", 849), (1999, "100", 0), (1999, "0", 1999), (10, "0.01", 10)],
)
def test_a_percentage_off_rounds_half_up(minor, percent, left):
    assert Percent.parse(percent).off(Money(minor, USD)) == Money(left, USD)


@pytest.mark.parametrize("text", ["100.01", "101", "-1", "1e1", "", "1.234", " 1", "١"])
def test_what_is_no_percentage_is_refused(text):
    with pytest.raises(ValueError, match="not a"):
        Percent.parse(text)


@given(st.integers(0, 10_000))
def test_percentages_read_what_they_write(hundredths):
    assert Percent.parse(str(Percent(hundredths))) == Percent(hundredths)


def test_a_discount_counts_from_its_beginning_until_before_its_end():
    plan = replace(
        _plan(1000), discount=Discount(percent=Percent.parse("10"), starts_at=NOW, ends_at=NOW + HOUR)
    )
    plan = replace(plan, prices=(a_price(1000, valid_from=NOW - HOUR),))
    moments = [NOW - INSTANT, NOW, NOW + HOUR - INSTANT, NOW + HOUR]
    assert [plan.final_price(USD, at).minor for at in moments] == [1000, 900, 900, 1000]
    with pytest.raises(ValueError, match="window"):
        Discount(percent=Percent(1), starts_at=NOW, ends_at=NOW)


def test_a_plan_without_a_price_in_the_currency_is_not_sold_in_it():
    with pytest.raises(NoPriceInCurrency):
        Pricing.quote(_plan(), JPY, 1, NOW)
    with pytest.raises(NoPriceInCurrency):
        Pricing.quote(_plan(), USD, 1, NOW - INSTANT)


def test_nobody_buys_less_than_one():
    with pytest.raises(ValueError, match="less than one"):
        Pricing.quote(_plan(), USD, 0, NOW)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"starts_at": NOW + INSTANT}, "not_yet"),
        ({"ends_at": NOW}, "over"),
        ({"plan_ids": frozenset({a_uuid()})}, "scope"),
        ({"product_ids": frozenset({a_uuid()})}, "scope"),
        ({"percent": None, "amounts": {"JPY": 1}}, "currency"),
    ],
)
def test_a_coupon_that_does_not_count_says_why(changes, reason):
    with pytest.raises(CouponNotApplicable) as refused:
        Pricing.quote(_plan(), USD, 1, NOW, [replace(a_coupon(), **changes)])
    assert refused.value.params["reason"] == reason


def test_a_coupon_that_is_off_is_unknown_and_one_that_is_used_up_says_so():
    for off in ({"is_active": False}, {"archived_at": NOW}):
        with pytest.raises(UnknownCoupon):
            Pricing.quote(_plan(), USD, 1, NOW, [replace(a_coupon(), **off)])
    with pytest.raises(CouponUsedUp):
        Pricing.quote(_plan(), USD, 1, NOW, [replace(a_coupon(), max_redemptions=3, redeemed=3)])


def test_coupons_count_together_only_where_each_does():
    stackable, alone = replace(a_coupon(), is_stackable=True), a_coupon()
    with pytest.raises(CouponNotApplicable) as refused:
        Pricing.quote(_plan(), USD, 1, NOW, [stackable, alone])
    assert refused.value.params == {"coupon": alone.code, "reason": "not_stackable"}
    with pytest.raises(CouponNotApplicable):
        Pricing.quote(_plan(), USD, 1, NOW, [stackable, stackable])
    assert Pricing.quote(_plan(1000), USD, 1, NOW, [alone]).total == Money(900, USD)


def test_a_coupon_of_some_plans_takes_nothing_off_the_others():
    mine, other = _plan(1000), _plan(1000)
    coupon = replace(a_coupon(USD=500), plan_ids=frozenset({mine.id}))
    found = Pricing.quote_lines([(mine, 1), (other, 1)], USD, NOW, [coupon])
    assert [quote.total.minor for quote in found] == [500, 1000]
    of_product = replace(a_coupon("50"), product_ids=frozenset({other.product_id}))
    found = Pricing.quote_lines([(mine, 1), (other, 1)], USD, NOW, [of_product])
    assert [quote.total.minor for quote in found] == [1000, 500]


def test_an_amount_comes_off_an_order_once_however_many_lines_it_has():
    coupon = a_coupon(USD=100)
    found = Pricing.quote_lines([(_plan(1000), 1), (_plan(1000), 1), (_plan(1000), 1)], USD, NOW, [coupon])
    assert [quote.total.minor for quote in found] == [966, 967, 967]
