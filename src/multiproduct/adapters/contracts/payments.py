"""What every store of payments, of what gateways are told, of stored methods and of notices must do."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import HOUR, MINUTE, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.payments.ports import KeptNotice, PaymentFilter, Place
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.payments import Attempt, AttemptKind, Payment, Refund, Status, StoredMethod, Strategy
from multiproduct.domain.shared import Currency, Money, StaleAggregate

USD = Currency("USD")
LEASE = timedelta(seconds=60)
EVERYTHING = PaymentFilter()


def a_payment(
    *, payer_id: UUID | None = None, minor: int = 1_999, status: Status = Status.REQUESTED
) -> Payment:
    """A payment of its own payer."""
    return Payment(
        id=a_uuid(),
        payer_id=payer_id or a_user_id(),
        amount=Money(minor, USD),
        purpose="test.thing",
        purpose_id=a_uuid(),
        gateway="STARK_PAY",
        strategy=Strategy.DIRECT,
        status=status,
        attempt_id=a_uuid(),
        created_at=NOW,
        updated_at=NOW,
    )


def an_unusual_payment() -> Payment:
    """A payment with every field set to something that is not its default."""
    return replace(
        a_payment(),
        amount=Money(9_007_199_254_740_993, Currency("KWD")),
        purpose="test.other",
        strategy=Strategy.ESCROW,
        status=Status.SUCCEEDED,
        attempts=3,
        authorised=9_007_199_254_740_993,
        capturing=5,
        settled=1_000,
        refunding=40,
        refunded=30,
        decline_code="stolen_card",
        review="paid_twice",
        updated_at=NOW + timedelta(microseconds=1),
        settled_at=NOW + timedelta(microseconds=2),
    )


def an_attempt(payment: Payment, *, number: int = 1) -> Attempt:
    """The present attempt of a payment, or a further one."""
    return Attempt(
        id=payment.attempt_id if number == 1 else a_uuid(),
        payment_id=payment.id,
        gateway=payment.gateway,
        amount=payment.amount,
        kind=AttemptKind.CHARGE,
        number=number,
        created_at=NOW + timedelta(seconds=number),
        updated_at=NOW,
    )


def an_unusual_attempt(payment: Payment) -> Attempt:
    """An attempt with every field set to something that is not its default."""
    return replace(
        an_attempt(payment, number=2),
        kind=AttemptKind.CAPTURE,
        status=Status.UNKNOWN,
        reference=UNUSUAL_TEXT,
        decline_code="revoked",
        leased_until=NOW + timedelta(microseconds=3),
        checks=4,
        next_check_at=NOW + timedelta(microseconds=4),
        review="amount_mismatch",
        method_id=a_uuid(),
        is_off_session=True,
        instructions=MappingProxyType({"account": UNUSUAL_TEXT}),
        deadline=NOW + timedelta(microseconds=5),
    )


def a_refund(payment: Payment, *, minor: int = 100) -> Refund:
    """A refund of some of a payment, with unusual texts."""
    return Refund(
        id=a_uuid(),
        payment_id=payment.id,
        attempt_id=payment.attempt_id,
        gateway=payment.gateway,
        amount=Money(minor, payment.amount.currency),
        reason=UNUSUAL_TEXT,
        purpose="test.refund",
        purpose_id=a_uuid(),
        requested_by=a_user_id(),
        hold_id=a_uuid(),
        created_at=NOW,
        updated_at=NOW,
    )


def a_method(*, user_id: UUID | None = None, is_default: bool = False) -> StoredMethod:
    """A stored card."""
    return StoredMethod(
        id=a_uuid(),
        user_id=user_id or a_user_id(),
        gateway="STARK_PAY",
        sealed_token=b"\x00sealed\xff",
        kind="card",
        brand="visa",
        last4="4242",
        expires_year=2030,
        expires_month=12,
        is_default=is_default,
        created_at=NOW,
    )


def a_notice(*, notice_id: str | None = None) -> KeptNotice:
    """A notice that was not told before."""
    return KeptNotice(
        id=a_uuid(),
        gateway="STARK_PAY",
        notice_id=notice_id or str(a_uuid()),
        kind="charge",
        key=a_uuid(),
        reference=UNUSUAL_TEXT,
        outcome={"kind": "CalledOff", "reference": None},
        received_at=NOW,
    )


async def _keep(units: Units[StoreUnit], payment: Payment, *attempts: Attempt) -> None:
    async def keep(unit: StoreUnit) -> None:
        await unit.payments.add(payment)
        for attempt in attempts:
            await unit.payment_attempts.add(attempt)

    await in_one_unit(units, keep)


async def _find(units: Units[StoreUnit], id: UUID) -> Payment | None:
    return await in_view(units, lambda unit: unit.payments.find(id))


async def _page(units: Units[StoreUnit], wanted: PaymentFilter, after: Place | None) -> Sequence[Payment]:
    return await in_view(units, lambda unit: unit.payments.page(wanted, after=after, limit=2))


class PaymentsContract:
    """Payments, and how much of them is given back."""

    @pytest.mark.parametrize("make", [a_payment, an_unusual_payment])
    async def test_every_field_of_a_payment_comes_back_as_it_was(
        self, units: Units[StoreUnit], make: Callable[[], Payment]
    ) -> None:
        payment = make()
        await _keep(units, payment)
        assert await _find(units, payment.id) == payment
        assert await _find(units, a_uuid()) is None

    async def test_a_payment_is_saved_by_one_of_those_who_loaded_it(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        await _keep(units, payment)
        first, second = replace(payment), replace(payment)
        first.become(Status.PROCESSING, now=NOW)
        await in_one_unit(units, lambda unit: unit.payments.save(first))
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.payments.save(second))
        kept = await _find(units, payment.id)
        assert kept is not None
        assert (kept.status, kept.version) == (Status.PROCESSING, 1)

    async def test_saving_leaves_what_is_refunded_alone(self, units: Units[StoreUnit]) -> None:
        payment = replace(a_payment(status=Status.SUCCEEDED), settled=1_000)
        await _keep(units, payment)
        loaded = await _find(units, payment.id)
        assert loaded is not None

        async def refund(unit: StoreUnit) -> None:
            assert await unit.payments.set_aside_refund(payment.id, 600)
            await unit.payments.count_refunded(payment.id, 600)

        await in_one_unit(units, refund)
        await in_one_unit(units, lambda unit: unit.payments.save(loaded))
        kept = await _find(units, payment.id)
        assert kept is not None
        assert (kept.refunding, kept.refunded) == (600, 600)

    async def test_refunds_never_come_to_more_than_was_settled(self, units: Units[StoreUnit]) -> None:
        payment = replace(a_payment(status=Status.SUCCEEDED), settled=1_000)
        await _keep(units, payment)

        async def refund(unit: StoreUnit) -> bool:
            is_set_aside = await unit.payments.set_aside_refund(payment.id, 150)
            await unit.commit()
            return is_set_aside

        assert sorted(await race(units, 20, refund)) == [False] * 14 + [True] * 6
        kept = await _find(units, payment.id)
        assert kept is not None
        assert kept.refunding == 900

    async def test_what_a_failed_refund_set_aside_can_be_refunded_again(
        self, units: Units[StoreUnit]
    ) -> None:
        payment = replace(a_payment(status=Status.SUCCEEDED), settled=1_000)
        await _keep(units, payment)
        assert await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1_000))
        assert not await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1))
        await in_one_unit(units, lambda unit: unit.payments.free_refund(payment.id, 1_000))
        assert await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1_000))

    @pytest.mark.parametrize("status", [each for each in Status if each is not Status.SUCCEEDED])
    async def test_only_what_succeeded_is_refunded(self, units: Units[StoreUnit], status: Status) -> None:
        payment = replace(a_payment(status=status), settled=1_000)
        await _keep(units, payment)
        assert not await in_one_unit(units, lambda unit: unit.payments.set_aside_refund(payment.id, 1))

    async def test_pages_lead_through_all_payments_the_newest_first(self, units: Units[StoreUnit]) -> None:
        payer = a_user_id()
        wanted = PaymentFilter(payer_id=payer)
        payments = [
            replace(a_payment(payer_id=payer), created_at=NOW + MINUTE * (number // 2)) for number in range(5)
        ]
        for payment in (*payments, a_payment()):
            await _keep(units, payment)
        found: list[Payment] = []
        for _ in range(4):
            after = Place(found[-1].created_at, found[-1].id) if found else None
            found += await _page(units, wanted, after)
        assert found == sorted(payments, key=lambda each: (each.created_at, each.id), reverse=True)

    async def test_a_filter_finds_just_what_it_names(self, units: Units[StoreUnit]) -> None:
        plain, unusual = a_payment(), an_unusual_payment()
        for payment in (plain, unusual):
            await _keep(units, payment)
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


class GatewayCallsContract:
    """Attempts and refunds, which are leased and written alike."""

    @pytest.mark.parametrize("make", [an_attempt, an_unusual_attempt])
    async def test_every_field_of_an_attempt_comes_back_as_it_was(
        self, units: Units[StoreUnit], make: Callable[[Payment], Attempt]
    ) -> None:
        payment = a_payment()
        attempt = make(payment)
        await _keep(units, payment, attempt)
        assert await in_view(units, lambda unit: unit.payment_attempts.find(attempt.id)) == attempt
        assert await in_view(units, lambda unit: unit.payment_attempts.of_payment(payment.id)) == [attempt]

    async def test_every_field_of_a_refund_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        refund = a_refund(payment)
        await _keep(units, payment)
        await in_one_unit(units, lambda unit: unit.payment_refunds.add(refund))
        assert await in_view(units, lambda unit: unit.payment_refunds.find(refund.id)) == refund
        assert await in_view(units, lambda unit: unit.payment_refunds.of_payment(payment.id)) == [refund]

    async def test_an_attempt_is_found_by_its_gateways_reference(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        first = replace(an_attempt(payment), reference="r-1")
        second = replace(an_attempt(payment, number=2), reference="r-1")
        await _keep(units, payment, first, second)

        async def found(gateway: str, reference: str) -> Attempt | None:
            return await in_view(
                units, lambda unit: unit.payment_attempts.find_by_reference(gateway, reference)
            )

        assert await found("STARK_PAY", "r-1") == first
        assert await found("STARK_PAY", "r-2") is None
        assert await found("OTHER", "r-1") is None

    async def test_one_of_many_claims_an_attempt(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        attempt = an_attempt(payment)
        await _keep(units, payment, attempt)

        async def claim(unit: StoreUnit) -> bool:
            claimed = await unit.payment_attempts.claim(
                attempt.id, now=NOW, until=NOW + LEASE, ask_at=NOW + HOUR
            )
            await unit.commit()
            return claimed is not None

        assert sorted(await race(units, 20, claim)) == [False] * 19 + [True]
        kept = await in_view(units, lambda unit: unit.payment_attempts.find(attempt.id))
        assert kept is not None
        assert (kept.status, kept.leased_until, kept.next_check_at) == (
            Status.PROCESSING,
            NOW + LEASE,
            NOW + HOUR,
        )

    async def test_an_attempt_whose_lease_is_over_is_claimed_again(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        attempt = replace(an_attempt(payment), status=Status.PROCESSING, leased_until=NOW + LEASE)
        await _keep(units, payment, attempt)

        async def claim_at(seconds: int) -> bool:
            now = NOW + timedelta(seconds=seconds)
            claimed = await in_one_unit(
                units,
                lambda unit: unit.payment_attempts.claim(attempt.id, now=now, until=now + LEASE, ask_at=NOW),
            )
            return claimed is not None

        assert [await claim_at(seconds) for seconds in (59, 60, 61)] == [False, True, False]

    @pytest.mark.parametrize("status", sorted(set(Status) - {Status.REQUESTED, Status.PROCESSING}))
    async def test_what_was_answered_is_not_claimed(self, units: Units[StoreUnit], status: Status) -> None:
        payment = a_payment()
        attempt = replace(an_attempt(payment), status=status)
        await _keep(units, payment, attempt)
        claimed = await in_one_unit(
            units,
            lambda unit: unit.payment_attempts.claim(attempt.id, now=NOW, until=NOW + LEASE, ask_at=NOW),
        )
        assert claimed is None

    async def test_a_save_meets_a_claim_as_stale(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        attempt = an_attempt(payment)
        await _keep(units, payment, attempt)
        await in_one_unit(
            units,
            lambda unit: unit.payment_attempts.claim(attempt.id, now=NOW, until=NOW + LEASE, ask_at=NOW),
        )
        attempt.become(Status.CANCELLED, now=NOW)
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.payment_attempts.save(attempt))

    async def test_what_is_due_is_leased_once_the_longest_due_first(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        due = [
            replace(an_attempt(payment, number=number), next_check_at=NOW - MINUTE * number)
            for number in (2, 4, 3)
        ]
        later = replace(an_attempt(payment, number=5), next_check_at=NOW + timedelta(microseconds=1))
        never = an_attempt(payment, number=6)
        await _keep(units, payment, *due, later, never)

        async def lease(limit: int, seconds: int = 0) -> list[int]:
            now = NOW + timedelta(seconds=seconds)
            leased = await in_one_unit(
                units,
                lambda unit: unit.payment_attempts.lease_due(at=NOW, now=now, until=now + LEASE, limit=limit),
            )
            return sorted(attempt.number for attempt in leased)

        assert await lease(2) == [3, 4]
        assert await lease(9) == [2]
        assert await lease(9) == []
        assert await lease(9, seconds=60) == [2, 3, 4]

    async def test_rivals_lease_different_ones(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        attempts = [replace(an_attempt(payment, number=number), next_check_at=NOW) for number in range(2, 14)]
        await _keep(units, payment, *attempts)

        async def lease(unit: StoreUnit) -> list[UUID]:
            leased = await unit.payment_attempts.lease_due(at=NOW, now=NOW, until=NOW + LEASE, limit=3)
            await unit.commit()
            return [attempt.id for attempt in leased]

        leased = [each for batch in await race(units, 8, lease) for each in batch]
        assert len(leased) == len(set(leased))
        assert set(leased) <= {attempt.id for attempt in attempts}
        assert len(leased) >= 3


async def _add_method(units: Units[StoreUnit], method: StoredMethod) -> None:
    await in_one_unit(units, lambda unit: unit.payment_methods.add(method))


async def _method(units: Units[StoreUnit], id: UUID) -> StoredMethod | None:
    return await in_view(units, lambda unit: unit.payment_methods.find(id))


async def _held_method(units: Units[StoreUnit], id: UUID) -> StoredMethod | None:
    return await in_one_unit(units, lambda unit: unit.payment_methods.hold(id))


async def _keep_notice(units: Units[StoreUnit], notice: KeptNotice) -> bool:
    return await in_one_unit(units, lambda unit: unit.payment_notices.keep(notice))


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
