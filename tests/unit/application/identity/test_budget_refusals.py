"""Who is refused by the budget of an address leaves a mark in the audit log, known or not."""

from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, code_for, open_house, sign_up

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    SignInWithCode,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.otp import BudgetSpent, InvalidCode

TONY, NOBODY_YET = "tony@stark.com", "nobody@stark.com"
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
ATTACKER = Caller(ip="192.0.2.66", user_agent="curl", request_id="r-1")


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as house:
        yield house


async def refusals(house):
    async with house.container.units.view(SYSTEM) as view:
        return await view.audit_trail.find(AuditFilter(event="otp.budget_refused"), limit=50)


async def guess(house, sent) -> None:
    await house.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp="x"), ATTACKER)


async def guess_to_death(house, email=TONY) -> None:
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=email))
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await guess(house, sent)


async def test_a_resend_within_the_pause_is_of_record_with_who_asked_and_no_address(house):
    sent = await sign_up(house, TONY)
    with pytest.raises(BudgetSpent):
        await house.identity.codes.resend(ResendCode(challenge_id=sent.challenge_id), ATTACKER)
    (entry,) = await refusals(house)
    assert (entry.action, entry.resource_type) == ("refuse", "code_budget")
    assert entry.resource_id == house.container.identity.codes._code_book.subject_key(TONY)
    assert (entry.ip, entry.user_agent, entry.request_id) == ("192.0.2.66", "curl", "r-1")
    assert (entry.actor_type, entry.user_id) == ("anonymous", None)
    assert "tony" not in repr(entry)


async def test_every_refusal_is_of_record_and_leaves_the_code_as_it_was(house):
    sent = await sign_up(house, TONY)
    code = await code_for(house, TONY)
    for count in range(1, 4):
        with pytest.raises(BudgetSpent):
            await house.identity.codes.resend(ResendCode(email=TONY))
        assert len(await refusals(house)) == count
    assert await house.identity.registration.verify(
        VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
    )


@pytest.mark.parametrize(
    "ask",
    [
        lambda house: house.identity.sign_in.request_code(RequestSignInCode(email=TONY)),
        lambda house: house.identity.password_reset.request(RequestPasswordReset(email=TONY)),
        lambda house: house.identity.registration.start(StartRegistration(email=TONY, password=PASSWORD)),
    ],
    ids=["sign-in code", "reset", "sign-up"],
)
async def test_a_request_in_the_wait_after_a_dead_code_is_of_record(house, clock, ask):
    await guess_to_death(house)
    with pytest.raises(BudgetSpent) as refusal:
        await ask(house)
    assert refusal.value.params == {"scope": "code_wait", "retry_after": 30}
    assert len(await refusals(house)) == 1
    clock.pass_by(30 * SECOND)
    assert await ask(house)
    assert len(await refusals(house)) == 1


@pytest.mark.parametrize("email", [TONY, NOBODY_YET])
async def test_a_guess_beyond_those_of_the_hour_is_of_record_and_takes_no_attempt(house, clock, email):
    await a_member(house, TONY)
    clock.pass_by(24 * HOUR)
    for _ in range(2):
        await guess_to_death(house, email)
        clock.pass_by(2 * MINUTE)
    login = await house.identity.sign_in.request_code(RequestSignInCode(email=email))
    reset = await house.identity.password_reset.request(RequestPasswordReset(email=email))
    start = await house.identity.registration.start(StartRegistration(email=email, password=PASSWORD))
    for _ in range(6):
        with pytest.raises(BudgetSpent):
            await guess(house, login)
    with pytest.raises(BudgetSpent):
        await house.identity.password_reset.confirm(
            ConfirmPasswordReset(challenge_id=reset.challenge_id, otp="x", new_password=PASSWORD + "!")
        )
    with pytest.raises(BudgetSpent):
        await house.identity.registration.verify(VerifyRegistration(challenge_id=start.challenge_id, otp="x"))
    assert len(await refusals(house)) == 8
    async with house.container.units.view(SYSTEM) as view:
        for sent in (login, reset, start):
            assert (await view.challenges.find(sent.challenge_id)).attempts == 0


async def test_the_pseudonym_of_the_address_is_not_told_to_who_is_refused(house):
    await sign_up(house, TONY)
    with pytest.raises(BudgetSpent) as refusal:
        await house.identity.codes.resend(ResendCode(email=TONY))
    assert refusal.value.code == "too_many_requests"
    assert refusal.value.subject_key not in str(refusal.value)
    assert refusal.value.params == {"scope": "code_resend", "retry_after": 30}
