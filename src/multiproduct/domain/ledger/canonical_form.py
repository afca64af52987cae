"""A transaction as bytes: the same transaction always gives the same bytes, and no two transactions do.

Version 1. Every field is its length (4 bytes, big endian) and its bytes, an absent one the length 0xFFFFFFFF.
Text is UTF-8, an id its 16 bytes, a number its decimal digits, a moment its microseconds since 1970 in
decimal. The fields of the transaction are followed by the number of its entries and by their fields, in the
order of their positions. Of each account its code and its kind are among them, so that a change of these is
noticed on every transaction that it was part of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from multiproduct.domain.ledger.account import AccountKind
from multiproduct.domain.ledger.transaction import Entry, Transaction

SEAL_VERSION = 1
"""The version of the form in which transactions are sealed."""
FORM = b"multiproduct/ledger-transaction/v1\0"
_ABSENT = b"\xff\xff\xff\xff"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class SealedTransaction:
    """A transaction with the kinds of the accounts of its entries, in the order of these."""

    transaction: Transaction
    kinds: Sequence[AccountKind]


def canonical_form(sealed: SealedTransaction) -> bytes:
    """The bytes of a transaction. Raises ValueError for a moment without a time zone."""
    one = sealed.transaction
    fields: list[str | bytes | int | datetime | None] = [
        one.id.bytes, one.kind.value, one.key, one.description, one.reference, one.effective_at,
        one.posted_at, _bytes(one.actor_id), _bytes(one.hold_id), _bytes(one.reverses_id), one.expires_at,
        len(one.entries),
    ]  # fmt: skip
    for entry, kind in zip(one.entries, sealed.kinds, strict=True):
        fields += _entry_fields(entry, kind)
    return FORM + b"".join(map(_framed, fields))


def _entry_fields(entry: Entry, kind: AccountKind) -> list[str | bytes | int]:
    return [
        entry.account_id.bytes, entry.account, kind.value, entry.side.value, entry.effect.value, entry.minor,
        entry.currency,
    ]  # fmt: skip


def _bytes(id: UUID | None) -> bytes | None:
    return None if id is None else id.bytes


def _framed(value: str | bytes | int | datetime | None) -> bytes:
    if value is None:
        return _ABSENT
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogatepass")
    elif isinstance(value, bytes):
        raw = value
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment of the ledger has a time zone")
        raw = str((value - _EPOCH) // _MICROSECOND).encode()
    else:
        raw = str(value).encode()
    return len(raw).to_bytes(4, "big") + raw
