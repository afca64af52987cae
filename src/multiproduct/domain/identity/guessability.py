"""How likely it is that a person chose a password, and how few tries it takes of who knows how people choose.

A person's password is spelt out of patterns: known words, letters that follow one another as in words, walks
over the keyboard, years, digits, repetitions. Each pattern has a cost, the logarithm of its probability, and
the cheapest spelling is found by dynamic programming; that much is as in zxcvbn (Wheeler, USENIX Security
2016). A text that was drawn by lot is taken for a person's choice only as often as chance has it look like
one, which the margin bounds: of 10 or more characters nearly never.
"""

from collections import Counter
from functools import cache
from math import log2

LONGEST_JUDGED = 32
"""Characters. Nothing that is longer, after repetitions are taken out, is guessed by such means."""

TRIES = 44.0
"""Below so many bits a password is guessed by who has its hash, patiently, or the whole of a breach."""
MARGIN = 2.0
"""By so many bits it is likelier to be a person's choice than drawn by lot."""
FEWEST = 36.0
"""Below so many bits anything is found by trying all there are: numbers of ten digits."""

_ALPHABET = "abcdefghijklmnopqrstuvwxyz"
_ROWS = (
    *("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"),
    *("qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    *("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю", "ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو"),
    *("7894561230", "741", "852", "963", "159", "357", "147258369", "789654123"),
    *("1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.", "1q2w3e4r5t6y7u8i9o0p", "q1w2e3r4t5y6", "qazwsxedcrfv"),
    *("12qwaszx", "qweasdzxc123", "zxcasdqwe", "qawsedrftgyh", "azsxdcfvgb", "qazxswedcvfr", "qwaszx12"),
    *("0okm9ijn8uhb", "qpwoeiruty", "a1s2d3f4g5", "z1x2c3v4b5", "zxasqw12", "asdqwe123"),
    *("a1b2c3d4e5f6g7", "1a2b3c4d5e6f", "1z2x3c4v5b", "adgjmptw", "zaqxswcde"),
    *(_ALPHABET, "01234567890", "abcdefgh12345678"),
)
_UNLEET = str.maketrans("01345789@$!|+", "oieastbgasilt")
_UNLEET_TOO = str.maketrans("01345789@$!|+", "oleastbgasllt")
_TYPED_AS_CYRILLIC = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`",
    "йцукенгшщзхъфывапролджэячсмитьбюё",
)
_IN_LATIN = {
    **dict(zip("абвгдезийклмнопрстуфъыьэ", "abvgdeziyklmnoprstuf'y'e", strict=True)),
    "ё": "e",
    "ж": "zh",
    "х": "h",  # noqa: RUF001 - the Cyrillic letter
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "sh",
    "ю": "yu",
    "я": "ya",
}
_TO_LATIN = str.maketrans({sign: latin.strip("'") for sign, latin in _IN_LATIN.items()})
_WORD, _LETTERS, _DIGITS, _WALK, _YEAR, _SIGN = 1.0, 2.0, 2.0, 3.0, 9.0, 7.0  # bits, to begin a pattern
_FOREIGN = 10.0
_READ_OTHERWISE, _UNLEET_SIGN = 2.0, 1.5
_SHORTEST_WORD, _LONGEST_WORD = 3, 14


def is_guessable(password: str) -> bool:
    """Whether it is likely to be a person's choice and takes few tries."""
    text = _without_repetition(password.casefold())
    by_lot = _by_lot(password.casefold())
    return by_lot < FEWEST or bits(text) < min(TRIES, by_lot - MARGIN)


def bits(text: str) -> float:
    """The cost of the cheapest spelling of a text in lower case; infinite for what is too long to judge."""
    if len(text) > LONGEST_JUDGED:
        return float("inf")
    return min(cost + _cheapest(reading) for reading, cost in _readings(text).items())


def _readings(text: str) -> dict[str, float]:
    """What the text may stand for, and what it costs to see it."""
    readings = {text: 0.0}
    for table in (_UNLEET, _UNLEET_TOO):
        plain = text.translate(table)
        changed = sum(a != b for a, b in zip(text, plain, strict=True))
        if 0 < changed <= len(text) // 2:
            readings.setdefault(plain, _READ_OTHERWISE + _UNLEET_SIGN * changed)
    readings.setdefault(text[::-1], _READ_OTHERWISE)
    if text.isascii():
        readings.setdefault(text.translate(_TYPED_AS_CYRILLIC).translate(_TO_LATIN), _READ_OTHERWISE)
    else:
        readings.setdefault(text.translate(_TO_LATIN), _READ_OTHERWISE)
    return readings


def _by_lot(text: str) -> float:
    """The cost of a text of that length and those kinds of signs, drawn by lot."""
    kinds = 26 * any(sign.isalpha() for sign in text) + 10 * any(sign.isdigit() for sign in text)
    kinds += 32 * any(not sign.isalnum() for sign in text)
    return len(text) * log2(max(kinds, 2))


def _without_repetition(text: str) -> str:
    """One block of a text that is the same block again and again, the last one perhaps cut off."""
    size = len(text)
    for period in range(1, min(size // 2, LONGEST_JUDGED) + 1):
        if (text[:period] * (size // period + 1))[:size] == text:
            return text[:period]
    return text


def _cheapest(text: str) -> float:
    size = len(text)
    best = [0.0] + [float("inf")] * size
    for start in range(size):
        for stop, cost in _patterns(text, start):
            best[stop] = min(best[stop], best[start] + cost)
    return best[size]


def _patterns(text: str, start: int) -> list[tuple[int, float]]:
    """Every end of a pattern that begins here, and its cost."""
    found = _words_at(text, start)
    if text[start : start + 2] in {"19", "20"} and text[start + 2 : start + 4].isdigit():
        found += [(start + 4, _YEAR)] if len(text) >= start + 4 else []
    sign = text[start]
    if sign in _ALPHABET:
        found += _letters_at(text, start)
    elif sign.isdigit():
        found += _digits_at(text, start)
    else:
        found.append((start + 1, _SIGN if sign.isascii() else _FOREIGN))
    return found + _walk_at(text, start)


def _words_at(text: str, start: int) -> list[tuple[int, float]]:
    words, cost = _words()
    stops = range(start + _SHORTEST_WORD, min(start + _LONGEST_WORD, len(text)) + 1)
    return [(stop, _WORD + cost) for stop in stops if text[start:stop] in words]


def _letters_at(text: str, start: int) -> list[tuple[int, float]]:
    """Runs of letters, each letter at its cost after the two before it."""
    found: list[tuple[int, float]] = []
    cost, stop = _LETTERS, start
    context = "^^"
    while stop < len(text) and text[stop] in _ALPHABET:
        cost += _after(context, text[stop])
        context = context[1] + text[stop]
        stop += 1
        found.append((stop, cost))
    return found


def _digits_at(text: str, start: int) -> list[tuple[int, float]]:
    found: list[tuple[int, float]] = []
    cost, stop = _DIGITS + 3.0, start + 1
    found.append((stop, cost))
    while stop < len(text) and text[stop].isdigit():
        cost += 1.7 if text[stop] == text[stop - 1] else 3.5
        stop += 1
        found.append((stop, cost))
    return found


def _walk_at(text: str, start: int) -> list[tuple[int, float]]:
    """Walks along a row, in one direction as far as it goes, and the same sign again and again."""
    found: list[tuple[int, float]] = []
    for row, at in _index().get(text[start], ()):
        stop, place = start + 1, at + 1
        while stop < len(text) and place < len(row) and text[stop] == row[place]:
            stop, place = stop + 1, place + 1
            if stop - start >= 3:
                found.append((stop, _WALK + log2(len(_rows())) + 3.0))
    same = len(text[start:]) - len(text[start:].lstrip(text[start]))
    found += [(start + count, _WALK + 5.0 + 1.0) for count in range(3, same + 1)]
    return found


@cache
def _rows() -> tuple[str, ...]:
    return (*_ROWS, *(row[::-1] for row in _ROWS))


@cache
def _index() -> dict[str, tuple[tuple[str, int], ...]]:
    """Where each sign stands in the rows."""
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for row in _rows():
        for at, sign in enumerate(row):
            found[sign] = (*found.get(sign, ()), (row, at))
    return found


@cache
def _words() -> tuple[frozenset[str], float]:
    """The known words, and what it costs to name one of them."""
    from multiproduct.domain.identity.common_words import common_words  # noqa: PLC0415 - on first use

    words = common_words()
    return words, log2(len(words))


@cache
def _counts() -> tuple[Counter[str], Counter[str]]:
    """How often letters follow two letters, and one, in the known words; with how often anything does."""
    three: Counter[str] = Counter()
    two: Counter[str] = Counter()
    for word in _words()[0]:
        padded = f"^^{word}"
        for at in range(2, len(padded)):
            three[padded[at - 2 : at + 1]] += 1
            three[padded[at - 2 : at]] += 1
            two[padded[at - 1 : at + 1]] += 1
            two[padded[at - 1]] += 1
    return three, two


@cache
def _after(context: str, letter: str) -> float:
    """What a letter costs behind two others: interpolated between what is known of both, of one, and none
    (Jelinek and Mercer)."""
    three, two = _counts()
    seen_three, seen_two = three[context], two[context[1]]
    trust = seen_three / (seen_three + 8.0)
    by_two = (two[context[1] + letter] + 26 * 0.05 / 26) / (seen_two + 26 * 0.05)
    by_three = three[context + letter] / seen_three if seen_three else 0.0
    return -log2(trust * by_three + (1 - trust) * (0.9 * by_two + 0.1 / 26))
