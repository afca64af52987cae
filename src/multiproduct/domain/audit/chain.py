"""The chain: each sealed entry's hash covers its number, its contents and the hash before it."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.audit.canonical_form import microseconds

_LINK = b"multiproduct/audit-link/v1\0"
_HEAD = b"multiproduct/audit-head/v1\0"

GENESIS = hashlib.sha256(b"multiproduct/audit-genesis/v1").digest()
"""What stands before the first entry."""
_is_mark = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})").fullmatch


def link(previous: bytes, sequence: int, form: bytes) -> bytes:
    """SHA-256 over the hash before, the entry's number (8 bytes, big endian) and its canonical form."""
    return hashlib.sha256(_LINK + previous + sequence.to_bytes(8, "big") + form).digest()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the chain: how many entries are sealed up to there, and the hash of the last one. Kept
    outside the database, it proves that nothing up to there was changed since."""

    sequence: int = 0
    hash: bytes = GENESIS

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash.hex()}"


def read_mark(text: str) -> Mark:
    """The mark that was written as `SEQUENCE:HASH`. Raises ValueError."""
    found = _is_mark(text.strip().lower())
    if found is None:
        raise ValueError("a head is written as a number, a colon and 64 hexadecimal digits")
    return Mark(int(found[1]), bytes.fromhex(found[2]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainHead:
    """The end of the chain, signed under a secret that is not in the database: whoever has the database alone
    can neither cut the chain off at a place of their choice nor write another one."""

    mark: Mark
    sealed_at: datetime
    key_id: str
    mac: bytes

    @classmethod
    def sign(cls, mark: Mark, *, key_id: str, secret: bytes, now: datetime) -> "ChainHead":
        """The head at a mark."""
        mac = _mac(mark, secret, key_id, now)
        return cls(mark=mark, sealed_at=now, key_id=key_id, mac=mac)

    def is_signed_with(self, secret: bytes) -> bool:
        """Whether the signature is of that secret and nothing was changed since. Constant time."""
        return hmac.compare_digest(self.mac, _mac(self.mark, secret, self.key_id, self.sealed_at))


def _mac(mark: Mark, secret: bytes, key_id: str, now: datetime) -> bytes:
    moment = microseconds(now).to_bytes(8, "big", signed=True)
    message = _HEAD + mark.sequence.to_bytes(8, "big") + mark.hash + moment + key_id.encode()
    return hmac.new(secret, message, hashlib.sha256).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What an entry gets when it is sealed. `salt` is of its `personal_digest`."""

    id: UUID
    sequence: int
    hash: bytes
    salt: bytes
    version: int


def seals_of(
    mark: Mark, forms: Iterable[tuple[UUID, bytes, bytes]], *, version: int
) -> tuple[Mark, list[Seal]]:
    """Extends the chain after `mark` by entries in the given order, each its id, salt and canonical form;
    answers where the chain then ends, and their seals."""
    seals = []
    for entry_id, salt, form in forms:
        sequence = mark.sequence + 1
        mark = Mark(sequence, link(mark.hash, sequence, form))
        seals.append(Seal(id=entry_id, sequence=sequence, hash=mark.hash, salt=salt, version=version))
    return mark, seals
