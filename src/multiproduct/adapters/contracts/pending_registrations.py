"""What every store of pending registrations must do."""

from collections.abc import Sequence

from multiproduct.adapters.contracts.builders import (
    DAY,
    NOW,
    a_pending_registration,
    a_phone,
    a_uuid,
    an_email,
    an_unusual_pending_registration,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import PendingRegistration


async def _keep(units: Units[StoreUnit], *registrations: PendingRegistration) -> None:
    async with units.open(ANYBODY) as unit:
        for pending in registrations:
            await unit.pending_registrations.add(pending)
        await unit.commit()


async def _found(units: Units[StoreUnit], pending: PendingRegistration) -> PendingRegistration | None:
    return await in_view(units, lambda unit: unit.pending_registrations.find(pending.id))


async def _remove(
    units: Units[StoreUnit], *, email_key: str | None = None, phone_key: str | None = None
) -> int:
    return await in_one_unit(
        units,
        lambda unit: unit.pending_registrations.remove_rivals(email_key=email_key, phone_key=phone_key),
    )


class PendingRegistrationsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`. The registrations' challenges are not kept.
    """

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for pending in (
            a_pending_registration(),
            a_pending_registration(phone=a_phone()),
            an_unusual_pending_registration(),
        ):
            await _keep(units, pending)
            assert await _found(units, pending) == pending

    async def test_an_unknown_registration_is_not_found(self, units: Units[StoreUnit]) -> None:
        assert await in_view(units, lambda unit: unit.pending_registrations.find(a_uuid())) is None

    async def test_that_a_registration_started_is_logged(self, units: Units[StoreUnit]) -> None:
        pending = a_pending_registration()
        pending.started()
        await _keep(units, pending)
        entries = await in_view(units, lambda unit: unit.audit_trail.find(AuditFilter(), limit=10))
        assert [(entry.event, entry.resource_id) for entry in entries] == [
            ("identity.registration_started", str(pending.id))
        ]

    async def test_several_may_wait_for_one_address_and_all_go_when_it_found_its_owner(
        self, units: Units[StoreUnit]
    ) -> None:
        email, phone = an_email(), a_phone()
        by_email = [a_pending_registration(email=email) for _ in range(3)]
        by_phone, other = a_pending_registration(phone=phone), a_pending_registration()
        phone_only = a_pending_registration(phone=a_phone())
        await _keep(units, *by_email, by_phone, other, phone_only)
        assert await _remove(units, email_key=email.key) == 3
        assert await _found(units, by_email[0]) is None
        assert await _found(units, by_phone) is not None
        assert await _remove(units, phone_key=phone.e164) == 1
        assert await _found(units, by_phone) is None
        assert await _remove(units, email_key=email.key, phone_key=phone.e164) == 0
        assert await _remove(units) == 0
        assert await _found(units, other) == other
        assert await _found(units, phone_only) == phone_only

    async def test_those_of_an_address_come_the_newest_first_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        email, phone = an_email(), a_phone()
        older = a_pending_registration(email=email, now=NOW - DAY)
        newer = a_pending_registration(email=email)
        by_phone = a_pending_registration(phone=phone)
        await _keep(units, older, newer, by_phone, a_pending_registration())

        async def of(
            limit: int, email_key: str | None, phone_key: str | None
        ) -> Sequence[PendingRegistration]:
            return await in_view(
                units,
                lambda unit: unit.pending_registrations.of_address(
                    email_key=email_key, phone_key=phone_key, limit=limit
                ),
            )

        assert list(await of(9, email.key, None)) == [newer, older]
        assert list(await of(1, email.key, None)) == [newer]
        assert list(await of(9, None, phone.e164)) == [by_phone]
        assert list(await of(9, None, None)) == []

    async def test_one_that_waits_for_either_address_is_counted_once(self, units: Units[StoreUnit]) -> None:
        email, phone = an_email(), a_phone()
        both = a_pending_registration(email=email, phone=phone)
        either = a_pending_registration(phone=phone)
        await _keep(units, both, either)
        assert await _remove(units, email_key=email.key, phone_key=phone.e164) == 2

    async def test_purging_removes_what_expired_before_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        old = [a_pending_registration(now=NOW - 2 * DAY) for _ in range(5)]
        fresh = a_pending_registration()
        await _keep(units, *old, fresh)
        removed = [
            await in_one_unit(units, lambda unit: unit.pending_registrations.purge(before=NOW, limit=2))
            for _ in range(4)
        ]
        assert removed == [2, 2, 1, 0]
        assert await _found(units, old[0]) is None
        assert await _found(units, fresh) == fresh
