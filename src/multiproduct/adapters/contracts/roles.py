"""What every store of roles and their assignments must do."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from multiproduct.adapters.contracts.builders import (
    HOUR,
    MINUTE,
    NOW,
    UNUSUAL_TEXT,
    a_passkey,
    a_role,
    a_user,
    a_user_id,
    a_uuid,
    an_assignment,
)
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    in_view,
    race,
)
from multiproduct.adapters.memory.beginning_roles import beginning_roles
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    ForeignIdentity,
    Provider,
    Role,
    RoleAssignment,
    RoleKeyTaken,
    SocialAccount,
    UnknownRole,
    UnknownUser,
    User,
    UserStatus,
    built_in_roles,
)
from multiproduct.domain.shared import StaleAggregate

ADMIN = built_in_roles()[0]


async def _a_kept_user(units: Units[StoreUnit], *roles: str) -> User:
    user = replace(a_user(), roles=frozenset(roles or {"standard_user"}))
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user


async def _keep(units: Units[StoreUnit], *roles: Role) -> None:
    for role in roles:
        await in_one_unit(units, lambda unit, role=role: unit.roles.add(role))  # type: ignore[misc]


async def _put(units: Units[StoreUnit], assignment: RoleAssignment) -> None:
    await in_one_unit(units, lambda unit: unit.role_assignments.put(assignment))


async def _found(units: Units[StoreUnit], role: Role) -> Role | None:
    return await in_view(units, lambda unit: unit.roles.find(role.id))


async def _of_user(units: Units[StoreUnit], user: User, now: datetime = NOW) -> Sequence[RoleAssignment]:
    return await in_view(units, lambda unit: unit.role_assignments.of_user(user.id, now=now))


async def _roles_of(units: Units[StoreUnit], user: User) -> frozenset[str]:
    found = await in_view(units, lambda unit: unit.users.find(user.id))
    assert found is not None
    return found.roles


class RolesContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`, whose present is NOW."""

    async def test_the_built_in_roles_are_there_from_the_beginning(self, units: Units[StoreUnit]) -> None:
        every = await in_view(units, lambda unit: unit.roles.every())
        assert {role.id: role for role in every} == {role.id: role for role in beginning_roles()}

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        role = replace(
            a_role(permissions={"a.b.c", "d.e.f"}),
            name=UNUSUAL_TEXT,
            description=UNUSUAL_TEXT,
            updated_at=NOW + timedelta(microseconds=1),
        )
        await _keep(units, role)
        assert await _found(units, role) == role
        assert await in_view(units, lambda unit: unit.roles.find_by_key(role.key)) == role

    async def test_unknown_roles_are_none(self, units: Units[StoreUnit]) -> None:
        async with units.view(ANYBODY) as unit:
            assert await unit.roles.find(a_uuid()) is None
            assert await unit.roles.find_by_key("Admin") is None

    async def test_all_roles_come_with_the_built_in_ones_first_then_by_key(
        self, units: Units[StoreUnit]
    ) -> None:
        await _keep(units, a_role(key="zebra_keeper"), a_role(key="aardvark_keeper"))
        every = [role.key for role in await in_view(units, lambda unit: unit.roles.every())]
        assert every == [
            *sorted(role.key for role in built_in_roles()),
            "aardvark_keeper",
            "zebra_keeper",
        ]

    async def test_a_key_has_one_role_and_the_unit_goes_on(self, units: Units[StoreUnit]) -> None:
        await _keep(units, a_role(key="auditor"))
        other = a_role(key="other_one")
        async with units.open(ANYBODY) as unit:
            for taken in ("auditor", "admin"):
                with pytest.raises(RoleKeyTaken):
                    await unit.roles.add(a_role(key=taken))
            await unit.roles.add(other)
            await unit.commit()
        assert await _found(units, other) == other

    async def test_a_stale_save_is_refused(self, units: Units[StoreUnit]) -> None:
        role = a_role(permissions={"a.b.c"})
        await _keep(units, role)
        stale = await _found(units, role)
        role.change(name="Another", now=NOW)
        await in_one_unit(units, lambda unit: unit.roles.save(role))
        assert stale is not None
        stale.change(permissions=frozenset(), now=NOW)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(StaleAggregate):
                await unit.roles.save(stale)
            with pytest.raises(StaleAggregate):
                await unit.roles.save(a_role())
        kept = await _found(units, role)
        assert kept is not None
        assert (kept.name, kept.permissions, kept.version) == ("Another", frozenset({"a.b.c"}), 1)

    async def test_what_happens_to_roles_is_of_record(self, units: Units[StoreUnit]) -> None:
        role = Role.create(
            id=a_uuid(), key="auditor", name="Auditor", description="", permissions=["a.b.c"], now=NOW
        )
        await _keep(units, role)
        role.change(permissions=frozenset({"d.e.f"}), now=NOW)
        await in_one_unit(units, lambda unit: unit.roles.save(role))
        role.delete(now=NOW)
        assert await in_one_unit(units, lambda unit: unit.roles.remove(role, now=NOW))
        wanted = AuditFilter(resource_type="role", resource_id=str(role.id))
        entries = await in_view(units, lambda unit: unit.audit_trail.find(wanted, limit=10))
        assert sorted((entry.event, entry.changes) for entry in entries) == [
            ("identity.role_changed", {"permissions": ["a.b.c", "d.e.f"]}),
            ("identity.role_created", {"key": [None, "auditor"], "permissions": [None, "a.b.c"]}),
            ("identity.role_deleted", {"key": ["auditor", None]}),
        ]

    async def test_a_role_that_somebody_has_stays(self, units: Units[StoreUnit]) -> None:
        user, role = await _a_kept_user(units), a_role()
        await _keep(units, role)
        await _put(units, an_assignment(user, role, expires_at=NOW + HOUR))
        assert not await in_one_unit(units, lambda unit: unit.roles.remove(role, now=NOW))
        assert await _found(units, role) == role
        # When the last assignment has expired, it goes with the role.
        assert await in_one_unit(units, lambda unit: unit.roles.remove(role, now=NOW + HOUR))
        assert await _found(units, role) is None
        assert not await in_one_unit(units, lambda unit: unit.roles.remove(role, now=NOW + HOUR))

    async def test_whoever_changes_who_may_do_what_waits_for_whoever_does_already(
        self, units: Units[StoreUnit]
    ) -> None:
        async def hold(unit: StoreUnit) -> None:
            await unit.roles.hold_all()

        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                await hold(unit)
                rival = asyncio.create_task(in_one_unit(units, hold))
                assert await has_to_wait(rival)
            await rival


class RoleAssignmentsContract:
    """Needs the same."""

    async def test_a_new_user_has_the_roles_it_came_with(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units, "standard_user", "market_owner")
        assert await _roles_of(units, user) == {"standard_user", "market_owner"}
        assert [
            (each.role, each.scope, each.granted_by, each.granted_at, each.expires_at)
            for each in await _of_user(units, user)
        ] == [(role, "platform", None, NOW, None) for role in ("market_owner", "standard_user")]
        nobody = replace(a_user(), roles=frozenset())
        await in_one_unit(units, lambda unit: unit.users.add(nobody))
        assert await _roles_of(units, nobody) == frozenset()

    async def test_a_new_user_cannot_come_with_a_role_that_there_is_not(
        self, units: Units[StoreUnit]
    ) -> None:
        async with units.open(ANYBODY) as unit:
            with pytest.raises(UnknownRole):
                await unit.users.add(replace(a_user(), roles=frozenset({"standard_user", "emperor"})))

    async def test_saving_a_user_leaves_the_roles_alone(self, units: Units[StoreUnit]) -> None:
        user = await _a_kept_user(units)
        await in_one_unit(units, lambda unit: unit.users.save(replace(user, roles=frozenset({"admin"}))))
        assert await _roles_of(units, user) == {"standard_user"}

    async def test_however_a_user_is_found_the_roles_are_those_that_hold_everywhere_now(
        self, units: Units[StoreUnit]
    ) -> None:
        user, past, coming, scoped = await _a_kept_user(units), a_role(), a_role(), a_role()
        await _keep(units, past, coming, scoped)
        await _put(units, an_assignment(user, past, expires_at=NOW))
        await _put(units, an_assignment(user, coming, expires_at=NOW + timedelta(microseconds=1)))
        await _put(units, an_assignment(user, scoped, scope=f"market:{a_uuid()}"))
        assert user.email is not None
        async with units.view(ANYBODY) as view:
            for found in (
                await view.users.find(user.id),
                await view.users.find_by_username(user.username.key),
                await view.users.find_by_email(user.email.key),
            ):
                assert found is not None
                assert found.roles == {"standard_user", coming.key}

    async def test_every_field_of_an_assignment_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        user, role = await _a_kept_user(units), a_role()
        await _keep(units, role)
        assignment = replace(
            an_assignment(user, role, scope=f"provider:{a_uuid()}", expires_at=NOW + HOUR),
            granted_by=a_user_id(),
        )
        await _put(units, assignment)
        async with units.view(ANYBODY) as view:
            find = view.role_assignments.find
            assert await find(user.id, role.id, assignment.scope) == assignment
            assert await find(user.id, role.id, "platform") is None
            assert await find(a_user_id(), role.id, assignment.scope) is None

    async def test_there_is_one_assignment_for_a_user_a_role_and_a_scope(
        self, units: Units[StoreUnit]
    ) -> None:
        user, role = await _a_kept_user(units), a_role()
        await _keep(units, role)
        await _put(units, an_assignment(user, role, expires_at=NOW + MINUTE))
        later = replace(an_assignment(user, role, now=NOW + MINUTE), granted_by=a_user_id())
        await _put(units, later)
        held = [each for each in await _of_user(units, user, NOW + HOUR) if each.role == role.key]
        assert held == [later]

    async def test_an_assignment_of_what_is_not_kept_is_refused_and_the_unit_goes_on(
        self, units: Units[StoreUnit]
    ) -> None:
        user, role = await _a_kept_user(units), a_role()
        await _keep(units, role)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(UnknownRole):
                await unit.role_assignments.put(an_assignment(user, a_role()))
            with pytest.raises(UnknownUser):
                await unit.role_assignments.put(an_assignment(a_user(), role))
            await unit.role_assignments.put(an_assignment(user, role))
            await unit.commit()
        assert role.key in await _roles_of(units, user)

    async def test_an_assignment_is_removed_once(self, units: Units[StoreUnit]) -> None:
        user, role = await _a_kept_user(units), a_role()
        await _keep(units, role)
        assignment = an_assignment(user, role)
        await _put(units, assignment)

        async def remove(unit: StoreUnit) -> bool:
            removed = await unit.role_assignments.remove(assignment)
            await unit.commit()
            return removed

        assert sorted(await race(units, 20, remove)) == [False] * 19 + [True]
        assert await _roles_of(units, user) == {"standard_user"}

    async def test_giving_and_taking_are_of_record(self, units: Units[StoreUnit]) -> None:
        user, role = await _a_kept_user(units), a_role()
        await _keep(units, role)
        given = RoleAssignment.grant(
            user_id=user.id,
            role_id=role.id,
            role=role.key,
            scope="platform",
            granted_by=None,
            expires_at=NOW + HOUR,
            now=NOW,
        )
        await _put(units, given)
        given.revoke(now=NOW)
        assert await in_one_unit(units, lambda unit: unit.role_assignments.remove(given))
        until = (NOW + HOUR).isoformat()
        entries = await in_view(units, lambda unit: unit.audit_trail.find(AuditFilter(), limit=10))
        told = {entry.event: (entry.user_id, entry.changes) for entry in entries if "role_" in entry.event}
        assert told["identity.role_granted"] == (
            str(user.id),
            {"role": [None, role.key], "scope": [None, "platform"], "expires_at": [None, until]},
        )
        assert told["identity.role_revoked"] == (
            str(user.id),
            {"role": [role.key, None], "scope": ["platform", None]},
        )

    async def test_another_admin_is_one_who_is_active_and_admin_everywhere_for_good(
        self, units: Units[StoreUnit]
    ) -> None:
        me, other = await _a_kept_user(units, "admin"), await _a_kept_user(units)

        async def has_other() -> bool:
            return await in_view(units, lambda unit: unit.role_assignments.has_admin_besides(me.id))

        await _put(units, an_assignment(other, ADMIN, scope=f"market:{a_uuid()}"))
        assert not await has_other()
        await _put(units, an_assignment(other, ADMIN, expires_at=NOW + 1000 * HOUR))
        assert not await has_other()
        await _put(units, an_assignment(other, ADMIN))
        assert await has_other()
        for status in (UserStatus.SUSPENDED, UserStatus.DELETED):
            other.status = status
            await in_one_unit(units, lambda unit: unit.users.save(other))
            assert not await has_other()

    async def test_another_admin_is_one_who_can_sign_in(self, units: Units[StoreUnit]) -> None:
        me = await _a_kept_user(units, "admin")
        invited = replace(a_user(), roles=frozenset({"admin"}), email_verified=False)
        await in_one_unit(units, lambda unit: unit.users.add(invited))

        async def has_other() -> bool:
            return await in_view(units, lambda unit: unit.role_assignments.has_admin_besides(me.id))

        assert not await has_other()
        passkey = replace(a_passkey(user_id=invited.id), verifies_user=False)
        await in_one_unit(units, lambda unit: unit.passkeys.add(passkey))
        assert not await has_other()

    @pytest.mark.parametrize("way", ["password", "proved address", "passkey", "linked account"])
    async def test_each_way_in_will_do(self, units: Units[StoreUnit], way: str) -> None:
        me = await _a_kept_user(units, "admin")
        other = replace(
            a_user(),
            roles=frozenset({"admin"}),
            email_verified=way == "proved address",
            password_hash="hash" if way == "password" else None,
        )
        passkey, linked = a_passkey(user_id=other.id), _a_linked_account(other)

        async def keep(unit: StoreUnit) -> None:
            await unit.users.add(other)
            if way == "passkey":
                await unit.passkeys.add(passkey)
            if way == "linked account":
                await unit.social_accounts.add(linked)

        await in_one_unit(units, keep)
        assert await in_view(units, lambda unit: unit.role_assignments.has_admin_besides(me.id))


def _a_linked_account(user: User) -> SocialAccount:
    identity = ForeignIdentity(
        provider=Provider.GOOGLE, issuer="https://accounts.example", subject=str(user.id)
    )
    return SocialAccount.sign_up(identity, id=a_uuid(), user_id=user.id, now=NOW)
