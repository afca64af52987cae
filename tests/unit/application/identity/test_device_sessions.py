"""A person's live sessions: seen, named, ended, and new devices noticed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, open_house
from tests.unit.application.identity.role_holders import a_holder, a_kept_role

from multiproduct.adapters.contracts.builders import a_user_id, a_uuid
from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity import RefreshSession, RenameSession, SignInWithPassword, SignOut
from multiproduct.application.identity.new_devices import neighbourhood_of
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import SessionOver, TokenInvalid, UnknownUser
from multiproduct.domain.identity.roles import SESSIONS_REVOKE
from multiproduct.domain.shared import Forbidden, InvalidInput, NotFound, Unauthenticated

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"
NEWER_CHROME = CHROME.replace("131", "132")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1"
HOME, MOVED, ABROAD = "192.0.2.1", "192.0.7.7", "203.0.113.9"
DAY = timedelta(days=1)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as house:
        yield house


async def sign_in(house, *, ip=HOME, agent=CHROME, email=TONY):
    """A caller who has just signed in, and their tokens."""
    caller = Caller(ip=ip, user_agent=agent)
    tokens = await house.identity.sign_in.with_password(
        SignInWithPassword(email=email, password=PASSWORD), caller
    )
    principal = await house.identity.authenticating.principal(tokens.access)
    return replace(caller, principal=principal), tokens


async def mails(house, to=TONY):
    await house.drain()
    return [mail for mail in await house.container.mailbox.messages(to) if "new sign-in" in mail.subject]


async def test_sessions_are_listed_with_what_tells_them_apart(house, clock):
    await a_member(house, TONY)
    _, tokens = await sign_in(house)
    clock.pass_by(timedelta(minutes=1))
    caller, _ = await sign_in(house, agent=PHONE, ip=ABROAD)
    clock.pass_by(timedelta(minutes=1))
    await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
    found = (await house.identity.device_sessions.mine(caller)).items
    assert [(each.name, each.device, each.ip, each.is_current) for each in found] == [
        ("Chrome on Windows", "Chrome on Windows", HOME, False),
        ("Safari on iPhone", "Safari on iPhone", ABROAD, True),
    ]
    assert [each.last_seen_at - each.created_at for each in found] == [timedelta(minutes=2), timedelta(0)]
    assert found[0].methods == ["pwd"]
    assert found[0].expires_at == found[0].last_seen_at + 30 * DAY


async def test_being_seen_is_written_at_a_refresh_only(house, clock):
    await a_member(house, TONY)
    caller, tokens = await sign_in(house)
    clock.pass_by(timedelta(minutes=5))
    await house.identity.authenticating.principal(tokens.access)
    (session,) = (await house.identity.device_sessions.mine(caller)).items
    assert session.last_seen_at == session.created_at


async def test_a_session_has_the_name_that_its_owner_gives_it(house):
    await a_member(house, TONY)
    caller, _ = await sign_in(house)
    own = caller.principal.session_id

    async def rename(name):
        return (await house.identity.device_sessions.rename(own, RenameSession(name=name), caller)).name

    assert await rename("  Workshop   PC ") == "Workshop PC"
    (listed,) = (await house.identity.device_sessions.mine(caller)).items
    assert (listed.name, listed.device) == ("Workshop PC", "Chrome on Windows")
    with pytest.raises(InvalidInput):
        await rename("\u202emoc.live")
    assert await rename(" ") == "Chrome on Windows"
    assert await rename(None) == "Chrome on Windows"


async def test_what_is_anothers_or_over_is_not_found(house):
    await a_member(house, TONY)
    await a_member(house, PEPPER)
    tony, _ = await sign_in(house)
    ended, tokens = await sign_in(house)
    await house.identity.sessions.sign_out(SignOut(refresh=tokens.refresh))
    pepper, _ = await sign_in(house, email=PEPPER)
    for caller, session_id in (
        (pepper, tony.principal.session_id),
        (tony, ended.principal.session_id),
        (tony, a_uuid()),
    ):
        with pytest.raises(NotFound):
            await house.identity.device_sessions.revoke(session_id, caller)
        with pytest.raises(NotFound):
            await house.identity.device_sessions.rename(session_id, RenameSession(name="x"), caller)
    assert len((await house.identity.device_sessions.mine(tony)).items) == 1


async def is_over(house, tokens) -> bool:
    try:
        await house.identity.authenticating.principal(tokens.access)
    except SessionOver:
        with pytest.raises(TokenInvalid):
            await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
        return True
    return False


async def test_one_the_others_or_all_are_ended(house):
    await a_member(house, TONY)
    people = [await sign_in(house) for _ in range(4)]
    me = people[0][0]
    await house.identity.device_sessions.revoke(people[1][0].principal.session_id, me)
    assert [await is_over(house, tokens) for _, tokens in people] == [False, True, False, False]
    assert (await house.identity.device_sessions.revoke_others(me)).ended == 2
    assert [await is_over(house, tokens) for _, tokens in people] == [False, True, True, True]
    assert (await house.identity.device_sessions.revoke_all(me)).ended == 1
    assert await is_over(house, people[0][1])


async def test_staff_end_somebody_elses_sessions_by_permission_only(house):
    await a_member(house, TONY)
    await a_member(house, PEPPER)
    pepper, _ = await sign_in(house, email=PEPPER)
    _, tokens = await sign_in(house)
    tony = (await house.identity.authenticating.principal(tokens.access)).user_id
    with pytest.raises(Forbidden):
        await house.identity.device_sessions.revoke_of(tony, pepper)
    with pytest.raises(Unauthenticated):
        await house.identity.device_sessions.revoke_of(tony, ANYBODY)
    assert not await is_over(house, tokens)
    role = await a_kept_role(house.container, [SESSIONS_REVOKE])
    staff = await (await a_holder(house.container, role.key, "standard_user")).caller()
    with pytest.raises(UnknownUser):
        await house.identity.device_sessions.revoke_of(a_user_id(), staff)
    assert (await house.identity.device_sessions.revoke_of(tony, staff)).ended == 1
    assert await is_over(house, tokens)
    assert len((await house.identity.device_sessions.mine(pepper)).items) == 1


async def test_nobody_has_no_sessions(house):
    for work in (house.identity.device_sessions.mine, house.identity.device_sessions.revoke_all):
        with pytest.raises(Unauthenticated):
            await work(ANYBODY)


async def test_the_first_sign_in_of_all_is_no_news(house):
    await a_member(house, TONY)
    await sign_in(house)
    assert await mails(house) == []


@pytest.mark.parametrize(
    ("ip", "agent", "is_told"),
    [
        (HOME, CHROME, False),
        (HOME, NEWER_CHROME, False),
        (MOVED, CHROME, False),
        (ABROAD, CHROME, True),
        (HOME, PHONE, True),
        (HOME, None, True),
        (None, CHROME, True),
    ],
)
async def test_another_device_or_network_is_told_of(house, ip, agent, is_told):
    await a_member(house, TONY)
    await sign_in(house)
    await sign_in(house, ip=ip, agent=agent)
    assert len(await mails(house)) == is_told
    await sign_in(house, ip=ip, agent=agent)
    assert len(await mails(house)) == is_told


async def test_the_notice_says_when_where_and_on_what(house, clock):
    user = await a_member(house, TONY)
    async with house.container.units.open(ANYBODY) as unit:
        stored = await unit.users.find(user.id)
        stored.time_zone = "Asia/Taipei"
        await unit.users.save(stored)
        await unit.commit()
    await sign_in(house)
    await sign_in(house, ip=ABROAD, agent=PHONE)
    (mail,) = await mails(house)
    for told in ("8:00", "Standard Time", ABROAD, "Safari (iPhone)", "/account/reset-password/"):
        assert told in mail.text, told


async def test_a_device_is_remembered_for_ninety_days_also_when_signed_out(house, clock):
    await a_member(house, TONY)
    await sign_in(house)
    caller, _ = await sign_in(house, agent=PHONE)
    assert len(await mails(house)) == 1
    await house.identity.device_sessions.revoke_all(caller)
    clock.pass_by(90 * DAY)
    await house.identity.purging.run()
    await sign_in(house, agent=PHONE)
    assert len(await mails(house)) == 1
    clock.pass_by(timedelta(microseconds=1))
    await sign_in(house)
    assert len(await mails(house)) == 2


async def test_a_notice_of_a_copied_token_names_who_showed_it(house, clock):
    await a_member(house, TONY)
    _, tokens = await sign_in(house)
    clock.pass_by(timedelta(minutes=2))
    await house.identity.sessions.refresh(RefreshSession(refresh=tokens.refresh))
    clock.pass_by(timedelta(minutes=2))
    with pytest.raises(TokenInvalid):
        await house.identity.sessions.refresh(
            RefreshSession(refresh=tokens.refresh), Caller(ip=ABROAD, user_agent=PHONE)
        )
    await house.drain()
    newest = (await house.container.mailbox.messages(TONY))[0]
    assert "session was ended" in newest.subject
    assert ABROAD in newest.text
    assert "Safari (iPhone)" in newest.text


@pytest.mark.parametrize(
    ("ip", "other", "are_near"),
    [
        ("192.0.2.1", "192.0.255.255", True),
        ("192.0.2.1", "192.1.2.1", False),
        ("::ffff:192.0.2.1", "192.0.9.9", True),
        ("2001:db8:1::1", "2001:db8:ffff::2", True),
        ("2001:db8::1", "2001:db9::1", False),
        ("not an address", "not an address", True),
        ("not an address", "192.0.2.1", False),
        (None, None, True),
        (None, "192.0.2.1", False),
    ],
)
def test_a_neighbourhood_is_about_where_a_provider_moves_its_customers(ip, other, are_near):
    assert (neighbourhood_of(ip) == neighbourhood_of(other)) is are_near
