"""Finding the best locale for an Accept-Language header."""

import random

import pytest
from tests.campaigns import proof_scale
from tests.oracles.language_lookup import best_locale

from multiproduct.adapters.babel import BabelTranslator
from multiproduct.domain.translation import negotiate

TRANSLATOR = BabelTranslator()


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("es", "es"),
        ("ES-mx", "es"),
        ("fr, es", "es"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "en"),
        ("en;q=0.5, ta;q=0.8", "ta"),
        ("en;q=0.8, ta;q=0.8", "en"),
        ("ta;q=0.001, xx", "ta"),
        ("kn-Knda-IN-u-nu-knda", "kn"),
        ("zh-TW,zh;q=0.9,en-US;q=0.8", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-mo-x-y", "zh-Hant"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-twain", "en"),
        ("zh-CN,zh;q=0.9", "en"),
        ("fa ; q=0.9 , es;Q=1.000", "es"),
        ("*", "en"),
        ("*, es;q=0.1", "es"),
        ("en;q=0, *", "es"),
        ("en;q=0", "en"),
        ("es;q=0, es-MX", "en"),
        ("zh;q=0, zh-Hant;q=0.2", "zh-Hant"),
        ("es-MX, *;q=0", "es"),
        ("es;q=1.001, ta;q=0.1", "ta"),
        ("es;q=0.1234, ta;q=0.1", "ta"),
        ("es;level=1, ta;q=0.1", "ta"),
    ],
)
def test_the_best_locale_is_found(header, locale):
    assert TRANSLATOR.negotiate(header) == locale


def test_a_single_letter_is_cut_off_with_what_it_introduces():
    locales = ["en", "fr-x", "fr"]
    assert negotiate("fr-x-home", locales) == "fr"
    assert negotiate("fr-x", locales) == "fr-x"


def test_only_the_first_twenty_ranges_count():
    assert TRANSLATOR.negotiate("xx," * 19 + "es") == "es"
    assert TRANSLATOR.negotiate("xx," * 20 + "es") == "en"


def test_only_the_first_thousand_characters_count_and_no_range_is_cut_in_two():
    padding = "," + " " * 995
    assert TRANSLATOR.negotiate(padding + "fa-X") == "fa"  # exactly a thousand
    assert TRANSLATOR.negotiate(padding + "fa-XX") == "en"
    assert TRANSLATOR.negotiate(padding + "es;q=0") == "en"
    assert TRANSLATOR.negotiate("ta," + " " * 995 + "es;q=0.5") == "ta"


def test_an_answer_is_the_same_when_it_is_remembered():
    headers = [f"es;q=0.{n:03}, ta;q=0.500" for n in range(1, 1_000)] * 2
    answers = [TRANSLATOR.negotiate(header) for header in headers]
    assert answers[:999] == answers[999:]
    assert answers[:999] == ["ta"] * 499 + ["es"] * 500


def test_it_agrees_with_a_second_implementation_on_random_headers():
    dice = random.Random(4647)
    available = [list(TRANSLATOR.locales), ["zh-Hant", "es-419", "en", "sr-Latn", "zh", "de-1996"]]
    found = set()
    for _ in range(proof_scale(5_000, 100_000)):
        header = _random_header(dice)
        for locales in available:
            answer = negotiate(header, locales)
            assert answer == best_locale(header, locales), (header, locales)
            found.add(answer)
    assert found == {locale for locales in available for locale in locales}


def _random_header(dice: random.Random) -> str:
    elements = [_random_element(dice) for _ in range(dice.choice([0, 1, 2, 3, 4, 8, 19, 20, 21, 30]))]
    separator = dice.choice([",", ", ", " ,\t", ",,"]) if dice.random() < 0.9 else "," + " " * 150
    return separator.join(elements)


STARTS = (
    "en",
    "es",
    "fa",
    "kn",
    "ta",
    "zh",
    "zh-Hant",
    "zh-TW",
    "ZH-hk",
    "zh-mo",
    "sr-Latn",
    "de",
    "fr",
    "*",
)
ENDS = ("", "", "", "", "-MX", "-419", "-Latn", "-Hant", "-x-y", "-a-b-c", "-1996", "-", "--x", "-toolongsub")
QUALITIES = (
    "",
    "",
    ";q=0",
    ";q=0.0",
    ";q=0.000",
    ";q=1",
    ";q=0.5",
    "; q=0.8",
    " ;Q=0.35",
    ";q=0.001",
    ";q=1.",
)
BROKEN = (
    "",
    "q=1",
    ";",
    "en;q=",
    "en;q=2",
    "en;q=.5",
    "es;q=0.1234",
    "é",
    "fa;x=1",
    "ta;q=1;q=0",
    "\n",
    "en\n",
)


def _random_element(dice: random.Random) -> str:
    if dice.random() < 0.1:
        return dice.choice(BROKEN)
    quality = dice.choice(QUALITIES) if dice.random() < 0.7 else f";q=0.{dice.randrange(1000):03}"
    return dice.choice(STARTS) + dice.choice(ENDS) + quality
