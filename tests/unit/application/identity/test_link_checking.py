"""Telling what a mail's link is worth, which changes nothing."""

import re
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, open_house, sign_up

from multiproduct.application.identity import ConfirmPasswordReset, RequestPasswordReset, VerifyRegistration
from multiproduct.application.otp import LinkStanding
from multiproduct.bootstrap import Overrides
from multiproduct.domain.otp import Purpose

TONY = "tony@stark.com"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


async def token_of(house, page: str) -> str:
    await house.drain()
    newest = (await house.container.mailbox.messages(TONY))[0]
    return re.search(rf"/{page}/([\w-]+)", newest.text)[1]


async def test_a_link_is_good_until_it_is_used_however_often_it_is_looked_at(house):
    await sign_up(house, TONY)
    token = await token_of(house, "verify-email")
    for _ in range(3):
        assert await house.identity.links.standing(Purpose.REGISTRATION, token) is LinkStanding.GOOD
    await house.identity.registration.verify(VerifyRegistration(token=token))
    assert await house.identity.links.standing(Purpose.REGISTRATION, token) is LinkStanding.USED


async def test_a_link_expires_half_open_with_its_challenge(house, clock):
    await sign_up(house, TONY)
    token = await token_of(house, "verify-email")
    clock.pass_by(timedelta(minutes=10) - timedelta(microseconds=1))
    assert await house.identity.links.standing(Purpose.REGISTRATION, token) is LinkStanding.GOOD
    clock.pass_by(timedelta(microseconds=1))
    assert await house.identity.links.standing(Purpose.REGISTRATION, token) is LinkStanding.EXPIRED


async def test_a_link_that_a_reset_revoked_is_over(house):
    await a_member(house, TONY)
    tokens = []
    for _ in range(2):
        await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
        tokens.append(await token_of(house, "reset-password"))
    await house.identity.password_reset.confirm(
        ConfirmPasswordReset(token=tokens[1], new_password=f"{PASSWORD}, again")
    )
    stand = [await house.identity.links.standing(Purpose.PASSWORD_RESET, token) for token in tokens]
    assert stand == [LinkStanding.EXPIRED, LinkStanding.USED]


async def test_what_is_not_the_link_of_that_purpose_is_unknown(house):
    await sign_up(house, TONY)
    token = await token_of(house, "verify-email")
    wrong = token[:-2] + ("AA" if not token.endswith("AA") else "BB")
    for purpose, text in (
        (Purpose.PASSWORD_RESET, token),
        (Purpose.REGISTRATION, wrong),
        (Purpose.REGISTRATION, ""),
        (Purpose.REGISTRATION, "é" * 43),
    ):
        assert await house.identity.links.standing(purpose, text) is LinkStanding.UNKNOWN
