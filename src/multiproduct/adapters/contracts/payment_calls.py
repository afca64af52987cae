"""What every store of what gateways are told must do: each call claimed and leased once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import HOUR, MINUTE, NOW
from multiproduct.adapters.contracts.payment_builders import (
    a_payment,
    a_refund,
    an_attempt,
    an_unusual_attempt,
    keep_payment,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.payments import Attempt, Payment, Status
from multiproduct.domain.shared import StaleAggregate

LEASE = timedelta(seconds=60)


class GatewayCallsContract:
    """Attempts and refunds, which are leased and written alike."""

    @pytest.mark.parametrize("make", [an_attempt, an_unusual_attempt])
    async def test_every_field_of_an_attempt_comes_back_as_it_was(
        self, units: Units[StoreUnit], make: Callable[[Payment], Attempt]
    ) -> None:
        payment = a_payment()
        attempt = make(payment)
        await keep_payment(units, payment, attempt)
        assert await in_view(units, lambda unit: unit.payment_attempts.find(attempt.id)) == attempt
        assert await in_view(units, lambda unit: unit.payment_attempts.of_payment(payment.id)) == [attempt]

    async def test_every_field_of_a_refund_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        refund = a_refund(payment)
        await keep_payment(units, payment)
        await in_one_unit(units, lambda unit: unit.payment_refunds.add(refund))
        assert await in_view(units, lambda unit: unit.payment_refunds.find(refund.id)) == refund
        assert await in_view(units, lambda unit: unit.payment_refunds.of_payment(payment.id)) == [refund]

    async def test_an_attempt_is_found_by_its_gateways_reference(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        first = replace(an_attempt(payment), reference="r-1")
        second = replace(an_attempt(payment, number=2), reference="r-1")
        await keep_payment(units, payment, first, second)

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
        await keep_payment(units, payment, attempt)

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
        await keep_payment(units, payment, attempt)

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
        await keep_payment(units, payment, attempt)
        claimed = await in_one_unit(
            units,
            lambda unit: unit.payment_attempts.claim(attempt.id, now=NOW, until=NOW + LEASE, ask_at=NOW),
        )
        assert claimed is None

    async def test_a_save_meets_a_claim_as_stale(self, units: Units[StoreUnit]) -> None:
        payment = a_payment()
        attempt = an_attempt(payment)
        await keep_payment(units, payment, attempt)
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
        await keep_payment(units, payment, *due, later, never)

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
        await keep_payment(units, payment, *attempts)

        async def lease(unit: StoreUnit) -> list[UUID]:
            leased = await unit.payment_attempts.lease_due(at=NOW, now=NOW, until=NOW + LEASE, limit=3)
            await unit.commit()
            return [attempt.id for attempt in leased]

        leased = [each for batch in await race(units, 8, lease) for each in batch]
        assert len(leased) == len(set(leased))
        assert set(leased) <= {attempt.id for attempt in attempts}
        assert len(leased) >= 3
