"""Keeping roles: who may, what is refused, and when it holds."""

import pytest
from tests.unit.application.identity.clocks import StandingClock
from tests.unit.application.identity.people import open_house
from tests.unit.application.identity.role_holders import a_holder, a_holder_of, a_kept_role, is_given

from multiproduct.adapters.contracts.builders import MINUTE, a_uuid
from multiproduct.adapters.memory.beginning_roles import beginning_roles
from multiproduct.application.caller import ANYBODY, SYSTEM
from multiproduct.application.idempotency import IdempotencyMismatch
from multiproduct.application.identity import ChangeRole, CreateRole
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.bootstrap import Overrides
from multiproduct.domain.identity import (
    BeyondOwnPermissions,
    EndReason,
    RoleInUse,
    RoleIsBuiltIn,
    RoleKeyTaken,
    SessionOver,
    TooManyRoles,
    UnknownRole,
    built_in_roles,
    role,
)
from multiproduct.domain.identity.roles import (
    AUDIT_READ,
    ROLES_CREATE,
    ROLES_DELETE,
    ROLES_READ,
    ROLES_UPDATE,
    USERS_READ,
    USERS_UPDATE,
)
from multiproduct.domain.shared import Forbidden, InvalidInput, StepUpRequired, Unauthenticated

ADMIN_ROLE = built_in_roles()[0]
ADMIN_BEGINS_WITH = beginning_roles()[0].permissions


@pytest.fixture
def clock():
    return StandingClock()


@pytest.fixture
async def container(clock):
    async with open_house(Overrides(clock=clock)) as house:
        yield house.container


@pytest.fixture
def roles(container):
    return container.identity.roles


def a_wish(**changed) -> CreateRole:
    return CreateRole(**({"key": "auditor", "name": "Auditor", "permissions": [AUDIT_READ]} | changed))


async def test_an_administrator_makes_changes_and_deletes_a_role(container, roles):
    admin = await (await a_holder(container, "admin")).caller()
    made = await roles.create(a_wish(), admin)
    assert (made.key, made.permissions, made.is_built_in) == ("auditor", [AUDIT_READ], False)
    assert await roles.read(made.id, admin) == made
    changed = await roles.change(made.id, ChangeRole(permissions=[USERS_READ, AUDIT_READ]), admin)
    assert (changed.name, changed.permissions) == ("Auditor", [AUDIT_READ, USERS_READ])
    assert [each.key for each in (await roles.every(admin)).items][-1] == "auditor"
    await roles.delete(made.id, admin)
    with pytest.raises(UnknownRole):
        await roles.read(made.id, admin)
    async with container.units.view(SYSTEM) as view:
        entries = await view.audit_trail.find(AuditFilter(resource_id=str(made.id)), limit=9)
    assert [(entry.event, entry.actor_id) for entry in entries] == [
        (f"identity.role_{what}", str(admin.principal.user_id)) for what in ("deleted", "changed", "created")
    ]


async def test_every_permission_can_be_looked_up_with_what_it_allows(container, roles):
    reader = await (await a_holder_of(container, ROLES_READ)).caller()
    listed = (await roles.permissions(reader)).items
    assert {each.name for each in listed} == ADMIN_BEGINS_WITH
    assert all(each.description.endswith(".") for each in listed)


async def test_what_a_role_permits_holds_at_the_next_request(container, roles):
    custom = await a_kept_role(container, [USERS_READ])
    somebody = await a_holder(container, custom.key)
    assert (await somebody.caller()).principal.may(USERS_READ)
    await roles.change(custom.id, ChangeRole(permissions=[AUDIT_READ]), SYSTEM)
    principal = (await somebody.caller()).principal
    assert principal.may(AUDIT_READ)
    assert not principal.may(USERS_READ)


async def test_each_use_case_asks_for_its_own_permission(container, roles):
    custom = await a_kept_role(container)
    wanted = {
        ROLES_CREATE: lambda caller: roles.create(a_wish(permissions=[]), caller),
        ROLES_UPDATE: lambda caller: roles.change(custom.id, ChangeRole(name="Other"), caller),
        ROLES_DELETE: lambda caller: roles.delete(custom.id, caller),
        ROLES_READ: lambda caller: roles.every(caller),
    }
    for permission, ask in wanted.items():
        without = await (await a_holder_of(container, *(wanted.keys() - {permission}))).caller()
        with pytest.raises(Forbidden) as refusal:
            await ask(without)
        assert refusal.value.params == {"permission": permission}
        with pytest.raises(Unauthenticated):
            await ask(ANYBODY)
    for permission, ask in wanted.items():
        await ask(await (await a_holder_of(container, permission)).caller())


async def test_nobody_makes_or_widens_a_role_beyond_what_they_may_do_themselves(container, roles):
    own = await a_kept_role(container, [ROLES_CREATE, ROLES_UPDATE, USERS_READ])
    someone = await (await a_holder(container, own.key)).caller()
    with pytest.raises(BeyondOwnPermissions):
        await roles.create(a_wish(), someone)
    with pytest.raises(BeyondOwnPermissions):
        await roles.change(own.id, ChangeRole(permissions=[*own.permissions, AUDIT_READ]), someone)
    made = await roles.create(a_wish(permissions=[USERS_READ]), someone)
    assert (await roles.change(made.id, ChangeRole(permissions=[]), someone)).permissions == []


async def test_nobody_touches_a_role_that_may_do_what_they_may_not(container, roles):
    mightier = await a_kept_role(container, [USERS_UPDATE])
    someone = await (await a_holder_of(container, ROLES_UPDATE, ROLES_DELETE)).caller()
    for command in (ChangeRole(permissions=[]), ChangeRole(name="Fool")):
        with pytest.raises(BeyondOwnPermissions):
            await roles.change(mightier.id, command, someone)
        with pytest.raises(BeyondOwnPermissions):
            await roles.change(ADMIN_ROLE.id, command, someone)
    with pytest.raises(BeyondOwnPermissions):
        await roles.delete(mightier.id, someone)


async def test_a_permission_within_a_scope_is_none_over_roles(container, roles):
    custom = await a_kept_role(container, [ROLES_CREATE])
    someone = await a_holder(container)
    await is_given(container, someone, custom, scope=f"market:{a_uuid()}")
    with pytest.raises(Forbidden):
        await roles.create(a_wish(permissions=[]), await someone.caller())


async def test_a_permission_that_there_is_not_cannot_be_granted(container, roles):
    with pytest.raises(InvalidInput) as refusal:
        await roles.create(
            a_wish(key="No", permissions=[AUDIT_READ, "audit.entry.raed", "identity.user.*"]), SYSTEM
        )
    assert [(each.field, each.code) for each in refusal.value.problems] == [
        ("key", "invalid"),
        ("permissions.1", "not_allowed"),
        ("permissions.2", "not_allowed"),
    ]
    custom = await a_kept_role(container)
    with pytest.raises(InvalidInput):
        await roles.change(custom.id, ChangeRole(permissions=["identity.user"]), SYSTEM)


async def test_built_in_roles_stay_and_admin_keeps_its_permissions(container, roles):
    for built_in in built_in_roles():
        with pytest.raises(RoleIsBuiltIn):
            await roles.delete(built_in.id, SYSTEM)
    with pytest.raises(RoleIsBuiltIn):
        await roles.change(ADMIN_ROLE.id, ChangeRole(permissions=[AUDIT_READ]), SYSTEM)
    assert (await roles.read(ADMIN_ROLE.id, SYSTEM)).permissions == sorted(ADMIN_BEGINS_WITH)


async def test_a_role_that_somebody_has_cannot_be_deleted(container, roles):
    custom = await a_kept_role(container)
    await a_holder(container, custom.key)
    with pytest.raises(RoleInUse):
        await roles.delete(custom.id, SYSTEM)
    assert (await roles.read(custom.id, SYSTEM)).key == custom.key


async def test_a_key_has_one_role(roles):
    await roles.create(a_wish(), SYSTEM)
    for key in ("auditor", "admin"):
        with pytest.raises(RoleKeyTaken):
            await roles.create(a_wish(key=key), SYSTEM)


async def test_a_repetition_with_the_same_key_makes_nothing_new(container, roles):
    admin = await (await a_holder(container, "admin")).caller()
    made = await roles.create(a_wish(), admin, idempotency_key="once")
    assert await roles.create(a_wish(), admin, idempotency_key="once") == made
    with pytest.raises(IdempotencyMismatch):
        await roles.create(a_wish(key="other_one"), admin, idempotency_key="once")


async def test_there_are_only_so_many_roles(roles, monkeypatch):
    monkeypatch.setattr("multiproduct.application.identity.role_keeping.MAX_CUSTOM_ROLES", 2)
    assert role.MAX_CUSTOM_ROLES > 2
    for key in ("first", "second"):
        await roles.create(a_wish(key=key), SYSTEM)
    with pytest.raises(TooManyRoles):
        await roles.create(a_wish(key="third"), SYSTEM)


async def test_what_is_not_there_cannot_be_read_changed_or_deleted(roles):
    nowhere = a_uuid()
    for ask in (
        roles.read(nowhere, SYSTEM),
        roles.change(nowhere, ChangeRole(name="x"), SYSTEM),
        roles.delete(nowhere, SYSTEM),
    ):
        with pytest.raises(UnknownRole):
            await ask


async def test_changes_need_a_recent_proof_of_who_it_is(container, roles, clock):
    admin = await (await a_holder(container, "admin")).caller()
    custom = await a_kept_role(container)
    clock.pass_by(5 * MINUTE)
    for ask in (
        roles.create(a_wish(), admin),
        roles.change(custom.id, ChangeRole(name="x"), admin),
        roles.delete(custom.id, admin),
    ):
        with pytest.raises(StepUpRequired):
            await ask
    assert (await roles.read(custom.id, admin)).name == custom.name


async def test_who_lost_the_permission_or_the_session_meanwhile_changes_nothing(container, roles):
    creators = await a_kept_role(container, [ROLES_CREATE])
    creator, gone = await a_holder(container, creators.key), await a_holder(container, "admin")
    stale, over = await creator.caller(), await gone.caller()
    await roles.change(creators.id, ChangeRole(permissions=[]), SYSTEM)
    with pytest.raises(Forbidden):
        await roles.create(a_wish(permissions=[]), stale)
    async with container.units.open(SYSTEM) as unit:
        session = await unit.sessions.hold(gone.session.id)
        session.end(EndReason.REVOKED, now=container.clock.now())
        await unit.sessions.save(session)
        await unit.commit()
    with pytest.raises(SessionOver):
        await roles.create(a_wish(), over)
