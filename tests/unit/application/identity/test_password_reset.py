"""Setting a new password: by whoever holds the mailbox or telephone, and the end of everything that was."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    code_for,
    latest_mail,
    open_house,
    signed_in,
)

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RefreshSession,
    RequestPasswordReset,
    SignInWithPassword,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials, TokenInvalid, UserStatus
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode
from multiproduct.domain.shared import InvalidInput

TONY, PEPPER, PHONE = "tony@stark.com", "pepper@stark.com", "+12025550134"
NEW = "quite another battery staple"


async def ask(house, **named):
    return await house.identity.password_reset.request(RequestPasswordReset(**(named or {"email": TONY})))


async def confirm(house, *, new_password=NEW, **answer) -> None:
    await house.identity.password_reset.confirm(ConfirmPasswordReset(new_password=new_password, **answer))


async def sign_in(house, password, **named):
    command = SignInWithPassword(password=password, **(named or {"email": TONY}))
    return await house.identity.sign_in.with_password(command)


async def test_the_new_password_is_good_and_the_old_one_is_not():
    async with open_house() as house:
        await a_member(house, TONY)
        sent = await ask(house)
        await confirm(house, challenge_id=sent.challenge_id, otp=await code_for(house, TONY))
        assert await sign_in(house, NEW)
        with pytest.raises(InvalidCredentials):
            await sign_in(house, PASSWORD)


async def test_every_session_of_the_person_is_over_and_nobody_elses():
    async with open_house() as house:
        await a_member(house, TONY)
        await a_member(house, PEPPER)
        devices = [await signed_in(house, TONY) for _ in range(3)]
        pepper = await signed_in(house, PEPPER)
        sent = await ask(house)
        await confirm(house, challenge_id=sent.challenge_id, otp=await code_for(house, TONY))
        for device in devices:
            with pytest.raises(TokenInvalid):
                await house.identity.authenticating.principal(device.access)
            with pytest.raises(TokenInvalid):
                await house.identity.sessions.refresh(RefreshSession(refresh=device.refresh))
        assert await house.identity.authenticating.principal(pepper.access)
        async with house.container.units.view(SYSTEM) as view:
            assert await view.audit_trail.count(AuditFilter(event="identity.session_ended")) == 3


async def test_the_owner_is_told():
    async with open_house() as house:
        await a_member(house, TONY)
        sent = await ask(house)
        await confirm(house, challenge_id=sent.challenge_id, otp=await code_for(house, TONY))
        await house.drain()
        newest = (await house.container.mailbox.messages(TONY))[0]
        assert "identity.security" in newest.id
        assert NEW not in newest.text + newest.html


async def test_the_link_in_the_mail_sets_the_password():
    async with open_house() as house:
        await a_member(house, TONY)
        await ask(house)
        token = re.search(r"/reset-password/([\w-]+)", await latest_mail(house, TONY)).group(1)
        await confirm(house, token=token)
        assert await sign_in(house, NEW)


async def test_a_telephone_serves_as_well():
    async with open_house() as house:
        await house.identity.registration.start(StartRegistration(phone=PHONE, password=PASSWORD))
        for answer in (
            lambda code: house.identity.registration.verify(VerifyRegistration(phone=PHONE, otp=code)),
            lambda code: confirm(house, phone=PHONE, otp=code),
        ):
            await house.drain()
            newest = (await house.container.mailbox.messages(PHONE))[0]
            await answer(re.search(r"\b\d{6}\b", newest.text).group())
            await ask(house, phone=PHONE)
        assert await sign_in(house, NEW, phone=PHONE)


async def test_nobody_is_written_to_where_nobody_lives():
    async with open_house() as house:
        await a_member(house, TONY)
        known, unknown = await ask(house), await ask(house, email=PEPPER)
        await house.drain()
        assert await house.container.mailbox.messages(PEPPER) == []
        assert known.resend_after == unknown.resend_after
        with pytest.raises(InvalidCode):
            await confirm(house, challenge_id=unknown.challenge_id, otp="123456")


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "required"),
        ("short", "too_short"),
        ("password123", "password_common"),
        ("tony@stark.com", "password_context"),
        ("x\0" * 8, "invalid_password"),
    ],
)
async def test_a_bad_choice_is_named_on_its_own_field_and_costs_no_attempt(password, code):
    async with open_house() as house:
        await a_member(house, TONY)
        await ask(house)
        right = await code_for(house, TONY)
        for _ in range(6):
            with pytest.raises(InvalidInput) as refusal:
                await confirm(house, email=TONY, otp=right, new_password=password)
            assert [(p.field, p.code) for p in refusal.value.problems] == [("new_password", code)]
        await confirm(house, email=TONY, otp=right)


async def test_a_wrong_code_sets_nothing():
    async with open_house() as house:
        await a_member(house, TONY)
        sent = await ask(house)
        right = await code_for(house, TONY)
        tokens = await signed_in(house, TONY)
        wrong = f"{(int(right) + 1) % 10**6:06d}"
        with pytest.raises(InvalidCode):
            await confirm(house, challenge_id=sent.challenge_id, otp=wrong)
        assert await house.identity.authenticating.principal(tokens.access)
        assert await sign_in(house, PASSWORD)


async def test_a_code_sets_one_password():
    async with open_house() as house:
        await a_member(house, TONY)
        sent = await ask(house)
        code = await code_for(house, TONY)
        await confirm(house, challenge_id=sent.challenge_id, otp=code)
        with pytest.raises(InvalidCode):
            await confirm(house, challenge_id=sent.challenge_id, otp=code, new_password=NEW + "!")
        assert await sign_in(house, NEW)


async def test_a_code_is_over_after_ten_minutes():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await a_member(house, TONY)
        sent = await ask(house)
        code = await code_for(house, TONY)
        clock.pass_by(timedelta(minutes=10))
        with pytest.raises(InvalidCode):
            await confirm(house, challenge_id=sent.challenge_id, otp=code)


async def test_two_live_codes_must_be_told_apart():
    async with open_house() as house:
        await a_member(house, TONY)
        await ask(house)
        await ask(house)
        with pytest.raises(ChallengeIdRequired):
            await confirm(house, email=TONY, otp=await code_for(house, TONY))


async def test_somebody_suspended_stays_out():
    async with open_house() as house:
        user = await a_member(house, TONY)
        sent = await ask(house)
        code = await code_for(house, TONY)
        async with house.container.units.open(SYSTEM) as unit:
            kept = await unit.users.find(user.id)
            await unit.users.save(replace(kept, status=UserStatus.SUSPENDED))
            await unit.commit()
        with pytest.raises(InvalidCode):
            await confirm(house, challenge_id=sent.challenge_id, otp=code)
        async with house.container.units.view(SYSTEM) as view:
            assert (await view.users.find(user.id)).password_hash == kept.password_hash


@pytest.mark.parametrize(
    ("answer", "field"),
    [({}, "otp"), ({"otp": "1"}, "challenge_id"), ({"otp": "1", "email": "x"}, "email")],
)
async def test_an_answer_says_what_it_answers(answer, field):
    async with open_house() as house:
        with pytest.raises(InvalidInput) as refusal:
            await confirm(house, **answer)
        assert refusal.value.problems[0].field == field


async def test_an_address_has_to_be_named():
    async with open_house() as house:
        with pytest.raises(InvalidInput) as refusal:
            await house.identity.password_reset.request(RequestPasswordReset(), Caller(ip="192.0.2.1"))
        assert [(p.field, p.code) for p in refusal.value.problems] == [("email", "required")]
