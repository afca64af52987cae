"""Signing in: by whatever name a person has, with a password or a code, and refusals that tell nothing."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import (
    PASSWORD,
    a_member,
    code_for,
    open_house,
    sign_up,
)

from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.passlib import HashCost, PasslibPasswordHasher
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    RequestSignInCode,
    SignInWithCode,
    SignInWithPassword,
    StartRegistration,
    VerifyRegistration,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import InvalidCredentials, UserStatus
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import InvalidInput

TONY, PHONE = "tony@stark.com", "+12025550134"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def sign_in(house, caller=None, *, password=PASSWORD, **named):
    command = SignInWithPassword(password=password, **named)
    return await house.identity.sign_in.with_password(command, *([caller] if caller else []))


async def fail(house, count=1, **named) -> None:
    for _ in range(count):
        with pytest.raises(InvalidCredentials):
            await sign_in(house, password="wrong", **(named or {"email": TONY}))


async def refusals(house):
    async with house.container.units.view(SYSTEM) as view:
        return await view.audit_trail.find(AuditFilter(event="identity.sign_in_refused"), limit=50)


async def change(house, user, **changed) -> None:
    """Sets fields of a user from the inside."""
    async with house.container.units.open(SYSTEM) as unit:
        kept = await unit.users.find(user.id)
        await unit.users.save(replace(kept, **changed))
        await unit.commit()


async def a_member_with_a_telephone(house):
    await house.identity.registration.start(StartRegistration(phone=PHONE, password=PASSWORD))
    await house.drain()
    (text,) = await house.container.mailbox.messages(PHONE)
    code = re.search(r"\b\d{6}\b", text.text).group()
    return (await house.identity.registration.verify(VerifyRegistration(phone=PHONE, otp=code))).user


@pytest.mark.parametrize(
    "named",
    [
        {"email": "Tony@Stark.COM"},
        {"username": "IRON.man"},
        {"identifier": "tony@stark.com"},
        {"identifier": "iron.man"},
        {"identifier": "Iron.Man"},
    ],
)
async def test_a_person_signs_in_by_any_of_their_names(named):
    async with open_house() as house:
        user = await a_member(house, TONY, "iron.man")
        tokens = await sign_in(house, **named)
        assert tokens.user.id == user.id
        assert (tokens.token_type, tokens.expires_in) == ("Bearer", 600)
        principal = await house.identity.authenticating.principal(tokens.access)
        assert (principal.user_id, principal.methods) == (user.id, ("pwd",))


@pytest.mark.parametrize(
    "named", [{"phone": "+1 202 555 0134"}, {"phone": PHONE}, {"identifier": "+1 (202) 555-0134"}]
)
async def test_a_person_signs_in_by_telephone(named):
    async with open_house() as house:
        user = await a_member_with_a_telephone(house)
        assert (await sign_in(house, **named)).user.id == user.id


@pytest.mark.parametrize(
    "named",
    [
        {"email": "pepper@stark.com"},
        {"email": "no address"},
        {"email": ""},
        {"username": "nobody"},
        {"username": "tony@stark.com"},
        {"username": "no name at all \0"},
        {"identifier": "@"},
        {"identifier": "+"},
        {"identifier": ""},
        {"phone": "not a number"},
        {"phone": PHONE},
    ],
)
async def test_whoever_is_not_known_is_answered_like_a_wrong_password(named):
    async with open_house() as house:
        await a_member(house, TONY, "iron.man")
        with pytest.raises(InvalidCredentials) as unknown:
            await sign_in(house, **named)
        with pytest.raises(InvalidCredentials) as wrong:
            await sign_in(house, email=TONY, password="wrong")
        assert str(unknown.value) == str(wrong.value) == "invalid_credentials()"


@pytest.mark.parametrize(
    ("named", "code"),
    [
        ({}, "required"),
        ({"email": TONY, "username": "x"}, "one_of"),
        ({"identifier": "a", "phone": "b"}, "one_of"),
    ],
)
async def test_one_name_is_given_and_only_one(named, code):
    async with open_house() as house:
        with pytest.raises(InvalidInput) as refusal:
            await sign_in(house, **named)
        assert refusal.value.problems[0].code == code


async def test_a_person_without_a_password_cannot_sign_in_with_one():
    async with open_house() as house:
        await house.identity.registration.start(StartRegistration(phone=PHONE))
        await house.drain()
        (text,) = await house.container.mailbox.messages(PHONE)
        code = re.search(r"\b\d{6}\b", text.text).group()
        await house.identity.registration.verify(VerifyRegistration(phone=PHONE, otp=code))
        for password in ("", "None", PASSWORD):
            with pytest.raises(InvalidCredentials):
                await sign_in(house, phone=PHONE, password=password)


@pytest.mark.parametrize("status", [UserStatus.SUSPENDED, UserStatus.DELETED])
async def test_an_account_that_may_not_be_used_is_answered_like_a_wrong_password(status):
    async with open_house() as house:
        user = await a_member(house, TONY)
        await change(house, user, status=status)
        with pytest.raises(InvalidCredentials) as refusal:
            await sign_in(house, email=TONY)
        assert str(refusal.value) == "invalid_credentials()"
        (entry,) = await refusals(house)
        assert entry.user_id == str(user.id)


async def test_the_same_password_typed_on_another_keyboard_is_the_same():
    async with open_house() as house:
        composed, decomposed = "caf\u00e9 horse battery", "cafe\u0301 horse battery"
        await house.identity.registration.start(StartRegistration(email=TONY, password=composed))
        await house.identity.registration.verify(
            VerifyRegistration(email=TONY, otp=await code_for(house, TONY))
        )
        assert await sign_in(house, email=TONY, password=decomposed)


async def test_the_last_sign_in_is_kept():
    clock = StandingClock()
    async with open_house(Overrides(clock=clock)) as house:
        user = await a_member(house, TONY)
        assert user.last_login is None
        first = await sign_in(house, email=TONY)
        assert first.user.last_login == clock.now()
        clock.pass_by(DAY)
        assert (await sign_in(house, email=TONY)).user.last_login == clock.now()
        await fail(house)
        async with house.container.units.view(SYSTEM) as view:
            assert (await view.users.find(user.id)).last_login_at == clock.now()


async def test_a_hash_of_yesterdays_cost_is_made_anew_at_the_next_sign_in():
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        user = await a_member(house, TONY)
    dearer = PasslibPasswordHasher(cost=HashCost(16, 2))
    async with open_house(Overrides(store=store, hasher=dearer)) as house:
        before = store._store.identity.users.rows[user.id].password_hash
        await fail(house)
        assert store._store.identity.users.rows[user.id].password_hash == before
        await sign_in(house, email=TONY)
        after = store._store.identity.users.rows[user.id].password_hash
        assert "m=8,t=1" in before
        assert "m=16,t=2" in after
        await sign_in(house, email=TONY)
        assert store._store.identity.users.rows[user.id].password_hash == after


async def test_sign_ins_at_once_all_succeed_although_the_first_of_them_makes_the_hash_anew():
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        await a_member(house, TONY)
    dearer = PasslibPasswordHasher(cost=HashCost(16, 2))
    async with open_house(Overrides(store=store, hasher=dearer)) as house:
        tokens = await asyncio.gather(*(sign_in(house, email=TONY) for _ in range(8)))
        assert len({each.refresh for each in tokens}) == 8
        assert await refusals(house) == []


class Interrupted:
    """A hasher after whose checks something happens, as another request may come between."""

    def __init__(self) -> None:
        self._real = PasslibPasswordHasher(cost=HashCost.test())
        self.then = None

    def room(self):
        return self._real.room()

    async def hash(self, password: str) -> str:
        return await self._real.hash(password)

    async def check(self, password: str, hashed: str | None):
        check = await self._real.check(password, hashed)
        if self.then is not None:
            then, self.then = self.then, None
            await then()
        return check


async def test_an_old_password_is_of_no_use_once_a_new_one_was_set_meanwhile():
    hasher = Interrupted()
    async with open_house(Overrides(hasher=hasher)) as house:
        user = await a_member(house, TONY)
        new_hash = await hasher.hash("another battery staple")
        hasher.then = lambda: change(house, user, password_hash=new_hash)
        with pytest.raises(InvalidCredentials):
            await sign_in(house, email=TONY)
        assert len(await refusals(house)) == 1
        assert await sign_in(house, email=TONY, password="another battery staple")


async def test_somebody_suspended_while_the_password_is_checked_stays_out():
    hasher = Interrupted()
    async with open_house(Overrides(hasher=hasher)) as house:
        user = await a_member(house, TONY)
        hasher.then = lambda: change(house, user, status=UserStatus.SUSPENDED)
        with pytest.raises(InvalidCredentials):
            await sign_in(house, email=TONY)


async def test_a_profile_that_changes_while_the_password_is_checked_does_not_matter():
    hasher = Interrupted()
    async with open_house(Overrides(hasher=hasher)) as house:
        user = await a_member(house, TONY)
        hasher.then = lambda: change(house, user, first_name="Anthony")
        assert (await sign_in(house, email=TONY)).user.first_name == "Anthony"


async def test_a_refusal_is_of_record_with_the_person_and_without_what_was_typed():
    caller = Caller(ip="192.0.2.7", user_agent="a browser")
    async with open_house() as house:
        user = await a_member(house, TONY, "iron.man")
        for named in ({"email": TONY}, {"username": "iron.man"}, {"email": "nobody@stark.com"}):
            with pytest.raises(InvalidCredentials):
                await sign_in(house, caller, password="wrong secret", **named)
        unknown, by_name, by_mail = await refusals(house)
        assert by_mail.user_id == by_name.user_id == str(user.id)
        assert unknown.user_id is None
        assert (unknown.ip, unknown.user_agent, unknown.action) == ("192.0.2.7", "a browser", "refuse")
        for entry in (unknown, by_name, by_mail):
            for told in ("stark.com", "iron.man", "wrong secret"):
                assert told not in str(entry)
        assert len({unknown.resource_id, by_name.resource_id, by_mail.resource_id}) == 3


async def test_a_session_knows_where_it_began():
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        await a_member(house, TONY)
        await sign_in(house, Caller(ip="192.0.2.7", user_agent="a browser"), email=TONY)
        (session,) = store._store.identity.sessions.rows.values()
        assert (session.ip, session.user_agent, session.methods) == ("192.0.2.7", "a browser", ("pwd",))


async def with_code(house, **answer):
    return await house.identity.sign_in.with_code(SignInWithCode(**answer))


async def test_a_code_in_a_mail_signs_in():
    async with open_house() as house:
        user = await a_member(house, TONY)
        sent = await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
        code = await code_for(house, TONY)
        tokens = await with_code(house, challenge_id=sent.challenge_id, otp=code)
        assert tokens.user.id == user.id
        principal = await house.identity.authenticating.principal(tokens.access)
        assert principal.methods == ("mail",)
        with pytest.raises(InvalidCode):
            await with_code(house, challenge_id=sent.challenge_id, otp=code)


async def test_a_code_in_a_short_message_signs_in():
    async with open_house() as house:
        user = await a_member_with_a_telephone(house)
        await house.identity.sign_in.request_code(RequestSignInCode(phone=PHONE))
        await house.drain()
        text = (await house.container.mailbox.messages(PHONE))[0]
        code = re.search(r"\b\d{6}\b", text.text).group()
        assert (await with_code(house, phone=PHONE, otp=code)).user.id == user.id


async def test_nobody_is_sent_a_sign_in_code_where_nobody_lives():
    async with open_house() as house:
        sent = await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
        await house.drain()
        assert await house.container.mailbox.messages(TONY) == []
        assert sent.challenge_id.version == 7


async def test_somebody_suspended_gets_no_code_and_cannot_use_one():
    async with open_house() as house:
        user = await a_member(house, TONY)
        sent = await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
        code = await code_for(house, TONY)
        await change(house, user, status=UserStatus.SUSPENDED)
        with pytest.raises(InvalidCode):
            await with_code(house, challenge_id=sent.challenge_id, otp=code)
        before = len(await house.container.mailbox.messages(TONY))
        await house.identity.sign_in.request_code(RequestSignInCode(email=TONY))
        await house.drain()
        assert len(await house.container.mailbox.messages(TONY)) == before
        assert (await refusals(house))[0].user_id == str(user.id)


async def test_a_code_that_was_asked_for_before_the_account_existed_signs_in_its_owner():
    async with open_house() as house:
        sent = await sign_up(house, TONY)
        code = await code_for(house, TONY)
        await house.identity.registration.verify(VerifyRegistration(challenge_id=sent.challenge_id, otp=code))
        with pytest.raises(InvalidCode):
            await with_code(house, email=TONY, otp=code)
