"""Strangers' texts made fit for paper: no controls, no turning of directions, long words that break.

Typst never reads them as markup, since they come to it as values; what is left to do here is layout, and to
keep out what no script writes: its shaper stops the whole document at a syllable of hundreds of characters.
"""

import re
import unicodedata
from itertools import pairwise

# Marks that change the direction of what follows: a name must not turn the rest of an invoice around.
_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_ISOLATE, _END = "\u2068", "\u2069"
_BREAK = "\u200b"
_REPLACEMENT = "\ufffd"
_VIRAMA = 9
"""The combining class of the sign that joins two Indic letters into one."""
_MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})
_MOST_MARKS = 8
"""On one letter: languages have up to four, flags of emoji have six."""
_LONGEST_SIGN = 24
"""Characters that are written as one: the longest words of Indic scripts join fewer."""
_WIDEST_WORD = 36.0
"""In widths of a common small letter: what the narrowest column of texts takes."""
_SHORTEST_PART = 5
_LONG = re.compile(rf"\S{{{int(_WIDEST_WORD / 1.8)},}}")
_WIDE = frozenset("WMwm@%\u2014")
_SKIN_TONES = frozenset("\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_LEFT_TO_RIGHT = frozenset({"L", "EN"})


def one_line(text: str) -> str:
    """The text without line breaks."""
    kept = text if text.isascii() and text.isprintable() else "".join(_printable(each) for each in text)
    bounded = kept if kept.isascii() else _bounded(kept)
    return _LONG.sub(_breakable, " ".join(bounded.split()))


def lines_of(text: str) -> list[str]:
    """The text's own lines, the empty ones between paragraphs included."""
    lines = [one_line(line) for line in text.strip().splitlines()]
    return lines if any(lines) else []


def isolated(text: str, *, right_to_left: bool) -> str:
    """The text, set apart where its own direction may differ from that of the language around it, so that
    neither reorders the other (UAX 9, 2.4)."""
    other = _LEFT_TO_RIGHT if right_to_left else _RIGHT_TO_LEFT
    if any(unicodedata.bidirectional(each) in other for each in text):
        return f"{_ISOLATE}{text}{_END}"
    return text


def _printable(character: str) -> str:
    if character in _DIRECTION_MARKS:
        return ""
    category = unicodedata.category(character)
    if category == "Cs":  # half a pair is no character, and no file can hold it
        return _REPLACEMENT
    return " " if category in {"Cc", "Zl", "Zp"} else character


def _bounded(text: str) -> str:
    """No more marks on a letter, and no more letters joined into one sign, than languages have."""
    kept: list[str] = []
    marks = length = 0
    before = ""
    for each in text:
        is_mark = unicodedata.category(each) in _MARKS
        marks = marks + 1 if is_mark else 0
        if marks > _MOST_MARKS:
            continue
        length = length + 1 if is_mark or _joins(before) else 1
        if length > _LONGEST_SIGN and not is_mark:
            kept.append(_BREAK)
            length = 1
        kept.append(each)
        before = each
    return "".join(kept)


def _breakable(word: re.Match[str]) -> str:
    letters = word[0]
    if sum(_width(each) for each in letters) <= _WIDEST_WORD:
        return letters
    parts = [letters[0]]
    since = 1
    for before, each in pairwise(letters):
        parts_here = since >= _SHORTEST_PART and _may_part(before, each)
        parts.append(f"{_BREAK}{each}" if parts_here else each)
        since = 1 if parts_here else since + 1
    return "".join(parts)


def _width(letter: str) -> float:
    if unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0.0
    if letter in _WIDE or unicodedata.east_asian_width(letter) in "WF":
        return 1.8
    return 1.3 if letter.isupper() else 1.0


def _may_part(before: str, after: str) -> bool:
    """Whether a line may end between the two: not inside what is written as one sign, and not where the
    script's own rules already say (Chinese, Japanese and Korean)."""
    if unicodedata.east_asian_width(after) in "WF" and unicodedata.category(after) == "Lo":
        return False
    return not _joins(before) and unicodedata.category(after) not in _MARKS and after not in _SKIN_TONES


def _joins(letter: str) -> bool:
    """Whether the next letter is written into this one."""
    return letter != "" and (unicodedata.combining(letter) == _VIRAMA or unicodedata.category(letter) == "Cf")
