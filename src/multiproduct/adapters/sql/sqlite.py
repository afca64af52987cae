"""SQLite by aiosqlite: one writer at a time, readers that never wait for it, and other processes beside them.

Recipe (each part was found necessary under a thousand tasks in several processes): WAL, so that readers and
the writer do not block each other and a killed process loses nothing it committed; the driver's own
transaction handling off and an explicit BEGIN IMMEDIATE, so that a transaction never finds out in its middle
that it may not write; one writing connection for a process, behind a fair lock; a short busy timeout, and
between tries a pause of random length, because SQLite's own waiting starves some processes.
"""

import asyncio
import random
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Executable, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from multiproduct.adapters.sql.failures import REACHING, is_busy, meaning
from multiproduct.adapters.sql.lanes import Database, Lane, Parameters, Result
from multiproduct.adapters.sql.viewing import ViewLane
from multiproduct.domain.shared import Unavailable

_BUSY_MILLISECONDS = 20
# Readers wait only while another process recovers or closes the write-ahead log.
_READERS_BUSY_MILLISECONDS = 5_000
_READERS = 4
_PAUSES_SECONDS = (0.001, 0.015)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteSettings:
    """`busy_deadline` is for other processes' writing, `queue_timeout` for this process' own.

    `synchronous`: with NORMAL, a power failure (not a killed process) may undo the last commits; with FULL
    each commit waits for the disk.
    """

    busy_deadline: timedelta = timedelta(seconds=10)
    queue_timeout: timedelta = timedelta(seconds=60)
    synchronous: Literal["NORMAL", "FULL"] = "FULL"


class SqliteDatabase(Database):
    """One file."""

    dialect = "sqlite"

    def __init__(self, url: URL, settings: SqliteSettings) -> None:
        if url.database in {None, "", ":memory:"}:
            raise ValueError("SQLite needs a file; a database in memory is what the memory adapter is for")
        self._url = url
        self._settings = settings
        self._turn = asyncio.Lock()
        self._writing: AsyncEngine | None = None
        self._reading: AsyncEngine | None = None

    @property
    def writing_engine(self) -> AsyncEngine:
        """The engine with the one writing connection."""
        if self._writing is None:
            self._writing = sqlite_engine(
                self._url,
                size=1,
                busy_milliseconds=_BUSY_MILLISECONDS,
                synchronous=self._settings.synchronous,
            )
            _enforce_foreign_keys(self._writing)
        return self._writing

    @property
    def reading_engine(self) -> AsyncEngine:
        """The engine of views."""
        if self._reading is None:
            self._reading = sqlite_engine(
                self._url,
                size=_READERS,
                busy_milliseconds=_READERS_BUSY_MILLISECONDS,
                synchronous=self._settings.synchronous,
            )
            _refuse_to_write(self._reading)
        return self._reading

    def unit_lane(self) -> Lane:
        """A lane that begins a transaction when it is its turn."""
        return _UnitLane(database=self, turn=self._turn, settings=self._settings)

    def view_lane(self) -> Lane:
        """A lane that never waits for the writer."""
        return ViewLane(dialect=self.dialect, engine=lambda: self.reading_engine)

    async def alone(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one statement when it is its turn."""
        lane, committed = self.unit_lane(), False
        try:
            result = await lane.run(statement, parameters)
            await lane.commit()
            committed = True
        finally:
            await lane.end(committed=committed)
        return result

    async def close(self) -> None:
        """Closes the writer and the readers."""
        writing, self._writing = self._writing, None
        reading, self._reading = self._reading, None
        for engine in (writing, reading):
            if engine is not None:
                await engine.dispose()


class _UnitLane(Lane):
    def __init__(self, *, database: SqliteDatabase, turn: asyncio.Lock, settings: SqliteSettings) -> None:
        super().__init__(dialect="sqlite")
        self._database = database
        self._turn = turn
        self._settings = settings
        self._has_turn = False

    async def commit(self) -> None:
        """COMMIT, unless nothing was asked of the database."""
        if self._connection is None:
            return
        try:
            await self._connection.exec_driver_sql("COMMIT")
        except REACHING as error:
            failure = meaning(error)
            if failure is None:
                raise
            raise failure from error

    async def _take(self) -> AsyncConnection:
        try:
            async with asyncio.timeout(self._settings.queue_timeout.total_seconds()):
                await self._turn.acquire()
        except TimeoutError:
            raise Unavailable(what="database") from None
        self._has_turn = True
        try:
            connection = await self._database.writing_engine.connect()
            # Kept from here on, so that a connection on which BEGIN fails is given back too.
            self._connection = connection
            await self._begin(connection)
        except REACHING as error:
            await self.end(committed=False)
            failure = meaning(error)
            if failure is None:
                raise
            raise failure from error
        return connection

    async def _begin(self, connection: AsyncConnection) -> None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._settings.busy_deadline.total_seconds()
        while True:
            try:
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            except DBAPIError as error:
                if not is_busy(error) or loop.time() > deadline:
                    raise
            else:
                return
            await asyncio.sleep(random.uniform(*_PAUSES_SECONDS))  # noqa: S311 - spreads tries, guards nothing

    async def _give_back(self, *, committed: bool) -> None:
        connection, self._connection = self._connection, None
        has_turn, self._has_turn = self._has_turn, False
        try:
            if connection is not None:
                await _undo_and_close(connection, committed=committed)
        finally:
            if has_turn:
                self._turn.release()


async def _undo_and_close(connection: AsyncConnection, *, committed: bool) -> None:
    try:
        if not committed and not connection.invalidated:
            await connection.exec_driver_sql("ROLLBACK")
    except DBAPIError:
        # There was no transaction, or the connection is lost: closing it undoes whatever there was.
        await connection.invalidate()
    finally:
        await connection.close()


def sqlite_engine(url: URL, *, size: int, busy_milliseconds: int, synchronous: str) -> AsyncEngine:
    """An engine that begins and ends no transaction by itself. Makes the file's folder if there is none."""
    if url.database is not None and not url.database.startswith("file:"):
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=5.0,
        pool_reset_on_return=None,
        hide_parameters=True,  # they hold addresses and hashes, and errors are logged
        isolation_level="AUTOCOMMIT",
        skip_autocommit_rollback=True,
    )
    _on_connecting(
        engine,
        # Changing the mode of a new file needs it alone for a moment; afterwards this only reads.
        f"PRAGMA busy_timeout = {_READERS_BUSY_MILLISECONDS}",
        "PRAGMA journal_mode = WAL",
        f"PRAGMA synchronous = {synchronous}",
        f"PRAGMA busy_timeout = {busy_milliseconds}",
    )
    return engine


def _enforce_foreign_keys(engine: AsyncEngine) -> None:
    _on_connecting(engine, "PRAGMA foreign_keys = ON")


def _refuse_to_write(engine: AsyncEngine) -> None:
    _on_connecting(engine, "PRAGMA query_only = ON")


def _on_connecting(engine: AsyncEngine, *pragmas: str) -> None:
    def prepare(driver_connection: Any, _record: Any) -> None:
        cursor = driver_connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine.sync_engine, "connect", prepare)
