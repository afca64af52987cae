"""Which passwords are taken for ones that people choose: nearly all the common ones, and no good ones."""

import gzip
import importlib.util
import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multiproduct.domain.identity.common_words import common_words
from multiproduct.domain.identity.guessability import LONGEST_JUDGED, bits, is_guessable
from multiproduct.domain.identity.passwords import PasswordPolicy, is_predictable
from multiproduct.domain.shared import InvalidInput

GOOD = 10_000


def is_refused(password: str) -> bool:
    try:
        PasswordPolicy().check(password)
    except InvalidInput:
        return True
    return False


def test_every_common_password_that_django_refuses_is_refused_here():
    found = importlib.util.find_spec("django")
    if found is None or found.origin is None:
        pytest.skip("Django, whose list of common passwords this is compared with, is not installed")
    packed = Path(found.origin).parent / "contrib/auth/common-passwords.txt.gz"
    common = [word for word in gzip.decompress(packed.read_bytes()).decode().split("\n") if len(word) >= 8]
    assert len(common) > 8_000
    assert [word for word in common if not is_refused(word)] == []
    assert sum(is_guessable(word) or is_predictable(word) for word in common) / len(common) >= 0.97


@pytest.mark.parametrize("password", ["j38ifubn", "J38IFUBN", "polniypizdec0211", "qqww1122", "ncc1701d"])
def test_common_passwords_that_are_made_of_nothing_known_are_refused(password):
    assert not is_guessable(password)
    assert is_refused(password)


def good_passwords():
    """Pass phrases of four words that are common themselves, and what password managers make."""
    chance = random.Random(20261121)
    words = sorted(word for word in common_words() if len(word) > 3)
    signs = string.ascii_letters + string.digits + "!#$%&*+-=?@_"
    for number in range(GOOD):
        if number % 2:
            yield chance.choice(" -._").join(chance.choice(words) for _ in range(4))
        else:
            yield "".join(chance.choice(signs) for _ in range(16))


def test_no_good_password_of_ten_thousand_is_refused():
    assert [password for password in good_passwords() if is_refused(password)] == []


@pytest.mark.parametrize(
    "password",
    [
        *(
            "P@ssw0rd",
            "dr0wssap",
            "Sunshine99!",
            "Michelle2019",
            "liverpool!!",
            "ILoveYou<3",
            "football football",
        ),
        *("12345679a", "abcdefgx", "aaaaaaab", "        x", "11112222", "19870512", "0912345678"),
        *("qwerty123456", "1qaz2wsx!", "azertyuiop1", "йцукен123", "zaq12wsx"),
        *("ghbdtnrfrltkf", "пароль-мой", "lastochka"),
        *("tr0ub4dor", "Passwort1", "contrasena", "motdepasse"),
    ],
)
def test_variants_of_what_is_common_are_refused(password):
    assert is_refused(password)


@pytest.mark.parametrize(
    "password", ["correct horse", "kX3#9vQp", "wqzvkjhx", "7c1q0x9f2m", "a paper boat under the bridge"]
)
def test_what_chance_or_a_few_words_made_is_taken(password):
    assert not is_refused(password)


def test_a_password_is_no_stronger_for_being_repeated():
    assert is_guessable("monkey" * 20)
    assert is_guessable("qwerty12" * 9 + "qwer")


@given(st.text(min_size=1, max_size=LONGEST_JUDGED))
def test_every_text_has_a_cost(text):
    assert bits(text) > 0


@given(st.text(min_size=LONGEST_JUDGED + 1, max_size=1_024))
def test_what_is_long_is_not_judged_by_its_patterns(text):
    assert bits(text) == float("inf")


def test_the_words_are_plain_and_in_lower_case():
    words = common_words()
    assert len(words) > 1_000
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in words)
