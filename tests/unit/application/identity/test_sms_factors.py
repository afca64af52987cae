"""Texted codes as a second factor: off by default, weak, never staff's, and worth nothing after a text."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import EMAIL, app_code, asked, caller_of, first_step
from tests.unit.application.identity.people import PASSWORD, a_member, latest_mail, open_house
from tests.unit.application.identity.test_phone_sign_in import NUMBER
from tests.unit.application.identity.test_phone_sign_in import sign_in as sign_in_by_phone

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    AssignRole,
    CompleteSignIn,
    ConfirmPasswordReset,
    ConfirmTotp,
    ContinueSignIn,
    EnrolTotp,
    RemoveSmsFactor,
    RequestPasswordReset,
    SecondFactorRequired,
    SmsFactorAddedAnswer,
    StepUp,
    Tokens,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import PhoneNumber, SmsFactorRefused
from multiproduct.domain.identity.roles import USERS_READ
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import (
    InvalidInput,
    NotConfigured,
    NotFound,
    StepUpRequired,
    TooManyRequests,
)
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

LATER = timedelta(minutes=6)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock: StandingClock) -> AsyncIterator[Multiproduct]:
    async with _opened(clock, staff_second_factor=False) as opened:
        yield opened


def _opened(clock: StandingClock, **wanted: bool):
    settings = Settings(
        _env_file=None, database_url="memory://", password_cost="test", sms_second_factor=True, **wanted
    )
    return Multiproduct.from_settings(settings, overrides=Overrides(clock=clock))


async def _with_a_number(house: Multiproduct) -> Caller:
    """A member with a proved number, signed in by the password."""
    member = await a_member(house, EMAIL)
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(member.id)
        user.phone, user.phone_verified = PhoneNumber.parse(NUMBER), True
        await unit.users.save(user)
        await unit.commit()
    tokens = await first_step(house)
    assert isinstance(tokens, Tokens)
    return await caller_of(house, tokens)


async def _protected(house: Multiproduct) -> tuple[Caller, SmsFactorAddedAnswer]:
    caller = await _with_a_number(house)
    return caller, await house.identity.sms_factor.add(caller)


async def _text(house: Multiproduct) -> str:
    await house.drain()
    (text, *_) = [message.text for message in await house.container.mailbox.messages(NUMBER)]
    return re.search(r"\b\d{6}\b", text).group()


async def _completed(house: Multiproduct, waiting: SecondFactorRequired) -> Tokens:
    sent = await house.identity.second_factor_sign_in.request_text(
        ContinueSignIn(mfa_token=waiting.mfa_token)
    )
    return await house.identity.second_factor_sign_in.complete(
        CompleteSignIn(mfa_token=waiting.mfa_token, challenge_id=sent.challenge_id, code=await _text(house))
    )


async def _give_admin(house: Multiproduct, caller: Caller) -> None:
    await house.identity.role_assignments.assign(caller.require_user(), AssignRole(role="admin"), SYSTEM)


async def test_without_the_setting_nobody_can_have_it() -> None:
    async with open_house() as house:
        caller = await _with_a_number(house)
        with pytest.raises(NotConfigured):
            await house.identity.sms_factor.add(caller)
        async with house.container.units.view(SYSTEM) as view:
            assert await view.sms_factors.find(caller.require_user()) is None


async def test_sign_in_asks_for_a_text_and_says_how_it_was_proved(house: Multiproduct) -> None:
    _, added = await _protected(house)
    assert added.factor.is_weak
    assert NUMBER not in added.factor.phone
    assert len(added.recovery_codes) == 10
    waiting = await asked(house)
    assert waiting.methods == ["sms", "recovery_code"]
    tokens = await _completed(house, waiting)
    principal = await house.identity.authenticating.principal(tokens.access)
    assert principal.methods == ("pwd", "sms", "mfa")


async def test_the_owner_is_told_by_mail_and_the_log_knows(house: Multiproduct) -> None:
    await _protected(house)
    assert "text message" in await latest_mail(house, EMAIL)
    async with house.container.units.view(SYSTEM) as view:
        assert await view.audit_trail.count(AuditFilter(event="identity.sms_factor_added")) == 1


async def test_adding_it_twice_is_adding_it_once(house: Multiproduct) -> None:
    caller, _ = await _protected(house)
    again = await house.identity.sms_factor.add(caller)
    assert again.recovery_codes == []
    async with house.container.units.view(SYSTEM) as view:
        assert await view.audit_trail.count(AuditFilter(event="identity.sms_factor_added")) == 1


async def test_it_needs_a_recent_proof(house: Multiproduct, clock: StandingClock) -> None:
    caller = await _with_a_number(house)
    clock.pass_by(LATER)
    with pytest.raises(StepUpRequired):
        await house.identity.sms_factor.add(caller)


async def test_a_number_that_nobody_proved_does_not_do(house: Multiproduct) -> None:
    await a_member(house, EMAIL)
    tokens = await first_step(house)
    with pytest.raises(SmsFactorRefused):
        await house.identity.sms_factor.add(await caller_of(house, tokens))


async def test_whoever_has_nothing_but_the_number_cannot_have_it(house: Multiproduct) -> None:
    tokens = await sign_in_by_phone(house)
    with pytest.raises(SmsFactorRefused):
        await house.identity.sms_factor.add(await caller_of(house, tokens))


async def test_staff_cannot_have_it(house: Multiproduct) -> None:
    caller = await _with_a_number(house)
    await _give_admin(house, caller)
    caller = await caller_of(house, await first_step(house))
    with pytest.raises(SmsFactorRefused):
        await house.identity.sms_factor.add(caller)


async def test_for_whoever_becomes_staff_it_counts_as_no_second_factor(clock: StandingClock) -> None:
    async with _opened(clock, staff_second_factor=True) as house:
        caller, _ = await _protected(house)
        await _give_admin(house, caller)
        tokens = await _completed(house, await asked(house))
        principal = await house.identity.authenticating.principal(tokens.access)
        with pytest.raises(StepUpRequired) as refused:
            Caller(principal=principal).require(USERS_READ)
        assert refused.value.by_second_factor
        explained = await house.identity.step_up.explained(refused.value, Caller(principal=principal))
        assert explained.methods == ("recovery_code",)


async def test_staff_with_an_app_is_neither_offered_a_text_nor_let_in_by_one(
    house: Multiproduct, clock: StandingClock
) -> None:
    caller, _ = await _protected(house)
    enrolment = await house.identity.second_factors.enrol(EnrolTotp(), caller)
    code = app_code(enrolment.secret, clock.now())
    await house.identity.second_factors.confirm(ConfirmTotp(factor_id=enrolment.factor_id, code=code), caller)
    assert (await asked(house)).methods == ["totp", "sms", "recovery_code"]
    sent = await house.identity.second_factor_sign_in.request_text(
        ContinueSignIn(mfa_token=(await asked(house)).mfa_token)
    )
    text = await _text(house)
    await _give_admin(house, caller)
    waiting = await asked(house)
    assert waiting.methods == ["totp", "recovery_code"]
    with pytest.raises(NotConfigured):
        await house.identity.second_factor_sign_in.request_text(ContinueSignIn(mfa_token=waiting.mfa_token))
    with pytest.raises(InvalidCode):
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=waiting.mfa_token, challenge_id=sent.challenge_id, code=text)
        )


async def test_a_text_completes_no_sign_in_that_began_with_a_text(house: Multiproduct) -> None:
    _, added = await _protected(house)
    waiting = await sign_in_by_phone(house)
    assert isinstance(waiting, SecondFactorRequired)
    assert waiting.methods == ["recovery_code"]
    with pytest.raises(NotConfigured):
        await house.identity.second_factor_sign_in.request_text(ContinueSignIn(mfa_token=waiting.mfa_token))
    other = await asked(house)
    sent = await house.identity.second_factor_sign_in.request_text(ContinueSignIn(mfa_token=other.mfa_token))
    with pytest.raises(InvalidCode):
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(
                mfa_token=waiting.mfa_token, challenge_id=sent.challenge_id, code=await _text(house)
            )
        )
    tokens = await house.identity.second_factor_sign_in.complete(
        CompleteSignIn(mfa_token=waiting.mfa_token, code=added.recovery_codes[0])
    )
    principal = await house.identity.authenticating.principal(tokens.access)
    assert principal.methods == ("sms", "otp")


async def test_a_code_is_good_once_and_for_its_purpose_alone(house: Multiproduct) -> None:
    await _protected(house)
    waiting = await asked(house)
    sent = await house.identity.second_factor_sign_in.request_text(
        ContinueSignIn(mfa_token=waiting.mfa_token)
    )
    code = await _text(house)
    caller = await caller_of(house, await _completed(house, await asked(house)))
    with pytest.raises(InvalidCode):
        await house.identity.step_up.step_up(
            StepUp(method="sms", code=code, challenge_id=sent.challenge_id), caller
        )
    answer = CompleteSignIn(mfa_token=waiting.mfa_token, challenge_id=sent.challenge_id, code=code)
    await house.identity.second_factor_sign_in.complete(answer)
    again = answer.model_copy(update={"mfa_token": (await asked(house)).mfa_token})
    with pytest.raises(InvalidCode):
        await house.identity.second_factor_sign_in.complete(again)


async def test_wrong_codes_are_counted_by_the_code_and_by_the_number(house: Multiproduct) -> None:
    await _protected(house)
    refused = 0
    for _ in range(2):
        waiting = await asked(house)
        sent = await house.identity.second_factor_sign_in.request_text(
            ContinueSignIn(mfa_token=waiting.mfa_token)
        )
        right = await _text(house)
        wrong = "000000" if right != "000000" else "000001"
        for _ in range(4):
            with pytest.raises(InvalidCode):
                await house.identity.second_factor_sign_in.complete(
                    CompleteSignIn(mfa_token=waiting.mfa_token, challenge_id=sent.challenge_id, code=wrong)
                )
            refused += 1
    async with house.container.units.view(SYSTEM) as view:
        assert await view.audit_trail.count(AuditFilter(event="identity.sign_in_refused")) == refused


async def test_texts_have_the_budget_of_their_number(house: Multiproduct) -> None:
    await _protected(house)
    waiting = await asked(house)
    wish = ContinueSignIn(mfa_token=waiting.mfa_token)
    for _ in range(10):
        await house.identity.second_factor_sign_in.request_text(wish)
    with pytest.raises(TooManyRequests):
        await house.identity.second_factor_sign_in.request_text(wish)


async def test_whoever_has_it_steps_up_by_it_and_not_by_the_password(
    house: Multiproduct, clock: StandingClock
) -> None:
    caller, _ = await _protected(house)
    clock.pass_by(LATER)
    assert (await house.identity.step_up.methods(caller)).methods == ["sms", "recovery_code"]
    with pytest.raises(StepUpRequired):
        await house.identity.step_up.step_up(StepUp(password=PASSWORD), caller)
    sent = await house.identity.step_up.request_code(caller)
    answer = await house.identity.step_up.step_up(
        StepUp(method="sms", code=await _text(house), challenge_id=sent.challenge_id), caller
    )
    assert answer.methods == ["pwd", "sms", "mfa"]


async def test_it_is_removed_with_a_proof_and_the_recovery_codes_go_with_it(house: Multiproduct) -> None:
    caller, _ = await _protected(house)
    with pytest.raises(InvalidInput):
        await house.identity.sms_factor.remove(RemoveSmsFactor(), caller)
    sent = await house.identity.step_up.request_code(caller)
    with pytest.raises(InvalidCode):
        await house.identity.sms_factor.remove(RemoveSmsFactor(method="sms", code="none"), caller)
    await house.identity.sms_factor.remove(
        RemoveSmsFactor(method="sms", code=await _text(house), challenge_id=sent.challenge_id), caller
    )
    seen = await house.identity.second_factors.overview(caller)
    assert (seen.sms, seen.methods, seen.recovery_codes_left) == (None, [], 0)
    assert isinstance(await first_step(house), Tokens)
    with pytest.raises(NotFound):
        await house.identity.sms_factor.remove(RemoveSmsFactor(method="sms", code="000000"), caller)


async def test_the_number_alone_sets_no_new_password(house: Multiproduct) -> None:
    await _protected(house)
    sent = await house.identity.password_reset.request(RequestPasswordReset(phone=NUMBER))
    wish = ConfirmPasswordReset(
        challenge_id=sent.challenge_id, otp=await _text(house), new_password="quite another battery staple"
    )
    with pytest.raises(InvalidCode):
        await house.identity.password_reset.confirm(wish)
    assert (await asked(house)).methods == ["sms", "recovery_code"]
