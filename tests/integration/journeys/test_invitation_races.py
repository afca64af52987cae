"""Races for one invitation, from several processes, on SQLite and on PostgreSQL."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import InviteUser
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

EMAIL, PASSWORD = "tony@stark.com", "correct horse battery staple"
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
        "password_cost": "test",
        "password_queue": 1_000,
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
    }


@pytest.fixture
async def house(settings: dict[str, Any]) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.from_settings(Settings(**settings)) as opened:
        yield opened


async def test_of_many_who_accept_one_invitation_one_becomes_a_user(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    await house.identity.invitations.invite(InviteUser(email=EMAIL), SYSTEM)
    await house.drain()
    assert house.container.mailbox is not None
    text = (await house.container.mailbox.messages(EMAIL))[0].text
    link = re.search(r"/invitation/([A-Za-z0-9_-]+)", text)
    assert link
    contenders = proof_scale(100, 1_000)
    outcomes = race(
        "invited",
        settings=settings,
        contenders=contenders,
        processes=PROCESSES,
        token=link[1],
        password=PASSWORD,
    )
    assert outcomes == {"ok": 1, "invitation_invalid": contenders - 1}
    for event in ("identity.user_registered", "identity.invitation_accepted"):
        async with house.container.units.view(SYSTEM) as view:
            assert await view.audit_trail.count(AuditFilter(event=event)) == 1
