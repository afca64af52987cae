"""A small log with its chain, as a store would keep it, for tests that tamper with it."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.domain.audit import (
    SEAL_VERSION,
    ChainCheck,
    ChainHead,
    HeadStanding,
    Mark,
    Seal,
    SealedRow,
    canonical_form,
    personal_digest,
    sealed_form,
    seals_of,
)

SECRET = b"s" * 32
NOW = datetime(2026, 3, 4, 5, 6, 7, 890123, tzinfo=UTC)


@dataclass
class Row:
    """An entry and its seal, as they are stored."""

    entry: AuditEntry
    seal: Seal
    erased: bytes | None = None

    def shown(self) -> SealedRow:
        salt = self.seal.salt if self.erased is None else None
        form = sealed_form(self.entry, version=self.seal.version, salt=salt, erased=self.erased)
        return SealedRow(
            id=str(self.entry.id),
            sequence=self.seal.sequence,
            hash=self.seal.hash,
            form=form,
            event=self.entry.event,
            persons=(self.entry.user_id, self.entry.actor_id),
            actor_type=self.entry.actor_type,
            occurred_at=self.entry.occurred_at,
            is_erased=self.erased is not None,
        )

    def edited(self, **fields: Any) -> "Row":
        return replace(self, entry=replace(self.entry, **fields))

    def sealed_as(self, **fields: Any) -> "Row":
        return replace(self, seal=replace(self.seal, **fields))


@dataclass
class Log:
    """Rows in the order of their numbers, and the head."""

    rows: list[Row]
    head: ChainHead | None
    beyond: list[Row] = field(default_factory=list)

    def check(self, *, since: Mark | None = None, forgotten_before: datetime | None = None) -> ChainCheck:
        """What verifying it comes to, by whoever has the secret."""
        check = ChainCheck(since=since, forgotten_before=forgotten_before)
        for row in sorted(self.rows, key=lambda row: (row.seal.sequence, row.entry.id)):
            check.take(row.shown())
        standing = HeadStanding.MISSING
        if self.head is not None:
            genuine = self.head.is_signed_with(SECRET)
            standing = HeadStanding.GENUINE if genuine else HeadStanding.FORGED
        check.finish(head=self.head, standing=standing, beyond=[row.shown() for row in self.beyond])
        return check


def sealed(entries: list[AuditEntry], *, secret: bytes = SECRET) -> Log:
    """The entries, sealed in their order."""
    salts = [entry.id.bytes[::-1] for entry in entries]
    forms = [
        (entry.id, salt, canonical_form(entry, personal_digest(entry, salt)))
        for entry, salt in zip(entries, salts, strict=True)
    ]
    mark, seals = seals_of(Mark(), forms, version=SEAL_VERSION)
    rows = [Row(entry, seal) for entry, seal in zip(entries, seals, strict=True)]
    return Log(rows, ChainHead.sign(mark, key_id="k1", secret=secret, now=NOW))


def an_entry(number: int = 1, **fields: Any) -> AuditEntry:
    """The entry of that number; each is different."""
    plain: dict[str, Any] = {
        "id": UUID(int=(0x0198 << 112) | (7 << 76) | (2 << 62) | number),
        "occurred_at": NOW + timedelta(seconds=number),
        "event": "identity.signed_in",
        "action": "login",
        "resource_type": "session",
        "resource_id": f"session {number}",
        "user_id": "somebody",
        "actor_id": "somebody",
        "actor_type": "user",
        "ip": "192.0.2.1",
        "user_agent": "a browser",
        "request_id": f"request {number}",
        "changes": {"name": [None, f"name {number}"]},
        "metadata": {},
    }
    return AuditEntry(**plain | fields)


_texts = st.text(max_size=8)
_maybe = st.none() | _texts
_moments = st.datetimes(datetime(1960, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | _texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_texts, inner, max_size=2),
    max_leaves=4,
)
entries = st.builds(
    AuditEntry,
    id=st.uuids(),
    occurred_at=_moments,
    event=_texts,
    action=_texts,
    resource_type=_texts,
    resource_id=_texts,
    user_id=_maybe,
    actor_id=_maybe,
    actor_type=_texts,
    ip=_maybe,
    user_agent=_maybe,
    request_id=_maybe,
    changes=st.dictionaries(_texts, _json, max_size=2),
    metadata=st.dictionaries(_texts, _json, max_size=2),
)
logs = st.lists(entries, min_size=1, max_size=6, unique_by=lambda entry: entry.id)
