"""A migrated and empty store in SQLite and in PostgreSQL, for the tests of the sql adapter."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tests.servers import fresh_database

from multiproduct.adapters.sql import SqliteSettings, SqlStore, migrate_blocking
from multiproduct.adapters.sql.tables import metadata

# Tests throw their files away, so nothing is worth a wait for the disk.
UNSYNCED = SqliteSettings(synchronous="NORMAL")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("migrated") / "store.db"
    migrate_blocking(f"sqlite:///{file}")
    return file


@pytest.fixture
def sqlite_store_url(migrated_file: Path, tmp_path: Path) -> str:
    """A migrated, empty SQLite file of one test."""
    file = tmp_path / "store.db"
    shutil.copy(migrated_file, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def migrated_postgres(postgres_url: str) -> Iterator[str]:
    """A migrated PostgreSQL database, which the tests share one after the other."""
    with asyncio.Runner() as runner:
        fresh = fresh_database(postgres_url)
        url = runner.run(fresh.__aenter__())
        migrate_blocking(url)
        yield url
        runner.run(fresh.__aexit__(None, None, None))


@pytest.fixture
async def postgres_store_url(migrated_postgres: str) -> str:
    """The shared database, emptied down to the built-in roles."""
    connection = await asyncpg.connect(urlunsplit(urlsplit(migrated_postgres)._replace(scheme="postgresql")))
    try:
        names = ", ".join(f'"{name}"' for name in metadata.tables if name != "roles")
        # Without the triggers, which refuse to have anything of the ledger removed.
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
        await connection.execute("RESET session_replication_role")
        await connection.execute("DELETE FROM roles WHERE NOT is_built_in")
    finally:
        await connection.close()
    return migrated_postgres


@pytest.fixture
async def sqlite_store(sqlite_store_url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(sqlite_store_url, sqlite=UNSYNCED)
    yield store
    await store.close()


@pytest.fixture
async def postgres_store(postgres_store_url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(postgres_store_url)
    yield store
    await store.close()
