"""Bringing a database's tables up to those of this release, by the Alembic migrations in this package."""

import asyncio
import threading
from pathlib import Path

from sqlalchemy import URL, Connection, column, inspect, select, table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.failures import REACHING, meaning, state_of
from multiproduct.adapters.sql.sqlite import sqlite_engine

VERSION_TABLE = "multiproduct_revision"
"""Named so that it does not meet the one of a host that uses Alembic too."""
HEAD = "0023"
"""The newest migration of this release."""
_SCRIPTS = Path(__file__).parent / "migrations"
_BUSY_MILLISECONDS = 30_000
_LOCK_MILLISECONDS = 5_000
_LOCK_TRIES = 12
_LOCK_PAUSE_SECONDS = 5.0
_LOCK_NOT_AVAILABLE = "55P03"  # SQLSTATE, PostgreSQL's manual, appendix A
# Any number that no other program is likely to use with this database.
_ADVISORY_LOCK = 7_206_415_593_018_262_913
# Alembic keeps the running migration in module variables, so that a process runs one at a time.
_one_at_a_time = threading.Lock()


def migrate_blocking(url: str) -> None:
    """Brings the tables up to this release, in one transaction. May be called by many processes at once: one
    migrates, the others wait and find it done. Not to be called where a loop runs: there it is `migrate`.

    On PostgreSQL it waits at most 5 seconds for a table that somebody uses, then lets the others pass for 5
    seconds, and tries 12 times in all.

    Raises Unavailable where the database cannot be reached, TransientFailure where a table was in use all the
    time.
    """
    with _one_at_a_time:
        asyncio.run(_migrate(normalised(url)))


async def migrate(url: str) -> None:
    """Like `migrate_blocking`, without keeping the loop waiting."""
    await asyncio.to_thread(migrate_blocking, url)


async def is_current(engine: AsyncEngine) -> bool:
    """Whether the database's tables are those of this release."""
    try:
        async with engine.connect() as connection:
            found = await connection.run_sync(_revision)
    except REACHING as error:
        failure = meaning(error)
        if failure is None:
            raise
        raise failure from error
    return found == HEAD


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.execute(
        select(column("version_num")).select_from(table(VERSION_TABLE))
    ).scalar()
    return revision


def _upgrade(connection: Connection) -> None:
    # Loaded here: who only serves needs neither the time nor the memory that Alembic takes.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def _migrate(url: URL) -> None:
    run = _migrate_sqlite if url.get_backend_name() == "sqlite" else _migrate_postgres
    try:
        await run(url)
    except REACHING as error:
        failure = meaning(error)
        if failure is None:
            raise
        raise failure from error


async def _migrate_postgres(url: URL) -> None:
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True)
    try:
        for _ in range(_LOCK_TRIES - 1):
            try:
                await _migrate_once(engine)
            except DBAPIError as error:
                if state_of(error) != _LOCK_NOT_AVAILABLE:
                    raise
                # Those who had queued up behind this migration get their turn.
                await asyncio.sleep(_LOCK_PAUSE_SECONDS)
            else:
                return
        await _migrate_once(engine)
    finally:
        await engine.dispose()


async def _migrate_once(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        # Waiting for another migration holds nobody up, so that has no limit.
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        # Whoever waits for a table's lock makes everybody wait who comes after, readers too.
        await connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_MILLISECONDS}ms'"))
        await connection.run_sync(_upgrade)


async def _migrate_sqlite(url: URL) -> None:
    # Foreign keys are not enforced here: to change a table, SQLite may have to replace it.
    engine = sqlite_engine(url, size=1, busy_milliseconds=_BUSY_MILLISECONDS, synchronous="FULL")
    try:
        async with engine.connect() as connection:
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                await connection.run_sync(_upgrade)
            except BaseException:
                await connection.exec_driver_sql("ROLLBACK")
                raise
            await connection.exec_driver_sql("COMMIT")
    finally:
        await engine.dispose()
