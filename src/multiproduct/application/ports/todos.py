"""The work that commits leave behind: one row per deferred reaction to an event."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class TodoKey:
    """Names one reaction to one event."""

    position: int
    reaction: str


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
    """A reaction as it was leased to one runner. `attempts` counts how often it was leased and not given
    back, this time included.

    `attempts` and `leased_until` together tell this lease from every other one of the same reaction: a lease
    that follows another one's end reaches further, and one that follows a failure counts one more.
    """

    key: TodoKey
    attempts: int
    leased_until: datetime


@dataclass(frozen=True, slots=True)
class Backlog:
    """How much is left to do: rows due or waiting, rows given up on, and since when the oldest due one
    waits."""

    open: int
    dead: int
    oldest_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class PurgedStretch:
    """What became of a stretch of the event log: how many events went, and the position that the next stretch
    begins at, or None where nothing that follows is old enough."""

    removed: int
    next_position: int | None


class TodoQueue(Protocol):
    """Leases todos to whoever runs them. Each call is a transaction of its own. Times are real time.

    Promises: no two callers hold a lease on one todo at the same time; a lease that ran out is offered again;
    a todo is gone only after `complete` in the transaction of the reaction itself. Whoever lost the lease, to
    its end or to a completion, can change nothing about the todo any more: `release`, `give_back` and `bury`
    pass over a lease that is not the todo's present one, and `complete` refuses it.
    """

    async def lease(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Todo]:
        """Takes due todos, oldest event first, until the given moment, counting one attempt for each."""
        ...

    async def release(self, todo: Todo, *, error: str, due_at: datetime) -> None:
        """Puts a failed todo back, to be due again at the given moment."""
        ...

    async def give_back(self, todo: Todo, *, error: str, due_at: datetime) -> None:
        """Puts back a todo that nobody could be made to run. The lease does not count as an attempt."""
        ...

    async def bury(self, todo: Todo, *, error: str, now: datetime) -> None:
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

    async def purge_events(self, *, before: datetime, from_position: int, limit: int) -> PurgedStretch:
        """Looks at the next `limit` events from a position on, and removes those that happened before the
        moment and are owed nothing. What a todo is left of, also a buried one, stays."""
        ...


class TodoCompletion(Protocol):
    """The slice of a unit of work in which a reaction completes its own todo."""

    async def complete(self, todo: Todo) -> None:
        """Removes the todo. Raises LeaseLost when it is gone or leased anew, so that the unit's effects are
        undone."""
        ...


class LeaseLost(Exception):
    """The lease of a run is over: another run of the same reaction completed the todo, or has it now."""
