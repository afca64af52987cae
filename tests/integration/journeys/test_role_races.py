"""Races for the last Admin: from several processes, on SQLite and on PostgreSQL, one always stays."""

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.racing import Arena
from tests.unit.application.identity.role_holders import Holder, a_holder

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import AssignRole, ChangeRole, RevokeRole
from multiproduct.domain.identity import LastAdmin, SessionOver, UserStatus
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

REVOKE = RevokeRole(role="admin")


async def _admins(house: Multiproduct, count: int) -> list[Holder]:
    return [await a_holder(house.container, "admin") for _ in range(count)]


async def _still_admins(house: Multiproduct, admins: list[Holder]) -> list[Holder]:
    async with house.container.units.view(SYSTEM) as view:
        found = {admin.user.id: await view.users.find(admin.user.id) for admin in admins}
    return [
        admin
        for admin in admins
        if "admin" in found[admin.user.id].roles and found[admin.user.id].status is UserStatus.ACTIVE
    ]


async def test_of_hundreds_of_admins_removed_or_suspended_at_once_one_stays(arena: Arena) -> None:
    count = proof_scale(200, 1_000)
    admins = await _admins(arena.house, count)
    outcomes = arena.race(
        "revokes_or_suspends",
        contenders=count,
        admins=[str(admin.user.id) for admin in admins],
    )
    assert outcomes == {"ok": count - 1, "last_admin": 1}
    assert len(await _still_admins(arena.house, admins)) == 1


async def test_hundreds_of_admins_who_remove_each_other_at_once_act_only_while_they_are_admins(
    arena: Arena,
) -> None:
    count = proof_scale(200, 1_000)
    admins = await _admins(arena.house, count)
    outcomes = arena.race(
        "removes_the_next",
        contenders=count,
        admins=[str(admin.user.id) for admin in admins],
        sessions=[str(admin.session.id) for admin in admins],
    )
    left = await _still_admins(arena.house, admins)
    # Whoever was removed first does not get to remove the next one, who thus stays.
    assert outcomes == {"ok": count - len(left), "session_ended": len(left)}
    assert 1 <= len(left) < count
    assert await arena.count("identity.role_revoked") == count - len(left)


async def test_of_two_admins_who_remove_each_other_one_wins(arena: Arena) -> None:
    winner: Holder | None = None
    for _ in range(proof_scale(2, 20)):
        two = await _admins(arena.house, 2)
        if winner is not None:
            await arena.house.identity.role_assignments.revoke(winner.user.id, REVOKE, SYSTEM)
        outcomes = arena.race(
            "removes_the_next",
            contenders=2,
            processes=2,
            admins=[str(admin.user.id) for admin in two],
            sessions=[str(admin.session.id) for admin in two],
        )
        assert outcomes == {"ok": 1, "session_ended": 1}
        (winner,) = await _still_admins(arena.house, two)
        with pytest.raises(LastAdmin):
            await arena.house.identity.role_assignments.revoke(winner.user.id, REVOKE, SYSTEM)


async def test_what_one_process_changes_holds_in_another_at_the_next_request(arena: Arena) -> None:
    house = arena.house
    roles, assigning = house.identity.roles, house.identity.role_assignments
    async with Multiproduct.from_settings(Settings(**arena.settings)) as other:
        member = await a_holder(house.container, "standard_user")
        elsewhere = Holder(other.container, member.user, member.session)
        assert not (await elsewhere.caller()).principal.may("identity.user.read")
        standard = next(role for role in (await roles.every(SYSTEM)).items if role.key == "standard_user")
        wish = ChangeRole(permissions=[*standard.permissions, "identity.user.read"])
        await roles.change(standard.id, wish, SYSTEM)
        assert (await elsewhere.caller()).principal.may("identity.user.read")
        await assigning.assign(member.user.id, AssignRole(role="market_owner"), SYSTEM)
        with pytest.raises(SessionOver):
            await elsewhere.caller()
