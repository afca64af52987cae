"""Linking an account by itself where a second factor is asked for: with the factor, by the rules of then."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.servers.provider import TestProvider
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import app_code
from tests.unit.application.identity.social import GMAIL, social_house
from tests.unit.application.identity.test_social_review import by_token, linked, with_a_second_factor

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import CompleteSignIn, SecondFactorRequired
from multiproduct.domain.identity import (
    EmailAddress,
    ForeignIdentity,
    Provider,
    SignInOver,
    SocialAccount,
)
from multiproduct.domain.otp import InvalidCode
from multiproduct.entrypoints.library import Multiproduct


async def test_nothing_is_linked_where_the_second_factor_is_not_shown() -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        caller, secret = await with_a_second_factor(house)
        asked = await by_token(house, provider.token(**GMAIL))
        assert isinstance(asked, SecondFactorRequired)
        clock.pass_by(timedelta(seconds=60))
        right = app_code(secret, clock.now())
        wrong = "000000" if right != "000000" else "000001"
        for _ in range(5):
            with pytest.raises(InvalidCode):
                await house.identity.second_factor_sign_in.complete(
                    CompleteSignIn(mfa_token=asked.mfa_token, code=wrong)
                )
        with pytest.raises(SignInOver):
            await house.identity.second_factor_sign_in.complete(
                CompleteSignIn(mfa_token=asked.mfa_token, code=right)
            )
        assert await linked(house, caller) == []


@pytest.mark.parametrize("meanwhile", ["address lost", "address unproved", "taken away", "linked by another"])
async def test_the_rules_of_linking_are_asked_again_with_the_second_factor(meanwhile: str) -> None:
    clock = StandingClock()
    async with social_house(clock=clock) as (house, provider):
        caller, secret = await with_a_second_factor(house)
        asked = await by_token(house, provider.token(**GMAIL))
        assert isinstance(asked, SecondFactorRequired)
        await _change(house, provider, caller, meanwhile)
        clock.pass_by(timedelta(seconds=60))
        await house.identity.second_factor_sign_in.complete(
            CompleteSignIn(mfa_token=asked.mfa_token, code=app_code(secret, clock.now()))
        )
        assert await linked(house, caller) == []


async def _change(house: Multiproduct, provider: TestProvider, caller: Caller, what: str) -> None:
    user_id = caller.require_user()
    identity = ForeignIdentity(provider=Provider.GOOGLE, issuer=provider.issuer, subject="subject-1")
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(user_id)
        assert user is not None
        account = SocialAccount.link(
            identity, id=house.container.ids.next(), user_id=user_id, now=house.container.clock.now()
        )
        if what == "address lost":
            user.email = EmailAddress.parse("elsewhere@stark.com")
        elif what == "address unproved":
            user.email_verified = False
        elif what == "taken away":
            await unit.social_accounts.note_unlinked(account, now=house.container.clock.now())
        else:
            await unit.social_accounts.add(replace(account, user_id=house.container.ids.for_user()))
        await unit.users.save(user)
        await unit.commit()
