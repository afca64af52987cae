"""Sign-ins that fail again and again: who is warned of them, and who is slowed down."""

from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    open_house,
    signed_in,
)

from multiproduct.application.caller import Caller
from multiproduct.application.identity import (
    SignInWithPassword,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.shared import TooManyRequests

TONY, PHONE = "tony@stark.com", "+12025550134"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def sign_in(house, caller=None, *, password=PASSWORD, **named):
    command = SignInWithPassword(password=password, **named)
    return await house.identity.sign_in.with_password(command, *([caller] if caller else []))


async def fail(house, count=1, **named) -> None:
    for _ in range(count):
        with pytest.raises(InvalidCredentials):
            await sign_in(house, password="wrong", **(named or {"email": TONY}))


async def warnings(house, to=TONY):
    await house.drain()
    found = await house.container.mailbox.messages(to)
    return [mail for mail in found if "identity.security" in mail.id]


async def test_the_owner_is_warned_of_the_fifth_failure_within_an_hour():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await a_member(house, TONY)
        for _ in range(4):
            await fail(house)
            clock.pass_by(timedelta(minutes=10))
        assert await warnings(house) == []
        await fail(house)
        assert len(await warnings(house)) == 1


async def test_failures_that_lie_further_apart_are_nothing_to_warn_of():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await a_member(house, TONY)
        for _ in range(12):
            await fail(house)
            await house.drain()
            clock.pass_by(timedelta(minutes=16))
        assert await warnings(house) == []


async def test_one_warning_a_day_is_enough():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await a_member(house, TONY)
        await fail(house, 9)
        assert len(await warnings(house)) == 1
        clock.pass_by(timedelta(hours=23))
        await fail(house, 6)
        assert len(await warnings(house)) == 1
        clock.pass_by(HOUR)
        await fail(house, 1)
        assert len(await warnings(house)) == 2


async def test_failures_of_others_warn_nobody_else():
    async with open_house() as house:
        await a_member(house, TONY)
        await a_member(house, "pepper@stark.com")
        await fail(house, 6, email="pepper@stark.com")
        await fail(house, 6, email="nobody@stark.com")
        assert await warnings(house) == []
        assert len(await warnings(house, "pepper@stark.com")) == 1


async def test_guesses_at_one_account_from_one_address_are_limited_but_its_owner_is_not():
    attacker, owner = Caller(ip="192.0.2.66"), Caller(ip="198.51.100.1")
    async with open_house() as house:
        await a_member(house, TONY)
        for _ in range(30):
            with pytest.raises(InvalidCredentials):
                await sign_in(house, attacker, email=TONY, password="wrong")
        with pytest.raises(TooManyRequests):
            await sign_in(house, attacker, email=TONY)
        assert await sign_in(house, owner, email=TONY)
        assert await signed_in(house, TONY)
