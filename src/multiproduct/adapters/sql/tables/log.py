"""The event log, and one row for each reaction that is still owed to an event."""

from sqlalchemy import Column, Index, Integer, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, POSITION, LogText, Moment

events = Table(
    "events",
    metadata,
    Column("position", POSITION, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("fields", DOCUMENT, nullable=False),
    Column("occurred_at", Moment, nullable=False),
    Column("request_id", LogText),
    # Without it SQLite would hand out the positions of purged events again.
    sqlite_autoincrement=True,
)

# No foreign key to the log: the dispatcher buries todos whose event is gone, and the check would cost
# a look-up for each row.
todos = Table(
    "todos",
    metadata,
    Column("position", POSITION, primary_key=True, autoincrement=False),
    Column("reaction", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("buried_at", Moment),
    Column("last_error", LogText),
)

_open = todos.c.buried_at.is_(None)
_buried = todos.c.buried_at.is_not(None)
Index("ix_todos_open", todos.c.due_at, postgresql_where=_open, sqlite_where=_open)
Index("ix_todos_buried", todos.c.buried_at, postgresql_where=_buried, sqlite_where=_buried)
