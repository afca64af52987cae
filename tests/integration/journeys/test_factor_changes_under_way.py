"""Changes of factors while somebody signs in, or while the account is erased, on PostgreSQL: each is held up
where it has read and not yet written."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.integration.journeys.migrated import migrated
from tests.software_authenticator import SoftwareAuthenticator
from tests.software_device import SoftwareDevice
from tests.unit.application.identity.factors import app_code, caller_of
from tests.unit.application.identity.test_device_keys import enrolled
from tests.unit.application.identity.test_passkeys import made

from multiproduct.adapters.contracts.store_unit import has_to_wait
from multiproduct.adapters.passlib import HashCost, PasslibPasswordHasher
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ConfirmTotp,
    EnrolTotp,
    SecondFactorRequired,
    SignInWithPassword,
    Tokens,
    TotpEnrolment,
    device_key_keeping,
    second_factor_keeping,
)
from multiproduct.domain.identity import EmailAddress, User, Username
from multiproduct.domain.shared import Unauthenticated
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

EMAIL, PASSWORD = "tony@stark.com", "correct horse battery staple"
PATIENCE_SECONDS = 90


@pytest.fixture
async def house(postgres_database: str, tmp_path: Path) -> AsyncIterator[Multiproduct]:
    await migrated(postgres_database)
    settings = Settings(
        _env_file=None,
        database_url=postgres_database,
        mailbox_dir=str(tmp_path / "mailbox"),
        password_cost="test",
        rate_limit_profile="unlimited",
        inline_worker=False,
    )
    async with Multiproduct.from_settings(settings) as opened:
        now = datetime.now(UTC)
        user = User(
            id=opened.container.ids.for_user(),
            username=Username(display="tony", key="tony"),
            email=EmailAddress.parse(EMAIL),
            email_verified=True,
            password_hash=await PasslibPasswordHasher(cost=HashCost.test()).hash(PASSWORD),
            created_at=now,
            updated_at=now,
        )
        async with opened.container.units.open(SYSTEM) as unit:
            await unit.users.add(user)
            await unit.commit()
        yield opened


class _HeldUp:
    """Does the work, and once, after the times that it passes over, waits with the answer until it may go."""

    def __init__(self, work: Callable[..., Awaitable[Any]], *, passed_over: int = 0) -> None:
        self._work, self._passed_over = work, passed_over
        self.is_there, self.may_go = asyncio.Event(), asyncio.Event()

    async def __call__(self, *args: Any) -> Any:
        found = await self._work(*args)
        if self._passed_over:
            self._passed_over -= 1
        elif not self.is_there.is_set():
            self.is_there.set()
            await self.may_go.wait()
        return found


async def _sign_in(house: Multiproduct) -> Tokens | SecondFactorRequired:
    return await house.identity.sign_in.with_password(SignInWithPassword(email=EMAIL, password=PASSWORD))


async def _owner(house: Multiproduct) -> Caller:
    tokens = await _sign_in(house)
    assert isinstance(tokens, Tokens)
    return await caller_of(house, tokens)


async def _add_an_app(house: Multiproduct, owner: Caller, shown: TotpEnrolment) -> None:
    code = app_code(shown.secret, house.container.clock.now())
    await house.identity.second_factors.confirm(ConfirmTotp(factor_id=shown.factor_id, code=code), owner)


@pytest.mark.parametrize("kind", ["app", "passkey"])
async def test_a_sign_in_that_saw_no_second_factor_is_asked_for_the_one_that_came(
    house: Multiproduct, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    owner = await _owner(house)
    shown = await house.identity.second_factors.enrol(EnrolTotp(), owner)
    kinds = house.identity.sign_in._starting._second_step._kinds
    real = kinds.enrolled
    held_up = _HeldUp(real)
    monkeypatch.setattr(kinds, "enrolled", held_up)
    async with asyncio.timeout(PATIENCE_SECONDS):
        thief = asyncio.create_task(_sign_in(house))
        await held_up.is_there.wait()
        if kind == "app":
            await _add_an_app(house, owner, shown)
        else:
            await made(house, owner, SoftwareAuthenticator())
        held_up.may_go.set()
        assert isinstance(await thief, SecondFactorRequired)


async def _leaves_nothing(house: Multiproduct, owner: Caller) -> None:
    user_id = owner.require_user()
    async with house.container.units.view(SYSTEM) as view:
        assert await view.totp_factors.of_user(user_id) == []
        assert list(await view.passkeys.of_user(user_id)) == []
        assert list(await view.device_keys.of_user(user_id)) == []
        assert list(await view.recovery_codes.unused(user_id)) == []


async def test_an_app_that_is_being_added_does_not_outlive_the_erasure(
    house: Multiproduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await _owner(house)
    held_up = _HeldUp(second_factor_keeping.present_user)
    monkeypatch.setattr(second_factor_keeping, "present_user", held_up)
    async with asyncio.timeout(PATIENCE_SECONDS):
        adding = asyncio.create_task(house.identity.second_factors.enrol(EnrolTotp(), owner))
        await held_up.is_there.wait()
        await house.identity.erasing.erase_own(owner)
        held_up.may_go.set()
        with pytest.raises(Unauthenticated):
            await adding
    await _leaves_nothing(house, owner)


@pytest.mark.parametrize("kind", ["passkey", "device"])
async def test_a_key_that_is_being_added_does_not_outlive_the_erasure(
    house: Multiproduct, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    owner = await _owner(house)
    keeping = house.identity.passkeys
    # Where the challenge is used up: the erasure, which removes that too, has to wait there.
    if kind == "passkey":
        held_up = _HeldUp(keeping._require_room)
        monkeypatch.setattr(keeping, "_require_room", held_up)
        adding = asyncio.ensure_future(made(house, owner, SoftwareAuthenticator()))
    else:
        held_up = _HeldUp(device_key_keeping._require_room, passed_over=1)
        monkeypatch.setattr(device_key_keeping, "_require_room", held_up)
        adding = asyncio.ensure_future(enrolled(house, owner, SoftwareDevice()))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await held_up.is_there.wait()
        erasing = asyncio.create_task(house.identity.erasing.erase_own(owner))
        assert await has_to_wait(erasing)
        held_up.may_go.set()
        await asyncio.gather(adding, return_exceptions=True)  # whichever of the two was first
        await erasing
    await _leaves_nothing(house, owner)
