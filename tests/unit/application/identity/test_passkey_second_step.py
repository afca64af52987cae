"""Passkeys among the other second factors: completing a sign-in, stepping up, and needing no second step."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.software_authenticator import SoftwareAuthenticator
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import (
    EMAIL,
    Protected,
    a_signed_in_member,
    asked,
    caller_of,
    first_step,
    with_an_app,
)
from tests.unit.application.identity.people import latest_mail, signed_in

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    AddPasskey,
    CompleteSignIn,
    ContinueSignIn,
    NewPasskey,
    SignInWithPasskey,
    StepUp,
    Tokens,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import SessionOver, SignInOver
from multiproduct.domain.otp import InvalidCode
from multiproduct.entrypoints.library import Multiproduct


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock: StandingClock) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.in_memory(overrides=Overrides(clock=clock)) as opened:
        yield opened


async def _with_a_passkey(house: Multiproduct) -> tuple[Protected, SoftwareAuthenticator]:
    person = await with_an_app(house)
    authenticator = SoftwareAuthenticator()
    await _add(house, person.caller, authenticator)
    return person, authenticator


async def _add(house: Multiproduct, caller: Caller, authenticator: SoftwareAuthenticator) -> NewPasskey:
    offered = await house.identity.passkeys.registration_options(caller)
    return await house.identity.passkeys.register(
        AddPasskey(
            challenge_id=offered.challenge_id,
            credential=authenticator.create(offered.public_key),
            name="Key",
        ),
        caller,
    )


async def test_a_passkey_completes_a_sign_in_once(house: Multiproduct) -> None:
    _, authenticator = await _with_a_passkey(house)
    waiting = await asked(house)
    assert waiting.methods == ["totp", "passkey", "recovery_code"]
    step = house.identity.second_factor_sign_in
    offered = await step.passkey_options(ContinueSignIn(mfa_token=waiting.mfa_token))
    credential = authenticator.get(offered.public_key)
    command = CompleteSignIn(
        mfa_token=waiting.mfa_token, challenge_id=offered.challenge_id, credential=credential
    )
    tokens = await step.complete(command)
    assert (await caller_of(house, tokens)).principal.methods[-1] == "mfa"
    second = await asked(house)
    with pytest.raises(InvalidCode):
        await step.complete(command.model_copy(update={"mfa_token": second.mfa_token}))
    with pytest.raises(SignInOver):
        await step.passkey_options(ContinueSignIn(mfa_token=waiting.mfa_token))


async def test_a_strangers_passkey_completes_nothing(house: Multiproduct) -> None:
    await _with_a_passkey(house)
    waiting = await asked(house)
    step = house.identity.second_factor_sign_in
    offered = await step.passkey_options(ContinueSignIn(mfa_token=waiting.mfa_token))
    stranger = SoftwareAuthenticator()
    with pytest.raises(InvalidCode):
        await step.complete(
            CompleteSignIn(
                mfa_token=waiting.mfa_token,
                challenge_id=offered.challenge_id,
                credential=stranger.get(offered.public_key),
            )
        )


async def test_a_passkey_that_verified_the_person_needs_no_second_step(house: Multiproduct) -> None:
    _, authenticator = await _with_a_passkey(house)
    offered = await house.identity.passkey_sign_in.options()
    answer = await house.identity.passkey_sign_in.sign_in(
        SignInWithPasskey(challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key))
    )
    assert isinstance(answer, Tokens)


async def test_a_passkey_steps_up(house: Multiproduct, clock: StandingClock) -> None:
    person, authenticator = await _with_a_passkey(house)
    clock.pass_by(timedelta(minutes=5))
    offered = await house.identity.passkey_sign_in.check_options(person.caller)
    answer = await house.identity.step_up.step_up(
        StepUp(challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key)),
        person.caller,
    )
    assert answer.recent_until == clock.now() + timedelta(minutes=5)


async def test_recovery_codes_come_with_the_first_passkey_and_one_completes_a_sign_in(
    house: Multiproduct,
) -> None:
    caller, _ = await a_signed_in_member(house)
    made = await _add(house, caller, SoftwareAuthenticator())
    assert len(set(made.recovery_codes)) == 10
    assert made.recovery_codes[0] not in repr(made)
    waiting = await asked(house)
    assert waiting.methods == ["passkey", "recovery_code"]
    tokens = await house.identity.second_factor_sign_in.complete(
        CompleteSignIn(mfa_token=waiting.mfa_token, code=made.recovery_codes[3])
    )
    assert isinstance(tokens, Tokens)


async def test_whoever_has_recovery_codes_keeps_them_when_a_passkey_is_added(house: Multiproduct) -> None:
    person = await with_an_app(house)
    assert (await _add(house, person.caller, SoftwareAuthenticator())).recovery_codes == []
    waiting = await asked(house)
    code = person.added.recovery_codes[0]
    assert await house.identity.second_factor_sign_in.complete(
        CompleteSignIn(mfa_token=waiting.mfa_token, code=code)
    )


async def test_of_two_first_passkeys_made_at_once_one_brings_the_codes(house: Multiproduct) -> None:
    caller, _ = await a_signed_in_member(house)
    made = await asyncio.gather(*(_add(house, caller, SoftwareAuthenticator()) for _ in range(2)))
    assert sorted(len(each.recovery_codes) for each in made) == [0, 10]


async def test_with_the_last_second_factor_the_recovery_codes_go(house: Multiproduct) -> None:
    caller, _ = await a_signed_in_member(house)
    first, second = [await _add(house, caller, SoftwareAuthenticator()) for _ in range(2)]
    await house.identity.passkeys.remove(second.id, caller)
    assert (await house.identity.second_factors.overview(caller)).recovery_codes_left == 10
    await house.identity.passkeys.remove(first.id, caller)
    assert (await house.identity.second_factors.overview(caller)).recovery_codes_left == 0
    assert isinstance(await first_step(house), Tokens)


async def test_adding_and_removing_a_passkey_end_the_other_sessions_and_are_told_by_mail(
    house: Multiproduct,
) -> None:
    caller, mine = await a_signed_in_member(house)
    other = await signed_in(house, EMAIL)
    authenticator = SoftwareAuthenticator()
    made = await _add(house, caller, authenticator)
    await _is_over(house, other)
    assert "passkey" in await latest_mail(house, EMAIL)
    offered = await house.identity.passkey_sign_in.options()
    by_passkey = await house.identity.passkey_sign_in.sign_in(
        SignInWithPasskey(challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key))
    )
    assert isinstance(by_passkey, Tokens)
    await house.identity.passkeys.remove(made.id, caller)
    await _is_over(house, by_passkey)
    assert "removed" in await latest_mail(house, EMAIL)
    assert await house.identity.authenticating.principal(mine.access)


async def _is_over(house: Multiproduct, tokens: Tokens) -> None:
    with pytest.raises(SessionOver):
        await house.identity.authenticating.principal(tokens.access)
