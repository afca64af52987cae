"""What a database would do with statements that were sent to it: recorded, and explained on filled tables."""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import md5
from pathlib import Path
from typing import Any

from sqlalchemy import (
    CHAR,
    Column,
    Executable,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    event,
    text,
)
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection

from multiproduct.adapters.sql.tables import metadata
from multiproduct.adapters.sql.types import Moment

_NAMING = frozenset(
    {"reference", "key", "number", "slug", "notice_id", "event_key", "event_id", "resource_id", "request_id"}
)
"""Columns of text that tell rows apart although no unique index says so."""
_EXPLAINED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
_PLACEHOLDERS = re.compile(r"\((?:(?:\$\d+(?:::[A-Z ]+)?(?: COLLATE \"C\")?|\?|:\w+)(?:, )?)+\)")
_READ = re.compile(r'\b(?:FROM|JOIN|UPDATE) "?(\w+)"?')
_SCANNED = re.compile(r"^SCAN (\w+)(.*)$")


@dataclass(frozen=True, slots=True)
class Sent:
    """A statement as the driver was given it, with the parameters of its first execution."""

    sql: str
    parameters: Any


@dataclass(frozen=True, slots=True)
class Scan:
    """A table that is read from end to end."""

    table: str
    plan: str


@contextmanager
def statements_sent() -> Iterator[dict[str, Sent]]:
    """Notes each different statement that any engine of this process sends, once; those that differ in the
    length of a list are the same."""
    seen: dict[str, Sent] = {}

    def note(_connection, _cursor, statement, parameters, _context, _many) -> None:
        if _EXPLAINED.match(statement):
            is_many = isinstance(parameters, list) and parameters and isinstance(parameters[0], tuple)
            same = _PLACEHOLDERS.sub("(...)", statement)
            seen.setdefault(same, Sent(statement, parameters[0] if is_many else parameters))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def tables_read(sent: Sent) -> set[str]:
    """The names of the tables that a statement reads, or changes rows of."""
    return set(_READ.findall(sent.sql)) & metadata.tables.keys()


async def fill_postgres(connection: AsyncConnection, rows: int, *, names: Collection[str]) -> set[str]:
    """Multiplies what is there to about `rows` rows in each of the tables named, and analyses them. Answers
    the tables that have rows.

    References stay right, as every id of copy n is made from the id and n.
    """
    await connection.execute(text("SET session_replication_role = replica"))
    filled = set[str]()
    for table in metadata.sorted_tables:
        if table.name in names:
            count = (await connection.execute(text(f'SELECT count(*) FROM "{table.name}"'))).scalar_one()
            if count:
                filled.add(table.name)
            if 0 < count < rows:
                await connection.execute(text(_multiplied(table, -(-rows // count), _ON_POSTGRES)))
    await connection.execute(text("RESET session_replication_role"))
    await connection.execute(text("ANALYZE"))
    return filled


def fill_sqlite(file: Path, rows: int, *, names: Collection[str]) -> set[str]:
    """The same in a file. Its triggers are dropped: they would have every copy moved and checked anew."""
    with closing(sqlite3.connect(file)) as connection:
        connection.create_function("md5", 1, _md5, deterministic=True)
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        filled = set[str]()
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        for table in metadata.sorted_tables:
            if table.name not in names:
                continue
            (count,) = connection.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()
            if not count:
                continue
            filled.add(table.name)
            if count < rows:
                connection.execute(_multiplied(table, -(-rows // count), _ON_SQLITE))
        connection.commit()
        connection.execute("ANALYZE")
        connection.commit()
    return filled


def _md5(given: str) -> str:
    return md5(given.encode(), usedforsecurity=False).hexdigest()


def _is_uuid(column: Column[Any]) -> bool:
    return isinstance(column.type, Uuid)


_ON_POSTGRES: Mapping[str, Callable[[str], str]] = {
    "series": lambda copies: f"generate_series(1, {copies}) AS s(n)",
    "id": lambda name: f"md5({name}::text || n)::uuid",
    "moment": lambda name: f"{name} + n * interval '1 minute'",
    "bytes": lambda name: f"decode(md5(encode({name}, 'hex') || n), 'hex')",
}
_ON_SQLITE: Mapping[str, Callable[[str], str]] = {
    "series": lambda copies: (
        f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {copies})"
        " SELECT n FROM s) AS s"
    ),
    "id": lambda name: f"CASE WHEN {name} IS NULL THEN NULL ELSE md5({name} || n) END",
    "moment": lambda name: f"{name} + n * 60000000",
    "bytes": lambda name: f"CAST(md5(hex({name}) || n) AS BLOB)",
}


def _multiplied(table: Table, copies: int, words: Mapping[str, Callable[[str], str]]) -> str:
    telling = _telling_apart(table)
    names = ", ".join(f'"{column.name}"' for column in table.c)
    values = ", ".join(_value(column, telling, words) for column in table.c)
    source = f'"{table.name}" AS t, {words["series"](str(copies))}'
    return f'INSERT INTO "{table.name}" ({names}) SELECT {values} FROM {source}'


def _value(column: Column[Any], telling: set[str], words: Mapping[str, Callable[[str], str]]) -> str:
    name = f't."{column.name}"'
    if _is_uuid(column):
        return words["id"](name)
    if isinstance(column.type, Moment):
        return words["moment"](name)
    if column.name not in telling:
        return name
    if isinstance(column.type, Integer):
        return f"{name} + n * 100000"
    if isinstance(column.type, LargeBinary):
        return words["bytes"](name)
    return f"{name} || '~' || n"


def _telling_apart(table: Table) -> set[str]:
    """The columns to be changed in each copy, so that no unique index refuses it."""
    uniques: list[list[Column[Any]]] = [list(table.primary_key.columns)]
    uniques += [list(index.columns) for index in table.indexes if isinstance(index, Index) and index.unique]
    uniques += [list(each.columns) for each in table.constraints if isinstance(each, UniqueConstraint)]
    chosen = {column.name for column in table.c if column.name in _NAMING and isinstance(column.type, Text)}
    for columns in uniques:
        if not any(_is_uuid(column) for column in columns):
            free = [column for column in columns if not isinstance(column.type, CHAR | Moment)]
            numbers = [column for column in free if isinstance(column.type, Integer)]
            chosen.add((numbers or free)[-1].name)
    return chosen


async def postgres_scans(connection: AsyncConnection, sent: Sent) -> list[Scan]:
    """The tables that PostgreSQL would read from end to end."""
    found = await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sent.sql}", sent.parameters)
    document = found.scalar_one()
    (plan,) = json.loads(document) if isinstance(document, str) else document
    shown = json.dumps(plan, indent=1)
    return [Scan(table, shown) for table in _read_whole(plan["Plan"], is_limited=False)]


def _read_whole(node: dict[str, Any], *, is_limited: bool) -> Iterator[str]:
    """An index without a condition is read as the table would be, unless only the first of it is wanted. So
    is a table of which any rows will do."""
    kind = node["Node Type"]
    is_whole = kind == "Seq Scan" or (kind in {"Index Scan", "Index Only Scan"} and "Index Cond" not in node)
    finds_at_once = is_limited and ("Filter" not in node or kind != "Seq Scan")
    if is_whole and not finds_at_once:
        yield node["Relation Name"]
    is_limited = kind == "Limit" or (is_limited and kind not in {"Sort", "Aggregate", "Hash"})
    for inner in node.get("Plans", ()):
        # The inner side of a join is read for each row of the outer one.
        yield from _read_whole(inner, is_limited=is_limited and inner.get("Parent Relationship") != "Inner")


def sqlite_scans(connection: sqlite3.Connection, sent: Sent) -> list[Scan]:
    """The tables that SQLite would read from end to end. Statements with a limit may do so by an index."""
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sent.sql}", sent.parameters)]
    shown = "\n".join(plan)
    names = {table.name for table in metadata.sorted_tables}
    return [
        Scan(match[1], shown)
        for match in map(_SCANNED.match, plan)
        if match and match[1] in names and not ("USING" in match[2] and "LIMIT" in sent.sql)
    ]


async def plan_of(connection: AsyncConnection, statement: Executable, values: dict[str, Any]) -> str:
    """PostgreSQL's plan of a statement that was not sent yet."""
    written = statement.compile(dialect=connection.dialect)
    whole = written.construct_expanded_state(values)
    given = tuple(whole.parameters[name] for name in whole.positiontup)
    found = await connection.exec_driver_sql(f"EXPLAIN (COSTS OFF) {whole.statement}", given)
    return "\n".join(found.scalars())
