"""Migrations: they make the tables that the code works with, from any number of processes at once."""

import asyncio
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from tests.servers.ports import free_port

from multiproduct.adapters.sql import SqlStore, migrate, migrations
from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.migrating import HEAD, VERSION_TABLE
from multiproduct.adapters.sql.tables import metadata
from multiproduct.domain.shared import Unavailable


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/not there yet/store.db"
    return request.getfixturevalue("postgres_database")


def _differences(connection: Connection) -> list[object]:
    context = MigrationContext.configure(
        connection, opts={"version_table": VERSION_TABLE, "compare_type": True, "target_metadata": metadata}
    )
    return list(compare_metadata(context, metadata))


async def test_the_migrated_tables_are_those_of_the_code(empty_url: str) -> None:
    await migrate(empty_url)
    engine = create_async_engine(normalised(empty_url))
    async with engine.connect() as connection:
        assert await connection.run_sync(_differences) == []
    await engine.dispose()


def test_the_newest_migration_is_the_one_that_readiness_asks_for() -> None:
    folder = Path(migrations.__file__).parent
    scripts = ScriptDirectory(str(folder), version_locations=[str(folder / "versions")])
    assert scripts.get_heads() == [HEAD]


async def test_a_table_that_differs_is_noticed(empty_url: str) -> None:
    await migrate(empty_url)
    engine = create_async_engine(normalised(empty_url))
    async with engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE jobs ADD COLUMN surplus TEXT")
        assert len(await connection.run_sync(_differences)) == 1
    await engine.dispose()


async def test_many_may_migrate_at_once_and_again(empty_url: str) -> None:
    store = SqlStore(empty_url)
    assert not await store.is_migrated()
    async with asyncio.timeout(60):
        await asyncio.gather(*(migrate(empty_url) for _ in range(3)))
        await migrate(empty_url)
    assert await store.is_migrated()
    await store.close()


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
    with pytest.raises(Unavailable):
        await migrate(url)
    store = SqlStore(url)
    with pytest.raises(Unavailable):
        await store.ping()
    with pytest.raises(Unavailable):
        await store.is_migrated()
    await store.close()
