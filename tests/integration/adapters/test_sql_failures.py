"""What callers are told when the database refuses, waits too long, or goes away."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, StatementError
from tests.integration.adapters.counting_proxy import CountingProxy, counting_proxy

from multiproduct.adapters.contracts.builders import NOW, a_session, a_user, a_user_id
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.sql import PostgresSettings, SqliteSettings, SqlStore, SqlUnits
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import Unavailable

PATIENCE = 30


@pytest.fixture
async def proxy(postgres_store_url: str) -> AsyncIterator[CountingProxy]:
    async with counting_proxy(postgres_store_url) as proxy:
        yield proxy


@pytest.fixture
async def proxied(proxy: CountingProxy) -> AsyncIterator[SqlStore]:
    store = SqlStore(proxy.url)
    yield store
    await store.close()


def _units(store: SqlStore) -> SqlUnits:
    return store.units(contract_surroundings())


async def test_a_deadlock_is_transient_and_the_other_goes_on(postgres_store: SqlStore) -> None:
    units = _units(postgres_store)
    held = asyncio.Barrier(2)

    async def hold(first: str, second: str) -> str:
        try:
            async with units.open(ANYBODY) as unit:
                await unit.guess_budgets.hold(first)
                await held.wait()
                await unit.guess_budgets.hold(second)
                await unit.commit()
        except TransientFailure:
            return "transient"
        return "committed"

    async with asyncio.timeout(PATIENCE):
        assert sorted(await asyncio.gather(hold("a", "b"), hold("b", "a"))) == ["committed", "transient"]


async def test_a_lock_not_had_in_time_is_transient(postgres_store_url: str) -> None:
    store = SqlStore(postgres_store_url, postgres=PostgresSettings(lock_timeout=timedelta(milliseconds=50)))
    units = _units(store)
    async with units.open(ANYBODY) as unit:
        await unit.guess_budgets.hold("a")
        with pytest.raises(TransientFailure):
            async with units.open(ANYBODY) as rival:
                await rival.guess_budgets.hold("a")
    await store.close()


async def test_no_connection_in_time_is_unavailable_and_views_have_their_own(postgres_store_url: str) -> None:
    settings = PostgresSettings(pool_size=2, pool_timeout=timedelta(milliseconds=50))
    store = SqlStore(postgres_store_url, postgres=settings)
    units = _units(store)
    async with units.open(ANYBODY) as unit:
        await unit.guess_budgets.hold("a")
        with pytest.raises(Unavailable):
            async with units.open(ANYBODY) as other:
                await other.guess_budgets.hold("b")
        async with units.view(ANYBODY) as view:
            assert await view.users.find(a_user_id()) is None
    await store.close()


async def test_a_statement_that_takes_too_long_is_unavailable(postgres_store_url: str) -> None:
    settings = PostgresSettings(statement_timeout=timedelta(milliseconds=50))
    store = SqlStore(postgres_store_url, postgres=settings)
    with pytest.raises(Unavailable):
        await store._database.read(text("SELECT pg_sleep(20)"))
    await store.ping()
    await store.close()


async def test_a_unit_on_a_lost_connection_is_run_again(proxied: SqlStore, proxy: CountingProxy) -> None:
    units, user, tries = _units(proxied), a_user(), []

    async def add(unit) -> None:
        tries.append(1)
        await unit.users.add(user)
        await unit.commit()

    await proxied.todo_queue.lease(now=NOW, until=NOW, limit=1)
    proxy.cut()
    async with asyncio.timeout(PATIENCE):
        await in_unit(lambda: units.open(ANYBODY), add)
    assert len(tries) == 2
    async with units.view(ANYBODY) as view:
        assert await view.users.find(user.id) == user


async def test_a_connection_lost_in_mid_unit_is_transient(proxied: SqlStore, proxy: CountingProxy) -> None:
    units = _units(proxied)
    async with units.open(ANYBODY) as unit:
        await unit.guess_budgets.hold("a")
        proxy.cut()
        with pytest.raises(TransientFailure):
            await unit.guess_budgets.hold("b")
    await proxied.ping()


async def test_a_connection_lost_while_committing_is_not_tried_again(
    proxied: SqlStore, proxy: CountingProxy
) -> None:
    units = _units(proxied)
    async with units.open(ANYBODY) as unit:
        await unit.guess_budgets.hold("a")
        proxy.cut_before = b"COMMIT"
        with pytest.raises(Unavailable):
            await unit.commit()
    proxy.cut_before = None
    await proxied.ping()


async def test_a_view_does_not_notice_that_its_connection_was_lost(
    proxied: SqlStore, proxy: CountingProxy
) -> None:
    units = _units(proxied)
    for _ in range(2):
        async with units.view(ANYBODY) as view:
            assert await view.users.find(a_user_id()) is None
            proxy.cut()
            assert await view.users.find(a_user_id()) is None
        proxy.cut()


async def test_a_file_that_another_process_writes_is_transient_after_the_deadline(
    sqlite_store_url: str,
) -> None:
    settings = SqliteSettings(busy_deadline=timedelta(milliseconds=60), synchronous="NORMAL")
    store = SqlStore(sqlite_store_url, sqlite=settings)
    units = _units(store)
    other = sqlite3.connect(sqlite_store_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientFailure):
        async with units.open(ANYBODY) as unit:
            await unit.guess_budgets.hold("a")
    async with units.view(ANYBODY) as view:
        assert await view.users.find(a_user_id()) is None
    other.execute("ROLLBACK")
    other.close()
    async with units.open(ANYBODY) as unit:
        await unit.guess_budgets.hold("a")
        await unit.commit()
    await store.close()


async def test_a_unit_opened_within_a_unit_on_sqlite_is_refused_in_the_end(sqlite_store_url: str) -> None:
    settings = SqliteSettings(queue_timeout=timedelta(milliseconds=60), synchronous="NORMAL")
    store = SqlStore(sqlite_store_url, sqlite=settings)
    units = _units(store)
    async with units.open(ANYBODY) as unit:
        await unit.guess_budgets.hold("a")
        with pytest.raises(Unavailable):
            async with units.open(ANYBODY) as inner:
                await inner.guess_budgets.hold("a")
        await unit.commit()
    await store.close()


async def test_a_database_that_was_never_migrated_is_a_defect_and_not_unavailable(tmp_path) -> None:
    store = SqlStore(f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(DBAPIError):
        await store.todo_queue.backlog(now=NOW)
    await store.close()


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
async def test_a_session_needs_its_user(name: str, sqlite_store: SqlStore, postgres_store: SqlStore) -> None:
    units = _units({"sqlite": sqlite_store, "postgres": postgres_store}[name])
    with pytest.raises(DBAPIError):
        async with units.open(ANYBODY) as unit:
            await unit.sessions.add(a_session(user_id=a_user_id()))


@pytest.mark.parametrize("name", ["sqlite", "postgres"])
async def test_what_no_database_can_keep_does_not_make_the_log_fail(
    name: str, sqlite_store: SqlStore, postgres_store: SqlStore
) -> None:
    store = {"sqlite": sqlite_store, "postgres": postgres_store}[name]
    await store.job_ledger.claim("job", now=NOW, next_due_at=NOW, lease_until=NOW)
    await store.job_ledger.finish("job", leased_until=NOW, now=NOW, outcome="nul \0 and half a pair \ud83d")
    assert [run.last_outcome for run in await store.job_ledger.all()] == ["nul \ufffd and half a pair \ufffd"]


async def test_errors_do_not_show_what_was_being_stored(sqlite_store: SqlStore) -> None:
    session = a_session(user_id=a_user_id())
    with pytest.raises(DBAPIError) as raised:
        async with _units(sqlite_store).open(ANYBODY) as unit:
            await unit.sessions.add(session)
    assert session.ip is not None
    assert session.ip not in str(raised.value)


async def test_moments_without_a_time_zone_are_refused(
    sqlite_store: SqlStore, postgres_store: SqlStore
) -> None:
    naive = NOW.replace(tzinfo=None)
    for store in (sqlite_store, postgres_store):
        with pytest.raises(StatementError, match="time zone"):
            await store.job_ledger.claim("job", now=naive, next_due_at=NOW, lease_until=NOW)


async def test_nothing_is_opened_before_it_is_needed_and_all_is_closed_at_the_end(
    proxied: SqlStore, proxy: CountingProxy
) -> None:
    assert proxy.connections == 0
    await proxied.ping()
    assert proxy.connections == 1
    await proxied.close()
    await proxied.ping()
    assert proxy.connections == 2
