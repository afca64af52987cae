"""Looking people up uses the indexes that are meant for it, and an erasure leaves no table out."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from tests.unit.domain.audit.sealed_log import an_entry

from multiproduct.adapters.contracts.builders import NOW, a_user
from multiproduct.adapters.sql import identity as sql_identity
from multiproduct.adapters.sql import personal
from multiproduct.adapters.sql.audit import _conditions, audit_row
from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.people import people_statement
from multiproduct.adapters.sql.tables import metadata, users
from multiproduct.adapters.sql.tables.audit import audit_entries
from multiproduct.adapters.sql.tables.roles import role_assignments
from multiproduct.application.identity.administration_ports import PeopleFilter
from multiproduct.application.identity.user_listing import prefix_of
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.identity.role import built_in_roles

PEOPLE = 3_000
PLACE = (NOW + timedelta(minutes=PEOPLE // 2), a_user().id)


async def _crowd(connection: AsyncConnection) -> None:
    rows = []
    for number in range(PEOPLE):
        user = a_user(
            username=f"name{number:05}", email=f"mail{number:05}", now=NOW + timedelta(minutes=number)
        )
        user.first_name, user.last_name = f"First{number:05}", f"Last{number:05}"
        if number % 100 == 0:
            user.status = UserStatus.SUSPENDED
        rows.append(sql_identity._user_row(user))
    await connection.execute(insert(users), rows)
    await connection.execute(text("ANALYZE"))


@pytest.fixture(params=["sqlite", "postgresql"])
async def connection(
    request: pytest.FixtureRequest, sqlite_store_url: str, postgres_store_url: str
) -> AsyncIterator[AsyncConnection]:
    urls = {"sqlite": sqlite_store_url, "postgresql": postgres_store_url}
    engine = create_async_engine(normalised(urls[request.param]))
    async with engine.begin() as opened:
        await _crowd(opened)
        yield opened
    await engine.dispose()


async def _plan(connection: AsyncConnection, wanted: PeopleFilter, after: Any = None) -> str:
    return await _explained(connection, people_statement(wanted, limit=51, after=after), {"at": NOW})


async def _explained(connection: AsyncConnection, statement: Select[Any], given: dict[str, Any]) -> str:
    dialect = connection.dialect
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    values = compiled.construct_params(given)
    processed = {
        name: process(values[name]) if (process := compiled._bind_processors.get(name)) else values[name]
        for name in values
    }
    explain = "EXPLAIN (COSTS OFF)" if dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"
    found = await connection.exec_driver_sql(
        f"{explain} {compiled}", tuple(processed[name] for name in compiled.positiontup or ())
    )
    return "\n".join(str(row[-1]) for row in found)


def _reads_all_users(plan: str) -> bool:
    return "Seq Scan on users" in plan or any(line.strip() == "SCAN users" for line in plan.splitlines())


@pytest.mark.parametrize("after", [None, PLACE])
async def test_a_page_follows_the_moment_of_creation(connection: AsyncConnection, after: Any) -> None:
    plan = await _plan(connection, PeopleFilter(), after)
    assert "ix_users_created_at_id" in plan, plan
    assert not _reads_all_users(plan), plan
    assert "TEMP B-TREE" not in plan, plan


async def test_a_page_of_one_status_follows_its_own_index(connection: AsyncConnection) -> None:
    plan = await _plan(connection, PeopleFilter(status=UserStatus.SUSPENDED), PLACE)
    assert "ix_users_status_created_at_id" in plan, plan
    assert not _reads_all_users(plan), plan


async def test_a_range_of_moments_is_looked_up(connection: AsyncConnection) -> None:
    wanted = PeopleFilter(created_from=NOW, created_before=NOW + timedelta(hours=1))
    plan = await _plan(connection, wanted)
    assert "ix_users_created_at_id" in plan, plan
    assert not _reads_all_users(plan), plan


@pytest.mark.parametrize("search", ["name00123", "mail00123", "+88691234", "First00123"])
async def test_a_prefix_is_found_by_every_key(connection: AsyncConnection, search: str) -> None:
    plan = await _plan(connection, PeopleFilter(prefix=prefix_of(search)))
    for index in (
        "uq_users_username_key",
        "uq_users_email_key",
        "ix_users_first_name_key",
        "ix_users_last_name_key",
    ):
        assert index in plan, plan
    assert ("uq_users_phone" in plan) is search.startswith("+"), plan
    assert not _reads_all_users(plan), plan


async def test_the_holders_of_a_role_are_found_without_reading_everybody(connection: AsyncConnection) -> None:
    admin, standard = (
        role.id for key in ("admin", "standard_user") for role in built_in_roles() if role.key == key
    )
    people = list((await connection.execute(select(users.c.id))).scalars())
    plainly = {"role_id": standard, "scope": "platform", "granted_at": NOW}
    given = [{"user_id": person, **plainly} for person in people]
    given += [{**row, "role_id": admin} for row in given[:3]]
    await connection.execute(insert(role_assignments), given)
    await connection.execute(text("ANALYZE"))
    plan = await _plan(connection, PeopleFilter(role="admin"))
    assert "role_assignments" in plan, plan
    assert not _reads_all_users(plan), plan
    if connection.dialect.name == "sqlite":
        assert "ix_role_assignments_role_id" in plan, plan


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (AuditFilter(event="identity.user_erased"), "ix_audit_entries_event_id"),
        (AuditFilter(since=NOW - timedelta(minutes=9)), "ix_audit_entries_occurred_at_id"),
    ],
)
async def test_a_rare_event_and_a_short_time_are_looked_up_in_the_audit_log(
    connection: AsyncConnection, wanted: AuditFilter, index: str
) -> None:
    entries = [
        {
            **audit_row(an_entry(number)),
            "occurred_at": NOW - timedelta(minutes=PEOPLE - number),
        }
        for number in range(PEOPLE)
    ]
    await connection.execute(insert(audit_entries), entries)
    await connection.execute(text("ANALYZE"))
    statement = (
        select(audit_entries).where(*_conditions(wanted)).order_by(audit_entries.c.id.desc()).limit(51)
    )
    plan = await _explained(connection, statement, {})
    if connection.dialect.name == "sqlite" and wanted.since is not None:
        pytest.skip("SQLite keeps no histogram to see that few entries are that young")
    assert index in plan


def test_an_erasure_leaves_no_table_out() -> None:
    covered = {f"{column.table.name}.{column.name}" for column in personal.ERASED_BY_USER}
    naming = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in {"user_id", "owner_id"}
    }
    assert naming - covered - personal.KEPT_OF_USER == set(), "add the table to ERASED_BY_USER"
    assert not covered & personal.KEPT_OF_USER
    assert naming >= personal.KEPT_OF_USER


def test_an_erasure_leaves_no_address_out() -> None:
    covered = {f"{column.table.name}.{column.name}" for column in personal.ERASED_BY_ADDRESS}
    covered |= {
        f"{column.table.name}.{name}"
        for column in personal.ERASED_BY_USER
        for name in ("email_key", "phone", "subject")
    }
    naming = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name in {"email_key", "phone", "subject"}
    }
    assert naming - covered == {"users.email_key", "users.phone"}
