"""The sandbox's books in memory."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from multiproduct.application.payments.sandbox_books import SandboxRecord


class MemorySandboxBooks:
    """The `SandboxBooks` port: a dictionary beside the store, which no unit rolls back."""

    def __init__(self) -> None:
        self._records: dict[str, SandboxRecord] = {}
        self._related: defaultdict[str, list[str]] = defaultdict(list)

    async def add(self, record: SandboxRecord) -> bool:
        """Keeps a record unless its key is taken."""
        if record.key in self._records:
            return False
        self._records[record.key] = record
        if record.related is not None:
            self._related[record.related].append(record.key)
        return True

    async def save(self, record: SandboxRecord) -> bool:
        """Writes a record over its former version."""
        stored = self._records.get(record.key)
        if stored is None or stored.version != record.version:
            return False
        self._records[record.key] = replace(record, version=record.version + 1)
        return True

    async def find(self, key: str) -> SandboxRecord | None:
        """The record by key."""
        return self._records.get(key)

    async def related(self, to: str) -> Sequence[SandboxRecord]:
        """Those that are related to it."""
        found = [self._records[key] for key in self._related.get(to, ())]
        return sorted(found, key=lambda record: (record.created_at, record.key))
