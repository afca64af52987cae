"""Wrong passwords from many network addresses: a hundred in a row are judged, then strangers wait, and the
owner does not."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from tests.software_authenticator import SoftwareAuthenticator
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import caller_of
from tests.unit.application.identity.people import PASSWORD, a_member, code_for, open_house
from tests.unit.application.identity.test_passkeys import made
from tests.unit.application.identity.test_phone_sign_in import NUMBER
from tests.unit.application.identity.test_phone_sign_in import sign_in as sign_in_by_phone

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    RequestSignInCode,
    SignInWithCode,
    SignInWithPasskey,
    SignInWithPassword,
    Tokens,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials, PhoneNumber
from multiproduct.domain.identity.sign_in_failures import MOST_IN_A_ROW
from multiproduct.domain.shared import TooManyRequests
from multiproduct.entrypoints.library import Multiproduct

EMAIL, NOBODY = "tony@stark.com", "nobody@stark.com"
HOME = "192.0.2.7"
NEW = "quite another battery staple"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock: StandingClock) -> AsyncIterator[Multiproduct]:
    async with open_house(Overrides(clock=clock)) as opened:
        await a_member(opened, EMAIL)
        yield opened


async def attempt(house: Multiproduct, ip: str | None, password: str = "wrong", email: str = EMAIL) -> Tokens:
    tokens = await house.identity.sign_in.with_password(
        SignInWithPassword(email=email, password=password), Caller(ip=ip)
    )
    assert isinstance(tokens, Tokens)
    return tokens


async def guess(house: Multiproduct, times: int, email: str = EMAIL) -> None:
    """Wrong passwords, each from another network."""
    for number in range(times):
        with pytest.raises(InvalidCredentials):
            await attempt(house, f"10.0.{number % 250}.{number // 250}", f"wrong {number} x", email)


async def told_to_wait(
    house: Multiproduct, ip: str | None, password: str = "wrong", email: str = EMAIL
) -> int:
    with pytest.raises(TooManyRequests) as refusal:
        await attempt(house, ip, password, email)
    assert dict(refusal.value.params)["scope"] == "sign_in_failures"
    return refusal.value.retry_after


async def test_guesses_from_many_addresses_are_judged_a_hundred_times_in_a_row(house: Multiproduct) -> None:
    await guess(house, MOST_IN_A_ROW)
    for ip in ("10.9.9.9", "2001:db8::1", None):
        assert await told_to_wait(house, ip) == 30
        assert await told_to_wait(house, ip, PASSWORD) == 30, "not even the right one tells itself"


async def test_the_wait_doubles_with_each_further_guess_up_to_an_hour(
    house: Multiproduct, clock: StandingClock
) -> None:
    await guess(house, MOST_IN_A_ROW)
    waits = []
    for _ in range(12):
        waits.append(await told_to_wait(house, "10.9.9.9"))
        clock.pass_by(timedelta(seconds=waits[-1] - 1))
        assert await told_to_wait(house, "10.9.9.9") == 1
        clock.pass_by(timedelta(seconds=1))
        await guess(house, 1)
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600, 3600, 3600]


async def test_names_that_nobody_has_are_told_the_same(house: Multiproduct, clock: StandingClock) -> None:
    for email in (EMAIL, NOBODY):
        await guess(house, MOST_IN_A_ROW, email)
    assert [await told_to_wait(house, "10.9.9.9", email=email) for email in (EMAIL, NOBODY)] == [30, 30]
    clock.pass_by(timedelta(seconds=30))
    for email in (EMAIL, NOBODY):
        await guess(house, 1, email)
    assert [await told_to_wait(house, "10.9.9.9", email=email) for email in (EMAIL, NOBODY)] == [60, 60]


async def test_the_owner_comes_in_from_a_network_used_before_and_ends_the_wait(house: Multiproduct) -> None:
    await attempt(house, HOME, PASSWORD)
    await guess(house, MOST_IN_A_ROW)
    with pytest.raises(InvalidCredentials):
        await attempt(house, HOME)
    await told_to_wait(house, "192.0.2.8", PASSWORD)
    await attempt(house, HOME, PASSWORD)
    await guess(house, MOST_IN_A_ROW)


async def test_a_network_of_ipv6_is_known_by_its_64_bits(house: Multiproduct) -> None:
    await attempt(house, "2001:db8:1:1::5", PASSWORD)
    await guess(house, MOST_IN_A_ROW)
    await told_to_wait(house, "2001:db8:1:2::5", PASSWORD)
    await attempt(house, "2001:db8:1:1:9::9", PASSWORD)


async def test_another_account_of_the_same_network_is_not_known(house: Multiproduct) -> None:
    await a_member(house, "pepper@stark.com")
    await attempt(house, HOME, PASSWORD, "pepper@stark.com")
    await guess(house, MOST_IN_A_ROW)
    await told_to_wait(house, HOME, PASSWORD)
    await told_to_wait(house, HOME)


async def test_the_right_password_before_the_last_failure_begins_the_count_anew(house: Multiproduct) -> None:
    await guess(house, MOST_IN_A_ROW - 1)
    await attempt(house, "10.9.9.9", PASSWORD)
    await guess(house, MOST_IN_A_ROW)
    await told_to_wait(house, "10.8.8.8")


async def test_a_code_signs_in_all_the_while_and_begins_the_count_anew(house: Multiproduct) -> None:
    await guess(house, MOST_IN_A_ROW)
    stranger = Caller(ip="10.9.9.9")
    sent = await house.identity.sign_in.request_code(RequestSignInCode(email=EMAIL), stranger)
    code = await code_for(house, EMAIL)
    await house.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp=code), stranger)
    await attempt(house, "10.8.8.8", PASSWORD)


async def test_a_reset_works_all_the_while_and_begins_the_count_anew(house: Multiproduct) -> None:
    await guess(house, MOST_IN_A_ROW)
    sent = await house.identity.password_reset.request(RequestPasswordReset(email=EMAIL))
    code = await code_for(house, EMAIL)
    await house.identity.password_reset.confirm(
        ConfirmPasswordReset(challenge_id=sent.challenge_id, otp=code, new_password=NEW)
    )
    await attempt(house, "10.8.8.8", NEW)


async def test_of_many_guesses_at_once_no_more_than_a_hundred_are_judged(house: Multiproduct) -> None:
    await guess(house, MOST_IN_A_ROW - 5)
    outcomes = await asyncio.gather(
        *(attempt(house, f"10.9.9.{number}") for number in range(30)), return_exceptions=True
    )
    assert sum(isinstance(outcome, InvalidCredentials) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, TooManyRequests) for outcome in outcomes) == 25


async def test_what_was_counted_is_forgotten_after_a_month(house: Multiproduct, clock: StandingClock) -> None:
    await guess(house, MOST_IN_A_ROW)
    clock.pass_by(timedelta(days=29))
    await house.identity.purging.run()
    async with house.container.units.view(Caller()) as view:
        key = house.identity.sign_in._code_book.subject_key(EMAIL)
        assert await view.sign_in_failures.find(key) is not None
    clock.pass_by(timedelta(days=2))
    await house.identity.purging.run()
    async with house.container.units.view(Caller()) as view:
        assert await view.sign_in_failures.find(key) is None


async def test_a_texted_code_begins_the_count_anew_as_it_can_set_a_password(house: Multiproduct) -> None:
    await _has_a_number(house)
    await guess(house, MOST_IN_A_ROW)
    await sign_in_by_phone(house)
    await guess(house, 1)


async def test_a_passkey_says_nothing_about_the_password_and_leaves_the_count(house: Multiproduct) -> None:
    authenticator = SoftwareAuthenticator()
    await made(house, await caller_of(house, await attempt(house, HOME, PASSWORD)), authenticator)
    await guess(house, MOST_IN_A_ROW)
    offered = await house.identity.passkey_sign_in.options()
    await house.identity.passkey_sign_in.sign_in(
        SignInWithPasskey(challenge_id=offered.challenge_id, credential=authenticator.get(offered.public_key))
    )
    assert await told_to_wait(house, "198.51.100.9") > 0


async def _has_a_number(house: Multiproduct) -> None:
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find_by_email(EMAIL)
        assert user is not None
        user.phone, user.phone_verified = PhoneNumber.parse(NUMBER), True
        await unit.users.save(user)
        await unit.commit()
