"""First answers in memory."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from multiproduct.adapters.memory.store import Stage
from multiproduct.application.idempotency import IdempotencyRecord


class MemoryIdempotencyRecords:
    """Rivals wait because there is one writer at a time."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.idempotency

    async def claim(self, record: IdempotencyRecord, *, now: datetime) -> IdempotencyRecord | None:
        """Keeps `record` if its scope and key are free (or expired), else answers what is kept."""
        kept = self._rows.get((record.scope, record.key))
        if kept is not None and kept.expires_at > now:
            return kept
        self._rows.put(record)
        return None

    async def find(self, scope: str, key: str, *, now: datetime) -> IdempotencyRecord | None:
        """What is kept and not expired."""
        kept = self._rows.get((scope, key))
        return kept if kept is not None and kept.expires_at > now else None

    async def answer(self, scope: str, key: str, answer: dict[str, Any], *, about: str | None = None) -> None:
        """Stores the first answer."""
        kept = self._rows.get((scope, key))
        if kept is not None:
            self._rows.put(replace(kept, answer=answer, about=about))

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes expired records, at most `limit`; answers how many."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)
