"""Proration: exact, by any path, against fractions, in currencies of 0, 2 and 3 digits."""

import itertools
import random
from datetime import UTC, datetime, timedelta

import pytest
from tests.campaigns import proof_scale
from tests.oracles.fractional_proration import asked, totals, used_up

from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import Accrual, Period

CASES = proof_scale(5_000, 1_000_000)
START = datetime(2024, 1, 31, 13, 37, 11, 123_457, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LENGTHS = [1, 7, 3_600, 86_400, 28 * 86_400, 31 * 86_400 - 3_600, 31 * 86_400, 366 * 86_400, 3_660 * 86_400]


def _accrual(length, price):
    return Accrual.begin(Period(START, START + length * SECOND), price)


def _moment(rng, second):
    return START + second * SECOND + timedelta(microseconds=rng.randrange(1_000_000))


def _price(rng):
    """Prices as they are in currencies of 0, 2 and 3 digits: 1990 yen, 19.90 dollars, 19.900 dinars."""
    digits = rng.choice([0, 2, 3])
    return rng.choice(
        [0, 1, rng.randrange(1, 100), rng.randrange(1, 10_000) * 10**digits, rng.randrange(10**12)]
    )


def test_every_change_costs_what_fractions_say():
    rng = random.Random(20_260_101)
    for _ in range(CASES):
        length, price = rng.choice(LENGTHS), _price(rng)
        seconds = sorted(rng.randrange(length + 1) for _ in range(rng.randrange(5)))
        changes = [(second, _price(rng)) for second in seconds]
        accrual = _accrual(length, price)
        paid = accrual.total
        expected = totals(length, price, changes)
        assert paid == expected[0] == price
        for (second, new_price), total in zip(changes, expected[1:], strict=True):
            at = _moment(rng, second)
            cost = accrual.cost_of(at, new_price)
            unused = accrual.unused(at)
            assert accrual.cost_of(at, accrual.price) == 0
            assert -cost <= unused <= paid
            accrual = accrual.reprice(at, new_price)
            paid += cost
            assert paid == accrual.total == total
        second = rng.randrange(seconds[-1] if seconds else 0, length + 1)
        assert accrual.value(_moment(rng, second)) == used_up(length, price, changes, second)


def test_every_change_of_a_discounted_period_costs_what_fractions_say():
    rng = random.Random(20_261_121)
    for _ in range(CASES):
        length, list_price = rng.choice(LENGTHS), _price(rng)
        paid = rng.choice([0, list_price, list_price // 2, rng.randrange(list_price + 1)])
        seconds = sorted(rng.randrange(length + 1) for _ in range(rng.randrange(5)))
        changes = [(second, _price(rng)) for second in seconds]
        reckoned = [(second, asked(price, paid, list_price)) for second, price in changes]
        expected = totals(length, paid, reckoned)
        accrual = _accrual(length, list_price).sold_at(paid)
        known = accrual.total
        assert known == expected[0] == paid
        present = list_price
        for (second, new_price), total in zip(changes, expected[1:], strict=True):
            at = _moment(rng, second)
            cost, unused = accrual.cost_of(at, new_price), accrual.unused(at)
            assert accrual.cost_of(at, present) == 0
            assert -cost <= unused <= known
            # What has a lower list price costs nothing, and what has a higher one gives nothing back.
            assert cost <= 0 if new_price <= present else cost >= 0
            # Down and up again, or up and down, in the same second.
            there = accrual.reprice(at, new_price)
            assert cost + there.cost_of(at, present) == 0
            assert there.reprice(at, present).total == known
            accrual, present = there, new_price
            known += cost
            assert known == accrual.total == total


def test_a_discounted_period_by_hand():
    # 15.00 for 3 seats of 10.00 each, half of 30.00; halfway through, with fewer and with one more.
    period = _accrual(1_000, 3_000).sold_at(1_500)
    at = START + 500 * SECOND
    assert [period.cost_of(at, seats * 1_000) for seats in (1, 2, 3, 4)] == [-500, -250, 0, 500]
    # A third of 9.99 is 3.33, one cent more is one cent more, and of 0.05 it is 0.01666..., that is 2 cents.
    third = _accrual(1_000, 999).sold_at(333)
    assert [third.reprice(START, price).total for price in (999, 1_000, 5)] == [333, 334, 2]
    # Of two that are as near it is the greater: half of 0.05 is 0.03.
    half = _accrual(1_000, 1_000).sold_at(500)
    assert half.reprice(START, 5).total == 3
    # What was had for nothing stays so, and what is had beyond it is not.
    gift = _accrual(1_000, 1_000).sold_at(0)
    assert [gift.cost_of(START, price) for price in (400, 1_000, 99_000)] == [0, 0, 98_000]
    # What is free anyway is not made less.
    assert _accrual(1_000, 0).sold_at(0).cost_of(START, 700) == 700


def test_parts_of_a_period_sum_to_the_period():
    rng = random.Random(7)
    for _ in range(CASES // 10):
        length, price = rng.choice(LENGTHS), _price(rng)
        accrual = _accrual(length, price)
        cuts = sorted(START + rng.random() * length * SECOND for _ in range(rng.randrange(8)))
        values = [accrual.value(moment) for moment in [START, *cuts, accrual.end]]
        assert sum(b - a for a, b in itertools.pairwise(values)) == price
        assert values == sorted(values)


@pytest.mark.parametrize("seat", [1, 999, 1_999, 1_001, 33_333])
def test_three_seats_one_by_one_cost_what_three_at_once_cost(seat):
    rng = random.Random(seat)
    for _ in range(CASES // 10):
        length = rng.choice(LENGTHS)
        at = _moment(rng, rng.randrange(length + 1))
        one = _accrual(length, seat)
        at_once = one.cost_of(at, 4 * seat)
        by_one = 0
        for seats in (2, 3, 4):
            by_one += one.cost_of(at, seats * seat)
            one = one.reprice(at, seats * seat)
        assert by_one == at_once


def test_fractions_of_a_second_are_not_lost_over_many_changes():
    accrual = _accrual(1_000, 1_000)
    for tenth in range(1, 5_001):
        accrual = accrual.reprice(START + tenth * timedelta(milliseconds=100), 1_000)
    assert accrual.used == 500
    assert accrual.value(START + 500 * SECOND) == 500


def test_a_pause_leaves_the_used_part_where_it_was():
    accrual = _accrual(1_000, 777).reprice(START + 300 * SECOND, 555)
    at = START + 444 * SECOND
    pause = timedelta(days=41, microseconds=7)
    assert accrual.moved(pause).value(at + pause) == accrual.value(at)
    assert accrual.moved(pause).end == accrual.end + pause


def test_kill_bill_pr_1535_a_biennial_plan_costs_its_price():
    length = 731 * 86_400
    accrual = _accrual(length, 2_000)
    months = [START + length * SECOND * k / 24 for k in range(25)]
    parts = [accrual.value(b) - accrual.value(a) for a, b in itertools.pairwise(months)]
    assert sum(parts) == 2_000
    assert Money(sum(parts), Currency("USD")) == Money.parse("20.00", Currency("USD"))


def test_lago_6194_an_upgrade_in_a_quarter_is_measured_by_its_own_91_days():
    start = datetime(2026, 4, 1, tzinfo=UTC)
    quarter = Period(start, datetime(2026, 7, 1, tzinfo=UTC))
    accrual = Accrual.begin(quarter, 9_100)
    assert accrual.length == 91 * 86_400
    assert accrual.cost_of(start + timedelta(days=42), 18_200) == (91 - 42) * 100
    assert accrual.cost_of(start + timedelta(days=87), 18_200) == (91 - 87) * 100


@pytest.mark.parametrize(("length", "price"), [(0, 100), (10, -1)])
def test_an_impossible_accrual_is_refused(length, price):
    with pytest.raises(ValueError, match=r"not negative|a second at least"):
        _accrual(length, price)
