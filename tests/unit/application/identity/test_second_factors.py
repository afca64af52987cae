"""Two-step sign-in, authenticator apps and recovery codes."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import (
    EMAIL,
    a_signed_in_member,
    app_code,
    asked,
    caller_of,
    first_step,
    with_an_app,
)
from tests.unit.application.identity.people import PASSWORD, code_for, latest_mail, signed_in

from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.identity import (
    CompleteSignIn,
    ConfirmPasswordReset,
    ConfirmTotp,
    EnrolTotp,
    RefreshSession,
    RemoveTotp,
    RequestPasswordReset,
    RequestSignInCode,
    SecondFactorRequired,
    SignInWithCode,
    StepUp,
    Tokens,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    NoSecondFactor,
    SessionOver,
    SignInOver,
    TooManyFactors,
)
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import (
    InvalidInput,
    NotFound,
    StepUpRequired,
    TooManyRequests,
    Unauthenticated,
)
from multiproduct.entrypoints.library import Multiproduct

STEP = timedelta(seconds=30)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock: StandingClock) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.in_memory(overrides=Overrides(clock=clock)) as opened:
        yield opened


async def _complete(house: Multiproduct, token: str, code: str, method: str | None = None) -> Tokens:
    return await house.identity.second_factor_sign_in.complete(
        CompleteSignIn(mfa_token=token, code=code, method=method)
    )


async def _events(house: Multiproduct, name: str) -> int:
    async with house.container.units.view(SYSTEM) as view:
        return int(await view.audit_trail.count(AuditFilter(event=name)))


async def test_without_a_second_factor_the_password_suffices(house: Multiproduct) -> None:
    await a_signed_in_member(house)
    assert isinstance(await first_step(house), Tokens)


async def test_with_one_the_password_only_leads_to_the_second_step(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await with_an_app(house)
    sessions = await _events(house, "identity.signed_in")
    answer = await first_step(house)
    assert isinstance(answer, SecondFactorRequired)
    assert answer.mfa_required is True
    assert answer.methods == ["totp", "recovery_code"]
    assert answer.expires_in == 300
    assert answer.mfa_token not in repr(answer)
    assert await _events(house, "identity.signed_in") == sessions
    clock.pass_by(STEP)
    tokens = await _complete(house, answer.mfa_token, person.code(clock.now()))
    principal = await house.identity.authenticating.principal(tokens.access)
    assert principal.methods == ("pwd", "otp", "mfa")
    assert await _events(house, "identity.signed_in") == sessions + 1


async def test_a_mailed_code_leads_to_the_second_step_as_well(house: Multiproduct) -> None:
    await with_an_app(house)
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=EMAIL))
    answer = await house.identity.sign_in.with_code(
        SignInWithCode(challenge_id=sent.challenge_id, otp=await code_for(house, EMAIL))
    )
    assert isinstance(answer, SecondFactorRequired)


async def test_a_step_is_good_once_also_for_another_sign_in(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await with_an_app(house)
    clock.pass_by(STEP)
    code = person.code(clock.now())
    first, second = await asked(house), await asked(house)
    await _complete(house, first.mfa_token, code)
    with pytest.raises(InvalidCode) as replayed:
        await _complete(house, second.mfa_token, code)
    with pytest.raises(InvalidCode) as wrong:
        await _complete(house, second.mfa_token, "000000")
    assert (str(replayed.value), type(replayed.value)) == (str(wrong.value), type(wrong.value))
    with pytest.raises(InvalidCode):
        await _complete(house, second.mfa_token, person.code(clock.now(), steps=-1))
    await _complete(house, second.mfa_token, person.code(clock.now(), steps=1))


async def test_enrolment_uses_the_step_of_its_code(house: Multiproduct, clock: StandingClock) -> None:
    person = await with_an_app(house)
    waiting = await asked(house)
    with pytest.raises(InvalidCode):
        await _complete(house, waiting.mfa_token, person.code(clock.now()))


async def test_two_hundred_offers_of_one_step_at_once_begin_one_session(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await with_an_app(house)
    clock.pass_by(STEP)
    code = person.code(clock.now())
    waiting = [await asked(house) for _ in range(200)]

    async def offer(answer: SecondFactorRequired) -> str:
        try:
            await _complete(house, answer.mfa_token, code)
        except (InvalidCode, TooManyRequests) as error:
            return error.code
        return "ok"

    outcomes = await asyncio.gather(*(offer(answer) for answer in waiting))
    assert outcomes.count("ok") == 1
    assert set(outcomes) == {"ok", "invalid_code", "too_many_requests"}


async def test_a_sign_in_is_completed_once(house: Multiproduct, clock: StandingClock) -> None:
    person = await with_an_app(house)
    clock.pass_by(STEP)
    waiting = await asked(house)
    await _complete(house, waiting.mfa_token, person.code(clock.now()))
    with pytest.raises(SignInOver):
        await _complete(house, waiting.mfa_token, person.code(clock.now(), steps=1))
    assert person.added.recovery_codes
    with pytest.raises(SignInOver):
        await _complete(house, waiting.mfa_token, person.added.recovery_codes[0])


async def test_after_five_wrong_codes_a_sign_in_is_over(house: Multiproduct, clock: StandingClock) -> None:
    person = await with_an_app(house)
    clock.pass_by(STEP)
    waiting = await asked(house)
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await _complete(house, waiting.mfa_token, "000000")
    with pytest.raises(SignInOver):
        await _complete(house, waiting.mfa_token, person.code(clock.now()))
    assert await _events(house, "identity.sign_in_refused") == 5
    await _complete(house, (await asked(house)).mfa_token, person.code(clock.now()))


async def test_a_sign_in_waits_for_five_minutes(house: Multiproduct, clock: StandingClock) -> None:
    person = await with_an_app(house)
    kept, late = await asked(house), await asked(house)
    clock.pass_by(timedelta(minutes=5) - timedelta(microseconds=1))
    await _complete(house, kept.mfa_token, person.code(clock.now()))
    clock.pass_by(timedelta(microseconds=1))
    with pytest.raises(SignInOver):
        await _complete(house, late.mfa_token, person.added.recovery_codes[0])


@pytest.mark.parametrize("token", ["", "x", "A" * 50, "é" * 20, "=", "A" * 256])
async def test_a_made_up_token_is_a_sign_in_that_is_over(house: Multiproduct, token: str) -> None:
    await with_an_app(house)
    with pytest.raises(SignInOver):
        await _complete(house, token or "-", "123456")


async def test_a_changed_token_is_a_sign_in_that_is_over(house: Multiproduct, clock: StandingClock) -> None:
    person = await with_an_app(house)
    waiting = await asked(house)
    raw = base64.urlsafe_b64decode(waiting.mfa_token + "=" * (-len(waiting.mfa_token) % 4))
    for place in range(len(raw)):
        changed = raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]
        token = base64.urlsafe_b64encode(changed).decode().rstrip("=")
        with pytest.raises(SignInOver):
            await _complete(house, token, person.added.recovery_codes[0])


async def test_a_password_that_was_reset_meanwhile_ends_the_waiting(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await with_an_app(house)
    waiting = await asked(house)
    sent = await house.identity.password_reset.request(RequestPasswordReset(email=EMAIL))
    await house.identity.password_reset.confirm(
        ConfirmPasswordReset(
            challenge_id=sent.challenge_id, otp=await code_for(house, EMAIL), new_password=PASSWORD + "!"
        )
    )
    clock.pass_by(STEP)
    with pytest.raises(SignInOver):
        await _complete(house, waiting.mfa_token, person.code(clock.now()))


async def test_ten_wrong_codes_in_a_row_lock_the_app_and_nothing_else(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await with_an_app(house)
    clock.pass_by(STEP)
    for _ in range(2):
        waiting = await asked(house)
        for _ in range(5):
            with pytest.raises(InvalidCode):
                await _complete(house, waiting.mfa_token, "000000")
    waiting = await asked(house)
    with pytest.raises(TooManyRequests) as locked:
        await _complete(house, waiting.mfa_token, person.code(clock.now()))
    assert locked.value.retry_after == 15 * 60
    assert "locked" in (await latest_mail(house, EMAIL)).lower()
    await _complete(house, waiting.mfa_token, person.added.recovery_codes[0])
    clock.pass_by(timedelta(minutes=15))
    await _complete(house, (await asked(house)).mfa_token, person.code(clock.now()))


async def test_a_right_code_ends_the_count_of_wrong_ones(house: Multiproduct, clock: StandingClock) -> None:
    person = await with_an_app(house)
    for _ in range(4):
        clock.pass_by(STEP)
        waiting = await asked(house)
        for _ in range(4):
            with pytest.raises(InvalidCode):
                await _complete(house, waiting.mfa_token, "000000")
        await _complete(house, waiting.mfa_token, person.code(clock.now()))
    assert await _events(house, "identity.totp_locked") == 0


async def test_a_code_counts_for_nobody_else(house: Multiproduct, clock: StandingClock) -> None:
    tony = await with_an_app(house)
    await with_an_app(house, "pepper@stark.com")
    clock.pass_by(STEP)
    waiting = await asked(house, "pepper@stark.com")
    for code in (tony.code(clock.now()), tony.added.recovery_codes[0]):
        with pytest.raises(InvalidCode):
            await _complete(house, waiting.mfa_token, code)


async def test_a_recovery_code_stands_in_once_and_its_owner_hears_of_it(house: Multiproduct) -> None:
    person = await with_an_app(house)
    await house.drain()  # the mail about the app is out before the one that is looked at
    codes = person.added.recovery_codes
    assert len(set(codes)) == 10
    assert all(re.fullmatch("([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    typed = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    tokens = await _complete(house, (await asked(house)).mfa_token, typed)
    assert "recovery code" in await latest_mail(house, EMAIL)
    with pytest.raises(InvalidCode):
        await _complete(house, (await asked(house)).mfa_token, codes[0], "recovery_code")
    overview = await house.identity.second_factors.overview(await caller_of(house, tokens))
    assert overview.recovery_codes_left == 9


async def test_their_owner_hears_when_few_recovery_codes_are_left(house: Multiproduct) -> None:
    person = await with_an_app(house)
    for used, code in enumerate(person.added.recovery_codes[:7], 1):
        await _complete(house, (await asked(house)).mfa_token, code)
        assert ("few" in await latest_mail(house, EMAIL)) == (10 - used <= 3)


async def test_new_recovery_codes_void_the_older_ones(house: Multiproduct) -> None:
    person = await with_an_app(house)
    made = await house.identity.second_factors.new_recovery_codes(person.caller)
    assert len(set(made.recovery_codes) - set(person.added.recovery_codes)) == 10
    waiting = await asked(house)
    with pytest.raises(InvalidCode):
        await _complete(house, waiting.mfa_token, person.added.recovery_codes[0])
    await _complete(house, waiting.mfa_token, made.recovery_codes[0])


async def test_recovery_codes_need_a_factor_to_stand_in_for(house: Multiproduct) -> None:
    caller, _ = await a_signed_in_member(house)
    with pytest.raises(NoSecondFactor):
        await house.identity.second_factors.new_recovery_codes(caller)


async def test_an_enrolment_shows_what_an_app_needs(house: Multiproduct) -> None:
    caller, _ = await a_signed_in_member(house)
    shown = await house.identity.second_factors.enrol(EnrolTotp(), caller)
    assert shown.uri.startswith("otpauth://totp/STARK:tony%40stark.com?")
    assert f"secret={shown.secret}" in shown.uri
    assert "<svg" in shown.qr_svg
    assert base64.b64decode(shown.qr_png).startswith(b"\x89PNG")
    assert shown.secret not in repr(shown)
    assert isinstance(await first_step(house), Tokens), "an app counts only once it is confirmed"


async def test_an_enrolment_is_confirmed_by_a_right_code_in_time(
    house: Multiproduct, clock: StandingClock
) -> None:
    caller, tokens = await a_signed_in_member(house)
    factors = house.identity.second_factors
    shown = await factors.enrol(EnrolTotp(), caller)
    with pytest.raises(InvalidCode):
        await factors.confirm(ConfirmTotp(factor_id=shown.factor_id, code="000000"), caller)
    stranger, _ = await a_signed_in_member(house, "pepper@stark.com")
    command = ConfirmTotp(factor_id=shown.factor_id, code=app_code(shown.secret, clock.now()))
    with pytest.raises(NotFound):
        await factors.confirm(command, stranger)
    clock.pass_by(timedelta(minutes=15))
    late = ConfirmTotp(factor_id=shown.factor_id, code=app_code(shown.secret, clock.now()))
    tokens = await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
    await house.identity.step_up.step_up(StepUp(password=PASSWORD), await caller_of(house, tokens))
    with pytest.raises(NotFound):
        await factors.confirm(late, await caller_of(house, tokens))
    assert isinstance(await first_step(house), Tokens)


async def test_confirming_ends_the_other_sessions_and_is_told_by_mail(house: Multiproduct) -> None:
    caller, _ = await a_signed_in_member(house)
    other = await signed_in(house, EMAIL)
    factors = house.identity.second_factors
    shown = await factors.enrol(EnrolTotp(), caller)
    code = app_code(shown.secret, house.container.clock.now())
    await factors.confirm(ConfirmTotp(factor_id=shown.factor_id, code=code), caller)
    with pytest.raises(SessionOver):
        await house.identity.authenticating.principal(other.access)
    assert "authenticator app" in await latest_mail(house, EMAIL)


async def test_changes_need_a_recent_proof(house: Multiproduct, clock: StandingClock) -> None:
    person = await with_an_app(house)
    clock.pass_by(timedelta(minutes=5))
    factors = house.identity.second_factors
    removal = RemoveTotp(factor_id=person.enrolment.factor_id, code=person.code(clock.now()))
    for change in (
        factors.enrol(EnrolTotp(), person.caller),
        factors.remove(removal, person.caller),
        factors.new_recovery_codes(person.caller),
    ):
        with pytest.raises(StepUpRequired):
            await change
    for change in (factors.overview(ANYBODY), factors.enrol(EnrolTotp(), ANYBODY)):
        with pytest.raises(Unauthenticated):
            await change


async def test_an_app_is_removed_with_a_proof_and_the_recovery_codes_with_the_last_one(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await with_an_app(house)
    clock.pass_by(STEP)
    factors, factor_id = house.identity.second_factors, person.enrolment.factor_id
    with pytest.raises(InvalidCode):
        await factors.remove(RemoveTotp(factor_id=factor_id, code="000000"), person.caller)
    with pytest.raises(InvalidInput):
        await factors.remove(RemoveTotp(factor_id=factor_id), person.caller)
    await factors.remove(RemoveTotp(factor_id=factor_id, code=person.code(clock.now())), person.caller)
    overview = await factors.overview(person.caller)
    assert (overview.totp, overview.recovery_codes_left, overview.methods) == ([], 0, [])
    assert isinstance(await first_step(house), Tokens)
    with pytest.raises(NotFound):
        await factors.remove(
            RemoveTotp(factor_id=factor_id, code=person.code(clock.now(), steps=1)), person.caller
        )


async def test_a_person_has_five_apps_at_most_and_each_lets_them_in(
    house: Multiproduct, clock: StandingClock
) -> None:
    person = await with_an_app(house)
    factors = house.identity.second_factors
    secrets = [person.enrolment.secret]
    for _ in range(4):
        shown = await factors.enrol(EnrolTotp(), person.caller)
        code = app_code(shown.secret, clock.now())
        added = await factors.confirm(ConfirmTotp(factor_id=shown.factor_id, code=code), person.caller)
        assert added.recovery_codes == [], "the first set stays good"
        secrets.append(shown.secret)
    with pytest.raises(TooManyFactors):
        await factors.enrol(EnrolTotp(), person.caller)
    clock.pass_by(STEP)
    for secret in secrets:
        await _complete(house, (await asked(house)).mfa_token, app_code(secret, clock.now()))


@pytest.mark.parametrize("method", ["passkeys", "sms", "pwd"])
async def test_an_unknown_method_is_refused_before_anything_is_counted(
    house: Multiproduct, clock: StandingClock, method: str
) -> None:
    person = await with_an_app(house)
    clock.pass_by(STEP)
    waiting = await asked(house)
    for _ in range(6):
        with pytest.raises(InvalidInput):
            await _complete(house, waiting.mfa_token, "000000", method)
    await _complete(house, waiting.mfa_token, person.code(clock.now()), "totp")
