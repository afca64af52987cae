"""Asking for codes, and for newer ones in their place."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import a_member, code_for, open_house, sign_up

from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    SignInWithCode,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode, Purpose
from multiproduct.domain.shared import InvalidInput, TooManyRequests

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as house:
        yield house


async def resend(house, **named):
    return await house.identity.codes.resend(ResendCode(**named))


async def verify(house, **answer):
    return (await house.identity.registration.verify(VerifyRegistration(**answer))).user


async def verify_sign_in(house, challenge_id):
    await house.identity.sign_in.with_code(SignInWithCode(challenge_id=challenge_id, otp="x"))


async def guess_reset(house, challenge_id):
    await house.identity.password_reset.confirm(
        ConfirmPasswordReset(challenge_id=challenge_id, otp="x", new_password="quite another staple")
    )


async def mails(house, to=TONY) -> int:
    await house.drain()
    return len(await house.container.mailbox.messages(to))


async def test_a_newer_code_voids_the_older_one_of_the_same_challenge(house, clock):
    sent = await sign_up(house, TONY)
    older = await code_for(house, TONY)
    clock.pass_by(30 * SECOND)
    again = await resend(house, challenge_id=sent.challenge_id)
    newer = await code_for(house, TONY)
    assert (again.challenge_id, again.expires_at) == (sent.challenge_id, sent.expires_at)
    assert older != newer
    with pytest.raises(InvalidCode):
        await verify(house, challenge_id=sent.challenge_id, otp=older)
    assert await verify(house, challenge_id=sent.challenge_id, otp=newer)


async def test_an_address_may_be_named_in_place_of_its_challenge(house, clock):
    sent = await sign_up(house, TONY)
    assert await mails(house) == 1
    clock.pass_by(30 * SECOND)
    again = await resend(house, email="Tony@Stark.com")
    assert again.challenge_id == sent.challenge_id
    assert await mails(house) == 2


async def test_the_answer_says_when_the_next_one_may_be_asked_for(house, clock):
    sent = await sign_up(house, TONY)
    waits = [sent.resend_after]
    for resends in range(3):
        assert await mails(house) == 1 + resends
        with pytest.raises(TooManyRequests) as refusal:
            await resend(house, challenge_id=sent.challenge_id)
        assert refusal.value.retry_after == waits[-1]
        clock.pass_by(waits[-1] * SECOND)
        waits.append((await resend(house, challenge_id=sent.challenge_id)).resend_after)
    assert waits == [30, 60, 120, 300]
    assert await mails(house) == 4


async def test_a_refused_request_leaves_the_code_as_it_was(house):
    sent = await sign_up(house, TONY)
    code = await code_for(house, TONY)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            await resend(house, challenge_id=sent.challenge_id)
    assert await verify(house, challenge_id=sent.challenge_id, otp=code)


async def test_resending_does_not_prolong_a_code(house, clock):
    sent = await sign_up(house, TONY)
    clock.pass_by(9 * MINUTE)
    again = await resend(house, challenge_id=sent.challenge_id)
    assert again.expires_at == sent.expires_at
    code = await code_for(house, TONY)
    clock.pass_by(MINUTE)
    with pytest.raises(InvalidCode):
        await verify(house, challenge_id=sent.challenge_id, otp=code)


async def test_wrong_answers_to_the_older_code_still_count_after_a_resend(house, clock):
    sent = await sign_up(house, TONY)
    for _ in range(3):
        with pytest.raises(InvalidCode):
            await verify(house, challenge_id=sent.challenge_id, otp="x")
    clock.pass_by(30 * SECOND)
    await resend(house, challenge_id=sent.challenge_id)
    code = await code_for(house, TONY)
    for _ in range(2):
        with pytest.raises(InvalidCode):
            await verify(house, challenge_id=sent.challenge_id, otp="x")
    with pytest.raises(InvalidCode):
        await verify(house, challenge_id=sent.challenge_id, otp=code)


async def test_a_challenge_that_is_unknown_or_over_has_no_newer_code(house, clock):
    with pytest.raises(InvalidCode):
        await resend(house, challenge_id=UUID(int=7))
    sent = await sign_up(house, TONY)
    clock.pass_by(10 * MINUTE)
    with pytest.raises(InvalidCode):
        await resend(house, challenge_id=sent.challenge_id)
    fresh = await sign_up(house, TONY)
    await verify(house, challenge_id=fresh.challenge_id, otp=await code_for(house, TONY))
    clock.pass_by(MINUTE)
    with pytest.raises(InvalidCode):
        await resend(house, challenge_id=fresh.challenge_id)


async def test_an_address_without_a_code_is_answered_alike_and_written_nothing(house, clock):
    sent = await sign_up(house, TONY)
    clock.pass_by(30 * SECOND)
    with_code, without = await resend(house, email=TONY), await resend(house, email=PEPPER)
    assert with_code.resend_after == without.resend_after
    assert without.challenge_id.version == 7
    assert without.challenge_id != sent.challenge_id
    assert await mails(house, PEPPER) == 0
    for email in (TONY, PEPPER):
        with pytest.raises(TooManyRequests) as refusal:
            await resend(house, email=email)
        assert refusal.value.retry_after == 60


async def test_an_address_with_two_codes_has_to_say_which(house, clock):
    await sign_up(house, TONY)
    await sign_up(house, TONY)
    clock.pass_by(MINUTE)
    with pytest.raises(ChallengeIdRequired):
        await resend(house, email=TONY)


async def test_an_address_or_a_challenge_has_to_be_named(house):
    with pytest.raises(InvalidInput) as refusal:
        await resend(house)
    assert [(p.field, p.code) for p in refusal.value.problems] == [("challenge_id", "required")]


async def test_a_code_of_another_purpose_is_not_renewed_by_address(house, clock):
    await a_member(house, TONY)
    clock.pass_by(HOUR)
    await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
    before = await mails(house)
    clock.pass_by(30 * SECOND)
    await resend(house, email=TONY)
    assert await mails(house) == before
    clock.pass_by(HOUR)
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
    clock.pass_by(30 * SECOND)
    command = ResendCode(email=TONY)
    again = await house.identity.codes.resend(command, purpose=Purpose.LOGIN)
    assert again.challenge_id == sent.challenge_id


async def test_of_many_resends_at_once_one_is_sent(house, clock):
    sent = await sign_up(house, TONY)
    assert await mails(house) == 1
    clock.pass_by(30 * SECOND)
    found = await asyncio.gather(
        *(resend(house, challenge_id=sent.challenge_id) for _ in range(10)), return_exceptions=True
    )
    refused = [each for each in found if isinstance(each, TooManyRequests)]
    assert len(refused) == 9
    assert await mails(house) == 2


async def test_the_newest_code_is_mailed_when_the_worker_was_late(house, clock):
    await house.container.relay.stop()
    sent = await sign_up(house, TONY)
    clock.pass_by(30 * SECOND)
    await resend(house, challenge_id=sent.challenge_id)
    assert await mails(house) == 1
    assert await verify(house, challenge_id=sent.challenge_id, otp=await code_for(house, TONY))


async def test_a_code_that_is_over_is_not_mailed_by_a_late_worker(house, clock):
    await house.container.relay.stop()
    await sign_up(house, TONY)
    clock.pass_by(10 * MINUTE)
    assert await mails(house) == 0


async def test_ten_wrong_guesses_an_hour_over_all_codes_of_an_address_are_the_most(house, clock):
    await a_member(house, TONY)
    clock.pass_by(HOUR)
    for _ in range(2):
        sent = await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
        for _ in range(5):
            with pytest.raises(InvalidCode):
                await verify_sign_in(house, sent.challenge_id)
            with pytest.raises(InvalidCode):
                await guess_reset(house, sent.challenge_id)
        clock.pass_by(MINUTE)
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
    with pytest.raises(TooManyRequests) as refusal:
        await verify_sign_in(house, sent.challenge_id)
    assert refusal.value.params["scope"] == "code_guesses"
    clock.pass_by(HOUR)
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
    with pytest.raises(InvalidCode):
        await verify_sign_in(house, sent.challenge_id)
