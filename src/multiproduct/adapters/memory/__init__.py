"""Full adapters that keep everything in the memory of one process.

Each is loaded when it is first used: a server with a database and a Redis needs only the limiter.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiproduct.adapters.memory.cache import MemoryInvalidations, MemorySharedCache
    from multiproduct.adapters.memory.clock_offset import MemoryClockOffset
    from multiproduct.adapters.memory.database import MemoryDatabase
    from multiproduct.adapters.memory.jobs import MemoryJobLedger
    from multiproduct.adapters.memory.rate_limiter import MemoryRateLimiter
    from multiproduct.adapters.memory.store import MemoryStore
    from multiproduct.adapters.memory.todos import MemoryTodoQueue
    from multiproduct.adapters.memory.units import MemoryUnit, MemoryUnits, MemoryView

_HOMES = {
    "MemoryClockOffset": "multiproduct.adapters.memory.clock_offset",
    "MemoryDatabase": "multiproduct.adapters.memory.database",
    "MemoryInvalidations": "multiproduct.adapters.memory.cache",
    "MemoryJobLedger": "multiproduct.adapters.memory.jobs",
    "MemoryRateLimiter": "multiproduct.adapters.memory.rate_limiter",
    "MemorySharedCache": "multiproduct.adapters.memory.cache",
    "MemoryStore": "multiproduct.adapters.memory.store",
    "MemoryTodoQueue": "multiproduct.adapters.memory.todos",
    "MemoryUnit": "multiproduct.adapters.memory.units",
    "MemoryUnits": "multiproduct.adapters.memory.units",
    "MemoryView": "multiproduct.adapters.memory.units",
}

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found
