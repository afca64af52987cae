"""After an erasure no table holds anything of the person, whatever it is called: every value is looked at."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import create_async_engine
from tests.unit.application.identity.role_holders import a_holder

from multiproduct.adapters.contracts.inbox import a_new_entry
from multiproduct.adapters.sql.engine import normalised
from multiproduct.adapters.sql.tables import metadata
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    AnnounceDocument,
    ChangeEmail,
    CreateAdmin,
    CreateUser,
    GiveConsent,
    ReplaceBankDetails,
    SignInWithPassword,
    UpdateProfile,
)
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PASSWORD = "correct horse battery staple"
CANARIES = {
    "address": "leftover.canary@",
    "user name": "leftovername",
    "first name": "canaryfirst",
    "last name": "canarylast",
    "new address": "newcanary@",
    "document": "canarydocument",
    "created by staff": "keyed.canary@",
    "name given by staff": "keyedcanary",
    "network": "203.0.113.77",
    "browser": "browser of a canary",
    "request": "request-of-a-canary",
    "notification": "canarynotice",
}
KEPT = {("username_tombstones.key", "user name"), ("events.request_id", "request")}
"""A name that was given up is kept from others for 90 days. Events that name nobody keep the id of their
request until they are purged."""


@pytest.fixture(params=["sqlite_store_url", "postgres_store_url"])
def url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(request.param)


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[Multiproduct]:
    settings = Settings(
        _env_file=None,
        database_url=url,
        redis_url=None,
        broker_url=None,
        smtp_url=None,
        mailbox_dir=str(tmp_path / "mailbox"),
        media_url=f"file://{tmp_path}/media",
        password_cost="test",
        rate_limit_profile="unlimited",
        inline_worker=False,
    )
    async with Multiproduct.from_settings(settings) as opened:
        yield opened


async def _found(url: str) -> set[tuple[str, str]]:
    """Which canaries lie where."""
    found = set()
    engine = create_async_engine(normalised(url))
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in (await connection.execute(select(table))).mappings():
                for column, value in row.items():
                    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    found |= {
                        (f"{table.name}.{column}", name)
                        for name, canary in CANARIES.items()
                        if canary in text.lower()
                    }
    await engine.dispose()
    return found


async def _canary(house: Multiproduct) -> Caller:
    command = CreateAdmin(email="leftover.canary@x.example", username="leftovername", password=PASSWORD)
    await house.identity.administration.create_member(command, SYSTEM)
    known = {
        "ip": "203.0.113.77",
        "user_agent": "Browser of a canary",
        "request_id": "request-of-a-canary",
    }
    tokens = await house.identity.sign_in.with_password(
        SignInWithPassword(email="leftover.canary@x.example", password=PASSWORD), Caller(**known)
    )
    principal = await house.identity.authenticating.principal(tokens.access)
    return Caller(principal=principal, **known)


async def _live(house: Multiproduct, canary: Caller, staff: Caller) -> UUID:
    """What leaves traces; answers whom staff created meanwhile."""
    identity = house.identity
    await identity.profile.update(UpdateProfile(first_name="Canaryfirst", last_name="Canarylast"), canary)
    await identity.bank_details.replace(
        ReplaceBankDetails(holder="Canaryfirst Canarylast", iban="GB82WEST12345698765432"), canary
    )
    await identity.contact_changes.request(
        ChangeEmail(email="newcanary@x.example"), canary, idempotency_key="k1"
    )
    announced = await identity.documents.announce(
        AnnounceDocument(kind="licence", name="Canarydocument"), canary
    )
    await identity.documents.upload(announced.id, b"%PDF-1.7", canary)
    await identity.consents.give(GiveConsent(kind="terms", version="1"), canary)
    async with house.container.units.open(SYSTEM) as unit:
        await house.container.inbox.entries.put(
            unit, replace(a_new_entry(canary.require_user()), title="Canarynotice")
        )
        await unit.commit()
    created = await identity.users.create(
        CreateUser(email="keyed.canary@x.example", first_name="Keyedcanary"), staff, idempotency_key="k2"
    )
    return created.id


async def test_no_value_of_any_table_tells_of_an_erased_person(house: Multiproduct, url: str) -> None:
    staff = await (await a_holder(house.container, "admin")).caller()
    canary = await _canary(house)
    created = await _live(house, canary, staff)
    await house.drain()
    before = {name for _, name in await _found(url)}
    assert before >= set(CANARIES), "the test sees what it looks for"
    await house.identity.erasing.erase_own(canary)
    await house.identity.erasing.erase(created, staff)
    await house.drain()
    assert await _found(url) == KEPT
    assert (await house.container.audit.verifying.run()).findings == []
