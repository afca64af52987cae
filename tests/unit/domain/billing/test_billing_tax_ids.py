"""Tax ids: those that authorities publish as examples pass, and one digit off they do not."""

import pytest

from multiproduct.domain.billing import tax_id
from multiproduct.domain.shared import InvalidInput

# Examples of the authorities and of public registers.
GOOD = [
    ("AT", "ATU13585627"),
    ("AU", "51 824 753 556"),
    ("BE", "BE 0428.759.497"),
    ("DE", "DE136695976"),
    ("DK", "DK13585628"),
    ("ES", "ES A28015865"),
    ("ES", "X2482300W"),
    ("ES", "54362315K"),
    ("FR", "FR40303265045"),
    ("FR", "K7399859412"),
    ("GB", "GB980780684"),
    ("IN", "27AAPFU0939F1ZV"),
    ("IT", "IT00743110157"),
    ("NL", "NL004495445B01"),
    ("NL", "NL123456789B13"),
    ("PL", "PL8567346215"),
    ("PT", "PT501964843"),
    ("TW", "04595257"),
    ("TW", "10458575"),
]


@pytest.mark.parametrize(("country", "text"), GOOD)
def test_a_good_one_passes_and_comes_out_without_blanks(country: str, text: str) -> None:
    found = tax_id(country, text)
    assert not set(found.text) & set(" .-")
    assert tax_id(country, found.text) == found


@pytest.mark.parametrize(("country", "text"), GOOD)
def test_with_another_digit_it_does_not(country: str, text: str) -> None:
    # The second digit, as the weights of the others may let some pairs pass.
    place = [index for index, each in enumerate(text) if each.isdigit()][1]
    refused = 0
    for digit in "0123456789":
        if digit == text[place]:
            continue
        try:
            tax_id(country, text[:place] + digit + text[place + 1 :])
        except InvalidInput:
            refused += 1
    assert refused >= 6


@pytest.mark.parametrize(
    ("country", "text"), [("DE", "DE12345678"), ("TW", "1234567"), ("FI", "FI1234"), ("XX", "-"), ("DE", "")]
)
def test_what_has_not_the_form_is_refused(country: str, text: str) -> None:
    with pytest.raises(InvalidInput):
        tax_id(country, text)


def test_taiwan_divides_by_five_since_2023() -> None:
    passing = [f"1000{n:04}" for n in range(2_000) if _tw_sum(f"1000{n:04}") % 10 == 5]
    assert passing
    for text in passing[:50]:
        assert tax_id("TW", text).text == text


def _tw_sum(text: str) -> int:
    products = [int(digit) * weight for digit, weight in zip(text, (1, 2, 1, 2, 1, 2, 4, 1), strict=True)]
    return sum(product // 10 + product % 10 for product in products)
