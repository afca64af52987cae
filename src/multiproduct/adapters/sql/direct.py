"""Statements that come again and again go to asyncpg as they were compiled the first time.

SQLAlchemy keeps the connections and their transactions, and compiles; what it would do for each execution
anew (contexts, cursors, results) costs more than asking PostgreSQL does.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from multiproduct.adapters.sql.answers import Answer, RowMaker
from multiproduct.adapters.sql.compiled_forms import Form, form_of
from multiproduct.adapters.sql.lanes import Parameters, Result, see_through
from multiproduct.application.ports.unit_of_work import TransientFailure

if TYPE_CHECKING:
    import asyncpg

_MOST_PREPARED = 300
"""Statements that are kept prepared by each connection; its sessions hold about so many hot ones."""
_PREPARED = "multiproduct.prepared"

_Prepared = tuple["asyncpg.prepared_stmt.PreparedStatement", RowMaker]


class _Kept:
    """What a connection has prepared, the least used first. What was prepared before somebody changed the
    tables is let go by every connection, as soon as the first of them has met with it."""

    changes_met = 0

    def __init__(self) -> None:
        self._statements: OrderedDict[Form, _Prepared] = OrderedDict()
        self._since = self.changes_met

    def find(self, form: Form) -> _Prepared | None:
        if self._since != _Kept.changes_met:
            self._statements.clear()
            self._since = _Kept.changes_met
        found = self._statements.get(form)
        if found is not None:
            self._statements.move_to_end(form)
        return found

    def keep(self, form: Form, made: _Prepared) -> None:
        self._statements[form] = made
        if len(self._statements) > _MOST_PREPARED:
            self._statements.popitem(last=False)

    def drop(self, form: Form) -> None:
        self._statements.pop(form, None)


async def execute_directly(
    connection: AsyncConnection, statement: Executable, parameters: Parameters | None
) -> Result:
    """Executes in the transaction that the connection is in, as `AsyncConnection.execute` does, and raises
    the errors that it raises.

    A transaction must have been begun by SQLAlchemy, which begins it with the first statement it is given.
    """
    sync = connection.sync_connection
    # Whoever listens is told of every statement.
    if sync is None or sync.engine.dispatch.before_cursor_execute:
        return await connection.execute(statement, parameters)
    form = form_of(statement, parameters, sync.dialect)
    if form is None:
        return await connection.execute(statement, parameters)
    held = sync.connection
    driver: asyncpg.Connection = held.driver_connection
    kept: _Kept = held.info.setdefault(_PREPARED, _Kept())
    values = [_values(form, each) for each in _each(parameters)]
    try:
        if len(values) > 1:
            await driver.executemany(form.sql, values)
            return Answer([], rowcount=-1, dialect=sync.dialect)
        rows, count = await _asked(driver, form, kept, values[0])
    except _failures() as error:
        if not isinstance(error, _refusals()):
            kept.drop(form)
        raise await _told(connection, driver, form, error) from error
    except asyncio.CancelledError:
        # asyncpg has the server give it up too, and what the server did of it is not known.
        await see_through(connection.invalidate())
        raise
    return Answer(rows, rowcount=count, dialect=sync.dialect)


async def _asked(
    driver: "asyncpg.Connection", form: Form, kept: _Kept, values: Sequence[Any]
) -> tuple[list[Any], int]:
    """The rows, and how many. Raises TransientFailure in a transaction that finds the tables changed."""
    try:
        return await _asked_once(driver, form, kept, values)
    except _outdated() as error:
        _Kept.changes_met += 1
        if driver.is_in_transaction():
            raise TransientFailure(type(error).__name__) from error
    return await _asked_once(driver, form, kept, values)


async def _asked_once(
    driver: "asyncpg.Connection", form: Form, kept: _Kept, values: Sequence[Any]
) -> tuple[list[Any], int]:
    asked, make_row = kept.find(form) or await _prepare(driver, form, kept)
    records = await asked.fetch(*values)
    return make_row.rows(records), _rowcount(asked.get_statusmsg())


def _each(parameters: Parameters | None) -> Sequence[Mapping[str, Any]]:
    """The parameters of each execution."""
    if isinstance(parameters, dict):
        return [parameters]
    return (parameters or [{}]) if isinstance(parameters, Sequence) else [parameters or {}]


def _values(form: Form, parameters: Mapping[str, Any]) -> Sequence[Any]:
    """The values for the driver. Raises StatementError for those that a column's type refuses."""
    try:
        return form.values(parameters)
    except Exception as refusal:
        raise StatementError(str(refusal), form.sql, None, refusal, hide_parameters=True) from refusal


async def _prepare(driver: "asyncpg.Connection", form: Form, kept: _Kept) -> _Prepared:
    statement = await driver.prepare(form.sql)
    attributes = statement.get_attributes()
    names = [attribute.name for attribute in attributes]
    processors = form.result_processors(names, [attribute.type.oid for attribute in attributes])
    made = statement, RowMaker(names=names, processors=processors)
    # By the form: statements of one text can have columns of different types.
    kept.keep(form, made)
    return made


async def _told(
    connection: AsyncConnection, driver: "asyncpg.Connection", form: Form, error: BaseException
) -> BaseException:
    """The error as SQLAlchemy raises it."""
    if driver.is_closed():
        # SQLAlchemy finds out by itself, and drops the pool's connections that are as old.
        try:
            await connection.exec_driver_sql("SELECT 1")
        except DBAPIError as found:
            return found
    if isinstance(error, OSError):
        return error
    is_constraint = isinstance(error, _broken_constraints())
    return (IntegrityError if is_constraint else DBAPIError)(form.sql, None, error, hide_parameters=True)


# The driver is loaded where it is used: an installation on SQLite may be without it.
@cache
def _failures() -> tuple[type[BaseException], ...]:
    import asyncpg  # noqa: PLC0415

    return asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError


@cache
def _refusals() -> tuple[type[BaseException], ...]:
    import asyncpg  # noqa: PLC0415

    return (asyncpg.PostgresError,)


@cache
def _outdated() -> tuple[type[BaseException], ...]:
    import asyncpg  # noqa: PLC0415

    return asyncpg.InvalidCachedStatementError, asyncpg.OutdatedSchemaCacheError


@cache
def _broken_constraints() -> tuple[type[BaseException], ...]:
    import asyncpg  # noqa: PLC0415

    return (asyncpg.IntegrityConstraintViolationError,)


def _rowcount(status: str) -> int:
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else -1
