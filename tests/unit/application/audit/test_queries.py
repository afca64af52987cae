"""Reading the audit log: staff everybody's, everybody their own, in words of the caller's language."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from pydantic import ValidationError
from tests.unit.application.identity.people import a_member, open_house, signed_in

from multiproduct.application.audit import ReadAuditLog, ReadOwnEntries
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller, Principal
from multiproduct.application.identity import SignInWithPassword, UpdateProfile
from multiproduct.domain import audit, identity, otp
from multiproduct.domain.audit import AUDIT_READ
from multiproduct.domain.identity import InvalidCredentials
from multiproduct.domain.identity.roles import AUDIT_READ as GRANTED
from multiproduct.domain.shared import Action, Forbidden, InvalidInput, Unauthenticated

TONY = "tony@stark.com"
EVERY_EVENT = [event.NAME for event in (*otp.EVENTS, *audit.EVENTS, *identity.EVENTS)]


@pytest.fixture
async def house():
    async with open_house() as house:
        yield house


def staff(**changed) -> Caller:
    principal = Principal(user_id=uuid4(), permissions=frozenset({AUDIT_READ}))
    return Caller(**({"principal": principal, "ip": "198.51.100.1", "user_agent": "staff"} | changed))


async def as_caller(house, email, **changed) -> Caller:
    tokens = await signed_in(house, email)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access), **changed)


def events(page) -> list[str]:
    return [entry.event for entry in page.items]


def test_the_permission_is_the_one_that_roles_grant():
    assert AUDIT_READ == GRANTED


async def test_staff_read_everybodys_entries_and_are_themselves_logged(house):
    user = await a_member(house, TONY)
    reader = staff()
    page = await house.audit.queries.entries(ReadAuditLog(user_id=user.id), reader)
    assert "identity.user_registered" in events(page)
    again = await house.audit.queries.entries(ReadAuditLog(event="audit.read"), reader)
    (read,) = again.items
    assert (read.action, read.resource_type, read.resource_id) == ("read", "audit_log", f"user_id={user.id}")
    assert (read.actor_id, read.user_id) == (str(reader.principal.user_id), str(user.id))
    assert read.ip_address == "198.51.100.1"


async def test_what_was_asked_for_is_logged_in_one_line(house):
    reader = staff()
    await house.audit.queries.entries(ReadAuditLog(), reader)
    await house.audit.queries.entries(ReadAuditLog(resource_type="user", action="login", limit=3), reader)
    page = await house.audit.queries.entries(ReadAuditLog(event="audit.read"), reader)
    assert [entry.resource_id for entry in page.items] == ["action=login resource_type=user", "everything"]


@pytest.mark.parametrize("typed", ["tony@stark.com", "+886912345678", "0912345678", "Tony Stark", "a b=c"])
async def test_an_address_that_somebody_looked_for_does_not_get_into_the_log(house, typed):
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    await house.audit.queries.entries(ReadAuditLog(resource_id=typed, since=moment), staff())
    page = await house.audit.queries.entries(ReadAuditLog(event="audit.read"), SYSTEM)
    assert page.items[0].resource_id == "resource_id=*** since=2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("caller", "refusal"),
    [(ANYBODY, Unauthenticated), (Caller(principal=Principal(user_id=uuid4())), Forbidden)],
)
async def test_nobody_else_reads_everybodys_entries(house, caller, refusal):
    with pytest.raises(refusal):
        await house.audit.queries.entries(ReadAuditLog(), caller)
    assert events(await house.audit.queries.entries(ReadAuditLog(), SYSTEM)) == []


async def test_entries_are_found_by_actor_action_event_resource_and_time(house):
    user = await a_member(house, TONY)
    caller = await as_caller(house, TONY)
    await house.identity.profile.update(UpdateProfile(first_name="Anthony"), caller)

    async def found(**narrowed) -> list[str]:
        return events(await house.audit.queries.entries(ReadAuditLog(**narrowed), SYSTEM))

    assert await found(actor_id=user.id) == ["identity.user_updated"]
    assert await found(action="login") == ["identity.signed_in"]
    assert await found(event="identity.user_registered") == ["identity.user_registered"]
    assert "identity.user_updated" in await found(resource_type="user", resource_id=str(user.id))
    changed = await house.audit.queries.entries(ReadAuditLog(event="identity.user_updated"), SYSTEM)
    moment = changed.items[0].created_at
    assert "identity.user_updated" in await found(since=moment, until=moment + timedelta(microseconds=1))
    assert "identity.user_updated" not in await found(until=moment)
    assert "identity.user_updated" not in await found(
        since=moment + timedelta(microseconds=1), action="update"
    )


async def test_changed_fields_are_shown_before_and_after(house):
    await a_member(house, TONY)
    caller = await as_caller(house, TONY)
    await house.identity.profile.update(UpdateProfile(first_name="Anthony"), caller)
    page = await house.audit.queries.mine(ReadOwnEntries(event="identity.user_updated"), caller)
    (change,) = page.items[0].changes
    assert (change.field, change.before, change.after) == ("first_name", "", "Anthony")


async def test_pages_follow_one_another_without_loss_or_repetition(house):
    for number in range(3):
        await a_member(house, f"person{number}@stark.com")
    everything = await house.audit.queries.entries(ReadAuditLog(action="create", limit=200), SYSTEM)
    paged, cursor = [], None
    while True:
        page = await house.audit.queries.entries(
            ReadAuditLog(action="create", limit=2, cursor=cursor), SYSTEM
        )
        paged += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert paged == everything.items
    assert len(paged) > 4


@pytest.mark.parametrize("cursor", ["x", "e30", "WyJub3QgYW4gaWQiXQ", "WzFd", "W251bGxd"])
async def test_a_cursor_of_somebody_elses_making_is_refused(house, cursor):
    for read in (
        house.audit.queries.entries(ReadAuditLog(cursor=cursor), SYSTEM),
        house.audit.queries.mine(ReadOwnEntries(cursor=cursor), staff()),
    ):
        with pytest.raises(InvalidInput):
            await read


async def test_everybody_reads_their_own_entries_and_no_others(house):
    await a_member(house, TONY)
    await a_member(house, "pepper@stark.com")
    caller = await as_caller(house, TONY)
    page = await house.audit.queries.mine(ReadOwnEntries(limit=200), caller)
    assert {"identity.user_registered", "identity.signed_in"} <= set(events(page))
    assert {entry.user_id for entry in page.items} == {str(caller.principal.user_id)}
    with pytest.raises(Unauthenticated):
        await house.audit.queries.mine(ReadOwnEntries(), ANYBODY)
    with pytest.raises(ValidationError):
        ReadOwnEntries(user_id=uuid4())


async def test_reading_ones_own_entries_is_not_logged(house):
    await a_member(house, TONY)
    caller = await as_caller(house, TONY)
    for _ in range(2):
        assert "audit.read" not in events(await house.audit.queries.mine(ReadOwnEntries(), caller))


async def test_where_others_did_something_from_is_theirs(house):
    user = await a_member(house, TONY)
    reader = staff(request_id="r1")
    await house.audit.queries.entries(ReadAuditLog(user_id=user.id), reader)
    page = await house.audit.queries.mine(ReadOwnEntries(event="audit.read"), await as_caller(house, TONY))
    (entry,) = page.items
    assert entry.actor_id == str(reader.principal.user_id)
    assert (entry.ip_address, entry.user_agent, entry.request_id) == (None, None, None)


async def test_where_a_refused_sign_in_came_from_is_shown_to_the_owner_of_the_account(house):
    await a_member(house, TONY)
    with pytest.raises(InvalidCredentials):
        await house.identity.sign_in.with_password(
            SignInWithPassword(email=TONY, password="not the right one"), Caller(ip="203.0.113.9")
        )
    page = await house.audit.queries.mine(ReadOwnEntries(action="refuse"), await as_caller(house, TONY))
    assert [entry.ip_address for entry in page.items] == ["203.0.113.9"]


async def test_every_entry_has_a_sentence_in_the_callers_language(house):
    await a_member(house, TONY)
    caller = await as_caller(house, TONY)

    async def described(locale: str) -> str:
        own = Caller(principal=caller.principal, locale=locale)
        page = await house.audit.queries.mine(ReadOwnEntries(event="identity.user_registered"), own)
        return page.items[0].description

    assert await described("en") == "An account was created."
    assert await described("zh-Hant") == "帳號已建立。"
    assert len({await described(locale) for locale in house.container.translator.locales}) == 6


@pytest.mark.parametrize("locale", ["en", "es", "fa", "kn", "ta", "zh-Hant"])
async def test_every_event_and_every_action_has_words(house, locale):
    translator = house.container.translator
    keys = [f"audit.{name}" for name in EVERY_EVENT] + [f"audit.action.{action}" for action in Action]
    assert [key for key in keys if translator.text(key, locale=locale) == key] == []
