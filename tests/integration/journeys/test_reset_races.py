"""Races for one code that sets a new password, and for the file of one document."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race
from tests.unit.application.identity.people import a_member, signed_in

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import AnnounceDocument, RequestPasswordReset
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

EMAIL, NEW = "tony@stark.com", "quite another battery staple"
PROCESSES = 4


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/race.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def settings(url: str, tmp_path: Path) -> dict[str, Any]:
    await migrated(url)
    return {
        "database_url": url,
        "mailbox_dir": str(tmp_path / "mailbox"),
        "media_url": f"file://{tmp_path}/media",
        "password_cost": "test",
        "password_queue": 10_000,
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
    }


@pytest.fixture
async def house(settings: dict[str, Any]) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.from_settings(Settings(**settings)) as opened:
        yield opened


async def _count(house: Multiproduct, event: str) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return int(await view.audit_trail.count(AuditFilter(event=event)))


async def test_of_many_who_give_one_reset_code_one_sets_the_password(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    await a_member(house, EMAIL)
    sent = await house.identity.password_reset.request(RequestPasswordReset(email=EMAIL))
    await house.drain()
    assert house.container.mailbox is not None
    code = re.search(r"\b\d{6}\b", (await house.container.mailbox.messages(EMAIL))[0].text)
    assert code
    rivals = proof_scale(200, 1_000)
    outcomes = race(
        "resets",
        settings=settings,
        contenders=rivals,
        processes=PROCESSES,
        challenge_id=str(sent.challenge_id),
        code=code.group(),
        password=NEW,
    )
    assert outcomes == {"ok": 1, "invalid_code": rivals - 1}
    assert await _count(house, "identity.password_was_reset") == 1


async def test_of_many_who_upload_for_one_document_one_hands_it_in(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    await a_member(house, EMAIL)
    tokens = await signed_in(house, EMAIL)
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    announced = await house.identity.documents.announce(
        AnnounceDocument(kind="trade_licence", name="Licence"), caller
    )
    rivals = proof_scale(40, 200)
    outcomes = race(
        "uploads",
        settings=settings,
        contenders=rivals,
        processes=PROCESSES,
        document_id=str(announced.id),
        access=tokens.access,
    )
    assert outcomes["ok"] == 1
    # Each writes the user first, so some are told to come again.
    assert set(outcomes) <= {"ok", "document_settled", "stale", "unavailable"}
    assert (await house.identity.documents.file(announced.id, caller)).content.startswith(b"%PDF-1.7 ")
    assert await _count(house, "identity.document_submitted") == 1
