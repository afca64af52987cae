"""What a review found broken in social sign-in, and each promise that was made good since."""

import asyncio
import base64
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import app_code
from tests.unit.application.identity.people import a_member, signed_in
from tests.unit.application.identity.social import GMAIL, caller_of, come_from, social_house

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    CompleteSignIn,
    ConfirmTotp,
    EnrolTotp,
    SecondFactorRequired,
    SocialProof,
    Tokens,
)
from multiproduct.domain.identity import LinkRequired, Provider, SessionOver, SocialTokenInvalid
from multiproduct.entrypoints.library import Multiproduct

GOOGLE = Provider.GOOGLE
EMAIL = "ada@gmail.com"


async def by_token(house: Multiproduct, token: str) -> Tokens | SecondFactorRequired:
    return await house.identity.social_sign_in.by_token(GOOGLE, SocialProof(id_token=token))


async def a_signed_in_member(house: Multiproduct) -> Caller:
    await a_member(house, EMAIL)
    return await caller_of(house, await signed_in(house, EMAIL))


async def linked(house: Multiproduct, caller: Caller) -> list[str]:
    return [str(each.id) for each in (await house.identity.social_linking.accounts(caller)).items]


async def test_an_id_token_without_a_nonce_signs_in_once() -> None:
    async with social_house() as (house, provider):
        token = provider.token()
        assert isinstance(await by_token(house, token), Tokens)
        with pytest.raises(SocialTokenInvalid):
            await by_token(house, token)


async def test_an_id_token_that_signed_in_links_nothing_nor_the_other_way_round() -> None:
    async with social_house() as (house, provider):
        caller = await a_signed_in_member(house)
        used, other = provider.token("subject-1"), provider.token("subject-2")
        await by_token(house, used)
        with pytest.raises(SocialTokenInvalid):
            await house.identity.social_linking.link_by_token(GOOGLE, SocialProof(id_token=used), caller)
        await house.identity.social_linking.link_by_token(GOOGLE, SocialProof(id_token=other), caller)
        with pytest.raises(SocialTokenInvalid):
            await by_token(house, other)


async def test_another_way_of_writing_the_signature_makes_no_other_token() -> None:
    async with social_house() as (house, provider):
        token = provider.token()
        await by_token(house, token)
        signed, _, signature = token.rpartition(".")
        # 256 bytes of RSA leave four bits of the last character unused.
        raw = base64.urlsafe_b64decode(signature + "==")
        alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        rewritten = signature[:-1] + alphabet[alphabet.index(signature[-1]) ^ 1]
        assert base64.urlsafe_b64decode(rewritten + "==") == raw
        with pytest.raises(SocialTokenInvalid):
            await by_token(house, f"{signed}.{rewritten}")


async def test_of_many_that_bring_one_token_at_once_one_signs_in() -> None:
    async with social_house() as (house, provider):
        token = provider.token()
        outcomes = await asyncio.gather(*(by_token(house, token) for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(outcome, Tokens) for outcome in outcomes) == 1
        assert sum(isinstance(outcome, SocialTokenInvalid) for outcome in outcomes) == 7


async def test_a_used_token_is_remembered_as_long_as_it_is_good() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        token = provider.token()
        await by_token(house, token)
        clock.pass_by(timedelta(minutes=10, seconds=29))  # past its end, within the leeway
        await house.identity.purging.run()
        with pytest.raises(SocialTokenInvalid):
            await by_token(house, token)


async def with_a_second_factor(house: Multiproduct) -> tuple[Caller, str]:
    caller = await a_signed_in_member(house)
    enrolment = await house.identity.second_factors.enrol(EnrolTotp(name="telephone"), caller)
    code = app_code(enrolment.secret, house.container.clock.now())
    await house.identity.second_factors.confirm(ConfirmTotp(factor_id=enrolment.factor_id, code=code), caller)
    return caller, enrolment.secret


async def test_nothing_is_linked_before_the_second_factor() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        caller, secret = await with_a_second_factor(house)
        asked = await by_token(house, provider.token(**GMAIL))
        assert isinstance(asked, SecondFactorRequired)
        assert await linked(house, caller) == []
        clock.pass_by(timedelta(seconds=60))
        tokens = await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=asked.mfa_token, code=app_code(secret, clock.now()))
        )
        assert tokens.user.email == EMAIL
        assert len(await linked(house, caller)) == 1
        # From then on it lets in by itself, up to the second factor.
        assert isinstance(await by_token(house, provider.token(**GMAIL)), SecondFactorRequired)


async def test_an_account_that_its_owner_took_away_does_not_link_itself_again() -> None:
    async with social_house() as (house, provider):
        caller = await a_signed_in_member(house)
        await come_from(house, provider, **GMAIL)
        (account,) = (await house.identity.social_linking.accounts(caller)).items
        await house.identity.social_linking.unlink(account.id, caller)
        for _ in range(2):
            with pytest.raises(LinkRequired):
                await come_from(house, provider, **GMAIL)
        assert await linked(house, caller) == []


async def test_what_one_took_away_another_account_of_the_mailbox_is_not() -> None:
    async with social_house() as (house, provider):
        caller = await a_signed_in_member(house)
        await come_from(house, provider, **GMAIL)
        (account,) = (await house.identity.social_linking.accounts(caller)).items
        await house.identity.social_linking.unlink(account.id, caller)
        await come_from(house, provider, subject="subject-2", **GMAIL)
        assert len(await linked(house, caller)) == 1


async def test_linking_it_by_hand_ends_that() -> None:
    async with social_house() as (house, provider):
        caller = await a_signed_in_member(house)
        await come_from(house, provider, **GMAIL)
        (account,) = (await house.identity.social_linking.accounts(caller)).items
        await house.identity.social_linking.unlink(account.id, caller)
        await house.identity.social_linking.link_by_token(
            GOOGLE, SocialProof(id_token=provider.token(**GMAIL)), caller
        )
        await come_from(house, provider, **GMAIL)


async def test_unlinking_ends_the_session_that_the_account_began_and_not_ones_own() -> None:
    async with social_house() as (house, provider):
        caller = await a_signed_in_member(house)
        tokens = await come_from(house, provider, **GMAIL)
        (account,) = (await house.identity.social_linking.accounts(caller)).items
        await house.identity.social_linking.unlink(account.id, caller)
        with pytest.raises(SessionOver):
            await caller_of(house, tokens)
        assert await linked(house, caller) == []
