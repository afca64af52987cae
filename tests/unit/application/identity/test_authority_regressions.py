"""What must hold of giving power away: for how long, by whom, over whom, and that refusals are of record."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import PASSWORD, latest_mail, open_house
from tests.unit.application.identity.role_holders import a_holder, a_holder_of, a_kept_role, is_given

from multiproduct.adapters.contracts.builders import HOUR, a_uuid
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.identity import (
    AcceptInvitation,
    AssignRole,
    ChangeRole,
    ChangeUser,
    CreateUser,
    InviteUser,
    ListInvitations,
    ListUsers,
    RevokeRole,
)
from multiproduct.application.paging import encode_cursor
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import BeyondOwnPermissions, LastAdmin, OwnAccount, built_in_roles
from multiproduct.domain.identity.roles import (
    ROLES_ASSIGN,
    ROLES_READ,
    ROLES_UPDATE,
    SESSIONS_REVOKE,
    USERS_CREATE,
    USERS_UPDATE,
)
from multiproduct.domain.shared import Forbidden, InvalidInput

ADMIN, STANDARD_USER = (
    next(role for role in built_in_roles() if role.key == key) for key in ("admin", "standard_user")
)
TONY = "tony@stark.com"


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


async def an_admin_for_an_hour(house, clock):
    holder = await a_holder(house.container, "standard_user")
    await is_given(house.container, holder, ADMIN, expires_at=clock.now() + HOUR)
    return holder


async def entries(house, event):
    async with house.container.units.view(SYSTEM) as view:
        return await view.audit_trail.find(AuditFilter(event=event), limit=50)


async def test_nobody_gives_themselves_a_role(house, clock):
    for holder in (await a_holder(house.container, "admin"), await an_admin_for_an_hour(house, clock)):
        for wish in (AssignRole(role="admin"), AssignRole(role="market_owner")):
            with pytest.raises(OwnAccount):
                await house.identity.role_assignments.assign(holder.user.id, wish, await holder.caller())


async def test_nobody_gives_a_role_for_longer_than_they_have_it(house, clock):
    assigning = house.identity.role_assignments
    caller = await (await an_admin_for_an_hour(house, clock)).caller()
    friend = await a_holder(house.container, "standard_user")
    mighty = await a_kept_role(house.container, [USERS_UPDATE])
    for end in (None, clock.now() + HOUR + timedelta(microseconds=1)):
        for role in ("admin", mighty.key):
            with pytest.raises(BeyondOwnPermissions):
                await assigning.assign(friend.user.id, AssignRole(role=role, expires_at=end), caller)
    given = await assigning.assign(
        friend.user.id, AssignRole(role="admin", expires_at=clock.now() + HOUR), caller
    )
    assert given.expires_at == clock.now() + HOUR


async def test_what_somebody_has_for_good_besides_they_give_for_good(house, clock):
    role = await a_kept_role(house.container, [ROLES_ASSIGN, USERS_UPDATE])
    holder = await a_holder(house.container, role.key)
    await is_given(house.container, holder, ADMIN, expires_at=clock.now() + HOUR)
    friend = await a_holder(house.container)
    given = await house.identity.role_assignments.assign(
        friend.user.id, AssignRole(role=role.key), await holder.caller()
    )
    assert given.expires_at is None


async def test_what_is_given_for_a_time_within_a_scope_is_not_given_for_good_there(house, clock):
    role, market = await a_kept_role(house.container, [ROLES_ASSIGN]), f"market:{a_uuid()}"
    holder, friend = await a_holder(house.container), await a_holder(house.container)
    await is_given(house.container, holder, role, scope=market, expires_at=clock.now() + HOUR)
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.role_assignments.assign(
            friend.user.id, AssignRole(role=role.key, scope=market), await holder.caller()
        )


async def test_whoever_is_admin_for_a_time_invites_and_makes_no_admin(house, clock):
    caller = await (await an_admin_for_an_hour(house, clock)).caller()
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.invitations.invite(InviteUser(email=TONY, roles=["admin"]), caller)
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.users.create(CreateUser(email=TONY, roles=["admin"]), caller)


async def test_an_invitation_gives_nothing_that_the_giver_has_no_longer_for_good(house, clock):
    giver = await a_holder(house.container, "admin")
    await house.identity.invitations.invite(InviteUser(email=TONY, roles=["admin"]), await giver.caller())
    await house.drain()
    token = re.findall(r"/invitation/([A-Za-z0-9_-]+)", await latest_mail(house, TONY))[0]
    await a_holder(house.container, "admin")
    until = clock.now() + HOUR
    await house.identity.role_assignments.assign(
        giver.user.id, AssignRole(role="admin", expires_at=until), SYSTEM
    )
    accepted = await house.identity.invitation_accepting.accept(
        AcceptInvitation(token=token, password=PASSWORD), ANYBODY
    )
    assert accepted.user.roles == ["standard_user"]


async def test_whoever_is_admin_for_a_time_permits_no_role_more_for_good(house, clock):
    role = await a_kept_role(house.container)
    caller = await (await an_admin_for_an_hour(house, clock)).caller()
    for role_id in (role.id, STANDARD_USER.id):
        with pytest.raises(BeyondOwnPermissions):
            await house.identity.roles.change(role_id, ChangeRole(permissions=[ROLES_READ]), caller)


async def test_to_permit_a_role_more_is_to_assign(house):
    role = await a_kept_role(house.container, [ROLES_READ])
    editor = await (await a_holder_of(house.container, ROLES_READ, ROLES_UPDATE, USERS_UPDATE)).caller()
    with pytest.raises(Forbidden):
        await house.identity.roles.change(role.id, ChangeRole(permissions=[ROLES_READ, USERS_UPDATE]), editor)
    named = await house.identity.roles.change(role.id, ChangeRole(name="Auditors"), editor)
    assert (named.name, named.permissions) == ("Auditors", [ROLES_READ])
    assert (await house.identity.roles.change(role.id, ChangeRole(permissions=[]), editor)).permissions == []


async def test_what_a_built_in_role_permits_only_an_admin_changes(house):
    every = [each.name for each in (await house.identity.roles.permissions(SYSTEM)).items]
    almighty = await (await a_holder_of(house.container, *every)).caller()
    for permissions in (every, []):
        with pytest.raises(BeyondOwnPermissions):
            await house.identity.roles.change(STANDARD_USER.id, ChangeRole(permissions=permissions), almighty)
    admin = await (await a_holder(house.container, "admin")).caller()
    wider = [*sorted(STANDARD_USER.permissions), ROLES_READ]
    changed = await house.identity.roles.change(STANDARD_USER.id, ChangeRole(permissions=wider), admin)
    assert set(changed.permissions) == set(wider)


async def test_the_last_admin_who_can_sign_in_stays(house):
    admin = await a_holder(house.container, "admin")
    caller = await admin.caller()
    made = await house.identity.users.create(CreateUser(email="ghost@stark.com", roles=["admin"]), caller)
    assert made.roles == ["admin", "standard_user"]
    with pytest.raises(LastAdmin):
        await house.identity.role_assignments.revoke(admin.user.id, RevokeRole(role="admin"), caller)
    with pytest.raises(LastAdmin):
        await house.identity.erasing.erase_own(caller)


async def test_nobody_ends_the_sessions_of_whoever_may_do_more(house):
    admin = await a_holder(house.container, "admin")
    support = await (await a_holder_of(house.container, SESSIONS_REVOKE)).caller()
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.device_sessions.revoke_of(admin.user.id, support)
    assert (await admin.caller()).principal.user_id == admin.user.id


async def test_whoever_may_more_within_a_scope_is_out_of_reach_too(house):
    mighty, market = await a_kept_role(house.container, [ROLES_ASSIGN]), f"market:{a_uuid()}"
    owner = await a_holder(house.container)
    await is_given(house.container, owner, mighty, scope=market)
    agent = await (await a_holder_of(house.container, SESSIONS_REVOKE, USERS_UPDATE)).caller()
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.device_sessions.revoke_of(owner.user.id, agent)
    with pytest.raises(BeyondOwnPermissions):
        await house.identity.users.change(owner.user.id, ChangeUser(first_name="Else"), agent)


async def test_nobody_makes_an_invitation_void_whose_roles_they_could_not_take(house):
    admin = await (await a_holder(house.container, "admin")).caller()
    kept = await house.identity.invitations.invite(InviteUser(email=TONY, roles=["admin"]), admin)
    agent = await (await a_holder_of(house.container, USERS_CREATE)).caller()
    assigner = await (await a_holder_of(house.container, USERS_CREATE, ROLES_ASSIGN)).caller()
    for caller, refusal in ((agent, Forbidden), (assigner, BeyondOwnPermissions)):
        with pytest.raises(refusal):
            await house.identity.invitations.revoke(kept.id, caller)
        with pytest.raises(refusal):
            await house.identity.invitations.invite(InviteUser(email=TONY), caller)
        with pytest.raises(refusal):
            await house.identity.users.create(CreateUser(email=TONY), caller)
    (still,) = (await house.identity.invitations.find(ListInvitations(), admin)).items
    assert still.state == "open"
    assert (await house.identity.invitations.revoke(kept.id, admin)).state == "revoked"


async def test_who_reads_invitations_or_others_roles_is_of_record(house):
    admin, member = await a_holder(house.container, "admin"), await a_holder(house.container, "standard_user")
    caller = await admin.caller()
    await house.identity.invitations.find(ListInvitations(), caller)
    await house.identity.role_assignments.of_user(member.user.id, caller)
    await house.identity.role_assignments.of_user(member.user.id, await member.caller())
    (listed,) = await entries(house, "identity.invitations_read")
    (looked,) = await entries(house, "identity.assignments_read")
    assert listed.actor_id == looked.actor_id == str(admin.user.id)
    assert (listed.action, looked.action, looked.user_id) == ("read", "read", str(member.user.id))


async def test_refusals_are_of_record_and_no_more_than_thirty_a_minute(house):
    caller = await (await a_holder(house.container, "standard_user")).caller()
    refusal = Forbidden(permission=ROLES_READ)
    for _ in range(40):
        await house.identity.refusals.record(refusal, asked="role.list", caller=caller)
    await house.identity.refusals.record(refusal, asked="role.list", caller=ANYBODY)
    kept = await entries(house, "identity.access_refused")
    assert len(kept) == 30
    assert {(each.actor_id, each.action, each.resource_id) for each in kept} == {
        (str(caller.principal.user_id), "refuse", "role.list")
    }
    assert kept[0].changes == {"refusal": [None, "forbidden"], "permission": [None, ROLES_READ]}


@pytest.mark.parametrize("name", ["created_from", "created_before"])
def test_people_are_not_asked_for_by_moments_that_no_database_knows(name):
    for moment in (
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone(-timedelta(hours=14))),
    ):
        with pytest.raises(ValueError, match=name):
            ListUsers.model_validate({name: moment})
    assert ListUsers.model_validate({name: datetime(2026, 1, 1, tzinfo=UTC)})


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_no_page_begins_at_a_moment_that_no_database_knows(house, moment):
    caller = await (await a_holder(house.container, "admin")).caller()
    cursor = encode_cursor(moment, str(a_uuid()))
    for ask in (
        house.identity.user_listing.find(ListUsers(cursor=cursor), caller),
        house.identity.invitations.find(ListInvitations(cursor=cursor), caller),
    ):
        with pytest.raises(InvalidInput) as refusal:
            await ask
        assert [problem.field for problem in refusal.value.problems] == ["cursor"]
