"""Pages and their cursors."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.domain.shared import FieldProblem, InvalidInput

keys = st.lists(st.text(max_size=20) | st.integers(-(2**53), 2**53), min_size=1, max_size=3)


@given(keys)
def test_a_cursor_holds_the_place_it_was_made_from(key):
    cursor = encode_cursor(*key)
    assert decode_cursor(cursor, length=len(key)) == tuple(key)
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def _encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        *("", "x", "é", "====", "!!!!", "\ud800", "a" * 100_000),
        *(_encoded(1), _encoded({"0": "a", "1": "b"}), _encoded("ab"), _encoded(None)),
        *(_encoded([]), _encoded(["a"]), _encoded(["a", "b", "c"])),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        base64.urlsafe_b64encode(b"[" * 300).decode(),
    ],
)
def test_what_is_no_cursor_is_refused(cursor):
    with pytest.raises(InvalidInput) as refusal:
        decode_cursor(cursor, length=2)
    assert refusal.value.problems == (FieldProblem("cursor", "invalid"),)


@given(st.text(max_size=600))
def test_no_text_breaks_the_reading_of_a_cursor(text):
    try:
        position = decode_cursor(text, length=1)
    except InvalidInput:
        return
    assert len(position) == 1


@given(st.integers(1, 7), st.integers(0, 40))
def test_paging_shows_everything_once_and_ends(limit, count):
    everything, seen, after = list(range(count)), [], -1
    for _ in range(count + 1):
        found = [item for item in everything if item > after][: limit + 1]
        page = page_of(found, limit=limit, cursor_of=encode_cursor)
        seen += page.items
        if page.next_cursor is None:
            break
        assert len(page.items) == limit
        (after,) = decode_cursor(page.next_cursor, length=1)
    assert seen == everything


def test_a_page_that_is_just_full_is_the_last_one():
    assert page_of([1, 2], limit=2, cursor_of=encode_cursor).next_cursor is None
    assert page_of([], limit=2, cursor_of=encode_cursor).next_cursor is None
