"""The audit log in memory."""

import heapq
from collections.abc import Callable, Sequence
from uuid import UUID

from multiproduct.adapters.memory.store import MemoryStore
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter


class MemoryAuditTrail:
    """Reads what is committed; commits write it."""

    def __init__(self, *, store: MemoryStore) -> None:
        self._table = store.audit

    async def find(
        self, wanted: AuditFilter, *, limit: int, before: UUID | None = None
    ) -> Sequence[AuditEntry]:
        """The newest matching entries first, at most `limit`, older than the entry `before`."""
        matches = _matching(wanted)
        older = (row for row in self._table.rows.values() if before is None or row.id < before)
        newest = heapq.nlargest(limit, filter(matches, older), key=lambda row: row.id)
        return [self._table.copy(row) for row in newest]

    async def count(self, wanted: AuditFilter) -> int:
        """How many entries match."""
        return sum(map(_matching(wanted), self._table.rows.values()))


def _matching(wanted: AuditFilter) -> Callable[[AuditEntry], bool]:
    exact = {
        name: value
        for name in ("user_id", "actor_id", "action", "event", "resource_type", "resource_id")
        if (value := getattr(wanted, name)) is not None
    }

    def matches(entry: AuditEntry) -> bool:
        is_recent = wanted.since is None or entry.occurred_at >= wanted.since
        is_old = wanted.until is None or entry.occurred_at < wanted.until
        return is_recent and is_old and all(getattr(entry, name) == value for name, value in exact.items())

    return matches
