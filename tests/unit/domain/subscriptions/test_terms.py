"""What a subscription was sold at: a seat keeps its price, whatever the plan costs by now."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.domain.subscriptions.builders import NOW, an_id, some_terms

from multiproduct.domain.catalog import Discount, Percent, Plan, Price
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import MONTHLY, Rules, Terms

USD = Currency("USD")
seats = st.integers(1, 100_000)


def sold(minor, hundredths, quantity):
    """As the catalog sells it: the discount off the whole, half up."""
    plan = a_plan(minor, hundredths)
    total = plan.discounted(Money(minor * quantity, USD), NOW).minor
    return Terms(
        plan_id=plan.id,
        quantity=quantity,
        price=total,
        cycle=MONTHLY,
        unit_price=plan.exact_price(USD, NOW),
    )


def a_plan(minor, hundredths):
    return Plan(
        id=an_id(),
        product_id=an_id(),
        name="P",
        slug="p",
        code="P",
        cycle=MONTHLY,
        prices=(Price(id=an_id(), amount=Money(minor, USD), valid_from=NOW),),
        discount=Discount(percent=Percent(hundredths)) if hundredths else None,
        created_at=NOW,
        updated_at=NOW,
    )


@given(st.integers(0, 10**9), st.integers(0, 10_000), seats, seats)
def test_other_seats_cost_what_they_would_have_cost_when_it_was_sold(minor, hundredths, before, after):
    terms = sold(minor, hundredths, before)
    assert terms.with_quantity(after).price == sold(minor, hundredths, after).price
    assert terms.with_quantity(after).with_quantity(before) == terms


@given(st.integers(0, 10**9), seats, seats)
def test_where_nobody_noted_the_price_of_a_seat_it_is_an_equal_share(price, before, after):
    terms = some_terms(price=price, quantity=before)
    assert terms.with_quantity(before).price == price
    changed = terms.with_quantity(after)
    assert abs(changed.price - Fraction(price * after, before)) <= Fraction(1, 2)


def test_what_cannot_be_sold_is_refused():
    with pytest.raises(ValueError, match="not negative"):
        Terms(plan_id=an_id(), quantity=1, price=0, cycle=MONTHLY, unit_price=Fraction(-1, 3))


@pytest.mark.parametrize(
    "days", [{"retry_days": (1, 366)}, {"reminder_days": (400,)}, {"retry_days": (3, 1)}]
)
def test_days_of_retries_and_reminders_have_limits(days):
    with pytest.raises(ValueError, match=r"days|reach"):
        Rules(**days)


def test_without_retries_a_failed_renewal_is_given_up_at_once():
    rules = Rules(retry_days=(), reminder_days=())
    assert (rules.next_attempt(NOW, tried_at=NOW, now=NOW), rules.given_up_at(NOW)) == (None, NOW)
    assert rules.next_reminder(NOW, None) is None
