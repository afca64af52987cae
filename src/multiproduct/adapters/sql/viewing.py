"""The lane of views: single reading statements, each on its own, without BEGIN and COMMIT."""

from collections.abc import Callable

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from multiproduct.adapters.sql.failures import REACHING, meaning
from multiproduct.adapters.sql.lanes import (
    Execute,
    Lane,
    Parameters,
    Result,
    by_sqlalchemy,
    connect_to,
    run_on,
)


class ViewLane(Lane):
    """Reads by an engine in autocommit whose connections refuse to write.

    A connection that turns out to be lost is replaced once, unseen: reading twice does no harm.
    """

    def __init__(
        self, *, dialect: str, engine: Callable[[], AsyncEngine], execute: Execute = by_sqlalchemy
    ) -> None:
        super().__init__(dialect=dialect)
        self._engine = engine
        self._execute = execute

    async def run(self, statement: Executable, parameters: Parameters | None = None) -> Result:
        """Runs one reading statement. Raises Unavailable, TransientFailure."""
        connection = self._connection or await self._take()
        try:
            return await self._execute(connection, statement, parameters)
        except REACHING as error:
            if not (isinstance(error, DBAPIError) and error.connection_invalidated):
                failure = meaning(error)
                if failure is None:
                    raise
                raise failure from error
        await self.end(committed=False)
        return await run_on(await self._take(), statement, parameters, execute=self._execute)

    async def commit(self) -> None:
        """A view has nothing to commit."""
        raise RuntimeError("a view cannot be committed")

    def _is_at_rest(self, *, committed: bool) -> bool:
        """By asyncpg there is no transaction to undo; aiosqlite asks its thread all the same."""
        del committed
        return self.dialect == "postgresql"

    async def _take(self) -> AsyncConnection:
        self._connection = await connect_to(self._engine())
        return self._connection

    async def _give_back(self, *, committed: bool) -> None:
        del committed
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
