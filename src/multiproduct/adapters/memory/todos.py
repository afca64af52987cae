"""The queue of owed reactions in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from multiproduct.adapters.memory.store import MemoryStore, Stage
from multiproduct.application.ports.todos import AlreadyDone, Backlog, LoggedEvent, Todo
from multiproduct.application.reactions import TodoKey


class MemoryTodoQueue:
    """Each call is one step on the loop, over what is committed, so it waits for no writer."""

    def __init__(self, *, store: MemoryStore) -> None:
        self._todos = store.todos
        self._events = store.events

    async def lease(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Todo]:
        """Takes due todos, oldest event first, until the given moment, counting one attempt for each."""
        leased: list[Todo] = []
        for row in self._todos.rows.values():
            if len(leased) >= limit:
                break
            if row.can_be_leased(now=now):
                # The keys stay the same ones, so replacing a row does not disturb the walk over them.
                self._todos.put(replace(row, attempts=row.attempts + 1, leased_until=until))
                leased.append(Todo(row.key, row.attempts + 1))
        return leased

    async def release(self, key: TodoKey, *, error: str, due_at: datetime) -> None:
        """Puts a failed todo back, to be due again at the given moment."""
        row = self._todos.rows.get(key)
        if row is not None:
            self._todos.put(replace(row, due_at=due_at, leased_until=None, last_error=error))

    async def bury(self, key: TodoKey, *, error: str, now: datetime) -> None:
        """Gives up on a todo."""
        row = self._todos.rows.get(key)
        if row is not None:
            self._todos.put(replace(row, buried_at=now, leased_until=None, last_error=error))

    async def revive(self, *, now: datetime) -> int:
        """Makes every buried todo due again, counting afresh; answers how many."""
        buried = [row for row in self._todos.rows.values() if row.buried_at is not None]
        for row in buried:
            self._todos.put(replace(row, buried_at=None, due_at=now, attempts=0))
        return len(buried)

    async def event(self, position: int) -> LoggedEvent | None:
        """The event at a place in the log."""
        event = self._events.rows.get(position)
        return None if event is None else self._events.copy(event)

    async def backlog(self, *, now: datetime) -> Backlog:
        """How much there is to do."""
        rows = list(self._todos.rows.values())
        dead = sum(row.buried_at is not None for row in rows)
        waiting = (row.due_at for row in rows if row.can_be_leased(now=now))
        return Backlog(open=len(rows) - dead, dead=dead, oldest_due_at=min(waiting, default=None))


class MemoryTodoCompletion:
    """Completing a todo in the unit of its own reaction."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.todos

    async def complete(self, key: TodoKey) -> None:
        """Removes the todo. Raises AlreadyDone when it is gone."""
        if not self._rows.remove(key):
            raise AlreadyDone
