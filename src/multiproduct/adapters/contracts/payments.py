"""What every store of payments must do: save for one of those who loaded it, and never refund too much."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from multiproduct.adapters.contracts.builders import MINUTE, NOW, a_user_id, a_uuid
from multiproduct.adapters.contracts.payment_builders import (
    a_payment,
    an_unusual_payment,
    keep_payment,
    payment_now,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.payments.ports import PaymentFilter, Place
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.payments import Payment, Status
from multiproduct.domain.shared import StaleAggregate

EVERYTHING = PaymentFilter()


async def _page(units: Units[StoreUnit], wanted: PaymentFilter, after: Place | None) -> Sequence[Payment]:
    return await in_view(units, lambda unit: unit.payments.page(wanted, after=after, limit=2))


class PaymentsContract:
    """Payments, and how much of them is given back."""

    @pytest.mark.parametrize("make", [a_payment, an_unusual_payment])
    async def test_every_field_of_a_payment_comes_back_as_it_was(
        self, units: Units[StoreUnit], make: Callable[[], Payment]
    ) -> None:
        payment = make()
        await keep_payment(units, payment)
        assert await payment_now(units, payment.id) == payment
        assert await payment_now(units, a_uuid()) is None

    async def test_a_payment_is_saved_by_one_of_those_who_loaded_it(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        await keep_payment(units, payment)
        first, second = replace(payment), replace(payment)
        first.become(Status.PROCESSING, now=NOW)
        await in_one_unit(units, lambda unit: unit.payments.save(first))
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.payments.save(second))
        kept = await payment_now(units, payment.id)
        assert kept is not None
        assert (kept.status, kept.version) == (Status.PROCESSING, 1)

    async def test_saving_leaves_what_is_refunded_alone(self, units: Units[StoreUnit]) -> None:
        payment = replace(a_payment(status=Status.SUCCEEDED), settled=1_000)
        await keep_payment(units, payment)
        loaded = await payment_now(units, payment.id)
        assert loaded is not None

        async def refund(unit: StoreUnit) -> None:
            assert await unit.payments.set_aside_refund(payment.id, 600)
            await unit.payments.count_refunded(payment.id, 600)

        await in_one_unit(units, refund)
        await in_one_unit(units, lambda unit: unit.payments.save(loaded))
        kept = await payment_now(units, payment.id)
        assert kept is not None
        assert (kept.refunding, kept.refunded) == (600, 600)

    async def test_refunds_never_come_to_more_than_was_settled(self, units: Units[StoreUnit]) -> None:
        payment = replace(a_payment(status=Status.SUCCEEDED), settled=1_000)
        await keep_payment(units, payment)

        async def refund(unit: StoreUnit) -> bool:
            is_set_aside = await unit.payments.set_aside_refund(payment.id, 150)
            await unit.commit()
            return is_set_aside

        assert sorted(await race(units, 20, refund)) == [False] * 14 + [True] * 6
        kept = await payment_now(units, payment.id)
        assert kept is not None
        assert kept.refunding == 900

    async def test_what_a_failed_refund_set_aside_can_be_refunded_again(
        self, units: Units[StoreUnit]
    ) -> None:
        payment = replace(a_payment(status=Status.SUCCEEDED), settled=1_000)
        await keep_payment(units, payment)
        assert await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1_000))
        assert not await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1))
        await in_one_unit(units, lambda unit: unit.payments.free_refund(payment.id, 1_000))
        assert await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1_000))

    @pytest.mark.parametrize("status", [each for each in Status if each is not Status.SUCCEEDED])
    async def test_only_what_succeeded_is_refunded(self, units: Units[StoreUnit], status: Status) -> None:
        payment = replace(a_payment(status=status), settled=1_000)
        await keep_payment(units, payment)
        assert not await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1))

    async def test_pages_lead_through_all_payments_the_newest_first(self, units: Units[StoreUnit]) -> None:
        payer = a_user_id()
        wanted = PaymentFilter(payer_id=payer)
        payments = [
            replace(a_payment(payer_id=payer), created_at=NOW + MINUTE * (number // 2)) for number in range(5)
        ]
        for payment in (*payments, a_payment()):
            await keep_payment(units, payment)
        found: list[Payment] = []
        for _ in range(4):
            after = Place(found[-1].created_at, found[-1].id) if found else None
            found += await _page(units, wanted, after)
        assert found == sorted(payments, key=lambda each: (each.created_at, each.id), reverse=True)

    async def test_a_filter_finds_just_what_it_names(self, units: Units[StoreUnit]) -> None:
        plain, unusual = a_payment(), an_unusual_payment()
        for payment in (plain, unusual):
            await keep_payment(units, payment)
        wanted = [
            PaymentFilter(status=Status.SUCCEEDED),
            PaymentFilter(purpose="test.other"),
            PaymentFilter(purpose_id=unusual.purpose_id),
            PaymentFilter(payer_id=unusual.payer_id),
            PaymentFilter(needs_review=True),
        ]
        for each in wanted:
            assert await _page(units, each, None) == [unusual]
        nobodys = PaymentFilter(gateway="NONE")
        assert await in_view(units, lambda unit: unit.payments.page(nobodys, after=None, limit=9)) == []
