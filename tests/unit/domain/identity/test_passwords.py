"""Passwords that are refused, and the many that are not."""

import unicodedata

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from multiproduct.domain.identity.guessability import is_guessable
from multiproduct.domain.identity.passwords import MAX_BYTES, PasswordPolicy, is_predictable, prepared
from multiproduct.domain.shared import FieldProblem, InvalidInput

_TONY = (
    "tony.stark",
    "pepper@potts-industries.com",
    "Anthony",
    "O'Brien-Stark",
    "multiproduct",
    "+12025550134",
)


def _problem(password: str, *context: str) -> FieldProblem | None:
    try:
        PasswordPolicy().check(password, context)
    except InvalidInput as refusal:
        (problem,) = refusal.problems
        return problem
    return None


def _code(password: str, *context: str) -> str | None:
    problem = _problem(password, *context)
    return problem and problem.code


@pytest.mark.parametrize(
    ("password", "code", "params"),
    [
        ("", "required", ()),
        ("short77", "too_short", (("min", 8),)),
        ("e\u0301" * 7, "too_short", (("min", 8),)),
        ("x" * 1_025, "too_long", (("max", 1_024),)),
        ("é" * 513, "too_long", (("max", 1_024),)),
        ("x" * 10_000_000, "too_long", (("max", 1_024),)),
        ("correct\0horse", "invalid_password", ()),
        ("correct\ud800horse", "invalid_password", ()),
    ],
)
def test_a_refusal_names_the_rule_that_is_broken(password, code, params):
    assert _problem(password) == FieldProblem("password", code, params)


@pytest.mark.parametrize(
    "password",
    [
        *(
            "correct horse",
            "kX3#9vQp",
            "wqzvkjhx",
            "7c1q0x9f",
            "ёж-в-тумане",
            "密码密碼密馬密瑪",
            "🦊🦉🐢🐌🦊🦉🦊🐢",
        ),
        *(" leading and trailing ", "correct horse " * 73),
    ],
)
def test_no_composition_is_asked_for(password):
    assert _code(password) is None


@pytest.mark.parametrize(
    "password",
    [
        *("password", "PASSWORD", "Password1", "iloveyou", "1q2w3e4r", "trustno1", "letmein1", "sunshine"),
        *("aaaaaaaa", "12345678", "87654321", "0123456789", "34567890", "89012345", "abcdefgh", "ZYXWVUTSR"),
        *(
            "abababab",
            "123123123",
            "xyzxyzxyzx",
            "qwertyui",
            "poiuytrewq",
            "asdfghjkl",
            "йцукенгш",
            "    " * 2,
        ),
        *("qwertzuiop", "a" * 1_024),
    ],
)
def test_what_is_tried_first_is_refused(password):
    assert _code(password) == "password_common"


@pytest.mark.parametrize(
    "password",
    [
        *(
            "tonystark",
            "TonyStark1",
            "tony.stark",
            "tony.stark!",
            "2024tonystark",
            "starkstark",
            "Tony-Stark-7",
        ),
        *("pepper99!", "pepper@potts-industries.com", "potts2024", "industries", "Anthony77", "anthonystark"),
        *("obrien-stark", "OBrienStark", "multiproduct", "Multiproduct#1", "12025550134", "12025550134!!"),
    ],
)
def test_words_of_the_context_with_a_few_digits_are_refused(password):
    assert _code(password, *_TONY) == "password_context"
    assert _code(password) != "password_context"


@pytest.mark.parametrize(
    "password",
    ["starkness-monster", "tony likes pepper", "stark-20240101-x", "tony98317465", "antonym-seven"],
)
def test_a_context_word_within_a_longer_password_is_free(password):
    assert _code(password, *_TONY) is None


@pytest.mark.parametrize("context", ["", " ", "-", "a", "7", "42", "\ud800", "x" * 100_000])
def test_context_that_says_nothing_refuses_nothing(context):
    assert _code("a7-42-aa-977", context) is None


def test_much_context_is_bounded():
    words = [f"word{index:05}" for index in range(10_000)]
    assert _code("correct horse", *words) is None
    assert _code("word00001", *words[:20]) == "password_context"


def test_a_name_in_another_script_counts_as_context():
    assert _code("山田太郎1985", "山田太郎") == "password_context"
    assert _code("ТОНИСТАРК", "Тони", "Старк") == "password_context"


def test_a_house_may_ask_for_longer_passwords():
    with pytest.raises(InvalidInput) as refused:
        PasswordPolicy(min_length=15).check("correct horse")
    assert refused.value.problems == (FieldProblem("password", "too_short", (("min", 15),)),)


@given(st.text(max_size=1_200))
@example("e\u0301" * 700)
@example("\u0390" * 500)
def test_prepared_text_is_the_same_however_it_was_typed(text):
    try:
        ready = prepared(text)
    except InvalidInput:
        normal = unicodedata.normalize("NFC", text)
        assert "\0" in text or not normal.isprintable() or len(normal.encode()) > MAX_BYTES
        return
    assert len(ready.encode()) <= MAX_BYTES
    assert prepared(ready) == ready
    assert prepared(unicodedata.normalize("NFD", text)) == ready
    assert unicodedata.normalize("NFD", ready) == unicodedata.normalize("NFD", text)


def test_the_longest_password_may_be_typed_decomposed():
    longest = "\u0390" * 512
    assert prepared(unicodedata.normalize("NFD", longest)) == longest


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=100))
def test_preparing_trims_and_folds_nothing(text):
    assert prepared(text) == unicodedata.normalize("NFC", text)


@given(st.text(max_size=60), st.lists(st.text(max_size=30), max_size=6))
def test_an_accepted_password_breaks_no_rule(password, context):
    if _code(password, *context) is None:
        folded = prepared(password).casefold()
        assert len(prepared(password)) >= 8
        assert not is_guessable(folded)
        assert not is_predictable(folded)
        assert folded not in {word.casefold() for word in context if len(word) > 3}


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=8, max_size=20), st.integers(0, 9_999))
def test_every_context_word_is_refused_with_a_number_on_either_side(word, number):
    for password in (word, f"{word}{number}", f"{number}{word.upper()}"):
        assert _code(password, word) in {"password_context", "password_common"}


@given(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), st.integers(8, 200))
def test_one_character_repeated_is_refused(character, times):
    assume(prepared(character * times) == character * times)  # else it is no repetition any more
    assert _code(character * times) == "password_common"
