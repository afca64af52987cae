"""Bank details that are given while their person is erased are not left behind, on PostgreSQL, where both go
on at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from uuid import UUID

import pytest
from tests.integration.journeys.migrated import migrated
from tests.unit.application.identity.people import a_member, signed_in

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import ReplaceBankDetails, bank_detail_keeping, present_user
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.domain.identity import User
from multiproduct.domain.shared import Unauthenticated
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PATIENCE_SECONDS = 90
TONY = "tony@stark.com"
DETAILS = ReplaceBankDetails(holder="Tony", iban="GB82 WEST 1234 5698 7654 32")


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


async def _tony(house: Multiproduct) -> Caller:
    await a_member(house, TONY)
    tokens = await signed_in(house, TONY)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def _nothing_is_left(house: Multiproduct, tony: Caller) -> bool:
    async with house.container.units.view(SYSTEM) as view:
        return await view.bank_details.find(tony.require_user()) is None


async def test_an_erasure_between_reading_and_keeping_has_the_details_refused(
    house: Multiproduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, go_on = asyncio.Event(), asyncio.Event()
    read = present_user.present_user

    async def read_and_wait(unit: IdentityUnit, user_id: UUID) -> User:
        user = await read(unit, user_id)
        there.set()
        await go_on.wait()
        return user

    tony = await _tony(house)
    monkeypatch.setattr(present_user, "present_user", read_and_wait)
    keeping = asyncio.create_task(house.identity.bank_details.replace(DETAILS, tony))
    await there.wait()
    await house.identity.erasing.erase_own(tony)
    go_on.set()
    with pytest.raises(Unauthenticated):
        await keeping
    assert await _nothing_is_left(house, tony)


async def test_an_erasure_that_comes_while_the_details_are_kept_takes_them_too(
    house: Multiproduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    there, go_on = asyncio.Event(), asyncio.Event()
    written = present_user.own_account

    async def write_and_wait(unit: IdentityUnit, user_id: UUID, *, now: datetime) -> User:
        user = await written(unit, user_id, now=now)
        there.set()
        await go_on.wait()
        return user

    tony = await _tony(house)
    monkeypatch.setattr(bank_detail_keeping, "own_account", write_and_wait)
    keeping = asyncio.create_task(house.identity.bank_details.replace(DETAILS, tony))
    await there.wait()
    erasing = asyncio.create_task(house.identity.erasing.erase_own(tony))
    waited, _ = await asyncio.wait({erasing}, timeout=0.5)
    assert not waited
    go_on.set()
    await asyncio.gather(keeping, erasing)
    assert await _nothing_is_left(house, tony)
