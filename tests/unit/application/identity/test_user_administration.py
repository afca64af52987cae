"""Staff and people's accounts: listing, reading, making, changing, suspending."""

from datetime import timedelta

import pytest
from tests.unit.application.identity.clocks import NOON, StandingClock
from tests.unit.application.identity.people import PASSWORD, a_member, latest_mail, open_house, signed_in
from tests.unit.application.identity.role_holders import a_holder, a_holder_of

from multiproduct.adapters.contracts.builders import a_user_id
from multiproduct.application.caller import ANYBODY, SYSTEM, Caller
from multiproduct.application.identity import (
    ChangeUser,
    CheckUsername,
    CreateUser,
    ListUsers,
    SignInWithPassword,
)
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    BeyondOwnPermissions,
    EmailTaken,
    InvalidCredentials,
    LastAdmin,
    OwnAccount,
    TokenInvalid,
    UnknownRole,
    UnknownUser,
    UsernameNotChangeable,
    UsernameTaken,
)
from multiproduct.domain.identity.roles import ROLES_ASSIGN, USERS_CREATE, USERS_READ, USERS_UPDATE
from multiproduct.domain.shared import Forbidden, InvalidInput, StepUpRequired, Unauthenticated

TONY, PEPPER = "tony@stark.com", "pepper@stark.com"


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


@pytest.fixture
def users(house):
    return house.identity.users


async def admin(house) -> Caller:
    return await (await a_holder(house.container, "admin")).caller()


async def as_caller(house, email: str) -> Caller:
    tokens = await signed_in(house, email)
    return Caller(principal=await house.identity.authenticating.principal(tokens.access))


async def audited(house, event: str):
    async with house.container.units.view(SYSTEM) as view:
        return await view.audit_trail.find(AuditFilter(event=event), limit=9)


async def found(house, caller, **asked) -> list[str]:
    page = await house.identity.user_listing.find(ListUsers(**asked), caller)
    return [user.username for user in page.items]


async def test_a_list_narrows_down_by_what_is_asked(house, clock):
    caller = await admin(house)
    clock.pass_by(timedelta(hours=1))
    await a_member(house, TONY, "iron.man")
    clock.pass_by(timedelta(hours=1))
    await a_member(house, PEPPER, "rescue")
    assert (await found(house, caller))[:2] == ["rescue", "iron.man"]
    for search in ("iron", "IRON.M", "tony@st", " tony"):
        assert await found(house, caller, search=search) == ["iron.man"]
    before_rescue = NOON + timedelta(hours=1, minutes=1)
    assert await found(house, caller, created_before=before_rescue, search="iron") == ["iron.man"]
    assert await found(house, caller, created_from=before_rescue) == ["rescue"]
    assert await found(house, caller, role="market_owner") == []
    assert "iron.man" not in await found(house, caller, role="admin")
    assert await found(house, caller, verified=False) == []
    assert await found(house, caller, status="suspended") == []


async def test_pages_follow_their_cursors(house):
    caller = await admin(house)
    for number in range(5):
        await a_member(house, f"p{number}@stark.com", f"avenger{number}")
    seen, cursor = [], None
    while True:
        page = await house.identity.user_listing.find(ListUsers(limit=2, cursor=cursor), caller)
        seen += [user.id for user in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 6


@pytest.mark.parametrize(
    "cursor", ["nonsense", "WyJhIiwiYiJd", "WzEsMl0", "WyIyMDMwLTAxLTAyVDEyOjAwOjAwIiwieCJd"]
)
async def test_a_cursor_that_is_none_is_refused(house, cursor):
    with pytest.raises(InvalidInput) as refusal:
        await house.identity.user_listing.find(ListUsers(cursor=cursor), await admin(house))
    assert refusal.value.problems[0].field == "cursor"


async def test_a_look_at_people_is_of_record_without_whom_it_showed(house):
    caller = await admin(house)
    member = await a_member(house, TONY, "iron.man")
    await found(house, caller, search="tony@stark.com", status="active")
    (entry,) = await audited(house, "identity.users_read")
    assert entry.action == "read"
    assert entry.actor_id == str(caller.principal.user_id)
    assert entry.changes == {"status": [None, "active"], "search": [None, "to***"], "found": [None, "1"]}
    assert TONY not in str(entry)
    await house.identity.user_listing.read(member.id, caller)
    (entry,) = await audited(house, "identity.user_read")
    assert entry.user_id == str(member.id)


async def test_a_look_at_oneself_is_nobodys_business(house):
    member = await a_member(house, TONY)
    caller = await as_caller(house, TONY)
    shown = await house.identity.user_listing.read(member.id, caller)
    assert (shown.email, shown.status) == (TONY, "active")
    assert await audited(house, "identity.user_read") == []


async def test_others_are_looked_at_by_permission_alone(house):
    member = await a_member(house, TONY)
    await a_member(house, PEPPER)
    caller = await as_caller(house, PEPPER)
    for who, refusal in ((caller, Forbidden), (ANYBODY, Unauthenticated)):
        with pytest.raises(refusal):
            await house.identity.user_listing.read(member.id, who)
        with pytest.raises(refusal):
            await house.identity.user_listing.find(ListUsers(), who)
    reader = await (await a_holder_of(house.container, USERS_READ)).caller()
    assert (await house.identity.user_listing.read(member.id, reader)).id == member.id
    with pytest.raises(UnknownUser):
        await house.identity.user_listing.read(a_user_id(), reader)


async def test_an_account_is_made_without_a_password_and_its_owner_invited(house, users):
    caller = await admin(house)
    made = await users.create(
        CreateUser(email=TONY, username="iron.man", first_name="Tony", roles=["service_provider"]), caller
    )
    assert (made.is_email_verified, made.username_changeable) == (False, False)
    assert made.roles == ["service_provider", "standard_user"]
    assert "/invitation/" in await latest_mail(house, TONY)
    with pytest.raises(InvalidCredentials):
        await house.identity.sign_in.with_password(SignInWithPassword(email=TONY, password=PASSWORD))
    mails = await house.container.mailbox.messages(TONY)
    assert len([mail for mail in mails if "/invitation/" in mail.text]) == 1
    assert len(mails) == 1
    with pytest.raises(EmailTaken):
        await users.create(CreateUser(email="Tony@Stark.com"), caller)
    with pytest.raises(UsernameTaken) as refusal:
        await users.create(CreateUser(email=PEPPER, username="Iron.Man"), caller)
    assert len(refusal.value.suggestions) >= 4


async def test_making_an_account_twice_under_one_key_makes_one(house, users):
    caller = await admin(house)
    command = CreateUser(email=TONY)
    first = await users.create(command, caller, idempotency_key="k")
    assert await users.create(command, caller, idempotency_key="k") == first


async def test_nobody_gives_roles_away_that_are_more_than_their_own(house, users, clock):
    creator = await (await a_holder_of(house.container, USERS_CREATE)).caller()
    assert (await users.create(CreateUser(email=TONY), creator)).roles == ["standard_user"]
    with pytest.raises(Forbidden):
        await users.create(CreateUser(email=PEPPER, roles=["market_owner"]), creator)
    giver = await (await a_holder_of(house.container, USERS_CREATE, ROLES_ASSIGN)).caller()
    with pytest.raises(BeyondOwnPermissions):
        await users.create(CreateUser(email=PEPPER, roles=["admin"]), giver)
    with pytest.raises(UnknownRole):
        await users.create(CreateUser(email=PEPPER, roles=["no_such_role"]), giver)
    clock.pass_by(timedelta(minutes=6))
    with pytest.raises(StepUpRequired):
        await users.create(
            CreateUser(email=PEPPER, roles=["admin"]), await admin_of_long_standing(house, clock)
        )


async def admin_of_long_standing(house, clock) -> Caller:
    holder = await a_holder(house.container, "admin")
    clock.pass_by(timedelta(minutes=6))
    return await holder.caller()


async def test_staff_changes_names_and_no_addresses(house, users):
    member = await a_member(house, TONY, "iron.man")
    caller = await admin(house)
    changed = await users.change(
        member.id, ChangeUser(username="war.machine", first_name="James", locale="es"), caller
    )
    assert (changed.username, changed.first_name, changed.locale) == ("war.machine", "James", "es")
    with pytest.raises(ValueError, match="Extra inputs"):
        ChangeUser(email="other@stark.com")


async def test_a_name_that_staff_took_away_is_nobodys_for_ninety_days(house, users, clock):
    member = await a_member(house, TONY, "iron.man")
    caller = await admin(house)
    await users.change(member.id, ChangeUser(username="war.machine"), caller)
    assert not (await house.identity.usernames.check(CheckUsername(username="iron.man"))).available
    with pytest.raises(UsernameTaken):
        await users.create(CreateUser(email=PEPPER, username="Iron.Man"), caller)
    clock.pass_by(timedelta(days=90))
    caller = await admin(house)
    assert (await users.create(CreateUser(email=PEPPER, username="Iron.Man"), caller)).username == "Iron.Man"


async def test_ones_own_account_follows_the_rules_of_the_profile(house, users):
    member = await a_member(house, TONY, "iron.man")
    caller = await as_caller(house, TONY)
    assert (await users.change(member.id, ChangeUser(first_name="Tony"), caller)).first_name == "Tony"
    with pytest.raises(UsernameNotChangeable):
        await users.change(member.id, ChangeUser(username="war.machine"), caller)
    with pytest.raises(OwnAccount):
        await users.change(member.id, ChangeUser(status="suspended"), caller)
    other = await a_member(house, PEPPER)
    with pytest.raises(Forbidden):
        await users.change(other.id, ChangeUser(first_name="x"), caller)


async def test_whoever_is_suspended_is_out_everywhere_and_told_of_it(house, users):
    member = await a_member(house, TONY)
    tokens = await signed_in(house, TONY)
    caller = await admin(house)
    assert (await users.suspend(member.id, caller)).status == "suspended"
    with pytest.raises(TokenInvalid):
        await house.identity.authenticating.principal(tokens.access)
    with pytest.raises(InvalidCredentials):
        await signed_in(house, TONY)
    assert "suspended" in await latest_mail(house, TONY)
    assert await found(house, caller, status="suspended") == [member.username]
    await users.suspend(member.id, caller)
    assert (await users.reinstate(member.id, caller)).status == "active"
    await signed_in(house, TONY)
    assert len(await audited(house, "identity.user_suspended")) == 1
    assert len(await audited(house, "identity.user_reinstated")) == 1


async def test_the_last_admin_is_not_suspended_nor_does_anybody_suspend_themselves(house, users):
    first, second = await a_holder(house.container, "admin"), await a_holder(house.container, "admin")
    with pytest.raises(OwnAccount):
        await users.suspend(first.user.id, await first.caller())
    await users.suspend(first.user.id, await second.caller())
    with pytest.raises(LastAdmin):
        await users.suspend(second.user.id, SYSTEM)


async def test_an_agent_does_not_touch_an_administrator(house, users):
    chief = await a_holder(house.container, "admin")
    await a_holder(house.container, "admin")
    agent = await (
        await a_holder_of(house.container, USERS_UPDATE, "identity.profile.read", "identity.profile.update")
    ).caller()
    for act in (users.suspend, users.reinstate):
        with pytest.raises(BeyondOwnPermissions):
            await act(chief.user.id, agent)
    with pytest.raises(BeyondOwnPermissions):
        await users.change(chief.user.id, ChangeUser(first_name="x"), agent)
    member = await a_member(house, TONY)
    assert (await users.suspend(member.id, agent)).status == "suspended"
