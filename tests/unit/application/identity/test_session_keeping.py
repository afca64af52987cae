"""Sessions: refreshed by any number of clients, ended at once and everywhere."""

import asyncio
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
    signed_in,
)

from multiproduct.adapters.contracts.builders import an_assignment
from multiproduct.adapters.memory import MemoryDatabase
from multiproduct.adapters.stdlib import DerivedSecrets, SystemRealTime
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import (
    RefreshSession,
    SignInWithPassword,
    SignOut,
    VerifyRegistration,
    VerifyToken,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides, build
from multiproduct.domain.identity import TokenInvalid, UserStatus
from multiproduct.domain.otp import InvalidCode
from multiproduct.domain.shared import Unauthenticated
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

TONY = "tony@stark.com"
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as house:
        await a_member(house, TONY)
        yield house


async def refresh(house, token):
    return await house.identity.sessions.refresh(RefreshSession(refresh=token))


async def is_good(house, access) -> bool:
    try:
        await house.identity.authenticating.principal(access)
    except TokenInvalid:
        return False
    return True


async def security_mails(house):
    await house.drain()
    return [m for m in await house.container.mailbox.messages(TONY) if "identity.security" in m.id]


async def as_caller(house, tokens) -> Caller:
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def test_a_chain_of_refreshes_goes_on(house, clock):
    tokens = await signed_in(house, TONY)
    seen = {tokens.refresh}
    for _ in range(20):
        clock.pass_by(timedelta(minutes=5))
        tokens = await refresh(house, tokens.refresh)
        assert tokens.refresh not in seen
        seen.add(tokens.refresh)
        assert await is_good(house, tokens.access)


async def test_a_retry_within_the_grace_gets_the_same_successor(house, clock):
    tokens = await signed_in(house, TONY)
    first = await refresh(house, tokens.refresh)
    clock.pass_by(9 * SECOND)
    again = await refresh(house, tokens.refresh)
    assert again.refresh == first.refresh
    assert await is_good(house, again.access)


async def test_many_tabs_that_refresh_at_once_all_go_on(house):
    tokens = await signed_in(house, TONY)
    found = await asyncio.gather(*(refresh(house, tokens.refresh) for _ in range(20)))
    assert len({each.refresh for each in found}) == 1
    assert await refresh(house, found[0].refresh)


async def test_an_old_token_ends_the_session_and_its_owner_is_told(house, clock):
    tokens = await signed_in(house, TONY)
    other_device = await signed_in(house, TONY)
    fresh = await refresh(house, tokens.refresh)
    clock.pass_by(31 * SECOND)
    with pytest.raises(TokenInvalid):
        await refresh(house, tokens.refresh)
    with pytest.raises(TokenInvalid):
        await refresh(house, fresh.refresh)
    assert not await is_good(house, fresh.access)
    assert await is_good(house, other_device.access)
    assert len(await security_mails(house)) == 1
    async with house.container.units.view(SYSTEM) as view:
        (entry,) = await view.audit_trail.find(AuditFilter(event="identity.session_ended"), limit=9)
    assert entry.user_id == str(tokens.user.id)


async def test_an_old_token_of_a_session_that_is_over_tells_nobody(house, clock):
    tokens = await signed_in(house, TONY)
    fresh = await refresh(house, tokens.refresh)
    await house.identity.sessions.sign_out(SignOut(refresh=fresh.refresh))
    clock.pass_by(31 * SECOND)
    with pytest.raises(TokenInvalid):
        await refresh(house, tokens.refresh)
    assert await security_mails(house) == []


@pytest.mark.parametrize("garbage", ["x", "é", "a" * 55, "A" * 256, "====", "\0"])
async def test_what_is_no_refresh_token_is_refused(house, garbage):
    with pytest.raises(TokenInvalid):
        await refresh(house, garbage)


async def test_no_part_of_a_refresh_token_can_be_changed(house):
    tokens = await signed_in(house, TONY)
    # Of the last character only the upper bits count.
    for place in range(len(tokens.refresh) - 1):
        other = "B" if tokens.refresh[place] == "A" else "A"
        with pytest.raises(TokenInvalid):
            await refresh(house, tokens.refresh[:place] + other + tokens.refresh[place + 1 :])
    assert await refresh(house, tokens.refresh)


async def test_an_access_token_is_no_refresh_token_and_the_other_way_round(house):
    tokens = await signed_in(house, TONY)
    with pytest.raises(TokenInvalid):
        await house.identity.authenticating.principal(tokens.refresh)
    with pytest.raises(ValueError, match="256"):
        RefreshSession(refresh=tokens.access)


async def test_no_token_is_kept():
    store = MemoryDatabase(real_time=SystemRealTime())
    async with open_house(Overrides(store=store)) as house:
        await a_member(house, TONY)
        tokens = await refresh(house, (await signed_in(house, TONY)).refresh)
        for table in (store._store.identity.sessions, store._store.events, store._store.audit):
            assert tokens.refresh not in str(table.rows)
            assert tokens.access not in str(table.rows)


async def test_signing_out_ends_the_session_at_once(house):
    tokens, other = await signed_in(house, TONY), await signed_in(house, TONY)
    assert await is_good(house, tokens.access)  # its signature is remembered from now on
    await house.identity.sessions.sign_out(SignOut(refresh=tokens.refresh))
    assert not await is_good(house, tokens.access)
    with pytest.raises(TokenInvalid):
        await refresh(house, tokens.refresh)
    with pytest.raises(TokenInvalid):
        await house.identity.authenticating.verify(VerifyToken(token=tokens.access))
    assert await is_good(house, other.access)


async def test_a_caller_signs_out_without_a_refresh_token(house):
    tokens = await signed_in(house, TONY)
    await house.identity.sessions.sign_out(SignOut(), await as_caller(house, tokens))
    assert not await is_good(house, tokens.access)


async def test_an_older_refresh_token_signs_out_too(house, clock):
    tokens = await signed_in(house, TONY)
    fresh = await refresh(house, tokens.refresh)
    clock.pass_by(DAY)
    await house.identity.sessions.sign_out(SignOut(refresh=tokens.refresh))
    with pytest.raises(TokenInvalid):
        await refresh(house, fresh.refresh)


async def test_signing_out_twice_or_with_garbage_is_fine(house):
    tokens = await signed_in(house, TONY)
    for _ in range(2):
        await house.identity.sessions.sign_out(SignOut(refresh=tokens.refresh))
    await house.identity.sessions.sign_out(SignOut(refresh="garbage"))
    async with house.container.units.view(SYSTEM) as view:
        assert await view.audit_trail.count(AuditFilter(event="identity.session_ended")) == 1


async def test_nobody_has_nothing_to_sign_out_of(house):
    with pytest.raises(Unauthenticated):
        await house.identity.sessions.sign_out(SignOut())


async def test_access_ends_after_ten_minutes_and_a_refresh_gives_more(house, clock):
    tokens = await signed_in(house, TONY)
    assert tokens.expires_in == 600
    clock.pass_by(600 * SECOND - timedelta(microseconds=1))
    assert await is_good(house, tokens.access)
    clock.pass_by(timedelta(microseconds=1))
    assert not await is_good(house, tokens.access)
    fresh = await refresh(house, tokens.refresh)
    assert await is_good(house, fresh.access)


async def test_access_never_outlives_the_session(house, clock):
    tokens = await signed_in(house, TONY)
    for _ in range(4):
        clock.pass_by(20 * DAY)
        tokens = await refresh(house, tokens.refresh)
    clock.pass_by(10 * DAY - 90 * SECOND)
    tokens = await refresh(house, tokens.refresh)
    assert tokens.expires_in == 90
    clock.pass_by(90 * SECOND)
    assert not await is_good(house, tokens.access)
    with pytest.raises(TokenInvalid):
        await refresh(house, tokens.refresh)


async def test_a_session_nobody_used_for_a_month_is_over(house, clock):
    tokens = await signed_in(house, TONY)
    clock.pass_by(30 * DAY)
    with pytest.raises(TokenInvalid):
        await refresh(house, tokens.refresh)


async def test_somebody_suspended_is_out_at_once(house):
    tokens = await signed_in(house, TONY)
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(tokens.user.id)
        await unit.users.save(replace(user, status=UserStatus.SUSPENDED))
        await unit.commit()
    assert not await is_good(house, tokens.access)
    with pytest.raises(TokenInvalid):
        await refresh(house, tokens.refresh)


async def test_a_token_tells_whose_it_is_and_until_when(house, clock):
    tokens = await signed_in(house, TONY)
    standing = await house.identity.authenticating.verify(VerifyToken(token=tokens.access))
    assert (standing.active, standing.user_id) == (True, tokens.user.id)
    assert standing.expires_at == clock.now() + 600 * SECOND
    principal = await house.identity.authenticating.principal(tokens.access)
    assert principal.session_id == standing.session_id
    assert principal.authenticated_at == clock.now()
    assert principal.may("identity.profile.read")
    assert not principal.may("identity.user.read")


async def test_a_role_given_meanwhile_is_known_at_the_next_request(house):
    tokens = await signed_in(house, TONY)
    async with house.container.units.open(SYSTEM) as unit:
        user = await unit.users.find(tokens.user.id)
        admin = await unit.roles.find_by_key("admin")
        await unit.role_assignments.put(an_assignment(user, admin))
        await unit.commit()
    principal = await house.identity.authenticating.principal(tokens.access)
    assert principal.may("identity.user.read")


OLD, NEW = "the older secret of the installation", "the newer secret of the installation"


def an_installation(store, clock, *, secret, retired="") -> Multiproduct:
    settings = Settings(
        database_url="memory://",
        redis_url=None,
        broker_url=None,
        smtp_url=None,
        password_cost="test",
        secret_key=secret,
        retired_secret_keys=retired,
    )
    return Multiproduct(build(settings, overrides=Overrides(store=store, clock=clock)))


async def test_a_retired_secret_still_reads_what_it_made_and_makes_nothing_new(clock):
    store = MemoryDatabase(real_time=SystemRealTime())
    old_key, new_key = (DerivedSecrets(masters=[secret]).current_id for secret in (OLD, NEW))
    async with an_installation(store, clock, secret=OLD) as before:
        await a_member(before, TONY)
        tokens = await signed_in(before, TONY)
        sent = await sign_up(before, "pepper@stark.com")
        code = await code_for(before, "pepper@stark.com")
    async with an_installation(store, clock, secret=NEW, retired=OLD) as after:
        assert await is_good(after, tokens.access)
        fresh = await refresh(after, tokens.refresh)
        assert await is_good(after, fresh.access)
        assert await refresh(after, fresh.refresh)
        await after.identity.registration.verify(VerifyRegistration(challenge_id=sent.challenge_id, otp=code))
        await signed_in(after, TONY)
        await sign_up(after, "happy@stark.com")
        # The one that began under the old secret was refreshed under the new one.
        assert [row.key_id for row in store._store.identity.sessions.rows.values()] == [new_key, new_key]
        assert [row.key_id for row in store._store.challenges.rows.values()] == [old_key, old_key, new_key]


async def test_a_secret_that_was_dropped_reads_nothing_any_more(clock):
    store = MemoryDatabase(real_time=SystemRealTime())
    async with an_installation(store, clock, secret=OLD) as before:
        await a_member(before, TONY)
        tokens = await signed_in(before, TONY)
        sent = await sign_up(before, "pepper@stark.com")
        code = await code_for(before, "pepper@stark.com")
    async with an_installation(store, clock, secret=NEW) as after:
        assert not await is_good(after, tokens.access)
        with pytest.raises(TokenInvalid):
            await refresh(after, tokens.refresh)
        with pytest.raises(InvalidCode):
            await after.identity.registration.verify(
                VerifyRegistration(challenge_id=sent.challenge_id, otp=code)
            )
        assert await after.identity.sign_in.with_password(SignInWithPassword(email=TONY, password=PASSWORD))
