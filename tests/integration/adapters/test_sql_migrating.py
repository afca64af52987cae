"""Migrations: they make the tables that the code works with, from any number of processes at once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine
from tests.servers.ports import free_port

from multiproduct.adapters.contracts.builders import a_user, a_user_id
from multiproduct.adapters.contracts.subscriptions import an_unusual_subscription
from multiproduct.adapters.sql import SqlStore, migrate, migrations
from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.identity import _user_row
from multiproduct.adapters.sql.migrating import HEAD, VERSION_TABLE, is_current
from multiproduct.adapters.sql.subscription_rows import row_of, subscription_of
from multiproduct.adapters.sql.tables import deliveries, metadata, subscriptions, users
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.domain.identity.search_keys import search_key
from multiproduct.domain.shared import Unavailable
from multiproduct.domain.subscriptions import Reduction, UsageSpan


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/not there yet/store.db"
    return request.getfixturevalue("postgres_database")


def _differences(connection: Connection) -> list[object]:
    def is_for_it(each: Any, *_: Any) -> bool:
        """Some constraints are for one of the databases only."""
        return getattr(each, "info", {}).get("dialect") in (None, connection.dialect.name)

    options = {"version_table": VERSION_TABLE, "compare_type": True, "target_metadata": metadata}
    context = MigrationContext.configure(connection, opts={**options, "include_object": is_for_it})
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


def _upgrade_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


NAMES = ("ÖMER", "İstanbul", "Straße", "O\u0301scar", " Ada  Lovelace ", "")


async def test_names_that_were_there_before_get_the_keys_that_the_code_writes(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first_name", "last_name"):
        assert name + "_key" in metadata.tables["users"].columns
    monkeypatch.setattr("multiproduct.adapters.sql.migrations.versions.m0007_people._BATCH", 2, raising=True)
    if empty_url.startswith("sqlite:"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True, parents=True)
    engine = create_async_engine(normalised(empty_url))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0006")
        for number, name in enumerate(NAMES):
            user = a_user(username=f"name{number}", email=f"mail{number}")
            user.first_name, user.last_name = name, name[::-1]
            row = _user_row(user)
            del row["first_name_key"], row["last_name_key"]
            await connection.execute(insert(users).values(row).return_defaults(None))
    await engine.dispose()
    await migrate(empty_url)
    engine = create_async_engine(normalised(empty_url))
    async with engine.connect() as connection:
        found = (await connection.execute(select(users))).all()
    await engine.dispose()
    assert sorted(row.first_name for row in found) == sorted(NAMES)
    for row in found:
        assert (row.first_name_key, row.last_name_key) == (
            search_key(row.first_name), search_key(row.last_name)
        )  # fmt: skip


async def test_deliveries_that_were_there_before_get_the_keys_that_the_code_writes(empty_url: str) -> None:
    if empty_url.startswith("sqlite:"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True, parents=True)
    moment, user_id = datetime(2026, 1, 2, tzinfo=UTC), a_user_id()
    kept = [
        Delivery(
            id=a_user_id(), event_position=number, type_key="identity.security", channel="email",
            user_id=whose, recipient="t***@stark.example", status=DeliveryStatus.SENT, reason=None,
            created_at=moment,
        )
        for number, whose in enumerate([user_id, user_id, None])
    ]  # fmt: skip
    engine = create_async_engine(normalised(empty_url))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0016")
        for each in kept:
            row = {column: getattr(each, column) for column in _BEFORE}
            await connection.execute(insert(deliveries).values(row).return_defaults(None))
    await engine.dispose()
    await migrate(empty_url)
    engine = create_async_engine(normalised(empty_url))
    async with engine.connect() as connection:
        found = (await connection.execute(select(deliveries).order_by(deliveries.c.event_position))).all()
    await engine.dispose()
    assert [row.recipient_key for row in found] == [each.recipient_key for each in kept]


_BEFORE = (
    "id", "event_position", "type_key", "channel", "user_id", "recipient", "status", "reason", "created_at",
)  # fmt: skip


async def test_periods_that_coupons_made_cheaper_before_keep_what_that_was(empty_url: str) -> None:
    if empty_url.startswith("sqlite:"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True, parents=True)
    sold = {price: Reduction(price, 5_000) for price in (2_500, 0, 1_667)} | {5_000: None}
    engine = create_async_engine(normalised(empty_url))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0020")
        for price in sold:
            kept = an_unusual_subscription()
            assert kept.accrual is not None
            kept.terms = replace(kept.terms, price=5_000)
            kept.accrual = replace(kept.accrual, price=price, reduction=None)
            row = row_of(kept)
            del row["accrual_reduction"], row["usage_spans"]
            await connection.execute(insert(subscriptions).values(row).return_defaults(None))
    await engine.dispose()
    await migrate(empty_url)
    engine = create_async_engine(normalised(empty_url))
    async with engine.connect() as connection:
        found = [subscription_of(row) for row in await connection.execute(select(subscriptions))]
    await engine.dispose()
    assert {each.accrual.price: each.accrual.reduction for each in found if each.accrual} == sold


async def test_usage_of_trials_that_were_there_before_stays_free(empty_url: str) -> None:
    if empty_url.startswith("sqlite:"):
        Path(empty_url.removeprefix("sqlite:///")).parent.mkdir(exist_ok=True, parents=True)
    ended = datetime(2026, 3, 1, 12, tzinfo=UTC)
    free = (UsageSpan(until=ended, plan_id=None, number=0),)
    held = {(ended, 0): (), (ended, 1): free, (None, 1): (), (ended, 2): ()}
    engine = create_async_engine(normalised(empty_url))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0020")
        for trial_end, number in held:
            kept = an_unusual_subscription()
            kept.trial_end, kept.number = trial_end, number
            row = row_of(kept)
            del row["accrual_reduction"], row["usage_spans"]
            await connection.execute(insert(subscriptions).values(row).return_defaults(None))
    await engine.dispose()
    await migrate(empty_url)
    engine = create_async_engine(normalised(empty_url))
    async with engine.connect() as connection:
        found = [subscription_of(row) for row in await connection.execute(select(subscriptions))]
    await engine.dispose()
    assert {(each.trial_end, each.number): each.spans for each in found} == held


async def test_a_migration_that_waits_for_a_table_lets_others_pass_and_ends_when_it_is_free(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiproduct.adapters.sql.migrating._LOCK_MILLISECONDS", 100)
    monkeypatch.setattr("multiproduct.adapters.sql.migrating._LOCK_PAUSE_SECONDS", 0.1)
    monkeypatch.setattr("multiproduct.adapters.sql.migrating._LOCK_TRIES", 300)
    engine = create_async_engine(normalised(postgres_database))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0001")
    async with engine.connect() as long_reader, asyncio.timeout(60):
        await long_reader.execute(text("SELECT count(*) FROM users"))
        migrating = asyncio.create_task(migrate(postgres_database))
        async with engine.connect() as other:
            for _ in range(10):
                await asyncio.sleep(0.05)
                await other.execute(text("SELECT count(*) FROM users"))
                await other.rollback()
        assert not migrating.done()
        await long_reader.rollback()
        await migrating
    assert await is_current(engine)
    await engine.dispose()


async def test_a_migration_gives_up_where_a_table_is_never_free(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("multiproduct.adapters.sql.migrating._LOCK_MILLISECONDS", 20)
    monkeypatch.setattr("multiproduct.adapters.sql.migrating._LOCK_PAUSE_SECONDS", 0.0)
    engine = create_async_engine(normalised(postgres_database))
    async with engine.begin() as connection:
        await connection.run_sync(_upgrade_to, "0001")
    async with engine.connect() as long_reader, asyncio.timeout(60):
        await long_reader.execute(text("SELECT count(*) FROM users"))
        with pytest.raises(TransientFailure):
            await migrate(postgres_database)
    await engine.dispose()


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
