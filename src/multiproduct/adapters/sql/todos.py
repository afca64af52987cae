"""The event log and its todos in tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, case, delete, func, insert, or_, select, tuple_, update

from multiproduct.adapters.sql.lanes import Database, Lane
from multiproduct.adapters.sql.tables.log import events, todos
from multiproduct.application.committing import NewEvent
from multiproduct.application.ports.todos import AlreadyDone, Backlog, LoggedEvent, Todo
from multiproduct.application.reactions import TodoKey

_t = todos.c
_is_it = (_t.position == bindparam("of_position")) & (_t.reaction == bindparam("of_reaction"))

# One statement for any number. SQLite numbers the rows as they stand in the statement, with no other writer
# between them, so that sorting gives their order; PostgreSQL promises an order only if it is asked for.
_LOG_EVENTS = {
    "postgresql": insert(events).returning(events.c.position, sort_by_parameter_order=True),
    "sqlite": insert(events).returning(events.c.position),
}
_OWE = insert(todos)
_COMPLETE = delete(todos).where(_is_it)  # pk_todos

# Chosen in a CTE, which PostgreSQL runs once: a subquery could be run again for each row and lease too many.
_due = (
    select(_t.position, _t.reaction)
    .where(
        _t.buried_at.is_(None),
        _t.due_at <= bindparam("at"),
        or_(_t.leased_until.is_(None), _t.leased_until <= bindparam("at")),
    )
    .order_by(_t.position, _t.reaction)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_LEASE = (  # pk_todos, whose front holds the oldest; ix_todos_open when most are not due
    update(todos)
    .where(tuple_(_t.position, _t.reaction).in_(select(_due.c.position, _due.c.reaction)))
    .values(leased_until=bindparam("until"), attempts=_t.attempts + 1)
    .returning(_t.position, _t.reaction, _t.attempts)
)
_RELEASE = (  # pk_todos
    update(todos)
    .where(_is_it)
    .values(leased_until=None, due_at=bindparam("due"), last_error=bindparam("error"))
)
_BURY = (  # pk_todos
    update(todos)
    .where(_is_it)
    .values(leased_until=None, buried_at=bindparam("at"), last_error=bindparam("error"))
)
_REVIVE = (  # ix_todos_buried
    update(todos)
    .where(_t.buried_at.is_not(None))
    .values(buried_at=None, leased_until=None, attempts=0, due_at=bindparam("at"))
)
_is_waiting = (
    _t.buried_at.is_(None)
    & (_t.due_at <= bindparam("at"))
    & or_(_t.leased_until.is_(None), _t.leased_until <= bindparam("at"))
)
_BACKLOG = select(
    func.count().filter(_t.buried_at.is_(None)).label("open"),
    func.count(_t.buried_at).label("dead"),
    func.min(case((_is_waiting, _t.due_at))).label("oldest_due_at"),
).select_from(todos)
_EVENT = select(events).where(events.c.position == bindparam("of_position"))  # pk_events


async def log_events(lane: Lane, happened: Sequence[NewEvent]) -> None:
    """Writes the events, and a todo for each reaction that is owed to one; two statements. Todos are due
    by real time: business time may be anywhere."""
    logged = await lane.run(
        _LOG_EVENTS[lane.dialect],
        [
            {
                "name": new.name,
                "fields": new.fields,
                "occurred_at": new.event.occurred_at,
                "request_id": new.request_id,
            }
            for new in happened
        ],
    )
    positions = sorted(logged.scalars())
    now = datetime.now(UTC)
    owed = [
        {"position": position, "reaction": reaction, "attempts": 0, "due_at": now}
        for position, new in zip(positions, happened, strict=True)
        for reaction in new.todos
    ]
    if owed:
        await lane.run(_OWE, owed)


class SqlTodoCompletion:
    """The `TodoCompletion` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def complete(self, key: TodoKey) -> None:
        """Removes the todo. Raises AlreadyDone when it is gone."""
        if (await self._lane.run(_COMPLETE, _of(key))).rowcount != 1:
            raise AlreadyDone(key)


class SqlTodoQueue:
    """The `TodoQueue` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lease(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Todo]:
        """Takes due todos, oldest event first."""
        leased = await self._database.alone(_LEASE, {"at": now, "until": until, "most": limit})
        rows = sorted(leased, key=lambda row: (row.position, row.reaction))
        return [Todo(TodoKey(row.position, row.reaction), row.attempts) for row in rows]

    async def release(self, key: TodoKey, *, error: str, due_at: datetime) -> None:
        """Puts a failed todo back."""
        await self._database.alone(_RELEASE, {**_of(key), "error": error, "due": due_at})

    async def bury(self, key: TodoKey, *, error: str, now: datetime) -> None:
        """Gives up on a todo."""
        await self._database.alone(_BURY, {**_of(key), "error": error, "at": now})

    async def revive(self, *, now: datetime) -> int:
        """Makes every buried todo due again, as if it had never been tried."""
        return (await self._database.alone(_REVIVE, {"at": now})).rowcount

    async def event(self, position: int) -> LoggedEvent | None:
        """The event at a place in the log."""
        row = (await self._database.read(_EVENT, {"of_position": position})).first()
        if row is None:
            return None
        return LoggedEvent(
            position=row.position,
            name=row.name,
            fields=row.fields,
            occurred_at=row.occurred_at,
            request_id=row.request_id,
        )

    async def backlog(self, *, now: datetime) -> Backlog:
        """How much there is to do."""
        row = (await self._database.read(_BACKLOG, {"at": now})).one()
        return Backlog(open=row.open, dead=row.dead, oldest_due_at=row.oldest_due_at)


def _of(key: TodoKey) -> dict[str, Any]:
    return {"of_position": key.position, "of_reaction": key.reaction}
