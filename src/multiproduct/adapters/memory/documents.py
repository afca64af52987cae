"""Documents and consents in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.domain.identity import Consent, Document, DocumentState
from multiproduct.domain.shared import Aggregate

Track = Callable[[Aggregate], None]


class MemoryDocuments:
    """Documents, and which of them were removed."""

    def __init__(self, *, stage: Stage, track: Track) -> None:
        self._rows = stage.identity.documents
        self._removed = stage.identity.removed_documents
        self._track = track

    async def add(self, document: Document) -> None:
        """Keeps a new one."""
        self._rows.put(document)
        self._track(document)

    async def find(self, id: UUID) -> Document | None:
        """As it stands."""
        return self._rows.get(id)

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Document]:
        """Those that can be read, the newest first."""
        found = (row for row in self._rows.under("user", user_id) if row.unused_since is None)
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)[:limit]

    async def count(self, user_id: UUID) -> int:
        """How many there are, less removed ones."""
        return sum(not self._is_removed(row.id) for row in self._rows.under("user", user_id))

    async def move(self, document: Document, *, from_state: DocumentState, begun_after: datetime) -> bool:
        """Writes it if the stored one has the state."""
        stored = self._rows.get(document.id)
        if stored is None or stored.state is not from_state or self._is_removed(document.id):
            return False
        if stored.unused_since is not None and stored.unused_since <= begun_after:
            return False
        self._rows.put(document)
        self._track(document)
        return True

    async def remove(self, document: Document) -> bool:
        """Marks it as removed, unless it is."""
        stored = self._rows.get(document.id)
        if stored is None or self._is_removed(document.id):
            return False
        self._rows.put(replace(stored, unused_since=document.unused_since, name="", reason=None))
        self._removed.put(document.id)
        self._track(document)
        return True

    async def drop_all(self, user_id: UUID, *, now: datetime) -> None:
        """Marks all of a person as removed."""
        for row in list(self._rows.under("user", user_id)):
            self._rows.put(replace(row, unused_since=row.unused_since or now, name="", reason=None))
            self._removed.put(row.id)

    async def unused(self, *, before: datetime, limit: int) -> Sequence[Document]:
        """Those that were unused before the moment."""
        found = [(row.unused_since, row) for row in self._rows.where(lambda row: _is_unused(row, before))]
        return [row for _, row in sorted(found, key=lambda pair: (pair[0], pair[1].id))][:limit]

    async def forget(self, ids: Sequence[UUID], *, before: datetime) -> int:
        """Removes rows of unused ones."""
        wanted = frozenset(ids)
        doomed = list(self._rows.where(lambda row: row.id in wanted and _is_unused(row, before)))
        for row in doomed:
            self._rows.remove(row.id)
            self._removed.remove(row.id)
        return len(doomed)

    def _is_removed(self, id: UUID) -> bool:
        return self._removed.get(id) is not None


class MemoryConsents:
    """The log, in no order."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.identity.consents

    async def add(self, consent: Consent) -> None:
        """Adds a line."""
        self._rows.put(consent)

    async def standing(self, user_id: UUID, *, limit: int) -> Sequence[Consent]:
        """The newest line of each kind."""
        newest = {row.kind: row for row in reversed(self._log(user_id))}
        return [newest[kind] for kind in sorted(newest)][:limit]

    async def of_user(self, user_id: UUID, *, limit: int) -> Sequence[Consent]:
        """The log, the newest line first."""
        return self._log(user_id)[:limit]

    async def anonymise(self, user_id: UUID) -> None:
        """Takes address and browser out."""
        for row in self._log(user_id):
            self._rows.put(replace(row, ip=None, user_agent=None))

    def _log(self, user_id: UUID) -> list[Consent]:
        return sorted(self._rows.under("user", user_id), key=lambda row: (row.at, row.id), reverse=True)


def _is_unused(row: Document, before: datetime) -> bool:
    return row.unused_since is not None and row.unused_since < before
