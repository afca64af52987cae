"""A memory store as a whole database: its units, queues and ledgers together."""

from multiproduct.adapters.memory.clock_offset import MemoryClockOffset
from multiproduct.adapters.memory.jobs import MemoryJobLedger
from multiproduct.adapters.memory.sandbox_books import MemorySandboxBooks
from multiproduct.adapters.memory.store import MemoryStore
from multiproduct.adapters.memory.todos import MemoryTodoQueue
from multiproduct.adapters.memory.units import MemoryUnits
from multiproduct.application.committing import Surroundings
from multiproduct.application.ports.clock import RealTime


class MemoryDatabase:
    """Always there, always migrated, and gone with the process."""

    def __init__(self, *, real_time: RealTime, audit_kept: int | None = None) -> None:
        store = MemoryStore(real_time=real_time, audit_kept=audit_kept)
        self._store = store
        self.todo_queue = MemoryTodoQueue(store=store)
        self.job_ledger = MemoryJobLedger(store=store)
        self.clock_offset = MemoryClockOffset(store=store)
        self.sandbox_books = MemorySandboxBooks()

    def units(self, surroundings: Surroundings) -> MemoryUnits:
        """Units over the store."""
        return MemoryUnits(store=self._store, surroundings=surroundings)

    async def ping(self) -> None:
        """Always answers."""

    async def is_migrated(self) -> bool:
        """There is nothing to migrate."""
        return True

    async def close(self) -> None:
        """Nothing is held open."""
