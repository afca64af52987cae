"""Lanes on a host's open connection: a savepoint for each unit; the host alone commits or rolls back."""

import asyncio

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction

from multiproduct.adapters.sql.failures import REACHING, meaning
from multiproduct.adapters.sql.lanes import Lane, Parameters, Result, run_on
from multiproduct.domain.shared import Unavailable

_TURN_SECONDS = 60.0


class Joint:
    """What the units on one connection share: the connection, and whose turn it is."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    def unit_lane(self) -> Lane:
        """A lane that sets a savepoint."""
        return _SavepointLane(connection=self._connection, turn=self._turn)

    def view_lane(self) -> Lane:
        """A lane that runs statements as they come."""
        return _PassingLane(self._connection)


class _SavepointLane(Lane):
    def __init__(self, *, connection: AsyncConnection, turn: asyncio.Lock) -> None:
        super().__init__(dialect=connection.dialect.name)
        self._host = connection
        self._turn = turn
        self._has_turn = False
        self._savepoint: AsyncTransaction | None = None

    async def commit(self) -> None:
        """Releases the savepoint: what was done is now the host's to commit."""
        if self._savepoint is None:
            return
        try:
            await self._savepoint.commit()
        except REACHING as error:
            failure = meaning(error)
            if failure is None:
                raise
            raise failure from error

    async def _take(self) -> AsyncConnection:
        try:
            async with asyncio.timeout(_TURN_SECONDS):
                await self._turn.acquire()
        except TimeoutError:
            raise Unavailable(what="database") from None
        self._has_turn = True
        try:
            await _begin_for_sqlite(self._host)
            self._savepoint = await self._host.begin_nested()
        except REACHING as error:
            await self.end(committed=False)
            failure = meaning(error)
            if failure is None:
                raise
            raise failure from error
        self._connection = self._host
        return self._host

    async def _give_back(self, *, committed: bool) -> None:
        savepoint, self._savepoint = self._savepoint, None
        has_turn, self._has_turn = self._has_turn, False
        self._connection = None
        try:
            if savepoint is not None and savepoint.is_active and not committed:
                await savepoint.rollback()
        except DBAPIError:
            # The host's connection is lost, and with it everything; its next statement will tell the host.
            return
        finally:
            if has_turn:
                self._turn.release()


async def _begin_for_sqlite(connection: AsyncConnection) -> None:
    """SQLite's driver may not have begun the host's transaction yet; releasing an outermost savepoint would
    then commit. The host's own commit or rollback ends what is begun here."""
    if connection.dialect.name != "sqlite":
        return
    raw = await connection.get_raw_connection()
    driver = raw.driver_connection
    if driver is not None and not driver.in_transaction:
        await connection.exec_driver_sql("BEGIN IMMEDIATE")


class _PassingLane(Lane):
    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(dialect=connection.dialect.name)
        self._host = connection

    async def run(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one statement on the host's connection."""
        return await run_on(self._host, statement, parameters)

    async def commit(self) -> None:
        """A view has nothing to commit."""
        raise RuntimeError("a view cannot be committed")

    async def _take(self) -> AsyncConnection:
        return self._host

    async def _give_back(self, *, committed: bool) -> None:
        """The connection stays the host's."""
