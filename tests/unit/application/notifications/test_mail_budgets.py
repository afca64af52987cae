"""What a stranger can keep from an owner by asking for mails, and what not."""

import re
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, open_house, signed_in

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import (
    ConfirmPasswordReset,
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    SignInWithCode,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.entrypoints.library import Multiproduct

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"
NEW_PASSWORD = "quite another staple horse"


class House:
    """An installation whose reactions run when a test says so, and whose delivery log can be looked at."""

    def __init__(self, house: Multiproduct, store: MemoryDatabase) -> None:
        self.identity, self.house, self._store = house.identity, house, store

    async def told(self) -> list[tuple[str, str, str | None]]:
        await self.house.drain()
        rows = sorted(self._store._store.deliveries.rows.values(), key=lambda row: row.event_position)
        rows = [row for row in rows if row.layer is None or row.channel == "email"]
        return [(row.type_key, row.status.value, row.reason) for row in rows]

    async def newest(self, to: str = TONY) -> str:
        await self.house.drain()
        return (await self.house.container.mailbox.messages(to))[0].text


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def here(clock: StandingClock):
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(clock=clock, store=store)) as house:
        await house.container.relay.stop()
        yield House(house, store)


async def the_signed_in(here: House, email: str) -> Caller:
    tokens = await signed_in(here.house, email)
    return Caller(principal=await here.identity.authenticating.principal(tokens.access))


async def ask(here: House, email: str, *, times: int, caller: Caller = ANYBODY) -> None:
    for _ in range(times):
        await here.identity.sign_in.request_code(RequestSignInCode(email=email), caller)


async def guess_to_death(answer) -> None:
    """Gives five answers that are never right, as no code has a letter."""
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await answer("00000x")


def the_link(text: str, page: str) -> str:
    return re.search(rf"/{page}/(\S+)", text).group(1)


async def test_the_link_of_a_registration_arrives_although_the_code_was_spoilt_before_its_mail_went_out(here):
    sent = await here.identity.registration.start(StartRegistration(email=TONY, password=PASSWORD))
    await guess_to_death(
        lambda otp: here.identity.registration.verify(
            VerifyRegistration(challenge_id=sent.challenge_id, otp=otp)
        )
    )
    text = await here.newest()
    assert await here.told() == [("identity.link", "sent", "only_the_link_is_good")]
    assert not re.search(r"\b\d{6}\b", text)
    token = the_link(text, "verify-email")
    registered = await here.identity.registration.verify(VerifyRegistration(token=token))
    assert registered.user.email == TONY


async def test_the_link_of_a_reset_arrives_although_the_code_was_spoilt_before_its_mail_went_out(here):
    await a_member(here.house, TONY)
    sent = await here.identity.password_reset.request(RequestPasswordReset(email=TONY))
    await guess_to_death(
        lambda otp: here.identity.password_reset.confirm(
            ConfirmPasswordReset(challenge_id=sent.challenge_id, otp=otp, new_password=NEW_PASSWORD)
        )
    )
    token = the_link(await here.newest(), "reset-password")
    await here.identity.password_reset.confirm(ConfirmPasswordReset(token=token, new_password=NEW_PASSWORD))
    assert ("identity.link", "sent", "only_the_link_is_good") in await here.told()
    assert (await here.told())[-1] == ("identity.security", "sent", "password_reset")


async def test_the_owner_is_told_of_a_sign_up_although_its_code_was_spoilt_at_once(here):
    await a_member(here.house, TONY)
    sent = await here.identity.registration.start(StartRegistration(email=TONY, password=PASSWORD))
    await guess_to_death(
        lambda otp: here.identity.registration.verify(
            VerifyRegistration(challenge_id=sent.challenge_id, otp=otp)
        )
    )
    assert (await here.told())[-1] == ("identity.account_exists", "sent", "account_exists")


async def test_a_sign_in_code_that_was_spoilt_is_not_sent_as_it_has_no_link(here):
    await a_member(here.house, TONY)
    sent = await here.identity.sign_in.request_code(RequestSignInCode(email=TONY))
    await guess_to_death(
        lambda otp: here.identity.sign_in.with_code(SignInWithCode(challenge_id=sent.challenge_id, otp=otp))
    )
    assert (await here.told())[-1] == ("identity.code", "skipped", "the_code_is_over")


async def test_whoever_uses_up_the_mails_of_one_purpose_keeps_no_others_from_the_owner(here):
    await a_member(here.house, TONY)
    await ask(here, TONY, times=9)
    assert (await here.told())[-1] == ("identity.code", "skipped", "enough_mails_for_now")
    await here.identity.password_reset.request(RequestPasswordReset(email=TONY))
    assert (await here.told())[-1] == ("identity.code", "sent", "password_reset")


async def test_an_owner_who_is_signed_in_gets_every_mail_whatever_others_used_up(here):
    await a_member(here.house, TONY)
    owner = await the_signed_in(here, TONY)
    await ask(here, TONY, times=9)
    before = await here.told()
    await ask(here, TONY, times=7, caller=owner)
    assert (await here.told())[len(before) :] == [("identity.code", "sent", "login")] * 7


async def test_what_an_owner_asked_for_signed_in_takes_nothing_from_the_budget(here):
    await a_member(here.house, TONY)
    owner = await the_signed_in(here, TONY)
    await ask(here, TONY, times=9, caller=owner)
    before = await here.told()
    await ask(here, TONY, times=6)
    assert [status for _, status, _ in (await here.told())[len(before) :]] == ["sent"] * 5 + ["skipped"]


async def test_a_resend_that_the_owner_asks_for_signed_in_is_sent(here, clock):
    await a_member(here.house, TONY)
    owner = await the_signed_in(here, TONY)
    sent = await here.identity.sign_in.request_code(RequestSignInCode(email=TONY), owner)
    await ask(here, TONY, times=9)
    clock.pass_by(timedelta(seconds=31))
    wanted = ResendCode(challenge_id=sent.challenge_id)
    await here.identity.codes.resend(wanted, owner, purpose=Purpose.LOGIN)
    assert (await here.told())[-1] == ("identity.code", "sent", "login")


async def test_being_signed_in_opens_nobody_elses_mailbox(here):
    await a_member(here.house, TONY)
    await a_member(here.house, PEPPER)
    stranger = await the_signed_in(here, PEPPER)
    before = await here.told()
    await ask(here, TONY, times=6, caller=stranger)
    await ask(here, "nobody@stark.com", times=6, caller=stranger)
    told = [status for _, status, _ in (await here.told())[len(before) :]]
    assert told[:6] == ["sent"] * 5 + ["skipped"]
    assert told[6:] == ["skipped"] * 6


async def test_notices_about_an_account_are_sent_whatever_was_used_up(here):
    await a_member(here.house, TONY)
    await here.identity.password_reset.request(RequestPasswordReset(email=TONY))
    token = the_link(await here.newest(), "reset-password")
    await ask(here, TONY, times=9)
    for _ in range(9):
        await here.identity.password_reset.request(RequestPasswordReset(email=TONY))
    await here.identity.password_reset.confirm(ConfirmPasswordReset(token=token, new_password=NEW_PASSWORD))
    assert (await here.told())[-1] == ("identity.security", "sent", "password_reset")


async def test_whoever_claims_a_mailbox_without_proof_has_no_more_mails_than_a_stranger(here):
    await a_member(here.house, TONY)
    caller = await the_signed_in(here, TONY)
    async with here.house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find_by_email(TONY)
        user.email_verified = False
        await unit.users.save(user)
        await unit.commit()
    for _ in range(6):
        await here.identity.password_reset.request(RequestPasswordReset(email=TONY), caller)
    assert (await here.told())[-1] == ("identity.code", "skipped", "enough_mails_for_now")
