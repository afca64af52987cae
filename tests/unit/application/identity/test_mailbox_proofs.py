"""What whoever holds a mailbox proves by it, and that nobody else gets in by that."""

import re
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.factors import caller_of
from tests.unit.application.identity.people import PASSWORD, a_member, code_for, open_house, signed_in
from tests.unit.application.identity.test_contact_changing import confirm, request, texts, token
from tests.unit.application.identity.test_importing import a_django_hash, bring, find

from multiproduct.application.caller import ANYBODY
from multiproduct.application.identity import (
    ChangePassword,
    ConfirmPasswordReset,
    Done,
    RequestPasswordReset,
    ResendCode,
    SignInWithPassword,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import ContactKind, EmailTaken, InvalidCredentials
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.domain.shared import InvalidInput

VICTIM, TONY, NUMBER = "victim@corp.com", "tony@stark.com", "+886912345678"
OWN, THEIRS, OTHER = "the victims own phrase 9", "attackers chosen phrase 9", "quite another battery staple"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


async def start(house, password, email=VICTIM, **more):
    command = StartRegistration(email=email, password=password, **more)
    return await house.identity.registration.start(command)


async def newest_link(house, email=VICTIM) -> str:
    return await token(house, email, "verify-email")


async def verify(house, **fields):
    return (await house.identity.registration.verify(VerifyRegistration(**fields))).user


async def lets_in(house, password, email=VICTIM) -> bool:
    try:
        await house.identity.sign_in.with_password(SignInWithPassword(email=email, password=password))
    except InvalidCredentials:
        return False
    return True


def problems(refused) -> list[tuple[str, str]]:
    return [(each.field, each.code) for each in refused.value.problems]


async def test_one_pending_registration_is_proved_by_its_link_alone(house):
    await start(house, OWN)
    await verify(house, token=await newest_link(house))
    assert await lets_in(house, OWN)


async def test_the_newest_of_two_equal_mails_does_not_give_the_account_a_strangers_password(house):
    await start(house, OWN, username="the.victim")
    await start(house, THEIRS, username="the.stranger")
    link = await newest_link(house)
    with pytest.raises(InvalidInput) as refused:
        await verify(house, token=link)
    assert problems(refused) == [("password", "required")]
    with pytest.raises(InvalidInput) as refused:
        await verify(house, token=link, password=OTHER)
    assert problems(refused) == [("password", "wrong_sign_up_password")]
    assert (await verify(house, token=link, password=OWN)).username == "the.victim"
    assert [await lets_in(house, each) for each in (OWN, THEIRS)] == [True, False]
    with pytest.raises(InvalidCode):
        await verify(house, token=link, password=OWN)


async def test_a_link_with_a_new_password_drops_the_one_of_the_sign_up(house):
    await start(house, THEIRS)
    link = await newest_link(house)
    with pytest.raises(InvalidInput) as refused:
        await verify(house, token=link, new_password="password1")
    assert problems(refused) == [("new_password", "password_common")]
    with pytest.raises(InvalidInput) as refused:
        await verify(house, token=link, new_password=OTHER, password=THEIRS)
    assert problems(refused) == [("new_password", "one_of")]
    await verify(house, token=link, new_password=OTHER)
    assert [await lets_in(house, each) for each in (OTHER, THEIRS)] == [True, False]


async def test_a_rival_whose_time_ran_out_while_the_other_waited_still_counts(house, clock):
    await start(house, OWN)
    clock.pass_by(timedelta(minutes=9, seconds=59))
    await start(house, THEIRS)
    clock.pass_by(timedelta(seconds=2))
    link = await newest_link(house)
    with pytest.raises(InvalidInput):
        await verify(house, token=link)
    await verify(house, token=link, password=OWN)
    assert [await lets_in(house, each) for each in (OWN, THEIRS)] == [True, False]


async def test_a_sign_up_of_another_time_is_no_rival(house, clock):
    await start(house, THEIRS)
    clock.pass_by(timedelta(minutes=10))
    await start(house, OWN)
    await verify(house, token=await newest_link(house))
    assert await lets_in(house, OWN)


async def test_a_code_without_its_challenge_needs_the_password_after_a_stranger_spoilt_the_own_one(
    house, clock
):
    await start(house, OWN)
    right = await code_for(house, VICTIM)
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await verify(house, email=VICTIM, otp="000000" if right != "000000" else "000001")
    clock.pass_by(timedelta(minutes=1))
    await start(house, THEIRS)
    code = await code_for(house, VICTIM)
    with pytest.raises(InvalidInput) as refused:
        await verify(house, email=VICTIM, otp=code)
    assert problems(refused) == [("password", "required")]
    await verify(house, email=VICTIM, otp=code, password=OWN)
    assert [await lets_in(house, each) for each in (OWN, THEIRS)] == [True, False]


async def test_a_challenge_id_means_its_own_registration(house):
    own = await start(house, OWN)
    code = await code_for(house, VICTIM)
    theirs = await start(house, THEIRS)
    with pytest.raises(InvalidCode):
        await verify(house, challenge_id=theirs.challenge_id, otp=code)
    with pytest.raises(InvalidInput):
        await verify(house, challenge_id=own.challenge_id, otp=code, password=THEIRS)
    await verify(house, challenge_id=own.challenge_id, otp=code)
    assert [await lets_in(house, each) for each in (OWN, THEIRS)] == [True, False]


async def test_a_wrong_proof_costs_no_hash_however_a_password_comes_along(house, monkeypatch):
    await start(house, OWN)
    hasher = house.container.identity.registration._hasher
    monkeypatch.setattr(type(hasher), "check", lambda *_: pytest.fail("a password was compared"))
    monkeypatch.setattr(type(hasher), "hash", lambda *_: pytest.fail("a password was hashed"))
    link = await newest_link(house)
    for password in ({"password": OWN}, {"new_password": OTHER}):
        with pytest.raises(InvalidCode):
            await verify(house, token=f"{link[:-2]}{'AA' if link[-2:] != 'AA' else 'BB'}", **password)


async def test_a_number_without_a_password_is_asked_for_none(house):
    for _ in range(2):
        sent = await house.identity.registration.start(StartRegistration(phone=NUMBER))
    user = await verify(house, challenge_id=sent.challenge_id, otp=await code_for(house, NUMBER))
    assert user.is_phone_verified


async def test_whether_a_link_asks_for_a_password_is_told_to_whoever_has_the_link(house):
    await start(house, OWN)
    link = await newest_link(house)
    links = house.identity.links
    forged = f"{link[:-2]}{'AA' if link[-2:] != 'AA' else 'BB'}"
    assert [await links.asks_password(each) for each in (link, forged, "x")] == [True, False, False]
    await verify(house, token=link)
    assert not await links.asks_password(link)


async def reset(house):
    sent = await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
    command = ConfirmPasswordReset(
        challenge_id=sent.challenge_id, otp=await code_for(house, TONY), new_password=OTHER
    )
    await house.identity.password_reset.confirm(command)


async def revoke_all(house):
    owner = await caller_of(house, await signed_in(house, TONY))
    await house.identity.device_sessions.revoke_all(owner)


async def change_password(house):
    owner = await caller_of(house, await signed_in(house, TONY))
    command = ChangePassword(current_password=PASSWORD, new_password=OTHER)
    await house.identity.password_change.change(command, owner)


@pytest.mark.parametrize("shut_out", [reset, revoke_all, change_password])
async def test_a_thief_who_was_shut_out_gets_in_by_no_change_of_address_begun_before(house, shut_out):
    await a_member(house, TONY)
    thief = await caller_of(house, await signed_in(house, TONY))
    await request(house, thief, email="thief@evil.com")
    link = await token(house, "thief@evil.com", "confirm-email")
    code = await code_for(house, "thief@evil.com")
    await shut_out(house)
    for attempt in ({"token": link}, {"otp": code}):
        with pytest.raises(InvalidCode):
            await confirm(house, thief if "otp" in attempt else ANYBODY, **attempt)
    assert (await find(house, TONY)).email.key == TONY


async def test_a_change_of_ones_own_ends_with_the_password_it_began_under(house):
    await a_member(house, TONY)
    owner = await caller_of(house, await signed_in(house, TONY))
    await request(house, owner, email="new@stark.com")
    command = ChangePassword(current_password=PASSWORD, new_password=OTHER)
    await house.identity.password_change.change(command, owner)
    with pytest.raises(InvalidCode):
        await confirm(house, owner, otp=await code_for(house, "new@stark.com"))


async def test_a_stranger_who_confirms_a_mistyped_address_reads_nothing_of_the_account(house):
    await a_member(house, TONY)
    await a_member(house, "stranger@corp.com")
    owner = await caller_of(house, await signed_in(house, TONY))
    stranger = await caller_of(house, await signed_in(house, "stranger@corp.com"))
    for mistyped, whoever in (("first@corp.com", ANYBODY), ("second@corp.com", stranger)):
        await request(house, owner, email=mistyped)
        assert await confirm(house, whoever, token=await token(house, mistyped, "confirm-email")) == Done()
    await request(house, owner, email="third@corp.com")
    own = await confirm(house, owner, token=await token(house, "third@corp.com", "confirm-email"))
    assert own.email == "third@corp.com"


async def squatter(house, **imported):
    squatting = {"email": "squatter@evil.com", "email_verified": True, "password_hash": a_django_hash()}
    await bring(house, squatting | imported)


async def test_a_proved_change_takes_a_number_that_its_squatter_never_proved(house):
    await squatter(house, phone=NUMBER, phone_verified=False)
    await a_member(house, TONY)
    owner = await caller_of(house, await signed_in(house, TONY))
    await request(house, owner, phone=NUMBER)
    changed = await confirm(house, owner, ContactKind.PHONE, otp=await code_for(house, NUMBER))
    assert (changed.phone, changed.is_phone_verified) == (NUMBER, True)
    assert (await find(house, "squatter@evil.com")).phone is None


async def test_a_proved_change_takes_an_address_that_its_squatter_never_proved(house):
    await squatter(house, email=VICTIM, email_verified=False, phone=NUMBER, phone_verified=True)
    await a_member(house, TONY)
    owner = await caller_of(house, await signed_in(house, TONY))
    await request(house, owner, email=VICTIM)
    changed = await confirm(house, owner, otp=await code_for(house, VICTIM))
    assert (changed.email, changed.is_email_verified) == (VICTIM, True)
    assert (await find(house, VICTIM)).id == changed.id


async def test_a_proved_number_stays_with_its_owner(house):
    await squatter(house, phone=NUMBER, phone_verified=True)
    await a_member(house, TONY)
    owner = await caller_of(house, await signed_in(house, TONY))
    await request(house, owner, phone=NUMBER)
    assert not any(re.search(r"\b\d{6}\b", text) for text in await texts(house, NUMBER))
    assert (await find(house, "squatter@evil.com")).phone is not None


async def test_an_address_proved_by_another_meanwhile_is_not_taken(house):
    await a_member(house, TONY)
    owner = await caller_of(house, await signed_in(house, TONY))
    await request(house, owner, email=VICTIM)
    link = await token(house, VICTIM, "confirm-email")
    await a_member(house, VICTIM)
    with pytest.raises(EmailTaken):
        await confirm(house, token=link)


async def test_a_resend_takes_no_challenge_of_another_purpose(house):
    await a_member(house, TONY)
    sent = await house.identity.password_reset.request(RequestPasswordReset(email=TONY))
    command = ResendCode(challenge_id=sent.challenge_id)
    with pytest.raises(InvalidCode):
        await house.identity.codes.resend(command, purpose=Purpose.REGISTRATION)


async def test_an_id_that_came_of_a_resend_by_address_does_not_confirm_a_strangers_sign_up(house, clock):
    await start(house, OWN)
    clock.pass_by(timedelta(minutes=9, seconds=30))
    await start(house, THEIRS)
    clock.pass_by(timedelta(minutes=1))
    again = await house.identity.codes.resend(ResendCode(email=VICTIM))
    code = await code_for(house, VICTIM)
    with pytest.raises(InvalidInput) as refused:
        await verify(house, challenge_id=again.challenge_id, otp=code)
    assert problems(refused) == [("password", "required")]
    await verify(house, challenge_id=again.challenge_id, otp=code, new_password=OWN)
    assert [await lets_in(house, each) for each in (OWN, THEIRS)] == [True, False]


async def test_an_id_that_came_of_a_resend_is_enough_where_nobody_else_signed_up(house, clock):
    await start(house, OWN)
    clock.pass_by(timedelta(minutes=1))
    again = await house.identity.codes.resend(ResendCode(email=VICTIM))
    await verify(house, challenge_id=again.challenge_id, otp=await code_for(house, VICTIM))
    assert await lets_in(house, OWN)
