"""Full adapters that keep everything in the memory of one process."""

from multiproduct.adapters.memory.cache import MemoryInvalidations, MemorySharedCache
from multiproduct.adapters.memory.clock_offset import MemoryClockOffset
from multiproduct.adapters.memory.database import MemoryDatabase
from multiproduct.adapters.memory.jobs import MemoryJobLedger
from multiproduct.adapters.memory.rate_limiter import MemoryRateLimiter
from multiproduct.adapters.memory.store import MemoryStore
from multiproduct.adapters.memory.todos import MemoryTodoQueue
from multiproduct.adapters.memory.units import MemoryUnit, MemoryUnits, MemoryView

__all__ = [
    "MemoryClockOffset",
    "MemoryDatabase",
    "MemoryInvalidations",
    "MemoryJobLedger",
    "MemoryRateLimiter",
    "MemorySharedCache",
    "MemoryStore",
    "MemoryTodoQueue",
    "MemoryUnit",
    "MemoryUnits",
    "MemoryView",
]
