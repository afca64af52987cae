"""The whole journey through the embedded API, on memory adapters."""

import re

import pytest
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    code_for,
    latest_mail,
    open_house,
    sign_up,
    signed_in,
)

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    RefreshSession,
    ResendCode,
    SignInWithPassword,
    SignOut,
    UpdateProfile,
    VerifyRegistration,
)
from multiproduct.domain.identity import InvalidCredentials, TokenInvalid
from multiproduct.domain.otp import InvalidCode


async def test_a_person_signs_up_verifies_signs_in_refreshes_reads_and_signs_out() -> None:
    async with open_house() as house:
        sent = await sign_up(house, "tony@stark.com", "iron.man")
        code = await code_for(house, "tony@stark.com")
        registered = await house.identity.registration.verify(
            VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
        )
        assert registered.user.username == "iron.man"
        assert registered.user.is_email_verified

        tokens = await signed_in(house, "tony@stark.com")
        caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
        me = await house.identity.profile.me(caller)
        assert me.email == "tony@stark.com"

        fresh = await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
        assert fresh.refresh != tokens.refresh

        await house.identity.sessions.sign_out(SignOut(refresh=fresh.refresh))
        with pytest.raises(TokenInvalid):
            await house.identity.authenticating.principal(fresh.access)
        with pytest.raises(TokenInvalid):
            await house.identity.sessions.refresh(RefreshSession(refresh=fresh.refresh))


async def test_nobody_is_a_user_before_the_code_is_answered() -> None:
    async with open_house() as house:
        await sign_up(house, "tony@stark.com")
        with pytest.raises(InvalidCredentials):
            await signed_in(house, "tony@stark.com")


async def test_email_and_code_are_enough_while_there_is_one_challenge() -> None:
    async with open_house() as house:
        await sign_up(house, "tony@stark.com")
        code = await code_for(house, "tony@stark.com")
        done = await house.identity.registration.verify(VerifyRegistration(email="Tony@Stark.com", otp=code))
        assert done.user.email == "tony@stark.com"


async def test_a_code_works_once() -> None:
    async with open_house() as house:
        sent = await sign_up(house, "tony@stark.com")
        code = await code_for(house, "tony@stark.com")
        answer = VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
        await house.identity.registration.verify(answer)
        with pytest.raises(InvalidCode):
            await house.identity.registration.verify(answer)


async def test_an_owner_who_is_signed_up_again_gets_a_notice_and_no_code() -> None:
    async with open_house() as house:
        await a_member(house, "tony@stark.com")
        await sign_up(house, "tony@stark.com")
        mail = await latest_mail(house, "tony@stark.com")
        assert "account" in mail
        assert not re.search(r"\b\d{6}\b", mail)


async def test_a_generated_name_can_be_changed_once() -> None:
    async with open_house() as house:
        await a_member(house, "tony@stark.com")
        tokens = await signed_in(house, "tony@stark.com")
        caller = Caller(principal=await house.identity.authenticating.principal(tokens.access))
        assert tokens.user.username_changeable
        changed = await house.identity.profile.update(UpdateProfile(username="iron.man"), caller)
        assert changed.username == "iron.man"
        assert not changed.username_changeable


async def test_sign_in_by_user_name() -> None:
    async with open_house() as house:
        await a_member(house, "tony@stark.com", "iron.man")
        tokens = await house.identity.sign_in.with_password(
            SignInWithPassword(username="Iron.Man", password=PASSWORD)
        )
        assert tokens.user.email == "tony@stark.com"


async def test_a_resent_code_voids_the_older_one() -> None:
    async with open_house() as house:
        sent = await sign_up(house, "tony@stark.com")
        first = await code_for(house, "tony@stark.com")
        with pytest.raises(Exception, match="too_many_requests"):
            await house.identity.codes.resend(ResendCode(challenge_id=sent.challenge_id))
        assert first
