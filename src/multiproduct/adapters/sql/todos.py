"""The event log and its todos in tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Integer, bindparam, case, delete, exists, func, insert, or_, select, tuple_, update

from multiproduct.adapters.sql.lanes import Database, Lane
from multiproduct.adapters.sql.tables.log import events, todos
from multiproduct.application.committing import NewEvent
from multiproduct.application.ports.todos import (
    Backlog,
    LeaseLost,
    LoggedEvent,
    PurgedStretch,
    Todo,
    TodoKey,
)

_t = todos.c
# The row with its lease: no row where the todo is gone, free, or leased to somebody else.
_is_it = (
    (_t.position == bindparam("of_position"))
    & (_t.reaction == bindparam("of_reaction"))
    & (_t.attempts == bindparam("of_attempts"))
    & (_t.leased_until == bindparam("of_lease"))
)

# SQLite numbers the rows as they stand in the statement, with no other writer between them, so that sorting
# gives their order. PostgreSQL is asked in another way (see `happenings`).
_LOG_EVENTS = insert(events).returning(events.c.position)
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
_GIVE_BACK = (  # pk_todos
    update(todos)
    .where(_is_it)
    .values(
        leased_until=None, attempts=_t.attempts - 1, due_at=bindparam("due"), last_error=bindparam("error")
    )
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
_e = events.c
_stretch = (
    select(_e.position, _e.occurred_at)
    .where(_e.position >= bindparam("start"))
    .order_by(_e.position)
    .limit(bindparam("most", type_=Integer))
    .subquery()
)
_STRETCH = select(  # pk_events: no index on the moment, as positions come in almost the same order
    func.count().label("seen"),
    func.count().filter(_stretch.c.occurred_at >= bindparam("before")).label("young"),
    func.max(_stretch.c.position).label("last"),
).select_from(_stretch)
_PURGE_EVENTS = delete(events).where(  # pk_events, pk_todos
    _e.position.between(bindparam("start"), bindparam("last")),
    _e.occurred_at < bindparam("before"),
    ~exists().where(_t.position == _e.position),
)
_EVENT = select(events).where(events.c.position == bindparam("of_position"))  # pk_events


async def log_events(lane: Lane, happened: Sequence[NewEvent]) -> None:
    """Writes the events, and a todo for each reaction that is owed to one, to SQLite; two statements. Todos
    are due by real time: business time may be anywhere."""
    logged = await lane.run(
        _LOG_EVENTS,
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

    async def complete(self, todo: Todo) -> None:
        """Removes the todo. Raises LeaseLost when it is gone or leased anew."""
        if (await self._lane.run(_COMPLETE, _of(todo))).rowcount != 1:
            raise LeaseLost(todo.key)


class SqlTodoQueue:
    """The `TodoQueue` port."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def lease(self, *, now: datetime, until: datetime, limit: int) -> Sequence[Todo]:
        """Takes due todos, oldest event first."""
        leased = await self._database.alone(_LEASE, {"at": now, "until": until, "most": limit})
        rows = sorted(leased, key=lambda row: (row.position, row.reaction))
        return [Todo(TodoKey(row.position, row.reaction), row.attempts, until) for row in rows]

    async def release(self, todo: Todo, *, error: str, due_at: datetime) -> None:
        """Puts a failed todo back."""
        await self._database.alone(_RELEASE, {**_of(todo), "error": error, "due": due_at})

    async def give_back(self, todo: Todo, *, error: str, due_at: datetime) -> None:
        """Puts back a todo that did not run, and takes the attempt off again."""
        await self._database.alone(_GIVE_BACK, {**_of(todo), "error": error, "due": due_at})

    async def bury(self, todo: Todo, *, error: str, now: datetime) -> None:
        """Gives up on a todo."""
        await self._database.alone(_BURY, {**_of(todo), "error": error, "at": now})

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

    async def purge_events(self, *, before: datetime, from_position: int, limit: int) -> PurgedStretch:
        """Removes what is old enough and owed nothing among the next events. Two statements: an event is
        never changed, and a todo is never added to one that is there, so nothing can come between them."""
        start = {"start": from_position, "before": before}
        stretch = (await self._database.read(_STRETCH, {**start, "most": limit})).one()
        if stretch.seen == stretch.young:
            return PurgedStretch(0, None)
        purged = await self._database.alone(_PURGE_EVENTS, {**start, "last": stretch.last})
        is_last = stretch.young > 0 or stretch.seen < limit
        return PurgedStretch(purged.rowcount, None if is_last else stretch.last + 1)


def _of(todo: Todo) -> dict[str, Any]:
    return {
        "of_position": todo.key.position,
        "of_reaction": todo.key.reaction,
        "of_attempts": todo.attempts,
        "of_lease": todo.leased_until,
    }
