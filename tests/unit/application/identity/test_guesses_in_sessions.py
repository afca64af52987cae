"""Wrong passwords in a session that somebody may have stolen: a hundred in a row are judged, whatever asked
for them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import EMAIL, a_signed_in_member
from tests.unit.application.identity.people import PASSWORD, code_for

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    ChangePassword,
    RequestSignInCode,
    SignInWithCode,
    SignInWithPassword,
    StepUp,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.identity.sign_in_failures import MOST_IN_A_ROW
from multiproduct.domain.shared import InvalidInput, TooManyRequests
from multiproduct.entrypoints.library import Multiproduct

WRONG, NEW = "wrong horse battery staple", "quite another battery staple"
Try = Callable[[Multiproduct, Caller, str], Awaitable[object]]


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock: StandingClock) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.in_memory(overrides=Overrides(clock=clock)) as opened:
        yield opened


async def _step_up(house: Multiproduct, caller: Caller, password: str) -> object:
    return await house.identity.step_up.step_up(StepUp(password=password), caller)


async def _change(house: Multiproduct, caller: Caller, password: str) -> object:
    command = ChangePassword(current_password=password, new_password=NEW)
    return await house.identity.password_change.change(command, caller)


async def _fail_before(house: Multiproduct, caller: Caller, times: int) -> None:
    """Wrong passwords of the days before, which no limit by the minute knows of."""
    budget = house.identity.password_change._budget
    async with house.container.units.open(caller) as unit:
        for _ in range(times):
            await budget.failed_within(unit, caller.require_user())
        await unit.commit()


async def _is_told_to_wait(house: Multiproduct, caller: Caller, password: str, attempt: Try) -> bool:
    try:
        await attempt(house, caller, password)
    except TooManyRequests as refusal:
        return dict(refusal.params)["scope"] == "sign_in_failures"
    return False


@pytest.mark.parametrize("last", [_step_up, _change])
@pytest.mark.parametrize("next_one", [_step_up, _change])
async def test_whoever_is_in_has_a_hundred_guesses_in_a_row_over_all_that_asks_for_the_password(
    house: Multiproduct, last: Try, next_one: Try
) -> None:
    caller, _ = await a_signed_in_member(house)
    await _fail_before(house, caller, MOST_IN_A_ROW - 1)
    with pytest.raises(InvalidInput):
        await last(house, caller, WRONG)
    for password in (WRONG, PASSWORD):
        assert await _is_told_to_wait(house, caller, password, next_one), "the right one does not tell itself"


@pytest.mark.parametrize("attempt", [_step_up, _change])
async def test_the_right_password_begins_the_count_of_a_session_anew(
    house: Multiproduct, clock: StandingClock, attempt: Try
) -> None:
    caller, _ = await a_signed_in_member(house)
    await _fail_before(house, caller, MOST_IN_A_ROW)
    clock.pass_by(timedelta(seconds=30))
    await attempt(house, caller, PASSWORD)
    with pytest.raises(InvalidInput):
        await _step_up(house, caller, WRONG)
    assert not await _is_told_to_wait(house, caller, NEW if attempt is _change else PASSWORD, _step_up)


@pytest.mark.parametrize("name", ["session of {}", "\0session of {}"])
async def test_nobody_uses_the_count_of_a_session_up_from_without(house: Multiproduct, name: str) -> None:
    caller, _ = await a_signed_in_member(house)
    command = SignInWithPassword(username=name.format(caller.require_user()), password=WRONG)
    for number in range(MOST_IN_A_ROW + 1):
        with suppress(InvalidCredentials, TooManyRequests):
            await house.identity.sign_in.with_password(command, Caller(ip=f"10.0.0.{number}"))
    assert not await _is_told_to_wait(house, caller, PASSWORD, _step_up)


async def test_a_code_begins_the_count_of_a_session_anew_too(house: Multiproduct) -> None:
    caller, _ = await a_signed_in_member(house)
    await _fail_before(house, caller, MOST_IN_A_ROW)
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=EMAIL))
    await house.identity.sign_in.with_code(
        SignInWithCode(challenge_id=sent.challenge_id, otp=await code_for(house, EMAIL))
    )
    assert not await _is_told_to_wait(house, caller, PASSWORD, _step_up)
