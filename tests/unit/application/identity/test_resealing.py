"""Changing the secret that values are sealed under: nobody loses a factor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import Protected, a_signed_in_member, asked, with_an_app

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import CompleteSignIn, ReplaceBankDetails
from multiproduct.bootstrap import Overrides, build
from multiproduct.domain.identity import SignInOver
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import Unavailable
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Environment, Settings

OLD, NEW = "the old secret of this installation", "the new secret of this installation"


class Lasting:
    """One database and one clock, over installations with different secrets."""

    def __init__(self) -> None:
        self.clock = StandingClock()
        self.store = MemoryDatabase(real_time=SystemRealTime())

    @asynccontextmanager
    async def house(self, secret: str, *retired: str) -> AsyncIterator[Multiproduct]:
        settings = Settings(
            environment=Environment.DEVELOPMENT,
            database_url="memory://",
            redis_url=None,
            broker_url=None,
            smtp_url=None,
            password_cost="test",
            secret_key=secret,
            retired_secret_keys=",".join(retired),
        )
        async with Multiproduct(
            build(settings, overrides=Overrides(store=self.store, clock=self.clock))
        ) as opened:
            yield opened

    async def sign_in(self, house: Multiproduct, code: str) -> None:
        waiting = await asked(house)
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=waiting.mfa_token, code=code)
        )


async def _current(house: Multiproduct) -> list[bool]:
    sealing: Any = house.container.identity.resealing._sealing
    async with house.container.units.view(SYSTEM) as view:
        rows = [
            row
            for name in sorted(view.sealed_rows)
            for row in await view.sealed_rows[name].after(UUID(int=0), limit=100)
        ]
    return [sealing.is_current(row.sealed) for row in rows]


async def _set_up(lasting: Lasting) -> Protected:
    async with lasting.house(OLD) as house:
        return await with_an_app(house)


async def test_under_a_new_secret_older_factors_are_good_and_sealed_anew_when_used() -> None:
    lasting = Lasting()
    person = await _set_up(lasting)
    async with lasting.house(NEW, OLD) as house:
        assert not any(await _current(house))
        lasting.clock.pass_by(timedelta(seconds=30))
        await lasting.sign_in(house, person.code(lasting.clock.now()))
        assert (await _current(house)).count(True) == 1
        await lasting.sign_in(house, person.added.recovery_codes[0])


async def test_once_all_is_sealed_anew_the_older_secret_can_be_retired() -> None:
    lasting = Lasting()
    person = await _set_up(lasting)
    async with lasting.house(NEW, OLD) as house:
        done = await house.identity.resealing.run()
        assert (done.renewed, done.unreadable) == (11, 0)
        assert all(await _current(house))
        again = await house.identity.resealing.run()
        assert (again.renewed, again.unreadable) == (0, 0)
    async with lasting.house(NEW) as house:
        lasting.clock.pass_by(timedelta(seconds=30))
        await lasting.sign_in(house, person.code(lasting.clock.now()))
        await lasting.sign_in(house, person.added.recovery_codes[0])


async def test_a_secret_that_was_retired_too_early_is_told_and_its_factors_let_nobody_in() -> None:
    lasting = Lasting()
    person = await _set_up(lasting)
    async with lasting.house(NEW) as house:
        done = await house.identity.resealing.run()
        assert (done.renewed, done.unreadable) == (0, 11)
        lasting.clock.pass_by(timedelta(seconds=30))
        for code in (person.code(lasting.clock.now()), person.added.recovery_codes[0]):
            with pytest.raises(InvalidCode):
                await lasting.sign_in(house, code)


async def test_a_sign_in_that_waits_outlives_a_new_secret_but_not_a_retired_one() -> None:
    lasting = Lasting()
    person = await _set_up(lasting)
    lasting.clock.pass_by(timedelta(seconds=30))
    async with lasting.house(OLD) as house:
        first, second = await asked(house), await asked(house)
    code = person.code(lasting.clock.now())
    async with lasting.house(NEW, OLD) as house:
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=first.mfa_token, code=code)
        )
    async with lasting.house(NEW) as house:
        with pytest.raises(SignInOver):
            await house.identity.second_factor_sign_in.complete(
                CompleteSignIn(mfa_token=second.mfa_token, code=code)
            )


async def test_bank_details_whose_secret_was_retired_too_early_are_not_told_to_be_none() -> None:
    lasting = Lasting()
    async with lasting.house(OLD) as house:
        caller, _ = await a_signed_in_member(house)
        details = ReplaceBankDetails(holder="Tony", iban="GB82 WEST 1234 5698 7654 32")
        await house.identity.bank_details.replace(details, caller)
    async with lasting.house(NEW) as house:
        with pytest.raises(Unavailable):
            await house.identity.bank_details.read(caller)
        exported = await house.identity.data_export.export(caller)
        assert exported.data["bank_details"] == {"unreadable": True}
        assert exported.data["profile"]["id"] == str(caller.principal.user_id)
    async with lasting.house(NEW, OLD) as house:
        assert (await house.identity.bank_details.read(caller)).account == "****5432"
