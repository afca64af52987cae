"""Tax: exact, rounded where it is said, parts that sum to the whole, in currencies of 0, 2 and 3 digits."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles.invoice_tax import exact_tax, half_up, total_of

from multiproduct.domain.billing import (
    AppliedTax,
    NewLine,
    TaxRounding,
    TaxRule,
    TaxSituation,
    tax_on,
    taxed,
)
from multiproduct.domain.shared import Currency, Money

NOW = datetime(2026, 3, 4, tzinfo=UTC)
_amounts = st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20)
_rates = st.integers(0, 1_000_000)


def lines_of(amounts: list[int], code: str) -> list[NewLine]:
    return [NewLine(description="x", unit_price=Money(each, Currency(code))) for each in amounts]


@given(_amounts, _rates, st.booleans(), st.sampled_from(["JPY", "USD", "KWD"]))
def test_per_line_each_tax_is_the_exact_one_half_up(amounts, rate, is_inclusive, code) -> None:
    tax = AppliedTax(name="T", rate_ppm=rate, country="DE", is_inclusive=is_inclusive)
    found = taxed(lines_of(amounts, code), lambda _line: tax, TaxRounding.PER_LINE)
    for asked, line in zip(amounts, found, strict=True):
        assert line.tax_minor == half_up(exact_tax(asked, rate, is_inclusive=is_inclusive))
        assert line.net_minor + line.tax_minor == total_of([asked], line.tax_minor, is_inclusive=is_inclusive)


@given(_amounts, _rates, st.booleans())
def test_per_invoice_the_sum_is_rounded_once_and_the_parts_come_to_it(amounts, rate, is_inclusive) -> None:
    tax = AppliedTax(name="T", rate_ppm=rate, country="DE", is_inclusive=is_inclusive)
    found = taxed(lines_of(amounts, "USD"), lambda _line: tax, TaxRounding.PER_INVOICE)
    exact = [exact_tax(asked, rate, is_inclusive=is_inclusive) for asked in amounts]
    assert sum(line.tax_minor for line in found) == half_up(sum(exact))
    assert all(abs(line.tax_minor - each) <= 1 for line, each in zip(found, exact, strict=True))
    paid = sum(line.net_minor + line.tax_minor for line in found)
    assert paid == total_of(amounts, half_up(sum(exact)), is_inclusive=is_inclusive)


def a_rule(
    number: int, country: str, rate: int, *, region: str = "", tax_class: str = "standard", days: int = -10
) -> TaxRule:
    return TaxRule.create(
        id=UUID(int=number),
        country=country,
        region=region,
        tax_class=tax_class,
        name="T",
        rate_ppm=rate,
        valid_from=NOW + timedelta(days=days),
        now=NOW,
    )


@pytest.mark.parametrize(
    ("customer", "region", "tax_class", "has_id", "rate", "reverse"),
    [
        ("", "", "standard", False, 190_000, False),
        ("DE", "", "books", False, 70_000, False),
        ("DE", "", "standard", True, 190_000, False),
        ("FR", "", "standard", False, 200_000, False),
        ("FR", "", "standard", True, 0, True),
        ("US", "NY", "standard", False, 88_750, False),
        ("US", "OR", "standard", False, 0, False),
        ("TW", "", "standard", True, 0, False),
    ],
)
def test_whose_rule_holds(customer, region, tax_class, has_id, rate, reverse) -> None:
    rules = [
        a_rule(1, "DE", 160_000, days=-100),
        a_rule(2, "DE", 190_000),
        a_rule(3, "DE", 220_000, days=1),
        a_rule(4, "DE", 70_000, tax_class="books"),
        a_rule(5, "FR", 200_000),
        a_rule(6, "US", 88_750, region="NY"),
    ]
    situation = TaxSituation(
        seller_country="DE", customer_country=customer, customer_region=region, has_valid_tax_id=has_id
    )
    found = tax_on(tax_class, rules, situation, at=NOW)
    assert (found.rate_ppm, found.is_reverse_charge) == (rate, reverse)
