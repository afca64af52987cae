"""What every store of subscriptions, trials and charges must do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Protocol, TypeVar

import pytest

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import TransientFailure, UnitOfWork, Units
from multiproduct.application.subscriptions.ports import (
    Charges,
    Place,
    SubscriptionFilter,
    Subscriptions,
    Trials,
)
from multiproduct.application.units import in_unit
from multiproduct.domain.catalog import Cycle, CycleUnit
from multiproduct.domain.shared import StaleAggregate
from multiproduct.domain.subscriptions import (
    MONTHLY,
    Accrual,
    AlreadySubscribed,
    Awaited,
    Charge,
    ChargeKind,
    ChargeStatus,
    OpenInvoice,
    Reduction,
    Subscription,
    SubscriptionStatus,
    Terms,
    UsageSpan,
)

T = TypeVar("T")
RIVALS = 16


class KeepingUnit(UnitOfWork, Protocol):
    """The repositories under contract."""

    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def subscription_trials(self) -> Trials: ...
    @property
    def subscription_charges(self) -> Charges: ...


def a_subscription() -> Subscription:
    """A pending one, of somebody and for something that nobody else has."""
    subscription = Subscription.order(
        id=a_uuid(),
        user_id=a_user_id(),
        product_id=a_uuid(),
        currency="USD",
        zone="UTC",
        terms=Terms(plan_id=a_uuid(), quantity=1, price=1_999, cycle=MONTHLY),
        configuration={},
        now=NOW,
    )
    subscription.collect_events()
    return subscription


def an_unusual_subscription() -> Subscription:
    """Every field at a value that a careless mapping would lose."""
    terms = Terms(
        plan_id=a_uuid(),
        quantity=99_999,
        price=10**15,
        cycle=Cycle.custom(CycleUnit.DAY, 3_660),
        unit_price=Fraction(10**15, 99_991),
    )
    tick = timedelta(microseconds=1)
    return replace(
        a_subscription(),
        currency="KWD",
        zone="America/Argentina/ComodRivadavia",
        terms=terms,
        status=SubscriptionStatus.PAUSED,
        auto_renew=False,
        configuration={"text": UNUSUAL_TEXT, "list": [1, {"a": None}], "number": 1.5},
        gateway="sandbox",
        method_id=a_uuid(),
        starts_at=NOW + 1 * tick,
        trial_end=NOW + 2 * tick,
        anchor=NOW + 3 * tick,
        index=7,
        number=8,
        accrual=Accrual(
            origin=NOW + 4 * tick,
            length=3_660 * 86_400,
            price=10**15,
            used=7,
            accrued=10**23,
            reduction=Reduction(667, 10**15 + 1),
        ),
        prepaid=replace(terms, quantity=2),
        scheduled=replace(terms, quantity=3, cycle=MONTHLY),
        awaiting=OpenInvoice(
            order_id=a_uuid(),
            invoice_id=a_uuid(),
            awaited=Awaited.CHANGE,
            terms=replace(terms, quantity=4),
            at=NOW + 5 * tick,
            asked_at=NOW + 6 * tick,
            first_price=17,
            is_charging=True,
            is_ahead=True,
            by_schedule=True,
        ),
        cancels_at_period_end=True,
        cancelled_at=NOW + 6 * tick,
        ended_at=NOW + 7 * tick,
        paused_at=NOW + 8 * tick,
        resumes_at=NOW + 9 * tick,
        failed_at=NOW + 10 * tick,
        failures=3,
        next_attempt_at=NOW + 11 * tick,
        reminded=3,
        closes_at=NOW + 14 * tick,
        spans=(
            UsageSpan(until=NOW + 15 * tick, plan_id=None, number=0),
            UsageSpan(until=NOW + 16 * tick, plan_id=a_uuid(), number=7),
        ),
        due_at=NOW + 12 * tick,
        updated_at=NOW + 13 * tick,
    )


def a_charge(subscription: Subscription, number: int = 1) -> Charge:
    """An open one, of a period."""
    return Charge(
        id=a_uuid(),
        subscription_id=subscription.id,
        number=number,
        kind=ChargeKind.PERIOD,
        invoice_id=a_uuid(),
        order_id=a_uuid(),
        minor=1_999,
        currency="USD",
        created_at=NOW + number * MINUTE,
    )


async def _do(units: Units[KeepingUnit], body: Callable[[KeepingUnit], Awaitable[T]]) -> T:
    async def whole(unit: KeepingUnit) -> T:
        answer = await body(unit)
        await unit.commit()
        return answer

    return await in_unit(lambda: units.open(ANYBODY), whole)


async def _read(units: Units[KeepingUnit], body: Callable[[KeepingUnit], Awaitable[T]]) -> T:
    async with units.view(ANYBODY) as unit:
        return await body(unit)


class SubscriptionsContract:
    """Needs `units` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    @pytest.mark.parametrize("build", [a_subscription, an_unusual_subscription])
    async def test_every_field_comes_back_as_it_was(
        self, units: Units[KeepingUnit], build: Callable[[], Subscription]
    ) -> None:
        subscription = build()
        await _do(units, lambda unit: unit.subscriptions.add(subscription))
        found = await _read(units, lambda unit: unit.subscriptions.find(subscription.id))
        assert found == subscription
        # What a seat was sold at is no part of what makes terms the same.
        kept = found.terms, found.prepaid, found.scheduled, found.awaiting and found.awaiting.terms
        sold = (
            subscription.terms,
            subscription.prepaid,
            subscription.scheduled,
            subscription.awaiting and subscription.awaiting.terms,
        )
        assert [each and each.unit_price for each in kept] == [each and each.unit_price for each in sold]
        changed = replace(build(), id=subscription.id, user_id=subscription.user_id)
        changed.product_id = subscription.product_id
        await _do(units, lambda unit: unit.subscriptions.save(changed))
        assert await _read(units, lambda unit: unit.subscriptions.find(subscription.id)) == changed
        assert changed.version == subscription.version + 1

    async def test_a_stale_save_is_refused(self, units: Units[KeepingUnit]) -> None:
        subscription = a_subscription()
        await _do(units, lambda unit: unit.subscriptions.add(subscription))
        stale = replace(subscription)
        await _do(units, lambda unit: unit.subscriptions.save(subscription))
        async with units.open(ANYBODY) as unit:
            with pytest.raises(StaleAggregate):
                await unit.subscriptions.save(stale)

    async def test_a_person_has_one_live_subscription_to_a_product(self, units: Units[KeepingUnit]) -> None:
        first = a_subscription()
        await _do(units, lambda unit: unit.subscriptions.add(first))
        second = replace(a_subscription(), user_id=first.user_id, product_id=first.product_id)
        other = a_subscription()
        async with units.open(ANYBODY) as unit:
            with pytest.raises(AlreadySubscribed):
                await unit.subscriptions.add(second)
            await unit.subscriptions.add(other)
            await unit.commit()
        live = await _read(units, lambda unit: unit.subscriptions.find_live(first.user_id, first.product_id))
        assert live == first
        first.expire("not_paid", now=NOW)
        await _do(units, lambda unit: unit.subscriptions.save(first))
        live = await _read(units, lambda unit: unit.subscriptions.find_live(first.user_id, first.product_id))
        assert live is None
        second.created_at += HOUR
        await _do(units, lambda unit: unit.subscriptions.add(second))
        latest = await _read(
            units, lambda unit: unit.subscriptions.find_latest(first.user_id, first.product_id)
        )
        assert latest == second

    async def test_of_rivals_who_subscribe_at_once_one_does(self, units: Units[KeepingUnit]) -> None:
        first = a_subscription()

        async def subscribe(unit: KeepingUnit) -> bool:
            mine = replace(a_subscription(), user_id=first.user_id, product_id=first.product_id)
            try:
                await unit.subscriptions.add(mine)
            except AlreadySubscribed:
                return False
            return True

        assert sum(await asyncio.gather(*(_do(units, subscribe) for _ in range(RIVALS)))) == 1

    async def test_lists_are_paged_newest_first(self, units: Units[KeepingUnit]) -> None:
        user = a_user_id()
        mine = [
            replace(a_subscription(), user_id=user, created_at=NOW + minutes * MINUTE)
            for minutes in (2, 1, 1, 0)
        ]
        for each in (*mine, a_subscription()):
            await _do(units, lambda unit, each=each: unit.subscriptions.add(each))  # type: ignore[misc]
        wanted, seen = SubscriptionFilter(user_id=user), list[Subscription]()
        for _ in range(4):
            after = Place(created_at=seen[-1].created_at, id=seen[-1].id) if seen else None
            async with units.view(ANYBODY) as unit:
                page = await unit.subscriptions.page(wanted, after=after, limit=2)
            seen += page
            if not page:
                break
        assert seen == sorted(mine, key=lambda row: (row.created_at, row.id), reverse=True)
        paused = SubscriptionFilter(status=SubscriptionStatus.PAUSED)
        assert await _read(units, lambda unit: unit.subscriptions.page(paused, after=None, limit=9)) == []

    async def test_what_is_due_is_leased_to_one_the_longest_due_first(
        self, units: Units[KeepingUnit]
    ) -> None:
        due = [replace(a_subscription(), due_at=NOW - days * DAY) for days in (1, 3, 2)]
        later = replace(a_subscription(), due_at=NOW + MINUTE)
        for each in (*due, later, a_subscription()):
            await _do(units, lambda unit, each=each: unit.subscriptions.add(each))  # type: ignore[misc]

        async def lease(unit: KeepingUnit, now: timedelta = timedelta(), limit: int = 2) -> list[object]:
            at = NOW + now
            return list(
                await unit.subscriptions.lease_due(at=NOW, now=at, until=at + 5 * MINUTE, limit=limit)
            )

        assert await _do(units, lease) == [due[1].id, due[2].id]
        assert await _do(units, lease) == [due[0].id]
        assert await _do(units, lease) == []
        # Whoever saves one is done with it; of the others the lease runs out.
        await _do(units, lambda unit: unit.subscriptions.save(due[0]))
        assert await _do(units, lease) == [due[0].id]
        assert len(await _do(units, lambda unit: lease(unit, 6 * MINUTE, 9))) == 3

    async def test_those_of_a_payment_method_are_found(self, units: Units[KeepingUnit]) -> None:
        method = a_uuid()
        mine = replace(a_subscription(), method_id=method)
        for each in (mine, a_subscription()):
            await _do(units, lambda unit, each=each: unit.subscriptions.add(each))  # type: ignore[misc]
        assert await _read(units, lambda unit: unit.subscriptions.of_method(method, limit=9)) == [mine.id]

    async def test_a_trial_is_had_once_whoever_asks_at_the_same_time(self, units: Units[KeepingUnit]) -> None:
        user, product = a_user_id(), a_uuid()
        assert not await _read(units, lambda unit: unit.subscription_trials.was_had(user, product))
        had = await asyncio.gather(
            *(
                _do(units, lambda unit: unit.subscription_trials.claim(user, product, at=NOW))
                for _ in range(RIVALS)
            )
        )
        assert sum(had) == 1
        assert await _read(units, lambda unit: unit.subscription_trials.was_had(user, product))
        assert await _do(units, lambda unit: unit.subscription_trials.claim(user, a_uuid(), at=NOW))

    async def test_lago_2681_a_period_is_billed_once_whatever_happens_above(
        self, units: Units[KeepingUnit]
    ) -> None:
        subscription = a_subscription()
        billed = await asyncio.gather(
            *(
                _do(units, lambda unit: unit.subscription_charges.add(a_charge(subscription)))
                for _ in range(RIVALS)
            )
        )
        assert sum(billed) == 1
        (kept,) = await _read(
            units, lambda unit: unit.subscription_charges.of_subscription(subscription.id, limit=9)
        )
        void = replace(kept, status=ChargeStatus.VOID)
        await _do(units, lambda unit: unit.subscription_charges.save(void))
        again = a_charge(subscription)
        assert await _do(units, lambda unit: unit.subscription_charges.add(again))
        change = replace(a_charge(subscription), kind=ChargeKind.CHANGE)
        assert await _do(units, lambda unit: unit.subscription_charges.add(change))

    async def test_a_charge_is_not_saved_for_a_period_that_another_one_billed(
        self, units: Units[KeepingUnit]
    ) -> None:
        subscription = a_subscription()
        void = replace(a_charge(subscription), status=ChargeStatus.VOID)
        for each in (void, a_charge(subscription)):
            assert await _do(units, lambda unit, each=each: unit.subscription_charges.add(each))  # type: ignore[misc]
        late = replace(void, status=ChargeStatus.PAID)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(TransientFailure):
                await unit.subscription_charges.save(late)
        renumbered = replace(late, number=2)
        await _do(units, lambda unit: unit.subscription_charges.save(renumbered))
        found = await _read(units, lambda unit: unit.subscription_charges.of_order(void.order_id))
        assert found == [renumbered]

    async def test_a_charge_keeps_what_was_sold_exactly(self, units: Units[KeepingUnit]) -> None:
        sold = an_unusual_subscription().terms
        charge = replace(a_charge(a_subscription()), terms=sold)
        await _do(units, lambda unit: unit.subscription_charges.add(charge))
        (found,) = await _read(units, lambda unit: unit.subscription_charges.of_order(charge.order_id))
        assert found == charge
        assert found.terms is not None
        assert found.terms.seat_price == sold.seat_price

    async def test_charges_come_back_by_order_and_newest_first(self, units: Units[KeepingUnit]) -> None:
        subscription = a_subscription()
        first, second = a_charge(subscription), a_charge(subscription, 2)
        for each in (first, second):
            await _do(units, lambda unit, each=each: unit.subscription_charges.add(each))  # type: ignore[misc]
        paid = replace(first, status=ChargeStatus.PAID, credited=7, invoice_id=a_uuid())
        await _do(units, lambda unit: unit.subscription_charges.save(paid))
        assert await _read(units, lambda unit: unit.subscription_charges.of_order(first.order_id)) == [paid]
        found = await _read(
            units, lambda unit: unit.subscription_charges.of_subscription(subscription.id, limit=9)
        )
        assert found == [second, paid]
