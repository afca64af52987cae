"""PostgreSQL by asyncpg: its pools, and the lane of a unit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import URL, Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from multiproduct.adapters.sql.direct import execute_directly
from multiproduct.adapters.sql.failures import REACHING, meaning_of_commit
from multiproduct.adapters.sql.lanes import (
    Database,
    Lane,
    Parameters,
    Result,
    connect_to,
    run_on,
    see_through,
)
from multiproduct.adapters.sql.viewing import ViewLane

_CONNECT_SECONDS = 5.0
# The server cancels by itself after the statement timeout; this is for a server that has gone silent.
_SILENCE_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresSettings:
    """`pool_size` counts all connections of a process: about a third of them serve views, so that a unit that
    opens a view can never wait for a connection that another such unit holds."""

    pool_size: int = 10
    pool_timeout: timedelta = timedelta(seconds=5)
    lock_timeout: timedelta = timedelta(seconds=10)
    statement_timeout: timedelta = timedelta(seconds=30)
    idle_in_transaction_timeout: timedelta = timedelta(seconds=60)

    def __post_init__(self) -> None:
        if self.pool_size < 2:
            raise ValueError("a pool has at least 2 connections, one for units and one for views")


class PostgresDatabase(Database):
    """Two pools: one for units and single writing statements, one whose connections refuse to write, in
    autocommit, for views. Isolation is READ COMMITTED."""

    dialect = "postgresql"

    def __init__(self, url: URL, settings: PostgresSettings) -> None:
        self._url = url
        self._settings = settings
        self._writing: AsyncEngine | None = None
        self._reading: AsyncEngine | None = None
        self._alone: AsyncEngine | None = None

    @property
    def writing_engine(self) -> AsyncEngine:
        """The engine of units."""
        if self._writing is None:
            size = self._settings.pool_size - self._views
            self._writing = self._engine(size, read_only=False)
        return self._writing

    @property
    def reading_engine(self) -> AsyncEngine:
        """The engine of views."""
        if self._reading is None:
            self._reading = self._engine(self._views, read_only=True)
        return self._reading

    def unit_lane(self) -> Lane:
        """A lane that begins a transaction."""
        return _UnitLane(engine=lambda: self.writing_engine)

    def view_lane(self) -> Lane:
        """A lane without BEGIN and COMMIT."""
        return ViewLane(dialect=self.dialect, engine=lambda: self.reading_engine, execute=execute_directly)

    async def alone(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one statement in autocommit: one round trip."""
        connection = await connect_to(self._single_statements)
        try:
            result = await run_on(connection, statement, parameters, execute=execute_directly)
        except BaseException:
            await see_through(connection.close())
            raise
        # In autocommit there is nothing to undo, so that nothing waits and nothing can be cancelled.
        await connection.close()
        return result

    async def close(self) -> None:
        """Closes both pools."""
        writing, self._writing, self._alone = self._writing, None, None
        reading, self._reading = self._reading, None
        for engine in (writing, reading):
            if engine is not None:
                await engine.dispose()

    @property
    def _views(self) -> int:
        return max(1, self._settings.pool_size // 3)

    @property
    def _single_statements(self) -> AsyncEngine:
        # Shares the pool of units. With asyncpg, changing to autocommit and back costs no round trip.
        if self._alone is None:
            self._alone = self.writing_engine.execution_options(isolation_level="AUTOCOMMIT")
        return self._alone

    def _engine(self, size: int, *, read_only: bool) -> AsyncEngine:
        settings = self._settings
        return create_async_engine(
            self._url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=settings.pool_timeout.total_seconds(),
            pool_use_lifo=True,
            hide_parameters=True,  # they hold addresses and hashes, and errors are logged
            isolation_level="AUTOCOMMIT" if read_only else "READ COMMITTED",
            connect_args={
                "timeout": _CONNECT_SECONDS,
                "command_timeout": settings.statement_timeout.total_seconds() + _SILENCE_SECONDS,
                "server_settings": {
                    "application_name": "multiproduct",
                    "default_transaction_read_only": "on" if read_only else "off",
                    "jit": "off",  # short statements only
                    "lock_timeout": _milliseconds(settings.lock_timeout),
                    "statement_timeout": _milliseconds(settings.statement_timeout),
                    "idle_in_transaction_session_timeout": _milliseconds(
                        settings.idle_in_transaction_timeout
                    ),
                },
            },
        )


class _UnitLane(Lane):
    """SQLAlchemy begins the transaction with the first statement. Connections are not tried out before use:
    a dead one shows itself at BEGIN, before anything is done, as a TransientFailure."""

    def __init__(self, *, engine: Callable[[], AsyncEngine]) -> None:
        super().__init__(dialect="postgresql")
        self._engine = engine
        self._has_begun = False

    async def run(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one statement. Raises TransientFailure, Unavailable."""
        if self._connection is not None and self._has_begun:
            return await run_on(self._connection, statement, parameters, execute=execute_directly)
        result = await super().run(statement, parameters)
        self._has_begun = True
        return result

    async def commit(self) -> None:
        """COMMIT, unless nothing was asked of the database."""
        if self._connection is None:
            return
        self._has_begun = False
        try:
            await self._connection.commit()
        except REACHING as error:
            failure = meaning_of_commit(error)
            if failure is None:
                raise
            raise failure from error

    def _is_at_rest(self, *, committed: bool) -> bool:
        """After COMMIT there is no transaction to undo, and before the first statement no connection."""
        return committed or self._connection is None

    async def _take(self) -> AsyncConnection:
        self._connection = await connect_to(self._engine())
        return self._connection

    async def _give_back(self, *, committed: bool) -> None:
        del committed
        connection, self._connection = self._connection, None
        self._has_begun = False
        if connection is None:
            return
        try:
            await connection.close()
        except DBAPIError:
            # The connection died before ROLLBACK could reach the server, which undoes the rest by itself.
            await connection.invalidate()


def _milliseconds(span: timedelta) -> str:
    return str(span // timedelta(milliseconds=1))
