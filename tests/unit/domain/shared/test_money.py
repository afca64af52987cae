"""Money: exact amounts that are read, written, counted and divided without losing a unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.domain.shared import Currency, Money

USD, JPY, KWD, CLF = Currency("USD"), Currency("JPY"), Currency("KWD"), Currency("CLF")

currencies = st.sampled_from([USD, JPY, KWD, CLF])
amounts = st.builds(Money, st.integers(-(10**15), 10**15), currencies)
weights = st.lists(st.integers(0, 1_000), min_size=1, max_size=12).filter(any)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.99", USD, 1_999),
        ("19.9", USD, 1_990),
        ("19", USD, 1_900),
        ("-0.01", USD, -1),
        ("-0", USD, 0),
        ("007", USD, 700),
        ("1500", JPY, 1_500),
        ("1.234", KWD, 1_234),
        ("0.0001", CLF, 1),
        ("999999999999999999", JPY, 999_999_999_999_999_999),
        ("9999999999999999.99", USD, 999_999_999_999_999_999),
    ],
)
def test_an_amount_is_read_in_the_digits_of_its_currency(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "-", "--1", "+1", "1e5", "1E5", " 1", "1 ", "1\n", "1_000", "1,000", "1,5", "1.2.3"),
        *("NaN", "nan", "sNaN", "Infinity", "-inf", "0x10", "$1", "1-", "- 1", "\N{MINUS SIGN}1"),
        *("\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}", "1\N{ARABIC DECIMAL SEPARATOR}5", "²"),
        *("1" * 19, "0" * 19, "1" * 17 + ".11", "9" * 100_000),
    ],
)
def test_what_is_no_plain_amount_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text, USD)


@pytest.mark.parametrize(
    ("text", "currency"), [("0.001", USD), ("1.500", USD), ("1.5", JPY), ("1.0", JPY), ("1.2345", KWD)]
)
def test_more_digits_than_the_currency_has_are_refused_even_when_they_are_noughts(text, currency):
    with pytest.raises(ValueError, match="digits"):
        Money.parse(text, currency)


@given(amounts)
def test_what_is_written_is_read_back(amount):
    assert Money.parse(str(amount), amount.currency) == amount


@given(amounts)
def test_what_is_written_is_the_exact_amount_with_all_its_digits(amount):
    exponent = amount.currency.exponent
    assert Fraction(str(amount)) == Fraction(amount.minor, 10**exponent)
    assert len(str(amount).partition(".")[2]) == exponent


@given(amounts, weights)
def test_the_parts_sum_to_the_whole(amount, weights):
    parts = amount.split(weights)
    assert len(parts) == len(weights)
    assert sum(part.minor for part in parts) == amount.minor
    assert {part.currency for part in parts} == {amount.currency}


@given(amounts, weights)
def test_splitting_is_the_apportionment_by_largest_remainder(amount, weights):
    sign = -1 if amount.minor < 0 else 1
    exact = [Fraction(abs(amount.minor) * weight, sum(weights)) for weight in weights]
    expected = [share.numerator // share.denominator for share in exact]
    left = abs(amount.minor) - sum(expected)
    by_remainder = sorted(range(len(exact)), key=lambda i: (expected[i] - exact[i], i))
    for index in by_remainder[:left]:
        expected[index] += 1
    assert [part.minor for part in amount.split(weights)] == [sign * share for share in expected]


@given(amounts, weights)
def test_no_part_is_a_unit_off_its_exact_share_and_nothing_goes_to_a_weight_of_nought(amount, weights):
    for part, weight in zip(amount.split(weights), weights, strict=True):
        assert abs(part.minor - Fraction(amount.minor * weight, sum(weights))) < 1
        if weight == 0:
            assert part.minor == 0


def test_ties_go_to_the_earlier_part():
    assert [part.minor for part in Money(100, USD).split([1, 1, 1])] == [34, 33, 33]
    assert [part.minor for part in Money(-100, USD).split([1, 1, 1])] == [-34, -33, -33]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [-1, 2], [3, -1]])
def test_weights_that_divide_nothing_are_refused(weights):
    with pytest.raises(ValueError, match="weights"):
        Money(100, USD).split(weights)


def test_amounts_of_one_currency_are_counted_and_compared():
    five, two = Money(500, USD), Money(200, USD)
    assert five + two == Money(700, USD)
    assert two - five == Money(-300, USD) == -(five - two)
    assert two * 3 == Money(600, USD)
    assert Money.zero(USD) < two <= two < five
    assert five > two


@pytest.mark.parametrize(
    "mix", [lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a < b, lambda a, b: a <= b]
)
def test_currencies_never_mix(mix):
    with pytest.raises(ValueError, match="never mix"):
        mix(Money(1, USD), Money(1, JPY))
    assert Money(1, USD) != Money(1, JPY)


@pytest.mark.parametrize("code", ["", "US", "USDT", "usd", "Usd", "ÄÖÜ", "U D", "U1D"])
def test_a_currency_has_a_code_of_three_capital_letters(code):
    with pytest.raises(ValueError, match="ISO 4217"):
        Currency(code)
