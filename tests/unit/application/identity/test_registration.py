"""Registration: asking for an account, proving the address, and what may come between the two."""

import re
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    code_for,
    open_house,
    sign_up,
    signed_in,
)

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import UsernameTaken
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode
from multiproduct.domain.shared import InvalidInput

TONY, PEPPER, PHONE = "tony@stark.com", "pepper@stark.com", "+12025550134"
MOMENT = timedelta(microseconds=1)


def problems(refusal) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in refusal.value.problems]


async def verify(house, **answer):
    done = await house.identity.registration.verify(VerifyRegistration(**answer))
    return done.user


async def messages(house, to):
    await house.drain()
    return await house.container.mailbox.messages(to)


async def test_the_user_is_what_was_asked_for():
    async with open_house() as house:
        sent = await house.identity.registration.start(
            StartRegistration(
                email="Tony@Stark.com",
                password=PASSWORD,
                username="Iron.Man",
                first_name="Tony",
                last_name="Stark",
                locale="zh_hant",
                time_zone="Asia/Taipei",
            )
        )
        user = await verify(
            house, challenge_id=sent.challenge_id, otp=await code_for(house, "Tony@stark.com")
        )
        assert (user.email, user.username) == ("Tony@stark.com", "Iron.Man")
        assert (user.first_name, user.last_name) == ("Tony", "Stark")
        assert (user.locale, user.time_zone) == ("zh-Hant", "Asia/Taipei")
        assert (user.is_email_verified, user.is_phone_verified) == (True, False)
        assert (user.username_changeable, user.roles, user.type) == (
            False,
            ["standard_user"],
            "standard_user",
        )
        assert user.id.version == 4


async def test_a_name_taken_meanwhile_can_be_replaced_with_the_same_code():
    async with open_house() as house:
        sent = await sign_up(house, TONY, "iron.man")
        code = await code_for(house, TONY)
        await a_member(house, PEPPER, "Iron.Man")
        answer = {"challenge_id": sent.challenge_id, "otp": code}
        for _ in range(7):  # more often than a code may be answered wrongly
            with pytest.raises(UsernameTaken) as refusal:
                await verify(house, **answer)
        assert len(refusal.value.suggestions) >= 4
        user = await verify(house, **answer, username=refusal.value.suggestions[0])
        assert user.username == refusal.value.suggestions[0]
        assert not user.username_changeable


async def test_a_name_that_is_taken_is_refused_at_once_with_free_ones():
    async with open_house() as house:
        await a_member(house, TONY, "iron.man")
        with pytest.raises(UsernameTaken) as refusal:
            await sign_up(house, PEPPER, "IRON.MAN")
        assert len(refusal.value.suggestions) >= 4
        assert await messages(house, PEPPER) == []


async def test_a_wished_name_replaces_the_one_that_was_asked_for():
    async with open_house() as house:
        sent = await sign_up(house, TONY, "iron.man")
        code = await code_for(house, TONY)
        with pytest.raises(InvalidInput) as refusal:
            await verify(house, challenge_id=sent.challenge_id, otp=code, username="admin")
        assert problems(refusal) == [("username", "reserved_username")]
        user = await verify(house, challenge_id=sent.challenge_id, otp=code, username="war.machine")
        assert user.username == "war.machine"


async def test_somebody_without_a_wish_gets_a_name_that_may_be_changed():
    async with open_house() as house:
        users = [await a_member(house, f"person{number}@stark.com") for number in range(5)]
        assert len({user.username for user in users}) == 5
        for user in users:
            assert re.fullmatch(r"[a-z]+-[a-z]+-\d{4}", user.username)
            assert user.username_changeable
            assert "person" not in user.username


async def test_a_second_sign_up_does_not_void_the_first():
    async with open_house() as house:
        first = await sign_up(house, TONY, "iron.man")
        code = await code_for(house, TONY)
        await sign_up(house, TONY, "war.machine")
        user = await verify(house, challenge_id=first.challenge_id, otp=code)
        assert user.username == "iron.man"


async def test_two_live_codes_must_be_told_apart_by_their_challenge():
    async with open_house() as house:
        await sign_up(house, TONY)
        second = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        with pytest.raises(ChallengeIdRequired):
            await verify(house, email=TONY, otp=code)
        assert (await verify(house, challenge_id=second.challenge_id, otp=code)).email == TONY


async def test_a_code_that_is_over_leaves_the_address_one_that_needs_no_challenge_but_the_password():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        await sign_up(house, TONY)
        clock.pass_by(timedelta(minutes=9))
        await sign_up(house, TONY)
        clock.pass_by(timedelta(minutes=1))
        code = await code_for(house, TONY)
        with pytest.raises(InvalidInput):
            await verify(house, email=TONY, otp=code)
        assert (await verify(house, email=TONY, otp=code, password=PASSWORD)).email == TONY


async def test_rivals_for_an_address_are_gone_once_it_has_its_owner():
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        rival = await sign_up(house, TONY, "rival")
        rivals_code = await code_for(house, TONY)
        await sign_up(house, PEPPER)
        await a_member(house, TONY, "iron.man")
        (left,) = store._store.identity.pending_registrations.rows.values()
        assert left.email.key == PEPPER
        with pytest.raises(InvalidCode):
            await verify(house, challenge_id=rival.challenge_id, otp=rivals_code)
        tokens = await signed_in(house, TONY)
        assert tokens.user.username == "iron.man"


async def test_a_wished_name_of_a_pending_registration_is_nobodys_yet():
    async with open_house() as house:
        await sign_up(house, TONY, "iron.man")
        user = await a_member(house, PEPPER, "iron.man")
        assert user.username == "iron.man"


async def test_an_owner_is_told_and_the_stranger_is_answered_as_ever():
    async with open_house() as house:
        await a_member(house, TONY)
        await messages(house, TONY)
        before = len(await messages(house, TONY))
        sent = await sign_up(house, TONY.upper())
        unknown = await sign_up(house, PEPPER)
        assert sent.resend_after == unknown.resend_after
        assert type(sent) is type(unknown)
        found = await messages(house, TONY)
        assert len(found) == before + 1
        assert not re.search(r"\b\d{6}\b", found[0].text)


async def test_a_telephone_is_proved_by_a_short_message():
    async with open_house() as house:
        sent = await house.identity.registration.start(StartRegistration(phone="+1 (202) 555-0134"))
        (text,) = await messages(house, PHONE)
        assert text.channel == "sms"
        code = re.search(r"\b\d{6}\b", text.text).group()
        user = await verify(house, challenge_id=sent.challenge_id, otp=code)
        assert (user.phone, user.email) == (PHONE, None)
        assert (user.is_phone_verified, user.is_email_verified) == (True, False)


async def test_a_telephone_may_be_named_in_place_of_its_challenge():
    async with open_house() as house:
        await house.identity.registration.start(StartRegistration(phone=PHONE))
        (text,) = await messages(house, PHONE)
        code = re.search(r"\b\d{6}\b", text.text).group()
        assert (await verify(house, phone="+1-202-555-0134", otp=code)).phone == PHONE


async def test_a_mail_and_a_telephone_are_different_people_until_they_say_otherwise():
    async with open_house() as house:
        await a_member(house, TONY)
        await house.identity.registration.start(StartRegistration(phone=PHONE))
        code = re.search(r"\b\d{6}\b", (await messages(house, PHONE))[0].text).group()
        assert (await verify(house, phone=PHONE, otp=code)).email is None


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("email", "required")),
        ({"email": TONY}, ("password", "required")),
        ({"email": TONY, "phone": PHONE, "password": PASSWORD}, ("phone", "one_of")),
        ({"email": "tony", "password": PASSWORD}, ("email", "invalid_email")),
        ({"email": "", "password": PASSWORD}, ("email", "required")),
        ({"phone": "911"}, ("phone", "invalid_phone")),
        ({"email": TONY, "password": "short"}, ("password", "too_short")),
        ({"email": TONY, "password": "password123"}, ("password", "password_common")),
        ({"email": TONY, "password": "tony@stark.com"}, ("password", "password_context")),
        ({"email": TONY, "password": "iron.man.1", "username": "iron.man"}, ("password", "password_context")),
        ({"email": TONY, "password": PASSWORD, "username": "ab"}, ("username", "too_short")),
        ({"email": TONY, "password": PASSWORD, "username": "admin"}, ("username", "reserved_username")),
        ({"email": TONY, "password": PASSWORD, "username": "stark"}, ("username", "reserved_username")),
        ({"email": TONY, "password": PASSWORD, "locale": "tlh"}, ("locale", "invalid_locale")),
        ({"email": TONY, "password": PASSWORD, "time_zone": "Mars/X"}, ("time_zone", "invalid_time_zone")),
        ({"phone": PHONE, "password": "short"}, ("password", "too_short")),
    ],
)
async def test_what_cannot_be_is_refused_before_anything_is_kept(given, expected):
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        with pytest.raises(InvalidInput) as refusal:
            await house.identity.registration.start(StartRegistration(**given))
        assert problems(refusal) == [expected]
        assert not store._store.challenges.rows
        assert not store._store.identity.pending_registrations.rows


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({}, [("otp", "required"), ("challenge_id", "required")]),
        ({"email": TONY}, [("otp", "required")]),
        ({"otp": "123456"}, [("challenge_id", "required")]),
        ({"otp": "123456", "email": TONY, "phone": PHONE}, [("phone", "one_of")]),
        (
            {"email": "tony", "username": "a"},
            [("otp", "required"), ("email", "invalid_email"), ("username", "too_short")],
        ),
    ],
)
async def test_an_answer_says_what_it_answers(answer, expected):
    async with open_house() as house:
        with pytest.raises(InvalidInput) as refusal:
            await verify(house, **answer)
        assert problems(refusal) == expected


async def test_nothing_that_was_kept_holds_the_password_or_the_code():
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        kept = store._store
        tables = (kept.challenges, kept.events, kept.audit, kept.deliveries, kept.todos, kept.guess_budgets)
        for table in tables:
            assert PASSWORD not in str(table.rows)
            assert f"'{code}'" not in str(table.rows)
        for table in (kept.events, kept.audit, kept.deliveries, kept.guess_budgets):
            assert TONY not in str(table.rows)
        (pending,) = kept.identity.pending_registrations.rows.values()
        assert pending.password_hash.startswith("$argon2id$")
        assert pending.expires_at == sent.expires_at


async def test_the_mail_comes_in_the_language_of_the_caller():
    async with open_house() as house:
        start = house.identity.registration.start
        await start(StartRegistration(email=TONY, password=PASSWORD), Caller(locale="es"))
        (mail,) = await messages(house, TONY)
        await start(StartRegistration(email=PEPPER, password=PASSWORD), Caller(locale="en"))
        (other,) = await messages(house, PEPPER)
        assert mail.subject != other.subject


async def test_a_registration_is_of_record_from_its_start_to_the_user():
    async with open_house() as house:
        user = await a_member(house, TONY)
        async with house.container.units.view(SYSTEM) as view:
            entries = await view.audit_trail.find(AuditFilter(), limit=50)
        names = [entry.event for entry in reversed(entries)]
        assert names == [
            *("otp.challenge_issued", "identity.registration_started"),
            *("otp.challenge_answered", "identity.user_registered"),
        ]
        assert entries[0].user_id == str(user.id)
        assert {entry.actor_type for entry in entries} == {"anonymous"}
