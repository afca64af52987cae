"""Lanes: how one unit, one view or one statement reaches the database, whichever it is."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Executable
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from multiproduct.adapters.sql.answers import Answer
from multiproduct.adapters.sql.failures import REACHING, meaning

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
Result = CursorResult[Any] | Answer
Execute = Callable[[AsyncConnection, Executable, Parameters | None], Awaitable[Result]]

_giving_back: set[asyncio.Task[None]] = set()


async def see_through(work: Coroutine[Any, Any, None]) -> None:
    """Runs clean-up to its end, also when whoever waits for it is cancelled (again)."""
    task = asyncio.ensure_future(work)
    # The loop itself holds tasks weakly.
    _giving_back.add(task)
    task.add_done_callback(_giving_back.discard)
    await asyncio.shield(task)


async def by_sqlalchemy(
    connection: AsyncConnection, statement: Executable, parameters: Parameters | None
) -> Result:
    """Executes any statement. Raises DBAPIError."""
    return await connection.execute(statement, parameters)


async def run_on(
    connection: AsyncConnection,
    statement: Executable,
    parameters: Parameters | None,
    *,
    execute: Execute = by_sqlalchemy,
) -> Result:
    """Runs a statement; what the database's errors mean is raised instead of them."""
    try:
        return await execute(connection, statement, parameters)
    except REACHING as error:
        failure = meaning(error)
        if failure is None:
            raise
        raise failure from error


async def connect_to(engine: AsyncEngine) -> AsyncConnection:
    """A connection of the engine's pool. Raises Unavailable, TransientFailure."""
    try:
        return await engine.connect()
    except REACHING as error:
        failure = meaning(error)
        if failure is None:
            raise
        raise failure from error


class Lane(ABC):
    """The way to the database that one unit holds: taken at its first statement, given back at its end.

    Taken late, because a unit that hashes or reads through a view first must not keep others waiting. It is
    asked one statement after the other.
    """

    def __init__(self, *, dialect: str) -> None:
        self.dialect = dialect
        self._connection: AsyncConnection | None = None

    async def run(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one statement. Raises TransientFailure, Unavailable."""
        connection = self._connection
        if connection is None:
            connection = await self._take()
        return await run_on(connection, statement, parameters)

    @abstractmethod
    async def commit(self) -> None:
        """Makes permanent what was done. Raises TransientFailure, Unavailable."""

    async def end(self, *, committed: bool) -> None:
        """Undoes what was not committed, and gives the connection back."""
        if self._is_at_rest(committed=committed):
            # Nothing is asked of the database, so that nothing waits and nothing can be cancelled: a task
            # of its own would cost more than the giving back.
            await self._give_back(committed=committed)
        else:
            await see_through(self._give_back(committed=committed))

    def _is_at_rest(self, *, committed: bool) -> bool:
        """Whether the connection can be given back without asking the database for anything."""
        del committed
        return False

    @abstractmethod
    async def _take(self) -> AsyncConnection:
        """Takes the connection and begins the transaction."""

    @abstractmethod
    async def _give_back(self, *, committed: bool) -> None:
        """Must not fail for a connection that is lost."""


class Database(ABC):
    """A database with its pools, which come into being on first use, on the loop that uses them."""

    dialect: str

    @property
    @abstractmethod
    def reading_engine(self) -> AsyncEngine:
        """The engine of views, in autocommit, whose connections refuse to write."""

    @abstractmethod
    def unit_lane(self) -> Lane:
        """A lane that may write."""

    @abstractmethod
    def view_lane(self) -> Lane:
        """A lane that reads what is committed; each statement sees what is committed when it begins."""

    @abstractmethod
    async def alone(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one statement that is a transaction of its own."""

    @abstractmethod
    async def close(self) -> None:
        """Closes every connection that nobody uses. A later call opens new ones."""

    async def read(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one statement that only reads."""
        lane = self.view_lane()
        try:
            return await lane.run(statement, parameters)
        finally:
            await lane.end(committed=False)
