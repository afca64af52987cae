"""Texts of both directions in one line: what is read from the left between what is read from the right.

The marks are those of the Unicode Bidirectional Algorithm (UAX #9).
"""

import unicodedata
from collections.abc import Sequence

_FIRST_STRONG, _POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def without_marks(text: str) -> str:
    """Without the marks that change the direction of what follows: a name must not turn a line around."""
    return "".join(each for each in text if each not in _MARKS)


def isolated(texts: Sequence[str], *, is_right_to_left: bool) -> list[str]:
    """Each by itself, where one direction could pull another text along. Elsewhere they stay as they are."""
    plain = [without_marks(each) for each in texts]
    if is_right_to_left or any(unicodedata.bidirectional(sign) in {"R", "AL"} for sign in "".join(plain)):
        return [f"{_FIRST_STRONG}{each}{_POP}" for each in plain]
    return plain


def kept_apart(text: str) -> str:
    """With the isolates of `isolated`, where every one of them is closed, and without any other mark."""
    depth = 0
    for sign in text:
        depth += (sign == _FIRST_STRONG) - (sign == _POP)
        if depth not in {0, 1}:
            return without_marks(text)
    if depth:
        return without_marks(text)
    return "".join(sign for sign in text if sign in {_FIRST_STRONG, _POP} or sign not in _MARKS)
