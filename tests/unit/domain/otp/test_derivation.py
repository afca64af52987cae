"""Codes, link tokens and pseudonyms: derived, evenly spread, and bound to everything they were made for."""

import base64
import hashlib
import hmac
from random import Random
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.domain.otp import derive_code, derive_link_token, derive_subject_key
from multiproduct.domain.otp.derivation import challenge_of_link_token

PEPPER = bytes(range(32))
CHALLENGE = UUID("018f3a50-0000-7000-8000-000000000001")

texts = st.text(max_size=12)


def code(pepper=PEPPER, *, challenge_id=CHALLENGE, generation=1, purpose="login", subject="a@b.co", digits=6):
    return derive_code(
        pepper,
        challenge_id=challenge_id,
        generation=generation,
        purpose=purpose,
        subject=subject,
        digits=digits,
    )


def token(pepper=PEPPER, *, challenge_id=CHALLENGE, generation=1, purpose="login", subject="a@b.co"):
    return derive_link_token(
        pepper, challenge_id=challenge_id, generation=generation, purpose=purpose, subject=subject
    )


def _chi_square(counts: list[int]) -> float:
    expected = sum(counts) / len(counts)
    return sum((count - expected) ** 2 / expected for count in counts)


@pytest.mark.parametrize("digits", range(6, 11))
def test_a_code_has_its_digits_with_leading_noughts(digits):
    drawn = Random(5)
    for _ in range(200):
        made = code(challenge_id=UUID(int=drawn.getrandbits(128)), digits=digits)
        assert len(made) == digits
        assert made.isascii()
        assert made.isdigit()


def test_codes_are_evenly_spread():
    drawn = Random(20_300_102)
    made = [code(challenge_id=UUID(int=drawn.getrandbits(128))) for _ in range(20_000)]
    # 99.9 % quantiles of the chi-square distribution with 9 and with 99 degrees of freedom.
    for place in range(6):
        counts = [sum(each[place] == digit for each in made) for digit in "0123456789"]
        assert _chi_square(counts) < 27.88, f"digit {place}"
    for start in (0, 2, 4):
        counts = [0] * 100
        for each in made:
            counts[int(each[start : start + 2])] += 1
        assert _chi_square(counts) < 148.23, f"digits {start} and {start + 1}"


def test_the_same_challenge_gives_the_same_code_every_time():
    assert code() == code()
    assert token() == token()


@pytest.mark.parametrize(
    "other",
    [
        {"pepper": bytes(32)},
        {"challenge_id": UUID(int=CHALLENGE.int + 1)},
        {"generation": 2},
        {"purpose": "registration"},
        {"subject": "a@b.com"},
    ],
)
def test_whatever_it_was_made_for_changes_the_code_and_the_token(other):
    assert code(digits=10, **other) != code(digits=10)
    assert token(**other) != token()


@given(st.tuples(texts, texts), st.tuples(texts, texts))
def test_no_two_ways_of_dividing_a_text_over_the_fields_are_taken_for_one(one, other):
    first, second = (token(purpose=purpose, subject=subject) for purpose, subject in (one, other))
    assert (first == second) == (one == other)


def test_a_border_between_fields_that_moves_is_seen():
    assert token(purpose="ab", subject="c") != token(purpose="a", subject="bc")
    assert token(purpose="", subject="abc") != token(purpose="abc", subject="")


def test_a_code_is_the_truncation_that_the_rfc_describes():
    parts = (str(CHALLENGE), "1", "login", "a@b.co")
    message = b"otp/v1" + b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    mac = hmac.new(PEPPER, message, hashlib.sha256).digest()
    offset = mac[31] & 15
    number = sum(byte << 8 * (7 - place) for place, byte in enumerate(mac[offset : offset + 8]))
    assert code(digits=10) == str(number)[-10:].zfill(10)


@given(st.uuids())
def test_a_link_token_says_which_challenge_it_is_of(challenge_id):
    made = token(challenge_id=challenge_id)
    assert challenge_of_link_token(made) == challenge_id
    assert len(made) == 43
    assert set(made) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


@pytest.mark.parametrize(
    "garbage",
    ["", "x", "=", "====", "é" * 43, "\ud800", "\0" * 43, "a" * 42, "a" * 44, "a" * 100_000, token()[:-2]],
)
def test_what_is_no_link_token_is_of_no_challenge(garbage):
    assert challenge_of_link_token(garbage) is None


@given(st.text(max_size=64) | st.binary(max_size=48).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_at_all_is_read_without_an_error(text):
    found = challenge_of_link_token(text)
    assert found is None or isinstance(found, UUID)


def test_a_pseudonym_is_stable_and_tells_nothing_without_the_pepper():
    made = derive_subject_key(PEPPER, "a@b.co")
    assert made == derive_subject_key(PEPPER, "a@b.co")
    assert len(made) == 64
    assert "a@b.co" not in made
    assert made != derive_subject_key(PEPPER, "a@b.com")
    assert made != derive_subject_key(bytes(32), "a@b.co")
    assert made != hashlib.sha256(b"a@b.co").hexdigest()
