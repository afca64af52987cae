"""Text as it is searched: without letter case, and alike however it was typed."""

import unicodedata

MAX_WORDS = 8
_LONGEST = 4_000


def folded(text: str) -> str:
    """Unicode 15, definition D146: NFKC, case folding, NFKC; and single spaces."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(text.split())


def words_of(text: str) -> tuple[str, ...]:
    """The words that somebody searches for, at most 8."""
    return tuple(folded(text).split()[:MAX_WORDS])


def searched(*texts: str) -> str:
    """What is searched of something that has these texts."""
    return folded("\n".join(texts))[:_LONGEST]
