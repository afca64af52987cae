"""Changing one's password by the current one, and setting the first one of an account."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, latest_mail, open_house, signed_in

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ChangePassword,
    ConfirmPasswordReset,
    RefreshSession,
    RequestPasswordReset,
    RequestPhoneCode,
    SetPassword,
    SignInByPhone,
    SignInWithPassword,
    StartRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.breaches import BreachServiceUnreachable
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    InvalidCredentials,
    NoPasswordYet,
    PasswordThere,
    SessionOver,
    TokenInvalid,
)
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import (
    InvalidInput,
    StepUpRequired,
    TooManyRequests,
    Unauthenticated,
)

EMAIL = "tony@stark.com"
NEW = "a paper boat under the bridge"
NUMBER = "+886912345678"


async def caller_of(house, tokens):
    return Caller(principal=await house.identity.authenticating.principal(tokens.access), ip="203.0.113.9")


async def change(house, caller, *, current=PASSWORD, new=NEW):
    return await house.identity.password_change.change(
        ChangePassword(current_password=current, new_password=new), caller
    )


async def audited(house, event):
    async with house.container.units.view(SYSTEM) as view:
        return list(await view.audit_trail.find(AuditFilter(event=event), limit=50))


async def by_phone(house):
    """Somebody whose account has no password."""
    sent = await house.identity.phone_sign_in.request(RequestPhoneCode(phone=NUMBER))
    await house.drain()
    (text, *_) = await house.container.mailbox.messages(NUMBER)
    code = re.search(r"\b\d{6}\b", text.text).group()
    return await house.identity.phone_sign_in.verify(SignInByPhone(challenge_id=sent.challenge_id, otp=code))


def problems(refusal):
    return [(problem.field, problem.code) for problem in refusal.value.problems]


async def test_the_new_password_signs_in_and_the_old_one_does_not():
    async with open_house() as house:
        await a_member(house, EMAIL)
        await change(house, await caller_of(house, await signed_in(house, EMAIL)))
        await house.identity.sign_in.with_password(SignInWithPassword(email=EMAIL, password=NEW))
        with pytest.raises(InvalidCredentials):
            await signed_in(house, EMAIL)


async def test_the_session_that_changes_it_stays_and_the_others_end():
    async with open_house() as house:
        await a_member(house, EMAIL)
        mine, other = await signed_in(house, EMAIL), await signed_in(house, EMAIL)
        await change(house, await caller_of(house, mine))
        await house.identity.authenticating.principal(mine.access)
        await house.identity.sessions.refresh(RefreshSession(refresh=mine.refresh))
        with pytest.raises(SessionOver):
            await house.identity.authenticating.principal(other.access)
        with pytest.raises(TokenInvalid):
            await house.identity.sessions.refresh(RefreshSession(refresh=other.refresh))


async def test_the_owner_is_told_by_mail():
    async with open_house() as house:
        await a_member(house, EMAIL)
        await change(house, await caller_of(house, await signed_in(house, EMAIL)))
        assert "changed" in await latest_mail(house, EMAIL)
        assert len(await audited(house, "identity.password_changed")) == 1


async def test_a_reset_that_was_under_way_is_over():
    async with open_house() as house:
        await a_member(house, EMAIL)
        caller = await caller_of(house, await signed_in(house, EMAIL))
        sent = await house.identity.password_reset.request(RequestPasswordReset(email=EMAIL))
        code = re.search(r"\b\d{6}\b", await latest_mail(house, EMAIL)).group()
        await change(house, caller)
        with pytest.raises(InvalidCode):
            await house.identity.password_reset.confirm(
                ConfirmPasswordReset(challenge_id=sent.challenge_id, otp=code, new_password=NEW + "!")
            )


async def test_a_wrong_current_password_changes_nothing_and_is_audited_as_a_failed_sign_in():
    async with open_house() as house:
        user = await a_member(house, EMAIL)
        mine, other = await signed_in(house, EMAIL), await signed_in(house, EMAIL)
        with pytest.raises(InvalidInput) as refusal:
            await change(house, await caller_of(house, mine), current="not it")
        assert problems(refusal) == [("current_password", "wrong_password")]
        await house.identity.authenticating.principal(other.access)
        (row,) = await audited(house, "identity.sign_in_refused")
        assert row.user_id == str(user.id)
        assert EMAIL not in repr(row)


async def test_five_wrong_ones_are_told_to_the_owner():
    async with open_house() as house:
        await a_member(house, EMAIL)
        caller = await caller_of(house, await signed_in(house, EMAIL))
        await house.drain()
        before = len(await house.container.mailbox.messages(EMAIL))
        for _ in range(5):
            with pytest.raises(InvalidInput):
                await change(house, caller, current="not it")
        await house.drain()
        assert len(await house.container.mailbox.messages(EMAIL)) == before + 1


async def test_a_stolen_session_may_guess_ten_times_a_minute():
    async with open_house() as house:
        await a_member(house, EMAIL)
        caller = await caller_of(house, await signed_in(house, EMAIL))
        for _ in range(10):
            with pytest.raises(InvalidInput):
                await change(house, caller, current="not it")
        with pytest.raises(TooManyRequests):
            await change(house, replace(caller, ip="198.51.100.1"))


async def test_everything_wrong_is_told_at_once_under_its_own_name():
    async with open_house() as house:
        await a_member(house, EMAIL)
        caller = await caller_of(house, await signed_in(house, EMAIL))
        with pytest.raises(InvalidInput) as refusal:
            await change(house, caller, current="\0", new="short")
        assert problems(refusal) == [
            ("current_password", "invalid_password"),
            ("new_password", "too_short"),
        ]


@pytest.mark.parametrize("new", ["tony@stark.com", "Tony.Official!", "12345678", "STARK2026!"])
async def test_words_of_the_account_and_the_brand_are_no_password(new):
    async with open_house() as house:
        await a_member(house, EMAIL, "tony.official")
        caller = await caller_of(house, await signed_in(house, EMAIL))
        with pytest.raises(InvalidInput) as refusal:
            await change(house, caller, new=new)
        assert [field for field, _ in problems(refusal)] == ["new_password"]


async def test_nobody_changes_nothing():
    async with open_house() as house:
        for attempt in (
            change(house, Caller()),
            house.identity.password_change.set(SetPassword(new_password=NEW), Caller()),
        ):
            with pytest.raises(Unauthenticated):
                await attempt


async def test_an_account_without_a_password_gets_its_first_and_keeps_its_sessions():
    async with open_house() as house:
        tokens = await by_phone(house)
        caller = await caller_of(house, tokens)
        with pytest.raises(NoPasswordYet):
            await change(house, caller)
        await house.identity.password_change.set(SetPassword(new_password=NEW), caller)
        await house.identity.authenticating.principal(tokens.access)
        await house.identity.sign_in.with_password(SignInWithPassword(phone=NUMBER, password=NEW))
        with pytest.raises(PasswordThere):
            await house.identity.password_change.set(SetPassword(new_password=NEW + "!"), caller)
        assert len(await audited(house, "identity.password_set")) == 1


async def test_a_first_password_needs_a_recent_sign_in():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        tokens = await by_phone(house)
        caller = await caller_of(house, tokens)
        clock.pass_by(timedelta(minutes=6))
        with pytest.raises(StepUpRequired):
            await house.identity.password_change.set(SetPassword(new_password=NEW), caller)


class KnownBreaches:
    """Knows one password; may be out of reach."""

    def __init__(self):
        self.asked = []
        self.is_gone = False

    async def knows(self, password):
        self.asked.append(password)
        if self.is_gone:
            raise BreachServiceUnreachable("gone")
        return password == NEW


async def test_a_password_from_a_breach_is_refused_wherever_one_is_chosen():
    service = KnownBreaches()
    async with open_house(Overrides(breaches=service)) as house:
        await a_member(house, EMAIL)
        caller = await caller_of(house, await signed_in(house, EMAIL))
        for attempt, field in (
            (change(house, caller), "new_password"),
            (house.identity.registration.start(StartRegistration(email="x@y.zz", password=NEW)), "password"),
            (
                house.identity.password_reset.confirm(
                    ConfirmPasswordReset(email=EMAIL, otp="1", new_password=NEW)
                ),
                "new_password",
            ),
        ):
            with pytest.raises(InvalidInput) as refusal:
                await attempt
            assert problems(refusal) == [(field, "password_breached")]


async def test_a_breach_service_that_is_gone_keeps_nobody_from_a_password(caplog):
    service = KnownBreaches()
    service.is_gone = True
    async with open_house(Overrides(breaches=service)) as house:
        await a_member(house, EMAIL)
        await change(house, await caller_of(house, await signed_in(house, EMAIL)))
        assert service.asked[-1] == NEW
        assert "breach service" in caplog.text
        assert NEW not in caplog.text
