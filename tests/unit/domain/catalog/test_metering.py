"""What usage costs, against an oracle that counts unit by unit, in currencies with 0, 2 and 3 digits."""

from datetime import timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import tariffs

from multiproduct.adapters.contracts.builders import NOW
from multiproduct.domain.catalog import (
    Aggregation,
    Measurement,
    PriceModel,
    Tariff,
    Tier,
    UnitPrice,
    aggregate,
)
from multiproduct.domain.shared.money import Currency, Money

USD = Currency("USD")
unit_prices = st.builds(
    lambda whole, part: f"{whole}.{part}" if part else str(whole),
    st.integers(0, 99),
    st.text("0123456789", max_size=12),
)


@st.composite
def _tariffs(draw):
    model = draw(st.sampled_from(PriceModel))
    count = draw(st.integers(1, 5)) if model in (PriceModel.GRADUATED, PriceModel.VOLUME) else 1
    ends = sorted(draw(st.sets(st.integers(1, 60), min_size=count - 1, max_size=count - 1)))
    return Tariff(
        model=model,
        currency=draw(st.sampled_from([USD, Currency("JPY"), Currency("KWD")])),
        tiers=tuple(
            Tier(up_to=end, unit_price=UnitPrice(draw(unit_prices)), flat_minor=draw(st.integers(0, 1000)))
            for end in [*ends, None]
        ),
        package_size=draw(st.integers(1, 7)),
    )


@given(tariff=_tariffs(), quantity=st.integers(0, 80))
def test_charges_are_those_of_the_oracle(tariff, quantity):
    expected = tariffs.amount(
        model=tariff.model.value,
        tiers=[(tier.up_to, tier.unit_price.text, tier.flat_minor) for tier in tariff.tiers],
        size=tariff.package_size,
        quantity=quantity,
        digits=tariff.currency.exponent,
    )
    assert tariff.charge(quantity) == Money(expected, tariff.currency)


@given(tariff=_tariffs(), quantity=st.fractions(0, 80), more=st.fractions(0, 20))
def test_more_usage_never_costs_less_but_by_volume(tariff, quantity, more):
    if tariff.model is not PriceModel.VOLUME:
        assert tariff.charge(quantity) <= tariff.charge(quantity + more)


def test_a_tier_holds_its_own_end():
    tariff = Tariff(
        model=PriceModel.VOLUME,
        currency=USD,
        tiers=(Tier(up_to=10, unit_price=UnitPrice("1")), Tier(up_to=None, unit_price=UnitPrice("0.5"))),
    )
    assert [tariff.charge(quantity).minor for quantity in (10, Fraction(21, 2), 11)] == [1000, 525, 550]


def test_a_line_is_rounded_once_at_its_end():
    tariff = Tariff(
        model=PriceModel.PER_UNIT,
        currency=USD,
        tiers=(Tier(up_to=None, unit_price=UnitPrice("0.000000000001")),),
    )
    assert tariff.charge(4_999_999_999).minor == 0
    assert tariff.charge(5_000_000_000).minor == 1


def test_a_begun_package_costs_what_a_whole_one_does():
    tariff = Tariff(
        model=PriceModel.PACKAGE,
        currency=USD,
        tiers=(Tier(up_to=None, unit_price=UnitPrice("2")),),
        package_size=100,
    )
    quantities = (0, Fraction(1, 10), 100, Fraction(1001, 10), 200)
    assert [tariff.charge(quantity).minor for quantity in quantities] == [0, 200, 200, 400, 400]


@pytest.mark.parametrize(
    ("model", "ends", "size"),
    [
        (PriceModel.GRADUATED, [10], 1),
        (PriceModel.GRADUATED, [10, 10, None], 1),
        (PriceModel.GRADUATED, [10, 5, None], 1),
        (PriceModel.GRADUATED, [None, None], 1),
        (PriceModel.GRADUATED, [0, None], 1),
        (PriceModel.GRADUATED, [], 1),
        (PriceModel.PER_UNIT, [10, None], 1),
        (PriceModel.PACKAGE, [None], 0),
    ],
)
def test_tiers_that_make_no_sense_are_refused(model, ends, size):
    tiers = tuple(Tier(up_to=end, unit_price=UnitPrice("1")) for end in ends)
    with pytest.raises(ValueError, match=r"tier|package"):
        Tariff(model=model, currency=USD, tiers=tiers, package_size=size)


@pytest.mark.parametrize("text", ["", "-1", "1.", ".5", "1e3", "0.1234567890123", "1" * 16, "١"])
def test_what_is_no_unit_price_is_refused(text):
    with pytest.raises(ValueError, match="unit price"):
        UnitPrice(text)


def test_usage_is_not_below_zero():
    tariff = Tariff(
        model=PriceModel.PER_UNIT, currency=USD, tiers=(Tier(up_to=None, unit_price=UnitPrice("1")),)
    )
    with pytest.raises(ValueError, match="below zero"):
        tariff.charge(-1)


def _measured(quantity: str, *, minutes: int = 0, order: int = 0, value: str | None = None) -> Measurement:
    return Measurement(
        quantity=Fraction(quantity), at=NOW + timedelta(minutes=minutes), order=order, value=value
    )


def test_measurements_become_one_quantity():
    measured = [
        _measured("5", minutes=2, order=1, value="a"),
        _measured("0.5", minutes=2, order=2, value="b"),
        _measured("7", minutes=1, value="a"),
        _measured("1"),
    ]
    assert {kind: aggregate(kind, measured) for kind in Aggregation} == {
        Aggregation.SUM: Fraction("13.5"),
        Aggregation.MAX: 7,
        Aggregation.LAST: Fraction("0.5"),
        Aggregation.UNIQUE_COUNT: 2,
    }
    assert {aggregate(kind, []) for kind in Aggregation} == {0}
