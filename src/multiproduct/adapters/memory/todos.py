"""The queue of owed reactions in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice

from multiproduct.adapters.memory.store import MemoryStore, Stage, TodoRow
from multiproduct.application.ports.todos import Backlog, LeaseLost, LoggedEvent, PurgedStretch, Todo


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
                leased.append(Todo(row.key, row.attempts + 1, until))
        return leased

    async def release(self, todo: Todo, *, error: str, due_at: datetime) -> None:
        """Puts a failed todo back, to be due again at the given moment."""
        row = self._leased(todo)
        if row is not None:
            self._todos.put(replace(row, due_at=due_at, leased_until=None, last_error=error))

    async def give_back(self, todo: Todo, *, error: str, due_at: datetime) -> None:
        """Puts back a todo that did not run, and takes the attempt off again."""
        row = self._leased(todo)
        if row is not None:
            attempts = row.attempts - 1
            self._todos.put(
                replace(row, due_at=due_at, leased_until=None, attempts=attempts, last_error=error)
            )

    async def bury(self, todo: Todo, *, error: str, now: datetime) -> None:
        """Gives up on a todo."""
        row = self._leased(todo)
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

    async def purge_events(self, *, before: datetime, from_position: int, limit: int) -> PurgedStretch:
        """Removes what is old enough and owed nothing among the next events."""
        following = (event for event in self._events.rows.values() if event.position >= from_position)
        stretch = list(islice(following, limit))
        owed = {key.position for key in self._todos.rows}
        over = [event for event in stretch if event.occurred_at < before]
        doomed = [event.position for event in over if event.position not in owed]
        for position in doomed:
            self._events.remove(position)
        is_last = len(over) < len(stretch) or len(stretch) < limit
        return PurgedStretch(len(doomed), None if is_last else stretch[-1].position + 1)

    def _leased(self, todo: Todo) -> TodoRow | None:
        row = self._todos.rows.get(todo.key)
        return row if row is not None and row.is_leased_as(todo) else None


class MemoryTodoCompletion:
    """Completing a todo in the unit of its own reaction."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.todos

    async def complete(self, todo: Todo) -> None:
        """Removes the todo. Raises LeaseLost when it is gone or leased anew."""
        row = self._rows.get(todo.key)
        if row is None or not row.is_leased_as(todo):
            raise LeaseLost(todo.key)
        self._rows.remove(todo.key)
