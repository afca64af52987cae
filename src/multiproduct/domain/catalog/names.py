"""Slugs and codes: what products, plans, coupons and meters are known by in addresses and in programs."""

import re
import unicodedata

from multiproduct.domain.shared import FieldProblem, InvalidInput

MAX_SLUG = 60
MAX_CODE = 50
_is_slug = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*").fullmatch
_is_code = re.compile(r"[A-Z0-9]+([_.-][A-Z0-9]+)*").fullmatch
_not_of_slug = re.compile(r"[^a-z0-9]+")
_not_of_code = re.compile(r"[^A-Z0-9]+")


def read_slug(text: str, *, field: str = "slug") -> str:
    """A slug: small letters and digits, in groups joined by hyphens, at most 60. Raises InvalidInput."""
    if len(text) > MAX_SLUG or not _is_slug(text):
        raise InvalidInput(FieldProblem(field, "invalid"))
    return text


def read_code(text: str, *, field: str = "code") -> str:
    """A code: capital letters and digits, in groups joined by `-`, `_` or `.`, at most 50. Small letters are
    taken for capital ones. Raises InvalidInput."""
    code = text.upper()
    if len(text) > MAX_CODE or not text.isascii() or not _is_code(code):
        raise InvalidInput(FieldProblem(field, "invalid"))
    return code


def slug_of(*names: str, fallback: str) -> str:
    """A slug made out of names; `fallback` where they have no Latin letters and no digits."""
    made = _not_of_slug.sub("-", _plain("-".join(names)).lower()).strip("-")
    return made[:MAX_SLUG].strip("-") or fallback


def code_of(name: str, *, fallback: str) -> str:
    """A code made out of a name; `fallback` where it has no Latin letters and no digits."""
    made = _not_of_code.sub("_", _plain(name).upper()).strip("_")
    return made[:MAX_CODE].strip("_") or fallback


def _plain(text: str) -> str:
    """Without the marks on letters (Unicode 15, NFKD), and without what is not ASCII then."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
