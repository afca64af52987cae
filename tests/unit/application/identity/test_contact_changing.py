"""Changing an address: proof of the new one, word to the old one, and nothing told to anybody else."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, open_house, sign_up, signed_in

from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import (
    ChangeEmail,
    ChangePhone,
    ConfirmContactChange,
    Done,
    SignInWithPassword,
    StopContactChange,
    VerifyRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import ContactKind, EmailTaken, SessionOver
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import (
    InvalidInput,
    NotFound,
    StepUpRequired,
    TooManyRequests,
    Unauthenticated,
)

TONY, NEW, PEPPER = "tony@stark.com", "anthony@stark.com", "pepper@stark.com"
OLD_NUMBER, NUMBER = "+886912345678", "+886987654321"


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as house:
        yield house


async def a_caller(house, email=TONY) -> Caller:
    tokens = await signed_in(house, email)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access), ip="192.0.2.1")


async def tony(house) -> Caller:
    await a_member(house, TONY, "iron.man")
    return await a_caller(house)


async def texts(house, to):
    await house.drain()
    return [message.text for message in await house.container.mailbox.messages(to)]


async def code(house, to) -> str:
    return re.search(r"\b\d{6}\b", (await texts(house, to))[0]).group()


async def token(house, to, page) -> str:
    return re.search(rf"/{page}/([A-Za-z0-9_-]+)", (await texts(house, to))[0])[1]


async def request(house, caller, *, email=None, phone=None):
    command = ChangeEmail(email=email) if email else ChangePhone(phone=phone)
    return await house.identity.contact_changes.request(command, caller)


async def confirm(house, caller=ANYBODY, kind=ContactKind.EMAIL, **fields):
    return await house.identity.contact_changes.confirm(kind, ConfirmContactChange(**fields), caller)


async def is_live(house, caller) -> bool:
    async with house.container.units.view(SYSTEM) as view:
        standing = await view.sessions.standing(caller.principal.session_id, now=house.container.clock.now())
        return standing.is_live


async def test_the_proved_address_takes_the_place_of_the_old_one(house):
    caller = await tony(house)
    other = await a_caller(house)
    await request(house, caller, email=NEW)
    assert (await house.identity.profile.me(caller)).email == TONY
    changed = await confirm(house, caller, otp=await code(house, NEW))
    assert (changed.email, changed.is_email_verified) == (NEW, True)
    assert [await is_live(house, each) for each in (caller, other)] == [True, False]
    assert await signed_in(house, NEW)
    await a_member(house, TONY)  # the old address is anybody's again


async def test_the_old_address_is_told_at_once_and_at_the_end(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    asked = (await texts(house, TONY))[0]
    assert "about to change" in asked
    assert "192.0.2.1" in asked
    assert "/stop-change/" in asked
    assert NEW not in asked
    await confirm(house, caller, otp=await code(house, NEW))
    done = (await texts(house, TONY))[0]
    assert "was changed" in done or "another e-mail address" in done
    assert "/account/reset-password/" not in done
    assert NEW not in done


async def test_the_link_proves_the_address_without_a_session_and_keeps_the_one_that_asked(house):
    caller = await tony(house)
    other = await a_caller(house)
    await request(house, caller, email=NEW)
    link = await token(house, NEW, "confirm-email")
    assert await confirm(house, token=link) == Done()
    assert (await house.identity.profile.me(caller)).email == NEW
    assert [await is_live(house, each) for each in (caller, other)] == [True, False]
    with pytest.raises(InvalidCode):
        await confirm(house, token=link)


async def test_the_code_is_good_only_for_whoever_asked(house):
    caller = await tony(house)
    await a_member(house, PEPPER)
    pepper = await a_caller(house, PEPPER)
    sent = await request(house, caller, email=NEW)
    right = await code(house, NEW)
    with pytest.raises(Unauthenticated):
        await confirm(house, challenge_id=sent.challenge_id, otp=right)
    with pytest.raises(InvalidCode):
        await confirm(house, pepper, challenge_id=sent.challenge_id, otp=right)
    with pytest.raises(InvalidCode):
        await confirm(house, caller, kind=ContactKind.PHONE, otp=right)
    assert (await confirm(house, caller, challenge_id=sent.challenge_id, otp=right)).email == NEW


async def test_five_wrong_codes_void_it_and_the_link_stays_good(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    right = await code(house, NEW)
    link = await token(house, NEW, "confirm-email")
    wrong = "000000" if right != "000000" else "000001"
    for _ in range(5):
        with pytest.raises(InvalidCode):
            await confirm(house, caller, otp=wrong)
    with pytest.raises(InvalidCode):
        await confirm(house, caller, otp=right)
    assert (await confirm(house, caller, token=link)).email == NEW


async def test_a_newer_request_replaces_the_older(house, clock):
    caller = await tony(house)
    await request(house, caller, email="first@stark.com")
    older_code = await code(house, "first@stark.com")
    older_link = await token(house, "first@stark.com", "confirm-email")
    await request(house, caller, email=NEW)
    newer = await code(house, NEW)
    for attempt in ({"otp": older_code}, {"token": older_link}):
        if attempt.get("otp") != newer:
            with pytest.raises(InvalidCode):
                await confirm(house, caller, **attempt)
    assert (await confirm(house, caller, otp=newer)).email == NEW


async def test_both_kinds_may_be_under_way_at_once(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    await request(house, caller, phone=NUMBER)
    phone = await confirm(house, caller, ContactKind.PHONE, otp=await code(house, NUMBER))
    assert (phone.phone, phone.is_phone_verified, phone.email) == (NUMBER, True, TONY)
    assert (await confirm(house, caller, otp=await code(house, NEW))).email == NEW


async def test_a_change_of_number_is_told_to_the_old_number_and_to_the_mailbox(house):
    caller = await tony(house)
    await request(house, caller, phone=OLD_NUMBER)
    await confirm(house, caller, ContactKind.PHONE, otp=await code(house, OLD_NUMBER))
    await request(house, caller, phone=NUMBER)
    assert "about to change" in (await texts(house, OLD_NUMBER))[0]
    assert "/stop-change/" in (await texts(house, TONY))[0]
    await confirm(house, caller, ContactKind.PHONE, otp=await code(house, NUMBER))
    assert "was changed" in (await texts(house, OLD_NUMBER))[0]
    mail = (await texts(house, TONY))[0]
    assert "another phone number" in mail
    assert "/account/reset-password/" in mail


async def test_the_answer_does_not_tell_whether_the_address_is_somebodys(house):
    caller = await tony(house)
    await a_member(house, PEPPER)
    free = await request(house, caller, email=NEW)
    taken = await request(house, caller, email=PEPPER)
    assert (free.resend_after, free.expires_at) == (taken.resend_after, taken.expires_at)
    told = (await texts(house, PEPPER))[0]
    assert "Someone tried to add your e-mail address" in told
    assert not re.search(r"\b\d{6}\b", told)
    assert "/confirm-email/" not in told
    assert TONY not in told
    with pytest.raises(InvalidCode):
        await confirm(house, caller, challenge_id=taken.challenge_id, otp="123456")


async def test_an_address_that_found_an_owner_meanwhile_is_told_only_after_proof(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    right, link = await code(house, NEW), await token(house, NEW, "confirm-email")
    await a_member(house, NEW)
    with pytest.raises(InvalidCode):
        await confirm(house, caller, otp="000000" if right != "000000" else "000001")
    with pytest.raises(EmailTaken):
        await confirm(house, caller, otp=right)
    with pytest.raises(EmailTaken):
        await confirm(house, token=link)
    assert (await house.identity.profile.me(caller)).email == TONY


async def test_a_registration_that_waited_for_the_address_is_dropped(house):
    caller = await tony(house)
    sent = await sign_up(house, NEW)
    registration = await code(house, NEW)
    await request(house, caller, email=NEW)
    await confirm(house, caller, otp=await code(house, NEW))
    with pytest.raises(InvalidCode):
        await house.identity.registration.verify(
            VerifyRegistration(challenge_id=sent.challenge_id, otp=registration)
        )


async def test_ones_own_address_is_no_change(house):
    caller = await tony(house)
    for email in (TONY, TONY.upper()):
        with pytest.raises(InvalidInput) as refused:
            await request(house, caller, email=email)
        assert [(each.field, each.code) for each in refused.value.problems] == [("email", "same_as_now")]


async def test_it_needs_a_recent_sign_in(house, clock):
    caller = await tony(house)
    clock.pass_by(timedelta(minutes=5))
    with pytest.raises(StepUpRequired):
        await request(house, caller, email=NEW)
    with pytest.raises(Unauthenticated):
        await request(house, ANYBODY, email=NEW)


async def test_it_expires_with_its_code(house, clock):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    right, link = await code(house, NEW), await token(house, NEW, "confirm-email")
    stop = await token(house, TONY, "stop-change")
    clock.pass_by(timedelta(minutes=10))
    for attempt in ({"otp": right}, {"token": link}):
        with pytest.raises(InvalidCode):
            await confirm(house, caller, **attempt)
    with pytest.raises(InvalidCode):
        await house.identity.contact_changes.stop_by_token(StopContactChange(token=stop))
    with pytest.raises(NotFound):
        await house.identity.contact_changes.stop(ContactKind.EMAIL, caller)


async def test_whoever_holds_the_old_address_stops_it_and_every_session_ends(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    right, link = await code(house, NEW), await token(house, NEW, "confirm-email")
    stop = StopContactChange(token=await token(house, TONY, "stop-change"))
    await house.identity.contact_changes.stop_by_token(stop)
    assert not await is_live(house, caller)
    for attempt in ({"otp": right}, {"token": link}):
        with pytest.raises(InvalidCode):
            await confirm(house, caller, **attempt)
    with pytest.raises(InvalidCode):
        await house.identity.contact_changes.stop_by_token(stop)
    assert (await signed_in(house, TONY)).user.email == TONY


async def test_a_change_that_is_done_is_not_stopped(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    stop = StopContactChange(token=await token(house, TONY, "stop-change"))
    await confirm(house, caller, otp=await code(house, NEW))
    with pytest.raises(InvalidCode):
        await house.identity.contact_changes.stop_by_token(stop)
    assert await is_live(house, caller)


async def test_the_person_stops_it_too_and_stays_signed_in(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    await house.identity.contact_changes.stop(ContactKind.EMAIL, caller)
    assert await is_live(house, caller)
    with pytest.raises(InvalidCode):
        await confirm(house, caller, otp=await code(house, NEW))
    with pytest.raises(NotFound):
        await house.identity.contact_changes.stop(ContactKind.EMAIL, caller)


@pytest.mark.parametrize("forged", ["x", "", "A" * 48, "é" * 48, "A" * 128])
async def test_a_forged_stop_token_asks_the_database_nothing(house, forged, monkeypatch):
    monkeypatch.setattr(house.container.units, "open", lambda _: pytest.fail("a unit was opened"))
    if forged:
        with pytest.raises(InvalidCode):
            await house.identity.contact_changes.stop_by_token(StopContactChange(token=forged))


async def test_a_stop_token_with_one_bit_changed_is_none(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    good = await token(house, TONY, "stop-change")
    for place in range(0, 48, 5):
        changed = good[:place] + ("A" if good[place] != "A" else "B") + good[place + 1 :]
        with pytest.raises(InvalidCode):
            await house.identity.contact_changes.stop_by_token(StopContactChange(token=changed))
    assert await is_live(house, caller)


async def test_nothing_of_the_addresses_or_codes_is_of_record(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    right = await code(house, NEW)
    await confirm(house, caller, otp=right)
    async with house.container.units.view(SYSTEM) as view:
        user_id = str(caller.principal.user_id)
        entries = await view.audit_trail.find(AuditFilter(user_id=user_id), limit=50)
    happened = {each.event for each in entries}
    assert {"identity.contact_change_requested", "identity.contact_changed"} <= happened
    assert not any(secret in repr(entries) for secret in (NEW, right))


async def test_a_repetition_under_the_same_key_is_answered_as_the_first(house):
    caller = await tony(house)
    command = ChangeEmail(email=NEW)
    first, again = [
        await house.identity.contact_changes.request(command, caller, idempotency_key="k") for _ in range(2)
    ]
    assert first == again
    assert len(await texts(house, NEW)) == 1


async def test_ten_requests_an_hour_are_enough(house):
    caller = await tony(house)
    for number in range(10):
        await request(house, caller, email=f"n{number}@stark.com")
    with pytest.raises(TooManyRequests):
        await request(house, caller, email="n11@stark.com")


async def test_a_suspended_person_changes_nothing(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    link = await token(house, NEW, "confirm-email")
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(caller.principal.user_id)
        user.status = type(user.status).SUSPENDED
        await unit.users.save(user)
        await unit.commit()
    with pytest.raises(InvalidCode):
        await confirm(house, token=link)


async def test_after_a_change_a_password_is_asked_for_as_before(house):
    caller = await tony(house)
    await request(house, caller, email=NEW)
    await confirm(house, caller, otp=await code(house, NEW))
    signed = await house.identity.sign_in.with_password(
        SignInWithPassword(email=NEW, password=PASSWORD), replace(ANYBODY, ip="192.0.2.1")
    )
    assert signed.user.username == "iron.man"
    await house.identity.device_sessions.revoke_all(caller)
    with pytest.raises(SessionOver):
        await house.identity.authenticating.principal(signed.access)
