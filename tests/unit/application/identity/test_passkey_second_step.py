"""Passkeys among the other second factors: completing a sign-in, stepping up, and needing no second step."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.software_authenticator import SoftwareAuthenticator
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import Protected, asked, caller_of, with_an_app

from multiproduct.application.identity import (
    AddPasskey,
    CompleteSignIn,
    ContinueSignIn,
    SignInWithPasskey,
    StepUp,
    Tokens,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import SignInOver
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
    offered = await house.identity.passkeys.registration_options(person.caller)
    await house.identity.passkeys.register(
        AddPasskey(
            challenge_id=offered.challenge_id,
            credential=authenticator.create(offered.public_key),
            name="Key",
        ),
        person.caller,
    )
    return person, authenticator


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
