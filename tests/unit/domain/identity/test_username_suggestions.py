"""The names that are offered are valid, different, always the same, and near to what was wanted."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from multiproduct.domain.identity import username_suggestions
from multiproduct.domain.identity.username_suggestions import candidates, generated
from multiproduct.domain.identity.usernames import Username, UsernamePolicy
from multiproduct.domain.shared import InvalidInput

_BRANDED = UsernamePolicy.of(brands=("Stark",))
_EVERYTHING = st.text(max_size=60) | st.from_regex(r"[A-Za-z0-9._-]{1,34}", fullmatch=True)


def test_the_forms_that_people_know_come_first():
    assert candidates("xyz")[:5] == ["xyz.official", "official_xyz", "the.xyz", "real.xyz", "xyz.hq"]


@given(_EVERYTHING)
@example("")
@example("admin")
@example("official")
@example("a" * 30)
@example("a" * 200)
@example("a._-" * 10)
@example("\ud800")
@example("٣٣٣")
@example("\ufdfa" * 150)
@example("tony@stark.com")
def test_every_candidate_is_a_valid_name_other_than_the_wanted_one(text):
    for policy in (UsernamePolicy.of(), _BRANDED):
        offered = candidates(text, policy=policy)
        assert 20 <= len(set(offered)) == len(offered) <= 24
        for name in offered:
            assert Username.parse(name, policy).key == name != text.lower()


@given(_EVERYTHING)
def test_the_same_name_gets_the_same_candidates(text):
    assert candidates(text) == candidates(text)


@given(st.from_regex(r"[a-z][a-z0-9]{2,14}", fullmatch=True))
def test_candidates_for_a_short_valid_name_hold_it(text):
    try:
        Username.parse(text)
    except InvalidInput:
        return
    offered = candidates(text)
    assert all(text in name for name in offered[:4])
    assert sum(text in name for name in offered) >= 20
    assert f"{text}.official" in offered
    assert f"official_{text}" in offered


@pytest.mark.parametrize("text", ["admin", "Adm1n", "login", "stark", "5tark", "null"])
def test_a_name_that_nobody_may_have_leads_to_others(text):
    offered = candidates(text, policy=_BRANDED)
    assert not any(
        "admin" in name or "stark" in name or "login" in name or "null" in name for name in offered
    )


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Tony Stark", "tony.stark"),
        ("tony..stark", "tony.stark"),
        ("  José  ", "jose"),
        ("_tony_", "tony"),
        ("tony@example.com", "tony"),
        ("O'Brien", "o.brien"),
    ],
)
def test_an_invalid_name_leads_to_the_nearest_valid_one(text, first):
    assert candidates(text)[0] == first


def test_a_long_name_is_trimmed_to_leave_room():
    offered = candidates("maximilian.alexander.the.great")
    assert offered[:2] == ["maximilian.alexander.official", "official_maximilian.alexander"]
    assert max(map(len, offered)) <= 30


def test_numbers_of_the_caller_come_before_derived_ones():
    offered = candidates("ironman", noise=(2026, 7))
    assert "ironman2026" in offered
    assert "ironman_7" in offered
    assert candidates("ironman") != offered


def test_hostile_noise_still_gives_valid_names():
    for name in candidates("ironman", noise=[-(10**30), 10**30, *range(100_000)]):
        Username.parse(name)


def test_every_generated_name_of_the_word_lists_is_valid():
    for adjective in username_suggestions._ADJECTIVES:
        for noun in username_suggestions._NOUNS:
            Username.parse(f"{adjective}-{noun}-9999")


def test_the_word_lists_hold_no_word_twice():
    for words in (username_suggestions._ADJECTIVES, username_suggestions._NOUNS):
        assert len(set(words)) == len(words) > 64


@given(st.binary(min_size=8, max_size=64), st.none() | st.text(max_size=40))
@example(bytes(8), "admin")
@example(b"\xff" * 64, "x" * 40)
def test_a_generated_name_is_valid_whatever_the_randomness_and_the_hint(randomness, hint):
    name = generated(randomness, hint=hint)
    assert Username.parse(name).key == name
    assert generated(randomness, hint=hint) == name


def test_generated_names_rarely_meet():
    names = {generated((index * 0x9E3779B97F4A7C15 % 2**64).to_bytes(8, "big")) for index in range(2_000)}
    assert len(names) > 1_990


def test_a_hint_takes_the_nouns_place():
    assert "-elodie-" in generated(bytes(8), hint="Élodie Marie")


@pytest.mark.parametrize("hint", ["", "J", "tony.stark@example.com", "12", "山田", "x" * 13])
def test_a_hint_that_is_no_plain_word_is_left_out(hint):
    assert generated(bytes(8), hint=hint) == generated(bytes(8))


def test_too_little_randomness_is_refused():
    with pytest.raises(ValueError, match="8 bytes"):
        generated(bytes(7))
