"""The form in which names are compared when somebody looks for them."""

import unicodedata


def search_key(text: str) -> str:
    """The text without differences of letter case, width and composition, and with single spaces (Unicode
    15, definition D146: NFKC, case folding, NFKC)."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def after_prefix(prefix: str) -> str:
    """What no key that begins with the prefix reaches, compared by code points: keys hold no U+10FFFF, which
    is no character."""
    return prefix + "\U0010ffff"
