"""The migration to roles of their own: the built-in ones are written, and everybody keeps what they had."""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from multiproduct.adapters.contracts.builders import NOW
from multiproduct.adapters.contracts.reacting import contract_surroundings
from multiproduct.adapters.memory.beginning_roles import beginning_roles
from multiproduct.adapters.sql import SqlStore, migrate, migrations
from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.types import to_microseconds
from multiproduct.application.caller import ANYBODY

BEFORE = "0004"
PEOPLE = {
    "ada": '["standard_user"]',
    "grace": '["admin", "standard_user"]',
    "joan": '["admin", "admin"]',
    "mary": "[]",
    "someone": '["standard_user", "a role that never was"]',
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    return str(request.getfixturevalue("postgres_database"))


def _migrate_to(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def _add_people(connection: AsyncConnection, dialect: str) -> dict[str, UUID]:
    ids = {name: uuid4() for name in PEOPLE}
    now = NOW if dialect == "postgresql" else to_microseconds(NOW)
    roles = "CAST(:roles AS jsonb)" if dialect == "postgresql" else ":roles"
    for name, held in PEOPLE.items():
        await connection.execute(
            text(
                "INSERT INTO users (id, version, username, username_key, first_name, last_name, locale,"
                " time_zone, email_verified, phone_verified, username_generated, status, roles, created_at,"
                f" updated_at) VALUES (:id, 0, :name, :name, '', '', 'en', 'UTC', true, false, false,"
                f" 'active', {roles}, :now, :now)"
            ),
            {
                "id": ids[name] if dialect == "postgresql" else ids[name].hex,
                "name": name,
                "roles": held,
                "now": now,
            },
        )
    return ids


async def _before(url: str) -> dict[str, UUID]:
    """A database of the release before, with people in it."""
    engine = create_async_engine(normalised(url))
    async with engine.begin() as connection:
        await connection.run_sync(_migrate_to, BEFORE)
        ids = await _add_people(connection, engine.dialect.name)
    await engine.dispose()
    return ids


async def test_everybody_keeps_their_roles(empty_url: str) -> None:
    ids = await asyncio.wait_for(_before(empty_url), 60)
    await migrate(empty_url)
    store = SqlStore(empty_url)
    async with store.units(contract_surroundings()).view(ANYBODY) as view:
        found = {name: await view.users.find(user_id) for name, user_id in ids.items()}
        held = await view.role_assignments.of_user(ids["grace"], now=NOW)
    await store.close()
    assert {name: set(user.roles) for name, user in found.items() if user} == {
        "ada": {"standard_user"},
        "grace": {"admin", "standard_user"},
        "joan": {"admin"},
        "mary": set(),
        "someone": {"standard_user"},
    }
    assert {(each.scope, each.granted_by, each.granted_at, each.expires_at) for each in held} == {
        ("platform", None, NOW, None)
    }


async def test_the_roles_that_migrations_write_are_those_of_the_code(empty_url: str) -> None:
    await migrate(empty_url)
    store = SqlStore(empty_url)
    async with store.units(contract_surroundings()).view(ANYBODY) as view:
        written = {role.key: role for role in await view.roles.every()}
    await store.close()
    for role in beginning_roles():
        assert written[role.key] == role, (
            f"what {role.key} permits was changed in a context's permissions: write a migration that grants"
            " it in installations that there are"
        )
