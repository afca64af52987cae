"""Proving again, in a session that goes on, who one is."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import (
    EMAIL,
    Protected,
    a_signed_in_member,
    caller_of,
    with_an_app,
)
from tests.unit.application.identity.people import PASSWORD, code_for

from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import EnrolTotp, SignOut, StepUp, Tokens
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import SessionOver
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import InvalidInput, StepUpRequired, TooManyRequests, Unauthenticated
from multiproduct.entrypoints.library import Multiproduct

FIVE_MINUTES = timedelta(minutes=5)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock: StandingClock) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.in_memory(overrides=Overrides(clock=clock)) as opened:
        yield opened


async def _later(house: Multiproduct, clock: StandingClock) -> tuple[Caller, Tokens]:
    caller, tokens = await a_signed_in_member(house)
    clock.pass_by(FIVE_MINUTES)
    return caller, tokens


async def _protected_later(house: Multiproduct, clock: StandingClock) -> Protected:
    person = await with_an_app(house)
    clock.pass_by(FIVE_MINUTES)
    return person


async def _refused(house: Multiproduct) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return int(await view.audit_trail.count(AuditFilter(event="identity.sign_in_refused")))


async def test_the_password_makes_the_session_recent_again(house: Multiproduct, clock: StandingClock) -> None:
    caller, tokens = await _later(house, clock)
    with pytest.raises(StepUpRequired):
        await house.identity.second_factors.enrol(EnrolTotp(), caller)
    answer = await house.identity.step_up.step_up(StepUp(password=PASSWORD), caller)
    assert answer.recent_until == clock.now() + FIVE_MINUTES
    after = await caller_of(house, tokens)
    assert after.principal.authenticated_at == clock.now()
    assert after.principal.methods == ("pwd",)
    await house.identity.second_factors.enrol(EnrolTotp(), after)


async def test_a_wrong_password_changes_nothing_and_is_noted(
    house: Multiproduct, clock: StandingClock
) -> None:
    caller, tokens = await _later(house, clock)
    with pytest.raises(InvalidInput) as refused:
        await house.identity.step_up.step_up(StepUp(password="wrong"), caller)
    assert [(each.field, each.code) for each in refused.value.problems] == [("password", "wrong_password")]
    assert await _refused(house) == 1
    with pytest.raises(StepUpRequired):
        await house.identity.second_factors.enrol(EnrolTotp(), await caller_of(house, tokens))


async def test_an_app_makes_the_session_recent_and_adds_its_method(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await _protected_later(house, clock)
    code = person.code(clock.now())
    answer = await house.identity.step_up.step_up(StepUp(code=code), person.caller)
    assert answer.methods == ["pwd", "otp", "mfa"]
    with pytest.raises(InvalidCode):
        await house.identity.step_up.step_up(StepUp(code=code), person.caller)
    assert await _refused(house) == 1


async def test_a_recovery_code_makes_the_session_recent_once(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await _protected_later(house, clock)
    code = person.added.recovery_codes[0]
    await house.identity.step_up.step_up(StepUp(code=code), person.caller)
    with pytest.raises(InvalidCode):
        await house.identity.step_up.step_up(StepUp(code=code, method="recovery_code"), person.caller)


async def test_a_mailed_code_makes_the_session_recent(house: Multiproduct, clock: StandingClock) -> None:
    caller, tokens = await _later(house, clock)
    sent = await house.identity.step_up.request_code(caller)
    code = await code_for(house, EMAIL)
    with pytest.raises(InvalidCode):
        await house.identity.step_up.step_up(
            StepUp(otp="000000" if code != "000000" else "1", challenge_id=sent.challenge_id), caller
        )
    await house.identity.step_up.step_up(StepUp(otp=code), caller)
    assert (await caller_of(house, tokens)).principal.authenticated_at == clock.now()
    with pytest.raises(InvalidCode):
        await house.identity.step_up.step_up(StepUp(otp=code, challenge_id=sent.challenge_id), caller)


async def test_a_mailed_code_of_somebody_else_is_of_no_use(house: Multiproduct, clock: StandingClock) -> None:
    tony, tokens = await _later(house, clock)
    pepper, _ = await a_signed_in_member(house, "pepper@stark.com")
    sent = await house.identity.step_up.request_code(pepper)
    code = await code_for(house, "pepper@stark.com")
    with pytest.raises(InvalidCode):
        await house.identity.step_up.step_up(StepUp(otp=code, challenge_id=sent.challenge_id), tony)
    assert (await caller_of(house, tokens)).principal.authenticated_at != clock.now()


async def test_who_has_a_second_factor_cannot_step_up_by_a_mailed_code(
    house: Multiproduct, clock: StandingClock
) -> None:
    tony, _ = await a_signed_in_member(house)
    sent = await house.identity.step_up.request_code(tony)
    code = await code_for(house, EMAIL)
    assert (await house.identity.step_up.methods(tony)).methods == ["password", "otp"]
    pepper = await with_an_app(house, "pepper@stark.com")
    assert (await house.identity.step_up.methods(pepper.caller)).methods == ["totp", "recovery_code"]
    with pytest.raises(StepUpRequired) as refused:
        await house.identity.step_up.request_code(pepper.caller)
    assert refused.value.methods == ("totp", "recovery_code")
    with pytest.raises(StepUpRequired):
        await house.identity.step_up.step_up(StepUp(otp=code, challenge_id=sent.challenge_id), pepper.caller)
    await house.identity.step_up.step_up(StepUp(otp=code, challenge_id=sent.challenge_id), tony)


async def test_a_session_that_ended_cannot_step_up(house: Multiproduct, clock: StandingClock) -> None:
    caller, _ = await _later(house, clock)
    await house.identity.sessions.sign_out(SignOut(), caller)
    with pytest.raises(SessionOver):
        await house.identity.step_up.step_up(StepUp(password=PASSWORD), caller)


async def test_nobody_cannot_step_up(house: Multiproduct) -> None:
    for work in (
        house.identity.step_up.step_up(StepUp(password=PASSWORD), ANYBODY),
        house.identity.step_up.methods(ANYBODY),
        house.identity.step_up.request_code(ANYBODY),
    ):
        with pytest.raises(Unauthenticated):
            await work


async def test_a_step_up_offers_something(house: Multiproduct, clock: StandingClock) -> None:
    caller, _ = await _later(house, clock)
    with pytest.raises(InvalidInput):
        await house.identity.step_up.step_up(StepUp(), caller)


async def test_whoever_took_over_a_session_may_guess_a_few_passwords(
    house: Multiproduct, clock: StandingClock
) -> None:
    caller, _ = await _later(house, clock)
    for _ in range(10):
        with pytest.raises(InvalidInput):
            await house.identity.step_up.step_up(StepUp(password="wrong"), caller)
    with pytest.raises(TooManyRequests):
        await house.identity.step_up.step_up(StepUp(password=PASSWORD), caller)
