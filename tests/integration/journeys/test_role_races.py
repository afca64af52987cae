"""Races for the last Admin: from several processes, on SQLite and on PostgreSQL, one always stays."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.migrated import migrated
from tests.integration.journeys.racing import race
from tests.unit.application.identity.role_holders import Holder, a_holder

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import AssignRole, ChangeRole, RevokeRole
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.domain.identity import LastAdmin, SessionOver, UserStatus
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

PROCESSES = 4
REVOKE = RevokeRole(role="admin")


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/race.db"
    return str(request.getfixturevalue("postgres_database"))


@pytest.fixture
async def settings(url: str, tmp_path: Path) -> dict[str, Any]:
    await migrated(url)
    return {
        "database_url": url,
        "mailbox_dir": str(tmp_path / "mailbox"),
        "password_cost": "test",
        "rate_limit_profile": "unlimited",
        "inline_worker": False,
    }


@pytest.fixture
async def house(settings: dict[str, Any]) -> AsyncIterator[Multiproduct]:
    async with Multiproduct.from_settings(Settings(**settings)) as opened:
        yield opened


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


async def test_of_hundreds_of_admins_removed_or_suspended_at_once_one_stays(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    count = proof_scale(200, 1_000)
    admins = await _admins(house, count)
    outcomes = race(
        "revokes_or_suspends",
        settings=settings,
        contenders=count,
        processes=PROCESSES,
        admins=[str(admin.user.id) for admin in admins],
    )
    assert outcomes == {"ok": count - 1, "last_admin": 1}
    assert len(await _still_admins(house, admins)) == 1


async def test_hundreds_of_admins_who_remove_each_other_at_once_act_only_while_they_are_admins(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    count = proof_scale(200, 1_000)
    admins = await _admins(house, count)
    outcomes = race(
        "removes_the_next",
        settings=settings,
        contenders=count,
        processes=PROCESSES,
        admins=[str(admin.user.id) for admin in admins],
        sessions=[str(admin.session.id) for admin in admins],
    )
    left = await _still_admins(house, admins)
    # Whoever was removed first does not get to remove the next one, who thus stays.
    assert outcomes == {"ok": count - len(left), "session_ended": len(left)}
    assert 1 <= len(left) < count
    async with house.container.units.view(SYSTEM) as view:
        revoked = AuditFilter(event="identity.role_revoked")
        assert await view.audit_trail.count(revoked) == count - len(left)


async def test_of_two_admins_who_remove_each_other_one_wins(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    winner: Holder | None = None
    for _ in range(proof_scale(2, 20)):
        two = await _admins(house, 2)
        if winner is not None:
            await house.identity.role_assignments.revoke(winner.user.id, REVOKE, SYSTEM)
        outcomes = race(
            "removes_the_next",
            settings=settings,
            contenders=2,
            processes=2,
            admins=[str(admin.user.id) for admin in two],
            sessions=[str(admin.session.id) for admin in two],
        )
        assert outcomes == {"ok": 1, "session_ended": 1}
        (winner,) = await _still_admins(house, two)
        with pytest.raises(LastAdmin):
            await house.identity.role_assignments.revoke(winner.user.id, REVOKE, SYSTEM)


async def test_what_one_process_changes_holds_in_another_at_the_next_request(
    house: Multiproduct, settings: dict[str, Any]
) -> None:
    roles, assigning = house.identity.roles, house.identity.role_assignments
    async with Multiproduct.from_settings(Settings(**settings)) as other:
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
