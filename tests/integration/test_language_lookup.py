"""The negotiation of languages agrees with libraries that nobody here wrote."""

import random

import pytest
from tests.campaigns import proof_scale
from tests.servers.language_lookup import looked_up
from tests.servers.recipes import ServerUnavailableError

from multiproduct.domain.translation import LOCALES, negotiate

HEADERS = proof_scale(5_000, 100_000)
AVAILABLE = (tuple(LOCALES), ("zh-Hant", "es-419", "en", "sr-Latn", "zh", "de-1996"))
STARTS = ("en", "es", "fa", "kn", "ta", "zh", "zh-Hant", "ZH-hant", "sr-Latn", "sr", "de", "fr", "es-419")
ENDS = ("", "", "", "-MX", "-419", "-Latn", "-Hant", "-Hant-TW", "-x-y", "-a-b-c", "-u-nu-knda", "-1996")
QUALITIES = ("", "", ";q=1", ";q=1.0", ";q=0.5", ";q=0.8", " ;q=0.35", ";q=0.001")
"""Without white space before the `q`, which `negotiator` does not read."""


def _header(dice: random.Random) -> str:
    """One on which the standards leave no choice: well-formed, without `*` and without a quality of 0, by
    which the specifications of lookup and of the header disagree."""
    elements = [
        dice.choice(STARTS)
        + dice.choice(ENDS)
        + (dice.choice(QUALITIES) if dice.random() < 0.6 else f";q=0.{dice.randrange(1, 1_000):03}")
        for _ in range(dice.choice([1, 2, 3, 4, 8, 19, 20]))
    ]
    return dice.choice([",", ", "]).join(elements)


def test_it_finds_the_language_that_other_libraries_find() -> None:
    dice = random.Random(4647)
    asked = [(_header(dice), locales) for _ in range(HEADERS) for locales in AVAILABLE]
    try:
        found = looked_up(asked)
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))
    assert len(found) == len(asked)
    told = set()
    for (header, locales), locale in zip(asked, found, strict=True):
        assert negotiate(header, locales) == (locale or locales[0]), (header, locales)
        told.add(locale)
    assert told == {None, *AVAILABLE[0], *AVAILABLE[1]}
