"""Where a body stops being JSON: found exactly, and told without its content."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.unit.entrypoints.http_service import BASE, ask, running_service

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.entrypoints.http.json_syntax import MAX_SCANNED_BYTES, Break, Expected, break_of

SIGN_UP = f"{BASE}/registration"
JSON = (b"content-type", b"application/json")

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def is_json(text: str) -> bool:
    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@given(values.map(json.dumps))
def test_what_is_json_has_no_break(text):
    assert break_of(text.encode()) is None


@given(st.text(alphabet='{}[],:"\\ \n0123-+.eEtrufalsn\x01/', max_size=14))
@example('{"a": 01}')
@example('["\\u12g4"]')
@example('{"a": -Infinity}')
@example("[1,]")
@example('{"a": 1,}')
@example('{"a": 1}}')
def test_a_break_is_found_where_and_only_where_the_standard_reader_refuses(text):
    assert (break_of(text.encode()) is None) is is_json(text)


@given(values.map(json.dumps), st.data())
def test_with_a_character_less_it_is_still_told_apart_rightly(text, data):
    place = data.draw(st.integers(0, len(text) - 1))
    shortened = text[:place] + text[place + 1 :]
    assert (break_of(shortened.encode()) is None) is is_json(shortened)


@pytest.mark.parametrize(
    ("raw", "line", "column", "expected"),
    [
        (b'{"email": "a@b.co"', 1, 19, Expected.COMMA_OR_BRACE),
        (b'{"email": "a@b.co"\n "phone": 1}', 2, 2, Expected.COMMA_OR_BRACE),
        (b'{"a": [1 2]}', 1, 10, Expected.COMMA_OR_BRACKET),
        (b'{"a" 1}', 1, 6, Expected.COLON),
        (b"{'a': 1}", 1, 2, Expected.NAME),
        (b'{"a": 1,}', 1, 9, Expected.NAME),
        (b'{"a": }', 1, 7, Expected.VALUE),
        (b'{"a": NaN}', 1, 7, Expected.VALUE),
        (b'{"a": "b}', 1, 10, Expected.CLOSING_QUOTE),
        (b'{"a": "b\\x"}', 1, 9, Expected.ESCAPE),
        (b'{"a": "b\nc"}', 1, 9, Expected.ESCAPE),
        (b"{} x", 1, 4, Expected.END),
        (b'{"\xc3\xa9": "\xff"}', 1, 8, Expected.UTF_8),
        (b"\xef\xbb\xbf{}", 1, 1, Expected.VALUE),
    ],
)
def test_the_place_and_what_is_expected_there_are_named(raw, line, column, expected):
    assert break_of(raw) == Break(line, column, expected)


def test_deep_and_long_texts_are_no_trouble():
    assert break_of(b"[" * MAX_SCANNED_BYTES) == Break(1, MAX_SCANNED_BYTES + 1, Expected.VALUE)
    assert break_of(b"[" * (MAX_SCANNED_BYTES + 1)) is None


async def test_the_answer_tells_the_place_and_nothing_of_the_content():
    async with running_service(rate_limit_profile="unlimited") as service:
        body = b'{\n "email": "tony@stark.com"\n "password": "hunter2 hunter2"}'
        answer = await ask(service.app, SIGN_UP, method="POST", headers=[JSON], chunks=[body])
        problem = json.loads(answer.body)
        assert (answer.status, problem["code"]) == (400, "malformed")
        assert (problem["line"], problem["column"], problem["expected"]) == (3, 2, "comma_or_brace")
        assert "line 3, column 2" in problem["detail"]
        assert "comma or a closing brace" in problem["detail"]
        assert not any(word in answer.body for word in (b"tony", b"hunter2", b"password"))
        long = b'{"first_name": "' + b"a" * MAX_SCANNED_BYTES + b'" "x"}'
        problem = json.loads(
            (await ask(service.app, SIGN_UP, method="POST", headers=[JSON], chunks=[long])).body
        )
        assert (problem["line"], problem["column"]) == (1, MAX_SCANNED_BYTES + 19)
        assert "expected" not in problem


def test_every_expectation_has_words_in_every_language():
    translator = BabelTranslator()
    for locale in translator.locales:
        for expected in Expected:
            key = f"json.expected.{expected}"
            assert translator.text(key, locale=locale) != key
