"""Races for one time step, one recovery code and one waiting sign-in, on SQLite and on PostgreSQL."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race
from tests.unit.application.identity.factors import app_code

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ConfirmTotp,
    EnrolTotp,
    SecondFactorRequired,
    SignInWithPassword,
    StartRegistration,
    Tokens,
    VerifyRegistration,
)
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
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
    }


@pytest.fixture
async def house(settings: dict[str, Any]) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.from_settings(Settings(**settings)) as opened:
        yield opened


async def _first_step(house: Multiproduct) -> Tokens | SecondFactorRequired:
    return await house.identity.sign_in.with_password(SignInWithPassword(email=EMAIL, password=PASSWORD))


async def _protected(house: Multiproduct) -> tuple[str, list[str]]:
    """The secret and the recovery codes of somebody with an app, whose step of half an hour ago is used."""
    sent = await house.identity.registration.start(StartRegistration(email=EMAIL, password=PASSWORD))
    await house.drain()
    assert house.container.mailbox is not None
    found = re.search(r"\b\d{6}\b", (await house.container.mailbox.messages(EMAIL))[0].text)
    assert found
    await house.identity.registration.verify(
        VerifyRegistration(challenge_id=sent.challenge_id, otp=found.group())
    )
    tokens = await _first_step(house)
    assert isinstance(tokens, Tokens)
    caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
    shown = await house.identity.second_factors.enrol(EnrolTotp(), caller)
    # The earliest step that is still taken, so that later ones are unused.
    code = app_code(shown.secret, datetime.now(UTC), steps=-1)
    added = await house.identity.second_factors.confirm(
        ConfirmTotp(factor_id=shown.factor_id, code=code), caller
    )
    return shown.secret, added.recovery_codes


async def _waiting(house: Multiproduct, count: int) -> list[str]:
    answers = [await _first_step(house) for _ in range(count)]
    return [answer.mfa_token for answer in answers if isinstance(answer, SecondFactorRequired)]


async def _count(house: Multiproduct, event: str) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return int(await view.audit_trail.count(AuditFilter(event=event)))


async def test_of_two_hundred_offers_of_one_step_one_begins_a_session(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    secret, _ = await _protected(house)
    tokens = await _waiting(house, 200)
    before = await _count(house, "identity.signed_in")
    outcomes = race(
        "second_factors",
        settings=settings,
        contenders=200,
        processes=PROCESSES,
        tokens=tokens,
        # The next step's, so that it stays within the window for a minute at least.
        code=app_code(secret, datetime.now(UTC), steps=1),
    )
    assert outcomes["ok"] == 1
    assert set(outcomes) == {"ok", "invalid_code", "too_many_requests"}
    assert sum(outcomes.values()) == 200
    assert await _count(house, "identity.signed_in") == before + 1


async def test_of_many_offers_of_one_recovery_code_one_begins_a_session(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    _, codes = await _protected(house)
    rivals = proof_scale(200, 1_000)
    tokens = await _waiting(house, rivals)
    outcomes = race(
        "second_factors",
        settings=settings,
        contenders=rivals,
        processes=PROCESSES,
        tokens=tokens,
        code=codes[0],
    )
    assert outcomes == {"ok": 1, "invalid_code": rivals - 1}
    assert await _count(house, "identity.recovery_code_used") == 1


async def test_of_many_completions_of_one_sign_in_one_begins_a_session(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    _, codes = await _protected(house)
    rivals = proof_scale(200, 1_000)
    (token,) = await _waiting(house, 1)
    outcomes = race(
        "second_factors",
        settings=settings,
        contenders=rivals,
        processes=PROCESSES,
        tokens=[token],
        codes=codes,
    )
    assert outcomes["ok"] == 1
    assert set(outcomes) <= {"ok", "invalid_code", "sign_in_over"}
    assert await _count(house, "identity.recovery_code_used") == 1
