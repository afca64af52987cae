"""Giving and taking roles: who may, what it does to sessions, and the last Admin."""

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import open_house
from tests.unit.application.identity.role_holders import (
    a_holder,
    a_holder_of,
    a_kept_role,
    another_session,
    is_given,
)

from multiproduct.adapters.contracts.builders import HOUR, MINUTE, a_user_id, a_uuid
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.identity import AssignRole, RevokeRole, require_another_admin
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    BeyondOwnPermissions,
    LastAdmin,
    SessionOver,
    TooManyRoles,
    UnknownRole,
    UnknownUser,
    UserStatus,
)
from multiproduct.domain.identity.roles import ROLES_ASSIGN, ROLES_READ, USERS_READ, USERS_UPDATE
from multiproduct.domain.shared import Forbidden, InvalidInput, NotFound, StepUpRequired, Unauthenticated


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def house(clock):
    async with open_house(Overrides(clock=clock)) as opened:
        yield opened


@pytest.fixture
def container(house):
    return house.container


@pytest.fixture
def assigning(container):
    return container.identity.role_assignments


async def the_roles_of(container, holder) -> set[str]:
    async with container.units.view(SYSTEM) as view:
        return set((await view.users.find(holder.user.id)).roles)


async def set_status(container, holder, status) -> None:
    async with container.units.open(SYSTEM) as unit:
        await require_another_admin(unit, holder.user.id)
        user = await unit.users.find(holder.user.id)
        user.status = status
        await unit.users.save(user)
        await unit.commit()


async def test_a_role_is_given_and_taken_and_both_are_of_record(container, assigning):
    admin, member = await a_holder(container, "admin"), await a_holder(container, "standard_user")
    caller = await admin.caller()
    given = await assigning.assign(member.user.id, AssignRole(role="market_owner"), caller)
    assert (given.role, given.scope, given.granted_by, given.expires_at) == (
        "market_owner",
        "platform",
        admin.user.id,
        None,
    )
    assert await the_roles_of(container, member) == {"standard_user", "market_owner"}
    assert [each.role for each in (await assigning.of_user(member.user.id, caller)).items] == [
        "market_owner",
        "standard_user",
    ]
    await assigning.revoke(member.user.id, RevokeRole(role="market_owner"), caller)
    assert await the_roles_of(container, member) == {"standard_user"}
    async with container.units.view(SYSTEM) as view:
        entries = await view.audit_trail.find(AuditFilter(user_id=str(member.user.id)), limit=9)
    assert [entry.event for entry in entries if "role" in entry.event] == [
        "identity.role_revoked",
        "identity.role_granted",
    ]


async def test_a_change_ends_the_persons_sessions(container, assigning):
    admin, member = await a_holder(container, "admin"), await a_holder(container, "standard_user")
    await assigning.assign(member.user.id, AssignRole(role="market_owner"), await admin.caller())
    with pytest.raises(SessionOver):
        await member.caller()
    async with container.units.open(SYSTEM) as unit:
        assert (await unit.sessions.hold(member.session.id)).end_reason == "role_changed"
    assert (await admin.caller()).principal.session_id == admin.session.id


async def test_whoever_changes_their_own_roles_stays_signed_in_here_and_nowhere_else(container, assigning):
    admin = await a_holder(container, "admin", "standard_user")
    elsewhere = await another_session(admin)
    await assigning.revoke(admin.user.id, RevokeRole(role="standard_user"), await admin.caller())
    assert (await admin.caller()).principal.roles == {"admin"}
    with pytest.raises(SessionOver):
        await elsewhere.caller()


async def test_the_same_again_changes_nothing(container, assigning):
    admin, member = await a_holder(container, "admin"), await a_holder(container, "market_owner")
    caller = await admin.caller()
    again = await assigning.assign(member.user.id, AssignRole(role="market_owner"), caller)
    assert again.granted_by is None
    assert (await member.caller()).principal.roles == {"market_owner"}


async def test_a_role_holds_until_it_expires(container, assigning, clock):
    member = await a_holder(container)
    until = clock.now() + HOUR
    await assigning.assign(member.user.id, AssignRole(role="admin", expires_at=until), SYSTEM)
    assert await the_roles_of(container, member) == {"admin"}
    clock.pass_by(HOUR)
    assert await the_roles_of(container, member) == set()
    assert (await assigning.of_user(member.user.id, SYSTEM)).items == []
    with pytest.raises(NotFound):
        await assigning.revoke(member.user.id, RevokeRole(role="admin"), SYSTEM)
    later = clock.now() + HOUR
    await assigning.assign(member.user.id, AssignRole(role="admin", expires_at=later), SYSTEM)
    assert await the_roles_of(container, member) == {"admin"}


async def test_an_expiry_takes_what_is_permitted_away_without_anybody_doing_anything(container, clock):
    member, custom = await a_holder(container), await a_kept_role(container, [USERS_READ])
    await is_given(container, member, custom, expires_at=clock.now() + HOUR)
    assert (await member.caller()).principal.may(USERS_READ)
    clock.pass_by(HOUR)
    assert not (await member.caller()).principal.may(USERS_READ)


async def test_a_role_within_a_scope_permits_nothing_elsewhere(container, assigning):
    market, other = f"market:{a_uuid()}", f"market:{a_uuid()}"
    member, custom = await a_holder(container), await a_kept_role(container, [USERS_READ])
    await is_given(container, member, custom, scope=market)
    principal = (await member.caller()).principal
    assert principal.may(USERS_READ, scope=market)
    assert not principal.may(USERS_READ, scope=other)
    assert not principal.may(USERS_READ, scope="platform")
    assert not principal.may(USERS_READ)
    assert principal.roles == set()
    admin = (await (await a_holder(container, "admin")).caller()).principal
    assert admin.may(USERS_READ, scope=market)


async def test_whoever_may_assign_within_a_scope_may_there_and_nowhere_else(container, assigning):
    market, other = f"market:{a_uuid()}", f"market:{a_uuid()}"
    manager, member = await a_holder(container), await a_holder(container)
    managers = await a_kept_role(container, [ROLES_ASSIGN, USERS_READ])
    helpers = await a_kept_role(container, [USERS_READ])
    mighty = await a_kept_role(container, [USERS_UPDATE])
    await is_given(container, manager, managers, scope=market)
    caller = await manager.caller()
    await assigning.assign(member.user.id, AssignRole(role=helpers.key, scope=market), caller)
    await assigning.revoke(member.user.id, RevokeRole(role=helpers.key, scope=market), caller)
    for scope in (other, "platform"):
        with pytest.raises(Forbidden):
            await assigning.assign(member.user.id, AssignRole(role=helpers.key, scope=scope), caller)
    with pytest.raises(BeyondOwnPermissions):
        await assigning.assign(member.user.id, AssignRole(role=mighty.key, scope=market), caller)
    with pytest.raises(BeyondOwnPermissions):
        await assigning.assign(member.user.id, AssignRole(role="admin", scope=market), caller)


async def test_nobody_gives_or_takes_what_they_do_not_have(container, assigning):
    admin = await a_holder(container, "admin")
    mighty = await a_kept_role(container, [USERS_UPDATE])
    victim = await a_holder(container, mighty.key)
    someone = await a_holder_of(container, ROLES_ASSIGN)
    caller = await someone.caller()
    friend = await a_holder(container)
    for role in ("admin", mighty.key):
        with pytest.raises(BeyondOwnPermissions):
            await assigning.assign(friend.user.id, AssignRole(role=role), caller)
    with pytest.raises(BeyondOwnPermissions):
        await assigning.revoke(victim.user.id, RevokeRole(role=mighty.key), caller)
    with pytest.raises(BeyondOwnPermissions):
        await assigning.revoke(admin.user.id, RevokeRole(role="admin"), caller)


async def test_not_even_with_every_permission_is_admin_given_but_by_an_admin(container, assigning):
    every = [each.name for each in (await container.identity.roles.permissions(SYSTEM)).items]
    almighty = await a_holder_of(container, *every)
    friend = await a_holder(container)
    with pytest.raises(BeyondOwnPermissions):
        await assigning.assign(friend.user.id, AssignRole(role="admin"), await almighty.caller())


async def test_without_the_permission_nobody_assigns_or_revokes(container, assigning):
    member = await a_holder(container, "standard_user")
    for caller, refusal in ((ANYBODY, Unauthenticated), (await member.caller(), Forbidden)):
        with pytest.raises(refusal):
            await assigning.assign(member.user.id, AssignRole(role="standard_user"), caller)
        with pytest.raises(refusal):
            await assigning.revoke(member.user.id, RevokeRole(role="standard_user"), caller)


async def test_people_may_read_their_own_roles_and_others_with_the_permission(container, assigning):
    member, reader = await a_holder(container, "standard_user"), await a_holder_of(container, ROLES_READ)
    mine = await assigning.of_user(member.user.id, await member.caller())
    assert [each.role for each in mine.items] == ["standard_user"]
    assert await assigning.of_user(member.user.id, await reader.caller()) == mine
    with pytest.raises(Forbidden):
        await assigning.of_user(reader.user.id, await member.caller())
    with pytest.raises(Unauthenticated):
        await assigning.of_user(reader.user.id, ANYBODY)
    with pytest.raises(UnknownUser):
        await assigning.of_user(a_user_id(), SYSTEM)


async def test_what_is_not_there_is_not_found(container, assigning):
    member, gone = await a_holder(container), await a_holder(container)
    await set_status(container, gone, UserStatus.DELETED)
    for nobody in (a_user_id(), gone.user.id):
        with pytest.raises(UnknownUser):
            await assigning.assign(nobody, AssignRole(role="admin"), SYSTEM)
    with pytest.raises(UnknownRole):
        await assigning.assign(member.user.id, AssignRole(role="emperor"), SYSTEM)
    with pytest.raises(NotFound):
        await assigning.revoke(member.user.id, RevokeRole(role="admin"), SYSTEM)


async def test_what_is_wrong_with_the_input_is_told(container, assigning, clock):
    member = await a_holder(container)
    wish = AssignRole(role="admin", scope="everywhere", expires_at=clock.now())
    with pytest.raises(InvalidInput) as refusal:
        await assigning.assign(member.user.id, wish, SYSTEM)
    assert [(each.field, each.code) for each in refusal.value.problems] == [
        ("scope", "invalid"),
        ("expires_at", "value_too_small"),
    ]
    with pytest.raises(InvalidInput):
        await assigning.revoke(member.user.id, RevokeRole(role="admin", scope="x"), SYSTEM)


async def test_nobody_has_more_roles_than_are_read_at_each_request(container, assigning, monkeypatch):
    monkeypatch.setattr("multiproduct.application.identity.role_assigning.MAX_ASSIGNMENTS", 2)
    member = await a_holder(container, "standard_user", "market_owner")
    with pytest.raises(TooManyRoles):
        await assigning.assign(member.user.id, AssignRole(role="service_provider"), SYSTEM)


async def test_changes_need_a_recent_proof_of_who_it_is(container, assigning, clock):
    admin, member = await a_holder(container, "admin"), await a_holder(container, "standard_user")
    caller = await admin.caller()
    clock.pass_by(5 * MINUTE)
    with pytest.raises(StepUpRequired):
        await assigning.assign(member.user.id, AssignRole(role="admin"), caller)
    with pytest.raises(StepUpRequired):
        await assigning.revoke(member.user.id, RevokeRole(role="standard_user"), caller)


async def test_the_last_admin_cannot_go_in_any_way(container, assigning, clock):
    admin = await a_holder(container, "admin")
    caller = await admin.caller()
    with pytest.raises(LastAdmin):
        await assigning.revoke(admin.user.id, RevokeRole(role="admin"), caller)
    with pytest.raises(LastAdmin):
        await assigning.assign(admin.user.id, AssignRole(role="admin", expires_at=clock.now() + HOUR), SYSTEM)
    for status in (UserStatus.SUSPENDED, UserStatus.DELETED):
        with pytest.raises(LastAdmin):
            await set_status(container, admin, status)
    assert await the_roles_of(container, admin) == {"admin"}
    assert (await admin.caller()).principal.may(USERS_UPDATE)


@pytest.mark.parametrize("other_is", ["temporary", "suspended", "admin of one market"])
async def test_another_admin_counts_only_if_active_everywhere_and_for_good(
    container, assigning, clock, other_is
):
    admin, other = await a_holder(container, "admin"), await a_holder(container)
    wish = AssignRole(
        role="admin",
        scope=f"market:{a_uuid()}" if other_is == "admin of one market" else "platform",
        expires_at=clock.now() + HOUR if other_is == "temporary" else None,
    )
    await assigning.assign(other.user.id, wish, SYSTEM)
    if other_is == "suspended":
        await set_status(container, other, UserStatus.SUSPENDED)
    with pytest.raises(LastAdmin):
        await assigning.revoke(admin.user.id, RevokeRole(role="admin"), SYSTEM)


async def test_with_another_admin_there_one_may_go(container, assigning):
    first, second = await a_holder(container, "admin"), await a_holder(container, "admin")
    await assigning.revoke(first.user.id, RevokeRole(role="admin"), await second.caller())
    assert await the_roles_of(container, first) == set()
    with pytest.raises(LastAdmin):
        await set_status(container, second, UserStatus.SUSPENDED)


async def test_who_was_removed_a_moment_ago_removes_nobody(container, assigning):
    first, second, third = [await a_holder(container, "admin") for _ in range(3)]
    stale = await second.caller()
    await assigning.revoke(second.user.id, RevokeRole(role="admin"), await first.caller())
    with pytest.raises(SessionOver):
        await assigning.revoke(third.user.id, RevokeRole(role="admin"), stale)
    assert await the_roles_of(container, third) == {"admin"}


async def test_the_person_is_told(house, container, assigning):
    member = await a_holder(container, "standard_user")
    await assigning.assign(member.user.id, AssignRole(role="market_owner"), SYSTEM)
    await assigning.revoke(member.user.id, RevokeRole(role="market_owner"), SYSTEM)
    await house.drain()
    mails = await container.mailbox.messages(str(member.user.email.display))
    assert {mail.subject.partition(": ")[2] for mail in mails} >= {
        "your account was given a role",
        "a role was taken from your account",
    }
