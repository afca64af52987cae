"""Recovery codes: what a person keeps on paper for the day on which the other factors are lost."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

CODES = 10
FEW_LEFT = 3
CODE_BYTES = 15
"""120 bits: nobody can guess them, so that a fast digest is enough."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUP = 4
_LENGTH = CODE_BYTES * 8 // 5
_MISREAD = str.maketrans("OIL", "011", "- \t\u2010\u2011\u2012\u2013\u2014")
_VALUES = {sign: value for value, sign in enumerate(_ALPHABET)}


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryCode:
    """One code of a person, kept as a sealed digest. `used_at` is set once."""

    id: UUID
    user_id: UUID
    sealed_digest: bytes = field(repr=False)
    created_at: datetime
    used_at: datetime | None = None


def written(code: bytes) -> str:
    """The code as people read it: base32 of Crockford, in groups of four. Raises ValueError for another
    length than 15 bytes."""
    if len(code) != CODE_BYTES:
        raise ValueError("a recovery code is 15 bytes")
    number = int.from_bytes(code, "big")
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
    return "-".join(signs[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def read(text: str) -> bytes | None:
    """What somebody typed, or None where it can be no code. Letter case, spaces and hyphens do not count, and
    letters that Crockford's alphabet leaves out are taken for the digits they look like."""
    signs = text.upper().translate(_MISREAD)
    if len(signs) != _LENGTH or any(sign not in _VALUES for sign in signs):
        return None
    number = 0
    for sign in signs:
        number = number << 5 | _VALUES[sign]
    return number.to_bytes(CODE_BYTES, "big")


def digest(code: bytes) -> bytes:
    """SHA-256, which is what is sealed."""
    return hashlib.sha256(b"multiproduct/recovery/v1" + code).digest()
