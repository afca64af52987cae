"""Joining a host's transaction: the host alone decides whether anything becomes permanent."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from multiproduct.adapters.contracts.builders import NOW, a_challenge, a_user
from multiproduct.adapters.contracts.reacting import Noted, contract_surroundings
from multiproduct.adapters.sql import SqlStore, SqlUnits
from multiproduct.adapters.sql.engine import normalised
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import JoinRefused
from multiproduct.domain.identity import User, UsernameTaken


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, sqlite_store_url: str, postgres_store_url: str) -> str:
    return sqlite_store_url if request.param == "sqlite" else postgres_store_url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[SqlStore]:
    store = SqlStore(store_url)
    yield store
    await store.close()


@pytest.fixture
async def host(store_url: str) -> AsyncIterator[AsyncEngine]:
    """A host's engine, as hosts make them: without any of this project's settings."""
    engine = create_async_engine(normalised(store_url))
    yield engine
    await engine.dispose()


@pytest.fixture
def told() -> list[tuple[bool, frozenset[str]]]:
    return []


@pytest.fixture
def units(store: SqlStore, told: list[tuple[bool, frozenset[str]]]) -> SqlUnits:
    surroundings = replace(contract_surroundings(), committed=lambda *what: told.append(what))
    return store.units(surroundings)


async def _exists(units: SqlUnits, user: User) -> bool:
    async with units.view(ANYBODY) as view:
        return await view.users.find(user.id) is not None


async def test_what_is_written_becomes_permanent_with_the_hosts_commit(
    units: SqlUnits, host: AsyncEngine
) -> None:
    user = a_user()
    async with host.connect() as connection:
        joined = units.join(connection)
        async with joined.open(ANYBODY) as unit:
            await unit.users.add(user)
            await unit.commit()
        assert not await _exists(units, user)
        async with joined.view(ANYBODY) as view:
            assert await view.users.find(user.id) is not None
        await connection.commit()
    assert await _exists(units, user)


async def test_the_hosts_rollback_undoes_committed_units(
    units: SqlUnits, host: AsyncEngine, store: SqlStore
) -> None:
    user = a_user()
    async with host.connect() as connection:
        async with units.join(connection).open(ANYBODY) as unit:
            await unit.users.add(user)
            unit.record(Noted(occurred_at=NOW, note="x"))
            await unit.commit()
        await connection.rollback()
    assert not await _exists(units, user)
    assert (await store.todo_queue.backlog(now=NOW)).open == 0


async def test_leaving_a_unit_without_commit_undoes_the_unit_and_nothing_of_the_hosts(
    units: SqlUnits, host: AsyncEngine
) -> None:
    kept, dropped, last = a_user(), a_user(), a_user()
    async with host.connect() as connection:
        joined = units.join(connection)
        async with joined.open(ANYBODY) as unit:
            await unit.users.add(kept)
            await unit.commit()
        async with joined.open(ANYBODY) as unit:
            await unit.users.add(dropped)
        async with joined.open(ANYBODY) as unit:
            await unit.users.add(last)
            with pytest.raises(UsernameTaken):
                await unit.users.add(replace(a_user(), username=kept.username))
            await unit.commit()
        await connection.commit()
    assert [await _exists(units, user) for user in (kept, dropped, last)] == [True, False, True]


async def test_a_unit_that_fails_leaves_the_hosts_transaction_usable(
    units: SqlUnits, host: AsyncEngine
) -> None:
    user, challenge = a_user(), a_challenge()
    async with host.connect() as connection:
        joined = units.join(connection)
        async with joined.open(ANYBODY) as unit:
            await unit.challenges.add(challenge)
            with pytest.raises(IntegrityError):
                await unit.challenges.add(challenge)
        await connection.exec_driver_sql("SELECT 1")
        async with joined.open(ANYBODY) as unit:
            await unit.users.add(user)
            await unit.commit()
        await connection.commit()
    assert await _exists(units, user)


async def test_units_on_one_connection_take_turns(units: SqlUnits, host: AsyncEngine) -> None:
    people = [a_user() for _ in range(10)]
    async with host.connect() as connection:
        joined = units.join(connection)

        async def add(user: User) -> None:
            async with joined.open(ANYBODY) as unit:
                await unit.users.add(user)
                await asyncio.sleep(0)
                await unit.commit()

        async with asyncio.timeout(30):
            await asyncio.gather(*map(add, people))
        await connection.commit()
    assert all([await _exists(units, user) for user in people])


async def test_use_cases_that_must_leave_a_mark_are_refused(units: SqlUnits, host: AsyncEngine) -> None:
    async with host.connect() as connection:
        with pytest.raises(JoinRefused):
            units.join(connection).open_alone(ANYBODY)


async def test_caches_and_relay_are_told_after_the_host_committed(
    units: SqlUnits, host: AsyncEngine, told: list[tuple[bool, frozenset[str]]]
) -> None:
    async with host.connect() as connection:
        joined = units.join(connection)
        async with joined.open(ANYBODY) as unit:
            unit.record(Noted(occurred_at=NOW, note="x"))
            unit.forget("a")
            await unit.commit()
        async with joined.open(ANYBODY) as unit:
            unit.forget("b")
            await unit.commit()
        assert told == []
        await connection.commit()
        joined.host_committed()
    assert told == [(True, frozenset({"a", "b"}))]
