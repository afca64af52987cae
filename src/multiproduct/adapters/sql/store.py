"""The store: one database, and everything that is kept in it."""

from sqlalchemy import literal, select

from multiproduct.adapters.sql.clock_offset import SqlClockOffset
from multiproduct.adapters.sql.engine import database_of
from multiproduct.adapters.sql.jobs import SqlJobLedger
from multiproduct.adapters.sql.migrating import is_current
from multiproduct.adapters.sql.postgres import PostgresSettings
from multiproduct.adapters.sql.sandbox_books import SqlSandboxBooks
from multiproduct.adapters.sql.sqlite import SqliteSettings
from multiproduct.adapters.sql.todos import SqlTodoQueue
from multiproduct.adapters.sql.units import SqlUnits
from multiproduct.application.committing import Surroundings

_PING = select(literal(1))


class SqlStore:
    """Nothing is opened before it is needed; then everything belongs to the loop that needed it.

    URLs: `sqlite:///./var/multiproduct.db`, `postgresql://user:password@host:port/name`, also `postgres:` and
    with the drivers aiosqlite and asyncpg named.
    """

    def __init__(
        self, url: str, *, postgres: PostgresSettings | None = None, sqlite: SqliteSettings | None = None
    ) -> None:
        self._database = database_of(
            url, postgres=postgres or PostgresSettings(), sqlite=sqlite or SqliteSettings()
        )
        self.todo_queue = SqlTodoQueue(self._database)
        self.job_ledger = SqlJobLedger(self._database)
        self.clock_offset = SqlClockOffset(self._database)
        self.sandbox_books = SqlSandboxBooks(self._database)

    @property
    def dialect(self) -> str:
        """`postgresql` or `sqlite`."""
        return self._database.dialect

    def units(self, surroundings: Surroundings) -> SqlUnits:
        """Units of work that run these reactions."""
        return SqlUnits(database=self._database, surroundings=surroundings)

    async def ping(self) -> None:
        """Returns when the database answers. Raises Unavailable, TransientFailure."""
        await self._database.read(_PING)

    async def is_migrated(self) -> bool:
        """Whether the tables are those of this release. Raises Unavailable, TransientFailure."""
        return await is_current(self._database.reading_engine)

    async def close(self) -> None:
        """Closes all connections."""
        await self._database.close()
