"""The chain over the audit log in memory."""

import heapq
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.store import MemoryStore, SealRow, Stage
from multiproduct.application.audit.ports import ErasedStretch, UnsealedTail
from multiproduct.application.ports.audit_trail import AuditEntry
from multiproduct.domain.audit import (
    ChainHead,
    Seal,
    SealedRow,
    is_of_stranger,
    personal_digest,
    sealed_form,
)

_HEAD = 1


class MemoryAuditChain:
    """The `AuditChain` port."""

    def __init__(self, *, store: MemoryStore, stage: Stage) -> None:
        self._entries = store.audit
        self._stage = stage

    async def head(self) -> ChainHead | None:
        """Where the chain ends."""
        return self._stage.audit_head.get(_HEAD)

    async def has_sealed(self) -> bool:
        """Whether any entry has a number."""
        return any(True for _ in self._stage.audit_seals.where(lambda _row: True))

    async def unsealed(self, *, limit: int) -> Sequence[AuditEntry]:
        """Committed entries without a number, in the order of their ids."""
        first = heapq.nsmallest(limit, self._unsealed(), key=lambda entry: entry.id)
        return [self._entries.copy(entry) for entry in first]

    async def extend(self, before: ChainHead | None, after: ChainHead, seals: Sequence[Seal]) -> bool:
        """Moves the head, then seals the entries."""
        if self._stage.audit_head.get(_HEAD) != before:
            return False
        self._stage.audit_head.put(after)
        for seal in seals:
            self._stage.audit_seals.put(
                SealRow(
                    id=seal.id,
                    sequence=seal.sequence,
                    hash=seal.hash,
                    salt=seal.salt,
                    version=seal.version,
                )
            )
        return True

    async def sealed(self, *, until: int, page: int) -> AsyncIterator[Sequence[SealedRow]]:
        """Every entry with a number of at most `until`."""
        seals = sorted(
            self._stage.audit_seals.where(lambda seal: seal.sequence <= until), key=lambda seal: seal.sequence
        )
        for start in range(0, len(seals), page):
            rows = [self._row(seal) for seal in seals[start : start + page]]
            yield [row for row in rows if row is not None]

    async def beyond_head(self, *, limit: int) -> Sequence[SealedRow]:
        """Entries that have a number above the head's."""
        head = self._stage.audit_head.get(_HEAD)
        end = head.mark.sequence if head else 0
        seals = heapq.nsmallest(
            limit,
            self._stage.audit_seals.where(lambda seal: seal.sequence > end),
            key=lambda seal: seal.sequence,
        )
        return [row for row in map(self._row, seals) if row is not None]

    async def tail(self) -> UnsealedTail:
        """How much is not sealed yet."""
        moments = [entry.occurred_at for entry in self._unsealed()]
        return UnsealedTail(len(moments), min(moments, default=None))

    async def has_unsealed(self, user_id: UUID) -> bool:
        """Whether anything about a person, or done by them, is not sealed yet."""
        return any(_names(entry, user_id) for entry in self._unsealed())

    async def erase(self, user_id: UUID, *, limit: int, after: object | None = None) -> ErasedStretch:
        """Takes what tells of a person out of sealed entries."""
        del after  # nothing here is unreadable, so what was looked at is not found again
        named = self._stage.audit.where(lambda entry: _names(entry, user_id))
        found = self._sealed_whole(sorted(named, key=lambda entry: entry.id))[:limit]
        self._empty(found)
        return ErasedStretch(len(found), found[-1][0].id if len(found) == limit else None)

    async def forget_strangers(
        self, *, before: datetime, limit: int, after: object | None = None
    ) -> ErasedStretch:
        """Takes what tells of a person out of sealed entries that name nobody."""
        del after  # as in `erase`
        old = self._stage.audit.where(lambda entry: entry.occurred_at < before and _is_of_stranger(entry))
        found = self._sealed_whole(sorted(old, key=lambda entry: (entry.occurred_at, entry.id)))[:limit]
        self._empty(found)
        return ErasedStretch(len(found), found[-1][0].id if len(found) == limit else None)

    def _sealed_whole(self, entries: Iterable[AuditEntry]) -> list[tuple[AuditEntry, SealRow]]:
        """Those that are sealed and were not emptied yet, with their seals."""
        return [
            (entry, seal)
            for entry in entries
            if (seal := self._stage.audit_seals.get(entry.id)) is not None and seal.salt is not None
        ]

    def _empty(self, found: Iterable[tuple[AuditEntry, SealRow]]) -> None:
        for entry, seal in found:
            digest = personal_digest(entry, seal.salt or b"")
            self._stage.audit.put(
                replace(entry, ip=None, user_agent=None, request_id=None, changes={}, metadata={})
            )
            self._stage.audit_seals.put(replace(seal, salt=None, erased=digest))

    def _unsealed(self) -> Sequence[AuditEntry]:
        return [row for row in self._entries.rows.values() if self._stage.audit_seals.get(row.id) is None]

    def _row(self, seal: SealRow) -> SealedRow | None:
        entry = self._stage.audit.get(seal.id)
        if entry is None:
            return None
        form = sealed_form(entry, version=seal.version, salt=seal.salt, erased=seal.erased)
        return SealedRow(
            id=str(seal.id),
            sequence=seal.sequence,
            hash=seal.hash,
            form=form,
            event=entry.event,
            persons=(entry.user_id, entry.actor_id),
            actor_type=entry.actor_type,
            occurred_at=entry.occurred_at,
            is_erased=seal.erased is not None,
        )


def _is_of_stranger(entry: AuditEntry) -> bool:
    return is_of_stranger(entry.event, (entry.user_id, entry.actor_id), entry.actor_type)


def _names(entry: AuditEntry, user_id: UUID) -> bool:
    return str(user_id) in (entry.user_id, entry.actor_id)
