"""An audit entry as bytes: the same entry always gives the same bytes, and no two entries do.

Version 1. Every field is its length (4 bytes, big endian) and its bytes, an absent one the length 0xFFFFFFFF.
Text is UTF-8, a moment its microseconds since 1970 in decimal, a document JSON with sorted keys, without
spaces and in ASCII. What tells of a person (`PERSONAL`) stands in the bytes only by a salted digest, so that
it can be erased from an entry whose place in the chain stays provable: with the salt gone, the digest tells
nothing."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

SEAL_VERSION = 1
"""The version of the form that new entries are sealed in."""
SALT_BYTES = 16

LASTING = (
    "id", "occurred_at", "event", "action", "resource_type", "resource_id", "user_id", "actor_id",
    "actor_type",
)  # fmt: skip
"""What stays for ever, in the order of the form."""
PERSONAL = ("ip", "user_agent", "request_id", "changes", "metadata")
"""What an erasure takes away."""

_ENTRY = b"multiproduct/audit-entry/v1\0"
_PERSON = b"multiproduct/audit-person/v1\0"
_ABSENT = b"\xff\xff\xff\xff"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class AuditRecord(Protocol):
    """An entry of the audit log, as the chain sees it."""

    @property
    def id(self) -> UUID: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def event(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def resource_type(self) -> str: ...
    @property
    def resource_id(self) -> str: ...
    @property
    def user_id(self) -> str | None: ...
    @property
    def actor_id(self) -> str | None: ...
    @property
    def actor_type(self) -> str: ...
    @property
    def ip(self) -> str | None: ...
    @property
    def user_agent(self) -> str | None: ...
    @property
    def request_id(self) -> str | None: ...
    @property
    def changes(self) -> dict[str, Any]: ...
    @property
    def metadata(self) -> dict[str, Any]: ...


def canonical_form(record: AuditRecord, personal: bytes | None) -> bytes:
    """The bytes of an entry; `personal` is its `personal_digest`, which is kept where the data was erased.
    Raises ValueError for a moment without a time zone and for a document that is not JSON."""
    return _ENTRY + _fields(record, LASTING) + _framed(personal)


def personal_digest(record: AuditRecord, salt: bytes) -> bytes:
    """32 bytes for what the entry tells of a person, and a salt of its own."""
    return hashlib.sha256(_PERSON + _framed(salt) + _fields(record, PERSONAL)).digest()


def sealed_form(
    record: AuditRecord, *, version: int | None, salt: bytes | None, erased: bytes | None
) -> bytes | None:
    """The form in which a stored entry was sealed, or None where it cannot be any that was: `erased` is the
    digest that an erasure leaves in place of the salt and of what it takes away."""
    if version != SEAL_VERSION or (salt is None) is (erased is None):
        return None
    if erased is not None and any(getattr(record, name) for name in PERSONAL):
        return None
    try:
        return canonical_form(record, erased if salt is None else personal_digest(record, salt))
    except (TypeError, ValueError, RecursionError):
        # A value of a kind that is never written: somebody put it there.
        return None


def microseconds(moment: datetime) -> int:
    """Since 1970, exactly. Raises ValueError for a moment without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("an audited moment has a time zone")
    return (moment - _EPOCH) // _MICROSECOND


def _fields(record: AuditRecord, names: Iterable[str]) -> bytes:
    return b"".join(_framed(_bytes_of(getattr(record, name))) for name in names)


def _bytes_of(value: Any) -> bytes | None:
    match value:
        case None:
            return None
        case str():
            return value.encode("utf-8", "surrogatepass")
        case UUID():
            return value.bytes
        case datetime():
            return str(microseconds(value)).encode()
        case _:
            text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
            return text.encode("ascii")


def _framed(raw: bytes | None) -> bytes:
    return _ABSENT if raw is None else len(raw).to_bytes(4, "big") + raw
