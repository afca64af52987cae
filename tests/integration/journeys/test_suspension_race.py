"""A sign-in that is completed while its person is suspended leaves no session behind, on PostgreSQL, where
both go on at once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.integration.journeys.migrated import migrated
from tests.unit.application.identity.people import PASSWORD, a_member
from tests.unit.application.identity.role_holders import a_holder

from multiproduct.adapters.sql.identity_sessions import SqlSessions
from multiproduct.application.identity import SignInWithPassword, Tokens
from multiproduct.domain.identity import Session, SessionOver
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PATIENCE_SECONDS = 90
TONY = "tony@stark.com"


@pytest.fixture
async def house(postgres_database: str, tmp_path: Path) -> AsyncIterator[Multiproduct]:
    await migrated(postgres_database)
    settings = Settings(
        _env_file=None,
        database_url=postgres_database,
        mailbox_dir=str(tmp_path / "mailbox"),
        password_cost="test",
        rate_limit_profile="unlimited",
    )
    async with asyncio.timeout(PATIENCE_SECONDS), Multiproduct.from_settings(settings) as opened:
        yield opened


async def test_a_session_that_begins_during_a_suspension_is_not_back_with_the_person(
    house: Multiproduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, go_on = asyncio.Event(), asyncio.Event()
    tony = await a_member(house, TONY)
    staff = await (await a_holder(house.container, "admin")).caller()
    add = SqlSessions.add

    async def add_and_wait(self: SqlSessions, session: Session) -> None:
        await add(self, session)
        there.set()
        await go_on.wait()

    monkeypatch.setattr(SqlSessions, "add", add_and_wait)
    signing_in = asyncio.create_task(
        house.identity.sign_in.with_password(SignInWithPassword(email=TONY, password=PASSWORD))
    )
    await there.wait()
    suspending = asyncio.create_task(house.identity.users.suspend(tony.id, staff))
    waited, _ = await asyncio.wait({suspending}, timeout=0.5)
    assert not waited
    go_on.set()
    tokens, _ = await asyncio.gather(signing_in, suspending)
    assert isinstance(tokens, Tokens)
    await house.identity.users.reinstate(tony.id, staff)
    with pytest.raises(SessionOver):
        await house.identity.authenticating.principal(tokens.access)
