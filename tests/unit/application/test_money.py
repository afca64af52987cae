"""Money as commands take it: exact, in the currency's own digits, never mixed."""

import pytest
from pydantic import TypeAdapter, ValidationError

from multiproduct.application.money import MoneyInput, MoneyView, PlainMoney
from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.shared.money import Currency, Money

USD, JPY, KWD = Currency("USD"), Currency("JPY"), Currency("KWD")
PLAIN = TypeAdapter(PlainMoney)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"), [("19.99", USD, 1999), ("5", JPY, 5), ("0.125", KWD, 125)]
)
def test_an_amount_is_read_and_told_in_its_own_digits(amount, currency, minor):
    money = MoneyInput(amount=amount, currency=currency.code).money(field="price")
    assert money == Money(minor, currency)
    assert MoneyView.of(money).model_dump() == {"amount": amount, "currency": currency.code}


def test_a_plain_amount_has_the_currency_that_is_known():
    assert PLAIN.validate_python("19.99").money(field="price", known=USD) == Money(1999, USD)
    with pytest.raises(InvalidInput) as refused:
        PLAIN.validate_python("19.99").money(field="price")
    assert [(each.field, each.code) for each in refused.value.problems] == [("price.currency", "required")]


def test_currencies_never_mix():
    with pytest.raises(InvalidInput) as refused:
        MoneyInput(amount="1", currency="JPY").money(field="price", known=USD)
    assert [(each.field, each.code) for each in refused.value.problems] == [
        ("price.currency", "currency_mismatch")
    ]


def test_more_digits_than_the_currency_has_are_refused():
    with pytest.raises(InvalidInput) as refused:
        MoneyInput(amount="1.5", currency="JPY").money(field="price")
    assert [(each.field, each.code) for each in refused.value.problems] == [("price.amount", "amount_digits")]


@pytest.mark.parametrize("amount", ["", "1e3", "1,00", "١", "1.00000", "+1", " 1", "9" * 19])
def test_what_is_no_amount_is_refused(amount):
    with pytest.raises((ValidationError, InvalidInput)):
        MoneyInput(amount=amount, currency="USD").money(field="price")
