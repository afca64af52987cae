"""A host's transaction: what the library writes in it is committed and rolled back with the host's writes."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from tests.integration.journeys.migrated import migrated

from multiproduct.application.identity import StartRegistration, VerifyRegistration
from multiproduct.application.ports.unit_of_work import JoinRefused
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

EMAIL, PASSWORD = "tony@stark.com", "correct horse battery staple"


@pytest.fixture
def url(postgres_database: str) -> str:
    return postgres_database


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    await migrated(url)
    engine = create_async_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE host_orders (id INTEGER PRIMARY KEY)"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def house(engine: AsyncEngine, url: str, tmp_path: Path) -> AsyncIterator[Multiproduct]:
    settings = Settings(
        database_url=url, mailbox_dir=tmp_path / "mailbox", password_cost="test", inline_worker=False
    )
    async with Multiproduct.from_settings(settings) as opened:
        yield opened


async def _counts(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as connection:
        tables = ("host_orders", "challenges", "pending_registrations", "todos", "audit_entries")
        return {
            table: (await connection.execute(text(f"SELECT COUNT(*) FROM {table}"))).scalar_one()
            for table in tables
        }


async def test_what_the_host_rolls_back_never_happened(engine: AsyncEngine, house: Multiproduct) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO host_orders VALUES (1)"))
        joined = house.join(connection)
        await joined.identity.registration.start(StartRegistration(email=EMAIL, password=PASSWORD))
        await connection.rollback()
    assert set((await _counts(engine)).values()) == {0}


async def test_what_the_host_commits_is_there_and_its_reactions_run(
    engine: AsyncEngine, house: Multiproduct
) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("INSERT INTO host_orders VALUES (1)"))
        joined = house.join(connection)
        await joined.identity.registration.start(StartRegistration(email=EMAIL, password=PASSWORD))
        await connection.commit()
    counts = await _counts(engine)
    assert counts["host_orders"] == counts["challenges"] == counts["pending_registrations"] == 1
    await house.drain()
    assert house.container.mailbox is not None
    assert len(await house.container.mailbox.messages(EMAIL)) == 1


async def test_a_use_case_that_must_leave_a_mark_refuses_to_join(
    engine: AsyncEngine, house: Multiproduct
) -> None:
    sent = await house.identity.registration.start(StartRegistration(email=EMAIL, password=PASSWORD))
    async with engine.connect() as connection:
        joined = house.join(connection)
        with pytest.raises(JoinRefused):
            await joined.identity.registration.verify(
                VerifyRegistration(challenge_id=sent.challenge_id, otp="000000")
            )
