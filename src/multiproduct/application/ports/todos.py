"""The work that commits leave behind: one row per deferred reaction to an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from multiproduct.application.reactions import TodoKey


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event as the log keeps it."""

    position: int
    name: str
    fields: dict[str, Any]
    occurred_at: datetime
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Todo:
    """A reaction that is due. `attempts` counts how often it was leased, this time included."""

    key: TodoKey
    attempts: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is left to do: rows due or waiting, rows given up on, and since when the oldest due one
    waits."""

    open: int
    dead: int
    oldest_due_at: datetime | None


class TodoQueue(Protocol):
    """Leases todos to whoever runs them. Each call is a transaction of its own. Times are real time.

    Promises: no two callers hold a lease on one todo at the same time; a lease that ran out is offered again;
    a todo is gone only after `complete` in the transaction of the reaction itself.
    """

    async def lease(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Todo]:
        """Takes due todos, oldest event first, until the given moment, counting one attempt for each."""
        ...

    async def release(self, key: TodoKey, *, error: str, due_at: datetime) -> None:
        """Puts a failed todo back, to be due again at the given moment."""
        ...

    async def bury(self, key: TodoKey, *, error: str, now: datetime) -> None:
        """Gives up on a todo. It stays visible until somebody revives or discards it."""
        ...

    async def revive(self, *, now: datetime) -> int:
        """Makes every buried todo due again, counting its attempts afresh; answers how many."""
        ...

    async def event(self, position: int) -> LoggedEvent | None:
        """The event at a place in the log, or None when it was purged."""
        ...

    async def backlog(self, *, now: datetime) -> Backlog:
        """How much there is to do."""
        ...


class TodoCompletion(Protocol):
    """The slice of a unit of work in which a reaction completes its own todo."""

    async def complete(self, key: TodoKey) -> None:
        """Removes the todo. Raises AlreadyDone when it is gone, so that the unit's effects are undone."""
        ...


class AlreadyDone(Exception):
    """Another run of the same reaction completed the todo first."""
