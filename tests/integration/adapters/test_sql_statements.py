"""What the hot paths cost: statements, round trips, and which index answers."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Executable, event, insert, text
from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from tests.integration.adapters.counting_proxy import CountingProxy, counting_proxy

from multiproduct.adapters.contracts.builders import (
    NOW,
    a_challenge,
    a_pending_registration,
    a_session,
    a_user,
)
from multiproduct.adapters.contracts.reacting import Noted, contract_surroundings
from multiproduct.adapters.sql import SqlStore, SqlUnit, SqlUnits
from multiproduct.adapters.sql import audit_chain as sql_audit_chain
from multiproduct.adapters.sql import identity as sql_identity
from multiproduct.adapters.sql import identity_sessions as sql_sessions
from multiproduct.adapters.sql import otp as sql_otp
from multiproduct.adapters.sql import todos as sql_todos
from multiproduct.adapters.sql.tables import challenges, users
from multiproduct.application.caller import ANYBODY
from multiproduct.domain.identity import Session

PEOPLE = 20_000


@contextmanager
def _statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection, _cursor, statement, _parameters, _context, _many) -> None:
        seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


async def _start_registration(units: SqlUnits) -> None:
    """What signing up writes: the budget, the challenge, the registration, two events with two todos."""
    challenge, pending = a_challenge(), a_pending_registration()
    async with units.open(ANYBODY) as unit:
        budget = await unit.guess_budgets.hold(challenge.subject)
        budget.sent(challenge.purpose, now=NOW)
        await unit.guess_budgets.save(budget)
        await unit.challenges.add(challenge)
        pending.started()
        await unit.pending_registrations.add(pending)
        unit.record(Noted(occurred_at=NOW, note="x"))
        await unit.commit()


@asynccontextmanager
async def _proxied(url: str) -> AsyncIterator[tuple[CountingProxy, SqlStore]]:
    async with counting_proxy(url) as proxy:
        store = SqlStore(proxy.url)
        yield proxy, store
        await store.close()


@pytest.mark.parametrize(("name", "most"), [("sqlite_store", 4 + 3 + 2), ("postgres_store", 4 + 1)])
async def test_a_sign_up_takes_few_statements(
    name: str, most: int, sqlite_store: SqlStore, postgres_store: SqlStore
) -> None:
    store = {"sqlite_store": sqlite_store, "postgres_store": postgres_store}[name]
    units = store.units(contract_surroundings())
    await _start_registration(units)
    with _statements() as seen:
        await _start_registration(units)
    # Budget held and saved, challenge, registration; then the events, their todos, their audit rows, on
    # PostgreSQL all at once. On SQLite BEGIN and COMMIT are statements too.
    assert len(seen) == most, seen


async def test_on_postgres_a_unit_takes_a_round_trip_for_each_statement_and_two(
    postgres_store_url: str,
) -> None:
    async with _proxied(postgres_store_url) as (proxy, store):
        units = store.units(contract_surroundings())
        for _ in range(3):
            await _start_registration(units)
        proxy.round_trips = 0
        await _start_registration(units)
        assert proxy.round_trips == 2 + 5
        assert proxy.connections == 1


async def test_on_postgres_a_view_takes_one_round_trip_for_each_statement(postgres_store_url: str) -> None:
    async with _proxied(postgres_store_url) as (proxy, store):
        units = store.units(contract_surroundings())

        async def look(number: int) -> None:
            async with units.view(ANYBODY) as view:
                await view.users.usernames_taken([f"name{key}" for key in range(number)])

        for _ in range(2):
            await look(1)
        proxy.round_trips = 0
        for number in (1, 2, 100):
            await look(number)
        # Any number of keys is one statement, which was prepared by the first looks: SQLAlchemy has its own.
        assert proxy.round_trips == 3


@pytest.mark.parametrize("name", ["sqlite_store", "postgres_store"])
async def test_who_asks_and_what_they_may_do_is_one_statement(
    name: str, sqlite_store: SqlStore, postgres_store: SqlStore
) -> None:
    store = {"sqlite_store": sqlite_store, "postgres_store": postgres_store}[name]
    units, session = store.units(contract_surroundings()), await _a_session(store)
    with _statements() as seen:
        async with units.view(ANYBODY) as view:
            standing = await view.sessions.standing(session.id, now=NOW)
    assert len(seen) == 1, seen
    assert standing is not None
    assert standing.roles == {"admin", "market_owner", "standard_user"}
    assert standing.permissions["platform"] >= {"audit.entry.read", "identity.role.assign"}


async def test_on_postgres_who_asks_and_what_they_may_do_takes_one_round_trip(
    postgres_store_url: str,
) -> None:
    async with _proxied(postgres_store_url) as (proxy, store):
        units, session = store.units(contract_surroundings()), await _a_session(store)

        async def look() -> None:
            async with units.view(ANYBODY) as view:
                assert await view.sessions.standing(session.id, now=NOW)

        for _ in range(2):
            await look()
        proxy.round_trips = 0
        for _ in range(3):
            await look()
        assert proxy.round_trips == 3


async def _a_session(store: SqlStore) -> Session:
    """That of somebody with several roles."""
    user = replace(a_user(), roles=frozenset({"admin", "market_owner", "standard_user"}))
    session = a_session(user_id=user.id)
    async with store.units(contract_surroundings()).open(ANYBODY) as unit:
        await unit.users.add(user)
        await unit.sessions.add(session)
        await unit.commit()
    return session


async def test_on_postgres_leasing_takes_one_round_trip(postgres_store_url: str) -> None:
    async with _proxied(postgres_store_url) as (proxy, store):
        for _ in range(2):
            await store.todo_queue.lease(now=NOW, until=NOW, limit=1)
        proxy.round_trips = 0
        await store.todo_queue.lease(now=NOW, until=NOW, limit=1)
        assert proxy.round_trips == 1


async def _open_and_close(units: SqlUnits) -> SqlUnit:
    async with units.open(ANYBODY) as unit:
        await unit.commit()
        return unit


async def test_a_unit_that_asks_nothing_of_the_database_does_not_reach_it() -> None:
    store = SqlStore("postgresql://nobody@127.0.0.1:1/nothing")
    await _open_and_close(store.units(contract_surroundings()))
    await store.close()


async def _plan(connection: AsyncConnection, statement: Executable, parameters: dict[str, object]) -> str:
    compiled = statement.compile(dialect=connection.dialect)
    values = compiled.construct_params(parameters)
    names = compiled.positiontup
    found = await connection.exec_driver_sql(
        f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {compiled}", tuple(values[name] for name in names)
    )
    return "\n".join(found.scalars())


async def _many_people(connection: AsyncConnection) -> None:
    await connection.execute(
        text(
            "INSERT INTO users (id, version, username, username_key, email, email_key, first_name, last_name,"
            " locale, time_zone, email_verified, phone_verified, username_generated, status, created_at,"
            " updated_at) SELECT gen_random_uuid(), 0, 'Name' || n, 'name' || n,"
            " 'm' || n || '@example.com', 'm' || n || '@example.com', 'Ada', 'Lovelace',"
            " 'en', 'UTC', true, false, false, 'active', now(), now()"
            f" FROM generate_series(1, {PEOPLE}) n"
        )
    )
    await connection.execute(
        text(
            "INSERT INTO role_assignments (user_id, role_id, scope, granted_at)"
            " SELECT users.id, roles.id, 'platform', now() FROM users"
            " JOIN roles ON roles.key IN ('standard_user', 'market_owner')"
        )
    )


async def test_on_postgres_taken_user_names_are_read_from_the_index_alone(postgres_store_url: str) -> None:
    engine = create_async_engine(postgres_store_url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        # The test server commits asynchronously; VACUUM marks only what is known to be written.
        await connection.execute(text("SET synchronous_commit = on"))
        await _many_people(connection)
        await connection.execute(text("VACUUM ANALYZE users"))
        keys = [f"name{number}" for number in range(0, 1000, 10)]
        plan = await _plan(connection, sql_identity._TAKEN["postgresql"], {"keys": keys})
    await engine.dispose()
    assert "Index Only Scan using uq_users_username_key" in plan, plan
    assert "Heap Fetches: 0" in plan, plan


async def test_on_postgres_hot_statements_use_their_indexes(postgres_store_url: str) -> None:
    engine = create_async_engine(postgres_store_url)
    async with engine.begin() as connection:
        await _many_people(connection)
        some = [a_challenge() for _ in range(2_000)]
        await connection.execute(insert(challenges), [sql_otp._challenge_row(one) for one in some])
        user_id = (await connection.execute(users.select().limit(1))).first().id
        rows = [sql_sessions._session_row(a_session(user_id=user_id)) for _ in range(2_000)]
        await connection.execute(sql_sessions._ADD, rows)
        await connection.execute(text("ANALYZE"))
        expected = [
            ("uq_users_email_key", sql_identity._FIND_BY_EMAIL, {"of_key": "m5@example.com", "at": NOW}),
            ("uq_users_username_key", sql_identity._FIND_BY_USERNAME, {"of_key": "name5", "at": NOW}),
            (
                "ix_challenges_unused",
                sql_otp._LIVE,
                {"of_purpose": "login", "of_subject": some[0].subject, "at": NOW},
            ),
            ("pk_sessions", sql_sessions._STANDING, {"of_id": rows[0]["id"], "at": NOW}),
            ("pk_role_assignments", sql_sessions._STANDING, {"of_id": rows[0]["id"], "at": NOW}),
        ]
        plans = [(index, await _plan(connection, *rest)) for index, *rest in expected]
    await engine.dispose()
    for index, plan in plans:
        assert f"using {index}" in plan or f"Bitmap Index Scan on {index}" in plan, plan
        # The handful of roles lies on one page.
        assert "Seq Scan" not in plan.replace("Seq Scan on roles", ""), plan


async def test_on_sqlite_taken_user_names_are_read_from_the_index_alone(sqlite_store_url: str) -> None:
    engine = create_async_engine(sqlite_store_url.replace("sqlite:", "sqlite+aiosqlite:"))
    async with engine.connect() as connection:
        rendered = sql_identity._TAKEN["sqlite"].compile(dialect=connection.dialect)
        found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {rendered}", ('["ada"]',))
        plan = "\n".join(row[-1] for row in found)
    await engine.dispose()
    assert "COVERING INDEX uq_users_username_key" in plan, plan


async def test_on_sqlite_what_strangers_left_is_found_by_an_index_of_its_own(sqlite_store_url: str) -> None:
    engine = create_async_engine(sqlite_store_url.replace("sqlite:", "sqlite+aiosqlite:"))
    async with engine.connect() as connection:
        for statement in (sql_audit_chain._OF_STRANGERS, sql_audit_chain._OF_STRANGERS_AFTER):
            rendered = statement.compile(dialect=connection.dialect)
            given = tuple(1 for _ in rendered.positiontup or ())
            found = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {rendered}", given)
            plan = "\n".join(row[-1] for row in found)
            assert "USING INDEX ix_audit_entries_strangers" in plan, plan
            assert "TEMP B-TREE" not in plan, plan
    await engine.dispose()


async def test_an_event_of_the_log_keeps_its_place_when_earlier_ones_are_purged(
    sqlite_store_url: str,
) -> None:
    engine = create_async_engine(sqlite_store_url.replace("sqlite:", "sqlite+aiosqlite:"))
    row = {"name": "x", "fields": {}, "occurred_at": NOW, "request_id": None}
    async with engine.begin() as connection:
        first = (await connection.execute(sql_todos._LOG_EVENTS, [row, row])).scalars().all()
        await connection.execute(text("DELETE FROM events"))
        second = (await connection.execute(sql_todos._LOG_EVENTS, [row])).scalars().all()
    await engine.dispose()
    assert min(second) > max(first)


async def test_no_more_than_a_hundred_user_names_are_looked_up_at_once(sqlite_store: SqlStore) -> None:
    async with sqlite_store.units(contract_surroundings()).view(ANYBODY) as view:
        with pytest.raises(ValueError, match="at most 100"):
            await view.users.usernames_taken([f"name{number}" for number in range(101)])
