"""Races for challenges that keys answer: one winner, and five failures lock a key exactly, from several
processes, on SQLite and on PostgreSQL."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race
from tests.software_authenticator import SoftwareAuthenticator
from tests.software_device import SoftwareDevice, b64, claims

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    AddPasskey,
    CreateAdmin,
    EnrolDeviceKey,
    RequestDeviceKeySignIn,
    SignInWithDeviceKey,
    SignInWithPassword,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

EMAIL, PASSWORD = "tony@stark.com", "correct horse battery staple"
PROCESSES = 4
RIVALS = proof_scale(200, 1_000)


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


async def _a_member(house: Multiproduct) -> Caller:
    command = CreateAdmin(email=EMAIL, username="tony.stark", password=PASSWORD)
    await house.identity.administration.create_member(command, SYSTEM)
    tokens: Any = await house.identity.sign_in.with_password(
        SignInWithPassword(email=EMAIL, password=PASSWORD)
    )
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def _an_enrolled(house: Multiproduct, caller: Caller) -> SoftwareDevice:
    device, keys = SoftwareDevice(), house.identity.device_keys
    offered = await keys.enrolment_options(caller)
    signature = device.sign(device.message(offered, claims("platform", "software")))
    await keys.enrol(
        EnrolDeviceKey(
            challenge_id=offered.challenge_id, public_key=b64(device.spki), signature=b64(signature)
        ),
        caller,
    )
    return device


async def _command(house: Multiproduct, device: SoftwareDevice, signature: bytes | None) -> dict[str, Any]:
    offered = await house.identity.device_key_sign_in.options(RequestDeviceKeySignIn(key_id=device.key_id))
    return {
        "challenge_id": str(offered.challenge_id),
        "key_id": device.key_id,
        "signature": b64(signature or device.sign(device.message(offered))),
    }


async def _count(house: Multiproduct, event: str) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return int(await view.audit_trail.count(AuditFilter(event=event)))


async def test_one_right_answer_given_many_times_to_a_device_challenge_signs_in_once(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    device = await _an_enrolled(house, await _a_member(house))
    commands = [await _command(house, device, None)]
    outcomes = race(
        "device_answers", settings=settings, contenders=RIVALS, processes=PROCESSES, commands=commands
    )
    assert outcomes == {"ok": 1, "invalid_credentials": RIVALS - 1}
    assert await _count(house, "identity.signed_in") == 2
    assert await _count(house, "identity.device_key_refused") == 0


async def test_one_right_answer_given_many_times_to_a_passkey_challenge_signs_in_once(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    caller, authenticator = await _a_member(house), SoftwareAuthenticator(step=0)
    offered = await house.identity.passkeys.registration_options(caller)
    await house.identity.passkeys.register(
        AddPasskey(challenge_id=offered.challenge_id, credential=authenticator.create(offered.public_key)),
        caller,
    )
    asked = await house.identity.passkey_sign_in.options()
    command = {
        "challenge_id": str(asked.challenge_id),
        "credential": authenticator.get(asked.public_key),
    }
    outcomes = race(
        "passkey_answers", settings=settings, contenders=RIVALS, processes=PROCESSES, command=command
    )
    assert outcomes == {"ok": 1, "invalid_credentials": RIVALS - 1}
    assert await _count(house, "identity.signed_in") == 2
    assert await _count(house, "identity.passkey_cloned") == 0


async def test_of_many_wrong_signatures_at_once_five_are_counted_and_the_key_is_locked_once(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    device = await _an_enrolled(house, await _a_member(house))
    commands = [await _command(house, device, os.urandom(70)) for _ in range(40)]
    outcomes = race(
        "device_answers", settings=settings, contenders=40, processes=PROCESSES, commands=commands
    )
    assert outcomes == {"invalid_credentials": 40}
    assert await _count(house, "identity.device_key_refused") == 5
    assert await _count(house, "identity.device_key_locked") == 1
    command = await _command(house, device, None)
    with pytest.raises(InvalidCredentials):
        await house.identity.device_key_sign_in.sign_in(SignInWithDeviceKey.model_validate(command))
