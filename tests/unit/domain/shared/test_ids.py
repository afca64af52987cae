"""Identifiers as RFC 9562 lays them out."""

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.domain.shared import uuid4_from, uuid7_from

noise = st.binary(min_size=10, max_size=10)
moments = st.integers(0, (1 << 48) - 1)


@given(moments, noise)
def test_a_time_ordered_identifier_has_its_fields_where_the_rfc_puts_them(milliseconds, randomness):
    made = uuid7_from(milliseconds=milliseconds, randomness=randomness)
    bits = f"{made.int:0128b}"
    drawn = f"{int.from_bytes(randomness, 'big'):080b}"
    assert int(bits[:48], 2) == milliseconds
    assert bits[48:52] == "0111"
    assert bits[52:64] == drawn[:12]
    assert bits[64:66] == "10"
    assert bits[66:] == drawn[-62:]
    assert (made.version, made.variant) == (7, RFC_4122)


def test_the_example_of_the_rfc_is_made_from_its_parts():
    # RFC 9562, appendix A.6: 2022-02-22 14:22:22 -05:00, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F.
    drawn = 0xCC3 << 68 | 0x18C4DC0C0C07398F
    made = uuid7_from(milliseconds=0x017F22E279B0, randomness=drawn.to_bytes(10, "big"))
    assert made == UUID("017F22E2-79B0-7CC3-98C4-DC0C0C07398F")


@given(moments, moments, noise, noise)
def test_time_ordered_identifiers_sort_by_their_millisecond(first, second, one, other):
    if first == second:
        return
    earlier = uuid7_from(milliseconds=min(first, second), randomness=one)
    later = uuid7_from(milliseconds=max(first, second), randomness=other)
    assert earlier < later
    assert str(earlier) < str(later)
    assert earlier.bytes < later.bytes


def test_a_moment_beyond_48_bits_does_not_spill_into_the_version():
    made = uuid7_from(milliseconds=1 << 48, randomness=bytes(10))
    assert (made.version, made.variant) == (7, RFC_4122)


@given(st.binary(min_size=16, max_size=16))
def test_a_random_identifier_keeps_122_bits_of_its_randomness(randomness):
    made = uuid4_from(randomness)
    assert (made.version, made.variant) == (4, RFC_4122)
    fixed = 0xF << 76 | 0b11 << 62
    assert made.int & ~fixed == int.from_bytes(randomness, "big") & ~fixed


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_random_identifier_takes_sixteen_bytes(length):
    with pytest.raises(ValueError, match="16"):
        uuid4_from(bytes(length))
