"""Linking and unlinking one's own accounts, and what Apple tells about them."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.servers.provider import TestProvider
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import a_member, latest_mail, signed_in
from tests.unit.application.identity.social import GMAIL, caller_of, come_from, social_house
from tests.unit.application.identity.test_social_sign_in import accounts_of, let_in

from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import (
    SignInWithPassword,
    SocialAccountView,
    SocialProof,
    StartSocial,
    TakeProviderNotice,
)
from multiproduct.domain.identity import (
    LastWayIn,
    Provider,
    SocialAccountTaken,
    SocialStateInvalid,
    SocialTokenInvalid,
    TokenInvalid,
)
from multiproduct.domain.shared import NotFound, StepUpRequired, Unauthenticated
from multiproduct.entrypoints.library import Multiproduct

GOOGLE, APPLE, FACEBOOK = Provider.GOOGLE, Provider.APPLE, Provider.FACEBOOK


async def a_caller(house: Multiproduct, email: str = "ada@stark.com") -> Caller:
    await a_member(house, email)
    return await caller_of(house, await signed_in(house, email))


async def link(
    house: Multiproduct, provider: TestProvider, caller: Caller, subject: str = "subject-1"
) -> SocialAccountView:
    proof = SocialProof(id_token=provider.token(subject, email="other@stark.com", email_verified=True))
    return await house.identity.social_linking.link_by_token(GOOGLE, proof, caller)


async def listed(house: Multiproduct, caller: Caller) -> list[str]:
    return [str(each.id) for each in (await house.identity.social_linking.accounts(caller)).items]


async def test_a_linked_account_signs_in_and_the_owner_is_told() -> None:
    async with social_house() as (house, provider):
        caller = await a_caller(house)
        account = await link(house, provider, caller)
        assert "linked" in await latest_mail(house, "ada@stark.com")
        tokens = await come_from(house, provider)
        assert tokens.user.id == caller.principal.user_id
        assert tokens.user.email == "ada@stark.com"
        assert await listed(house, caller) == [str(account.id)]
        assert (await link(house, provider, caller)).id == account.id


async def test_an_account_that_lets_somebody_else_in_is_not_linked() -> None:
    async with social_house() as (house, provider):
        theirs = await come_from(house, provider, **GMAIL)
        caller = await a_caller(house)
        with pytest.raises(SocialAccountTaken):
            await link(house, provider, caller)
        assert (await come_from(house, provider)).user.id == theirs.user.id
        assert await listed(house, caller) == []


async def test_changes_need_a_recent_sign_in_of_somebody() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        caller = await a_caller(house)
        account = await link(house, provider, caller)
        for wrong in (ANYBODY,):
            with pytest.raises(Unauthenticated):
                await link(house, provider, wrong)
            with pytest.raises(Unauthenticated):
                await house.identity.social_linking.accounts(wrong)
        clock.pass_by(timedelta(minutes=5))
        with pytest.raises(StepUpRequired):
            await link(house, provider, caller)
        with pytest.raises(StepUpRequired):
            await house.identity.social_linking.unlink(account.id, caller)
        assert await listed(house, caller) == [str(account.id)]


async def test_anothers_link_is_not_found() -> None:
    async with social_house() as (house, provider):
        account = await link(house, provider, await a_caller(house))
        other = await a_caller(house, "bob@stark.com")
        with pytest.raises(NotFound):
            await house.identity.social_linking.unlink(account.id, other)


async def test_an_unlinked_account_lets_nobody_in_and_the_owner_is_told() -> None:
    async with social_house() as (house, provider):
        caller = await a_caller(house)
        account = await link(house, provider, caller)
        await house.identity.social_linking.unlink(account.id, caller)
        assert "unlinked" in await latest_mail(house, "ada@stark.com")
        assert (await come_from(house, provider)).user.id != caller.principal.user_id
        with pytest.raises(NotFound):
            await house.identity.social_linking.unlink(account.id, caller)


async def test_the_last_way_in_stays() -> None:
    async with social_house() as (house, provider):
        tokens = await come_from(house, provider, FACEBOOK, email="ada@gmail.com")
        caller = await caller_of(house, tokens)
        (only,) = await accounts_of(house, tokens.user.id)
        with pytest.raises(LastWayIn):
            await house.identity.social_linking.unlink(only.id, caller)
        second = await link(house, provider, caller, "second")
        await house.identity.social_linking.unlink(only.id, caller)
        with pytest.raises(LastWayIn):
            await house.identity.social_linking.unlink(second.id, caller)


async def test_a_verified_mailbox_is_another_way_in() -> None:
    async with social_house() as (house, provider):
        tokens = await come_from(house, provider, **GMAIL)
        caller = await caller_of(house, tokens)
        (only,) = await accounts_of(house, tokens.user.id)
        await house.identity.social_linking.unlink(only.id, caller)
        assert await listed(house, caller) == []


async def test_of_two_last_accounts_unlinked_at_once_one_stays() -> None:
    async with social_house() as (house, provider):
        tokens = await come_from(house, provider, FACEBOOK)
        caller = await caller_of(house, tokens)
        await link(house, provider, caller, "second")
        both = await accounts_of(house, tokens.user.id)
        await asyncio.gather(
            *(house.identity.social_linking.unlink(each.id, caller) for each in both), return_exceptions=True
        )
        assert len(await listed(house, caller)) == 1


async def test_a_departure_for_linking_comes_back_to_the_same_person_only() -> None:
    async with social_house() as (house, provider):
        caller, other = await a_caller(house), await a_caller(house, "bob@stark.com")
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial(), caller)
        back = let_in(provider, departure)
        by_code = house.identity.social_linking.link_by_code
        for browser, wrong in ((departure.browser, other), (None, caller), ("x" * 43, caller)):
            with pytest.raises(SocialStateInvalid):
                await by_code(GOOGLE, back, browser=browser, caller=wrong)
        account = await by_code(GOOGLE, back, browser=departure.browser, caller=caller)
        assert await listed(house, caller) == [str(account.id)]


async def test_a_departure_for_signing_in_links_nothing() -> None:
    async with social_house() as (house, provider):
        caller = await a_caller(house)
        departure = await house.identity.social_proving.start(GOOGLE, StartSocial())
        with pytest.raises(SocialStateInvalid):
            await house.identity.social_linking.link_by_code(
                GOOGLE, let_in(provider, departure), browser=departure.browser, caller=caller
            )


async def tell(
    house: Multiproduct, provider: TestProvider, kind: str, subject: str = "subject-1", **changed: Any
) -> None:
    moment = int(provider.now().timestamp() * 1000)
    event = {"type": kind, "sub": subject, "event_time": moment, **changed}
    claims = provider.claims(jti="1", events=json.dumps(event))
    del claims["sub"], claims["exp"]
    await house.identity.social_linking.take_notice(
        APPLE, TakeProviderNotice(payload=provider.signed(claims))
    )


@pytest.mark.parametrize("kind", ["consent-revoked", "account-delete", "account-deleted"])
async def test_what_apple_takes_back_is_unlinked_and_every_session_ends(kind: str) -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        tokens = await come_from(house, provider, APPLE, email="ada@stark.com", email_verified="true")
        clock.pass_by(timedelta(seconds=1))
        for _ in range(2):  # it may come again
            await tell(house, provider, kind)
        assert await accounts_of(house, tokens.user.id) == []
        with pytest.raises(TokenInvalid):
            await house.identity.authenticating.principal(tokens.access)


async def test_a_revoked_consent_leaves_the_last_way_in_and_ends_the_sessions() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        tokens = await come_from(house, provider, APPLE)
        clock.pass_by(timedelta(seconds=1))
        await tell(house, provider, "consent-revoked")
        assert len(await accounts_of(house, tokens.user.id)) == 1
        with pytest.raises(TokenInvalid):
            await house.identity.authenticating.principal(tokens.access)
        assert (await come_from(house, provider, APPLE)).user.id == tokens.user.id
        await tell(house, provider, "account-deleted")
        assert await accounts_of(house, tokens.user.id) == []


async def test_a_notice_from_before_the_link_changes_nothing() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        tokens = await come_from(house, provider, APPLE, email="ada@stark.com", email_verified=True)
        before = int((clock.now() - timedelta(hours=1)).timestamp())
        await tell(house, provider, "consent-revoked", event_time=before)
        await house.identity.authenticating.principal(tokens.access)
        assert len(await accounts_of(house, tokens.user.id)) == 1


async def test_relay_mail_that_stops_is_noted() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        tokens = await come_from(
            house, provider, APPLE, email="x@privaterelay.appleid.com", email_verified=True
        )
        clock.pass_by(timedelta(seconds=1))
        for kind, arrives in (("email-disabled", False), ("email-disabled", False), ("email-enabled", True)):
            await tell(house, provider, kind)
            (account,) = await accounts_of(house, tokens.user.id)
            assert account.mail_arrives is arrives
        await house.identity.authenticating.principal(tokens.access)


async def test_a_notice_about_nobody_or_of_no_known_kind_changes_nothing() -> None:
    async with social_house() as (house, provider):
        await tell(house, provider, "consent-revoked", "nobody")
        tokens = await come_from(house, provider, APPLE)
        await tell(house, provider, "something-new")
        await house.identity.authenticating.principal(tokens.access)


async def test_a_forged_notice_is_refused() -> None:
    async with social_house() as (house, provider):
        await come_from(house, provider, APPLE)
        for claims in (
            provider.claims(jti="1", aud="another"),
            provider.claims(jti="1", iss="https://x.example"),
        ):
            payload = provider.signed(
                {**claims, "events": '{"type":"consent-revoked","sub":"s","event_time":1}'}
            )
            with pytest.raises(SocialTokenInvalid):
                await house.identity.social_linking.take_notice(APPLE, TakeProviderNotice(payload=payload))
        with pytest.raises(NotFound):
            await house.identity.social_linking.take_notice(GOOGLE, TakeProviderNotice(payload="a.b.c"))


async def test_no_linked_account_gives_anybody_a_password() -> None:
    async with social_house() as (house, provider):
        tokens = await come_from(house, provider, **GMAIL)
        async with house.container.units.view(SYSTEM) as view:
            user = await view.users.find(tokens.user.id)
        assert user.password_hash is None
        for password in ("", "None", "null"):
            with pytest.raises(Exception, match="invalid"):
                await house.identity.sign_in.with_password(
                    SignInWithPassword(email="ada@gmail.com", password=password)
                )
