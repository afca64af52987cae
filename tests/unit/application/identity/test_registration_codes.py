"""Answers to a registration: how a code may be written, how long it is good, and the link in its place."""

import re
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import (
    code_for,
    latest_mail,
    open_house,
    sign_up,
)

from multiproduct.application.identity import (
    RequestPasswordReset,
    SignInWithCode,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import TooManyRequests

TONY, PEPPER, PHONE = "tony@stark.com", "pepper@stark.com", "+12025550134"
MOMENT = timedelta(microseconds=1)


async def verify(house, **answer):
    done = await house.identity.registration.verify(VerifyRegistration(**answer))
    return done.user


@pytest.mark.parametrize("late", [timedelta(), timedelta(hours=1), timedelta(days=365)])
async def test_a_code_is_good_for_ten_minutes_and_not_a_moment_longer(late):
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        assert sent.expires_at == clock.now() + timedelta(minutes=10)
        clock.pass_by(timedelta(minutes=10) + late)
        for answer in ({"challenge_id": sent.challenge_id}, {"email": TONY}):
            with pytest.raises(InvalidCode):
                await verify(house, otp=code, **answer)


async def test_a_code_is_good_until_the_last_moment():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        clock.pass_by(timedelta(minutes=10) - MOMENT)
        assert await verify(house, challenge_id=sent.challenge_id, otp=code)


def in_persian(code: str) -> str:
    return "".join(chr(ord("\N{EXTENDED ARABIC-INDIC DIGIT ZERO}") + int(digit)) for digit in code)


@pytest.mark.parametrize(
    "writing",
    [
        lambda code: f"{code[:3]} {code[3:]}",
        lambda code: f"{code[:3]}-{code[3:]}",
        lambda code: f"  {code}\n",
        lambda code: "\N{NO-BREAK SPACE}".join(code),
        in_persian,
        lambda code: "".join(chr(ord("\N{FULLWIDTH DIGIT ZERO}") + int(digit)) for digit in code),
    ],
)
async def test_a_code_may_be_written_as_people_write_it(writing):
    async with open_house() as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        assert await verify(house, challenge_id=sent.challenge_id, otp=writing(code))


@pytest.mark.parametrize(
    "writing",
    [
        lambda code: code[:-1],
        lambda code: code + "0",
        lambda code: "0" + code,
        lambda code: code[::-1] + "x",
        lambda code: f"{int(code)}.0",
        lambda _: "  - ",
        lambda _: "²³¹⁴⁵⁶",
    ],
)
async def test_what_only_looks_like_the_code_is_wrong(writing):
    async with open_house() as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        with pytest.raises(InvalidCode):
            await verify(house, challenge_id=sent.challenge_id, otp=writing(code))


async def test_five_wrong_answers_are_the_end_of_a_code():
    async with open_house() as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        for _ in range(5):
            with pytest.raises(InvalidCode):
                await verify(house, challenge_id=sent.challenge_id, otp="x")
        with pytest.raises(InvalidCode):
            await verify(house, challenge_id=sent.challenge_id, otp=code)
        with pytest.raises(TooManyRequests) as refusal:
            await sign_up(house, TONY)
        assert refusal.value.params["scope"] == "code_wait"


async def test_the_fifth_answer_may_still_be_the_right_one():
    async with open_house() as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        for _ in range(4):
            with pytest.raises(InvalidCode):
                await verify(house, challenge_id=sent.challenge_id, otp="x")
        assert await verify(house, challenge_id=sent.challenge_id, otp=code)


async def test_the_link_in_the_mail_verifies():
    async with open_house() as house:
        await sign_up(house, TONY, "iron.man")
        found = re.search(r"/verify-email/([\w-]+)", await latest_mail(house, TONY))
        assert found
        token = found.group(1)
        spoilt = ("A" if token[0] != "A" else "B") + token[1:]
        for wrong in (spoilt, token[:-3], token + "AAAA", "x", "é"):
            with pytest.raises(InvalidCode):
                await verify(house, token=wrong)
        assert (await verify(house, token=token)).username == "iron.man"
        with pytest.raises(InvalidCode):
            await verify(house, token=token)


async def test_a_link_and_a_code_are_not_taken_for_each_other():
    async with open_house() as house:
        sent = await sign_up(house, TONY)
        mail = await latest_mail(house, TONY)
        token = re.search(r"/verify-email/([\w-]+)", mail).group(1)
        with pytest.raises(InvalidCode):
            await verify(house, challenge_id=sent.challenge_id, otp=token)
        with pytest.raises(InvalidCode):
            await verify(house, token=await code_for(house, TONY))


async def test_a_code_for_one_purpose_is_worth_nothing_for_another():
    async with open_house() as house:
        registration = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        with pytest.raises(InvalidCode):
            await house.identity.sign_in.with_code(
                SignInWithCode(challenge_id=registration.challenge_id, otp=code)
            )
        await verify(house, challenge_id=registration.challenge_id, otp=code)
        reset = await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
        with pytest.raises(InvalidCode):
            await verify(house, challenge_id=reset.challenge_id, otp=await code_for(house, TONY))
