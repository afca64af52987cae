"""Telephone numbers as people write them."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.adapters.phonenumbers import MetadataPhoneNumbers
from multiproduct.domain.shared import FieldProblem, InvalidInput

NUMBERS = MetadataPhoneNumbers()


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("+12025550134", None, "+12025550134"),
        ("+1 (202) 555-0134", None, "+12025550134"),
        ("202.555.0134", "us", "+12025550134"),
        ("0912 345 678", "TW", "+886912345678"),
        ("0912-123-4567", "IR", "+989121234567"),
        ("۰۹۱۲۱۲۳۴۵۶۷", "IR", "+989121234567"),
        ("00989121234567", "TR", "+989121234567"),
        ("+98 912 123 4567", "US", "+989121234567"),
        ("＋１ ２０２ ５５５ ０１３４", None, "+12025550134"),
    ],
)
def test_usual_ways_of_writing_a_number_lead_to_it(text, region, e164):
    assert NUMBERS.parse(text, region=region).e164 == e164


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("0912 123 4567", None),
        ("0912 123 4567", "XX"),
        ("0912 123 4567", ""),
        ("+123", None),
        ("12", "IR"),
        ("1-800-FLOWERS", "US"),
        ("+44 20 7946 0958 x12", None),
        ("tel:+12025550134", None),
        ("+1 900 234 5678", None),
        ("+9" * 40, None),
        ("9" * 100_000, "US"),
        ("+1202555\ud800", None),
        ("+", None),
    ],
)
def test_what_no_message_can_be_sent_to_is_refused(text, region):
    with pytest.raises(InvalidInput) as refused:
        NUMBERS.parse(text, region=region)
    assert refused.value.problems == (FieldProblem("phone", "invalid_phone"),)


@pytest.mark.parametrize("text", ["", "  "])
def test_a_missing_number_is_required(text):
    with pytest.raises(InvalidInput) as refused:
        NUMBERS.parse(text, region=None)
    assert refused.value.problems == (FieldProblem("phone", "required"),)


@given(
    st.text(max_size=70) | st.from_regex(r"[+0-9 ()-]{5,20}", fullmatch=True),
    st.sampled_from([None, "US", "TW"]),
)
def test_whatever_is_read_reads_the_same_again_in_every_region(text, region):
    try:
        number = NUMBERS.parse(text, region=region)
    except InvalidInput:
        return
    for other in (None, "US", "IR", "DE"):
        assert NUMBERS.parse(number.e164, region=other) == number


def test_the_package_is_not_loaded_before_it_is_needed():
    code = "import sys; from multiproduct.adapters import phonenumbers as a; a.MetadataPhoneNumbers()"
    code += "; print('phonenumbers' in sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert answer.stdout.strip() == "False"
