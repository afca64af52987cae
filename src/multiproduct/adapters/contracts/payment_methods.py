"""What every store of stored methods and of notices must do."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import HOUR, NOW, a_user_id, a_uuid
from multiproduct.adapters.contracts.payment_builders import a_method, a_notice
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.payments.ports import KeptNotice
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.payments import StoredMethod
from multiproduct.domain.shared import StaleAggregate

LEASE = timedelta(seconds=60)


async def _add_method(units: Units[StoreUnit], method: StoredMethod) -> None:
    await in_one_unit(units, lambda unit: unit.payment_methods.add(method))


async def _method(units: Units[StoreUnit], id: UUID) -> StoredMethod | None:
    return await in_view(units, lambda unit: unit.payment_methods.find(id))


async def _held_method(units: Units[StoreUnit], id: UUID) -> StoredMethod | None:
    return await in_one_unit(units, lambda unit: unit.payment_methods.hold(id))


class StoredMethodsContract:
    """Stored methods of payment."""

    async def test_every_field_of_a_method_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        methods = [
            a_method(),
            replace(a_method(is_default=True), expires_year=None, expires_month=None),
            replace(a_method(), removed_at=NOW + timedelta(microseconds=1), last4=""),
        ]
        for method in methods:
            await _add_method(units, method)
            assert await _method(units, method.id) == method
            assert await _held_method(units, method.id) == method

    async def test_a_persons_methods_are_told_without_removed_ones_the_default_one_first(
        self, units: Units[StoreUnit]
    ) -> None:
        user_id = a_user_id()
        default, other = a_method(user_id=user_id, is_default=True), a_method(user_id=user_id)
        removed = replace(a_method(user_id=user_id), removed_at=NOW)
        for method in (default, other, removed, a_method()):
            await _add_method(units, method)
        assert await in_view(units, lambda unit: unit.payment_methods.of_user(user_id)) == [default, other]

    async def test_clearing_the_default_one_counts_as_a_change_of_it(self, units: Units[StoreUnit]) -> None:
        method = a_method(is_default=True)
        await in_one_unit(units, lambda unit: unit.payment_methods.add(method))
        await in_one_unit(units, lambda unit: unit.payment_methods.clear_default(method.user_id))
        kept = await in_view(units, lambda unit: unit.payment_methods.find(method.id))
        assert kept is not None
        assert (kept.is_default, kept.version) == (False, 1)
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.payment_methods.save(method))

    async def test_a_method_is_removed_by_one_of_those_who_loaded_it(self, units: Units[StoreUnit]) -> None:
        method = a_method()
        await in_one_unit(units, lambda unit: unit.payment_methods.add(method))
        rival = replace(method)
        method.remove(now=NOW)
        await in_one_unit(units, lambda unit: unit.payment_methods.save(method))
        rival.last4 = "0000"
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.payment_methods.save(rival))
        kept = await in_view(units, lambda unit: unit.payment_methods.find(method.id))
        assert kept is not None
        assert (kept.removed_at, kept.last4) == (NOW, "4242")


async def _keep_notice(units: Units[StoreUnit], notice: KeptNotice) -> bool:
    return await in_one_unit(units, lambda unit: unit.payment_notices.keep(notice))


class NoticesContract:
    """What callbacks told."""

    async def test_a_notice_is_kept_once_however_often_it_is_told(self, units: Units[StoreUnit]) -> None:
        notice_id = str(a_uuid())

        async def keep(unit: StoreUnit) -> bool:
            is_new = await unit.payment_notices.keep(a_notice(notice_id=notice_id))
            await unit.commit()
            return is_new

        assert sorted(await race(units, 20, keep)) == [False] * 19 + [True]
        other_gateway = replace(a_notice(notice_id=notice_id), gateway="OTHER")
        assert await in_one_unit(units, lambda unit: unit.payment_notices.keep(other_gateway))

    async def test_every_field_of_a_notice_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        notice = a_notice()
        await in_one_unit(units, lambda unit: unit.payment_notices.keep(notice))
        assert await in_view(units, lambda unit: unit.payment_notices.find(notice.id)) == notice
        assert await in_view(units, lambda unit: unit.payment_notices.find(a_uuid())) is None

    async def test_only_what_was_taken_in_before_is_purged(self, units: Units[StoreUnit]) -> None:
        old, late, untaken = a_notice(), a_notice(), a_notice()
        for notice in (old, late, untaken):
            await _keep_notice(units, notice)
        await in_one_unit(units, lambda unit: unit.payment_notices.mark_taken(old.id, now=NOW))
        await in_one_unit(units, lambda unit: unit.payment_notices.mark_taken(late.id, now=NOW + HOUR))
        before = NOW + timedelta(microseconds=1)
        assert await in_one_unit(units, lambda unit: unit.payment_notices.purge(before=before, limit=9)) == 1
        async with units.view(ANYBODY) as view:
            kept = [await view.payment_notices.find(each.id) for each in (old, late, untaken)]
        assert [each is not None for each in kept] == [False, True, True]
