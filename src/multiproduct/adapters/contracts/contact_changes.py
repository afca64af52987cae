"""What every store of changes of address must do: one of a kind is open, and it is closed once."""

from dataclasses import replace
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import (
    DAY,
    MINUTE,
    NOW,
    a_phone,
    a_user,
    a_uuid,
    an_email,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import ContactChange, ContactChangeOutcome, ContactKind
from multiproduct.domain.shared import StaleAggregate


def a_contact_change(*, user_id: UUID, kind: ContactKind = ContactKind.EMAIL) -> ContactChange:
    """One that has just been asked for."""
    return ContactChange(
        id=a_uuid(),
        user_id=user_id,
        session_id=None,
        kind=kind,
        email=an_email() if kind is ContactKind.EMAIL else None,
        phone=a_phone() if kind is ContactKind.PHONE else None,
        created_at=NOW,
        expires_at=NOW + 10 * MINUTE,
    )


async def _a_kept_user(units: Units[StoreUnit]) -> UUID:
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user.id


async def _keep(units: Units[StoreUnit], change: ContactChange) -> None:
    await in_one_unit(units, lambda unit: unit.contact_changes.add(change))


async def _find(units: Units[StoreUnit], id: UUID) -> ContactChange | None:
    return await in_view(units, lambda unit: unit.contact_changes.find(id))


class ContactChangesContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        user_id = await _a_kept_user(units)
        bare = a_contact_change(user_id=user_id)
        full = replace(
            a_contact_change(user_id=user_id, kind=ContactKind.PHONE),
            session_id=a_uuid(),
            old_email=an_email("Łódź"),
            old_phone=a_phone(),
            closed_at=NOW + MINUTE,
            outcome=ContactChangeOutcome.STOPPED,
        )
        for change in (bare, full):
            await _keep(units, change)
            assert await _find(units, change.id) == change
        assert await _find(units, a_uuid()) is None

    async def test_of_one_kind_there_is_one_open_and_others_do_not_matter(
        self, units: Units[StoreUnit]
    ) -> None:
        mine, theirs = await _a_kept_user(units), await _a_kept_user(units)
        first = a_contact_change(user_id=mine)
        await _keep(units, first)
        with pytest.raises(StaleAggregate):
            await _keep(units, a_contact_change(user_id=mine))
        phone = a_contact_change(user_id=mine, kind=ContactKind.PHONE)
        await _keep(units, phone)
        await _keep(units, a_contact_change(user_id=theirs))
        found = await in_view(units, lambda unit: unit.contact_changes.open_of(mine, ContactKind.EMAIL))
        assert found == first
        found = await in_view(units, lambda unit: unit.contact_changes.open_of(mine, ContactKind.PHONE))
        assert found == phone

    async def test_a_newer_one_replaces_the_older(self, units: Units[StoreUnit]) -> None:
        user_id = await _a_kept_user(units)
        older, newer = a_contact_change(user_id=user_id), a_contact_change(user_id=user_id)
        await _keep(units, older)

        async def body(unit: StoreUnit) -> None:
            await unit.contact_changes.replace_open(user_id, ContactKind.EMAIL, now=NOW + MINUTE)
            await unit.contact_changes.add(newer)

        await in_one_unit(units, body)
        found = await in_view(units, lambda unit: unit.contact_changes.open_of(user_id, ContactKind.EMAIL))
        assert found == newer
        replaced = await _find(units, older.id)
        assert replaced is not None
        assert (replaced.closed_at, replaced.outcome) == (NOW + MINUTE, ContactChangeOutcome.REPLACED)

    async def test_it_is_closed_once_and_only_the_winner_is_of_record(self, units: Units[StoreUnit]) -> None:
        user_id = await _a_kept_user(units)
        change = a_contact_change(user_id=user_id)
        await _keep(units, change)

        async def body(unit: StoreUnit) -> bool:
            mine = await unit.contact_changes.find(change.id)
            assert mine is not None
            mine.done(now=NOW)
            is_mine = await unit.contact_changes.close(mine)
            await unit.commit()
            return is_mine

        assert sorted(await race(units, 5, body)) == [False] * 4 + [True]
        wanted = AuditFilter(event="identity.contact_changed")
        assert await in_view(units, lambda unit: unit.audit_trail.count(wanted)) == 1
        left = await in_view(units, lambda unit: unit.contact_changes.open_of(user_id, ContactKind.EMAIL))
        assert left is None

    async def test_what_expired_before_is_purged_a_few_at_a_time(self, units: Units[StoreUnit]) -> None:
        users = [await _a_kept_user(units) for _ in range(3)]
        changes = [a_contact_change(user_id=each) for each in users]
        for change, days in zip(changes, (0, 1, 3), strict=True):
            await _keep(units, replace(change, expires_at=NOW + days * DAY))
        purged = [
            await in_one_unit(units, lambda unit: unit.contact_changes.purge(before=NOW + 3 * DAY, limit=1))
            for _ in range(3)
        ]
        assert purged == [1, 1, 0]
        assert await _find(units, changes[2].id) is not None
