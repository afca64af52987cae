"""The audit chain, written a second time from its description alone (docs/adr): with struct, and no code of
the package. Entries are dictionaries with the fields of the log."""

import hashlib
import hmac
import json
import struct
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Entry = Mapping[str, Any]


def _frame(value: bytes | None) -> bytes:
    return struct.pack(">I", 0xFFFFFFFF) if value is None else struct.pack(">I", len(value)) + value


def _text(value: str | None) -> bytes | None:
    return None if value is None else value.encode("utf-8", errors="surrogatepass")


def _moment(value: datetime) -> bytes:
    since = value.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return b"%d" % ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds)


def _document(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def person(entry: Entry, salt: bytes) -> bytes:
    told = _frame(salt)
    told += (
        _frame(_text(entry["ip"])) + _frame(_text(entry["user_agent"])) + _frame(_text(entry["request_id"]))
    )
    told += _frame(_document(entry["changes"])) + _frame(_document(entry["metadata"]))
    return hashlib.sha256(b"multiproduct/audit-person/v1\x00" + told).digest()


def form(entry: Entry, personal: bytes) -> bytes:
    lasting = _frame(entry["id"].bytes) + _frame(_moment(entry["occurred_at"]))
    for name in ("event", "action", "resource_type", "resource_id", "user_id", "actor_id", "actor_type"):
        lasting += _frame(_text(entry[name]))
    return b"multiproduct/audit-entry/v1\x00" + lasting + _frame(personal)


def hashes(entries: Iterable[tuple[Entry, bytes]]) -> list[bytes]:
    """The hash of each entry, given with its salt, in the order of sealing."""
    found: list[bytes] = []
    previous = hashlib.sha256(b"multiproduct/audit-genesis/v1").digest()
    for number, (entry, salt) in enumerate(entries, start=1):
        digest = hashlib.sha256(b"multiproduct/audit-link/v1\x00")
        digest.update(previous)
        digest.update(struct.pack(">Q", number))
        digest.update(form(entry, person(entry, salt)))
        previous = digest.digest()
        found.append(previous)
    return found


def mac(secret: bytes, *, sequence: int, hash: bytes, sealed_at: datetime, key_id: str) -> bytes:
    """The signature of a head."""
    message = (
        struct.pack(">Q", sequence) + hash + struct.pack(">q", int(_moment(sealed_at))) + key_id.encode()
    )
    return hmac.digest(secret, b"multiproduct/audit-head/v1\x00" + message, "sha256")
