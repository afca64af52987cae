"""Races: what must happen once happens once, from several processes, on SQLite and on PostgreSQL."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import (
    CodeSent,
    RefreshSession,
    SignInWithPassword,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import TokenInvalid
from multiproduct.domain.otp import InvalidCode
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
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
    }


@pytest.fixture
async def house(settings: dict[str, Any]) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.from_settings(Settings(**settings)) as opened:
        yield opened


async def _sign_up(house: Multiproduct, email: str, username: str | None = None) -> tuple[CodeSent, str]:
    sent = await house.identity.registration.start(
        StartRegistration(email=email, password=PASSWORD, username=username)
    )
    await house.drain()
    assert house.container.mailbox is not None
    text = (await house.container.mailbox.messages(email))[0].text
    found = re.search(r"\b\d{6}\b", text)
    assert found
    return sent, found.group()


async def _count(house: Multiproduct, event: str, resource_id: str | None = None) -> int:
    async with house.container.units.view(SYSTEM) as view:
        wanted = AuditFilter(event=event, resource_id=resource_id)
        return int(await view.audit_trail.count(wanted))


async def _tokens(house: Multiproduct) -> Any:
    sent, code = await _sign_up(house, EMAIL)
    await house.identity.registration.verify(VerifyRegistration(challenge_id=sent.challenge_id, otp=code))
    return await house.identity.sign_in.with_password(SignInWithPassword(email=EMAIL, password=PASSWORD))


async def test_of_a_thousand_right_answers_one_succeeds(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    sent, code = await _sign_up(house, EMAIL)
    outcomes = race(
        "answers",
        settings=settings,
        contenders=1_000,
        processes=PROCESSES,
        challenge_id=str(sent.challenge_id),
        code=code,
        right=True,
    )
    assert outcomes == {"ok": 1, "invalid_code": 999}
    assert await _count(house, "identity.user_registered") == 1


async def test_of_a_thousand_wrong_answers_five_are_evaluated_and_the_code_is_dead(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    sent, code = await _sign_up(house, EMAIL)
    outcomes = race(
        "answers",
        settings=settings,
        contenders=1_000,
        processes=PROCESSES,
        challenge_id=str(sent.challenge_id),
        code=code,
        right=False,
    )
    assert outcomes == {"invalid_code": 1_000}
    assert await _count(house, "otp.wrong_code_given", str(sent.challenge_id)) == 5
    assert await _count(house, "otp.challenge_voided", str(sent.challenge_id)) == 1
    with pytest.raises(InvalidCode):
        await house.identity.registration.verify(VerifyRegistration(challenge_id=sent.challenge_id, otp=code))


async def test_of_many_claims_of_one_user_name_one_wins(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    rivals = 16
    registrations = []
    for number in range(rivals):
        sent, code = await _sign_up(house, f"person{number}@stark.com", "iron.man")
        registrations.append([str(sent.challenge_id), code])
    outcomes = race(
        "claims",
        settings=settings,
        contenders=rivals,
        processes=PROCESSES,
        registrations=registrations,
    )
    assert outcomes == {"ok": 1, "username_taken": rivals - 1}


async def test_sixty_four_clients_of_one_session_are_never_signed_out(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    tokens = await _tokens(house)
    outcomes = race(
        "refreshes",
        settings=settings,
        contenders=64,
        processes=PROCESSES,
        refresh=tokens.refresh,
        turns=proof_scale(10, 100),
    )
    assert outcomes == {"ok": 64}
    assert await _count(house, "identity.session_ended") == 0


async def test_after_a_sign_out_amid_refreshes_no_token_lives(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    tokens = await _tokens(house)
    outcomes = race(
        "refreshes_or_signs_out",
        settings=settings,
        contenders=64,
        processes=PROCESSES,
        refresh=tokens.refresh,
        turns=proof_scale(10, 50),
        leaver=5,
    )
    assert set(outcomes) <= {"ok", "token_invalid"}
    assert await _count(house, "identity.session_ended") == 1
    with pytest.raises(TokenInvalid):
        await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
    with pytest.raises(TokenInvalid):
        await house.identity.authenticating.principal(tokens.access)
