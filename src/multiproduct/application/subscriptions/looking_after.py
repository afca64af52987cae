"""Looking after subscriptions: whatever falls due by itself, in leased batches, caught up when missed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.each_alone import EachAlone
from multiproduct.application.payments import PaymentDriving
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.unit_of_work import TransientFailure, Units
from multiproduct.application.subscriptions.charging import Charging
from multiproduct.application.subscriptions.closing import Closing
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.renewing import PeriodBilling
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.shared import Kind, MultiproductError, Unavailable
from multiproduct.domain.subscriptions import Errand, PaymentUnderWay, Subscription

_log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 100
MAX_BATCHES = 1_000
MAX_ERRANDS = 200
"""For one subscription in one turn: a daily one that was missed for half a year."""


class LookingAfter:
    """The watchdog. What is due is worked out by the subscription itself from its row, so that whoever comes
    twice, or late, does nothing twice. `at_once` says how many of a batch are looked after side by side."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        real_time: RealTime,
        keeping: Keeping,
        charging: Charging,
        billing: PeriodBilling,
        closing: Closing,
        driving: PaymentDriving,
        at_once: int = 1,
    ) -> None:
        self._units = units
        self._clock = clock
        self._real_time = real_time
        self._keeping = keeping
        self._charging = charging
        self._billing = billing
        self._closing = closing
        self._driving = driving
        self._at_once = at_once
        self._doing: dict[
            Errand, Callable[[SubscriptionsUnit, Subscription, datetime], Awaitable[UUID | None]]
        ]
        self._doing = {
            Errand.REMIND: self._remind,
            Errand.END_TRIAL: self._end_trial,
            Errand.RENEW: self._renew,
            Errand.END: self._end,
            Errand.CHECK: self._check,
            Errand.RETRY: self._retry,
            Errand.GIVE_UP: self._give_up,
            Errand.RESUME: self._resume,
            Errand.CLOSE: self._closing.close,
        }

    async def run(self) -> int:
        """Does everything that is due; answers for how many subscriptions. One that fails is left to its
        lease, and keeps no other waiting. Raises ExceptionGroup, at the end, of what nobody foresaw."""
        count, each_alone = 0, EachAlone(what="looking after subscriptions")
        for _ in range(MAX_BATCHES):
            leased = await self._lease()
            await self._look_after_all(leased, each_alone)
            count += len(leased)
            if len(leased) < BATCH:
                break
        each_alone.tell()
        return count

    async def _look_after_all(self, leased: Sequence[UUID], each_alone: EachAlone) -> None:
        waiting = iter(leased)

        async def take_turns() -> None:
            for subscription_id in waiting:
                with each_alone.one():
                    await self._look_after(subscription_id)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(self._at_once, len(leased))):
                group.create_task(take_turns())

    async def do_due(self, subscription_id: UUID) -> bool:
        """Does the one thing that is due next for a subscription; false where nothing is."""
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> tuple[bool, UUID | None]:
            subscription = await unit.subscriptions.find(subscription_id)
            errand = None if subscription is None else subscription.errand(self._keeping.rules)
            if subscription is None or errand is None or errand[0] > now:
                return False, None
            payment_id = await self._doing[errand[1]](unit, subscription, now)
            await self._keeping.save(unit, subscription)
            await unit.commit()
            return True, payment_id

        is_done, payment_id = await in_unit(lambda: self._units.open(SYSTEM), body)
        if payment_id is not None:
            await self._driving.drive(payment_id)
        return is_done

    async def _is_due(self, subscription_id: UUID) -> bool:
        """Whether there is more to do. A look, that costs less than a unit which finds nothing."""
        try:
            async with self._units.view(SYSTEM) as view:
                found = await view.subscriptions.find(subscription_id)
        except TransientFailure:
            return True  # the unit finds out
        errand = None if found is None else found.errand(self._keeping.rules)
        return errand is not None and errand[0] <= self._clock.now()

    async def _lease(self) -> list[UUID]:
        async def body(unit: SubscriptionsUnit) -> list[UUID]:
            now = self._real_time.now()
            leased = await unit.subscriptions.lease_due(
                at=self._clock.now(), now=now, until=now + LEASE, limit=BATCH
            )
            await unit.commit()
            return list(leased)

        return await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _look_after(self, subscription_id: UUID) -> None:
        try:
            for _ in range(MAX_ERRANDS):
                if not await self.do_due(subscription_id) or not await self._is_due(subscription_id):
                    return
        except MultiproductError as refusal:
            # It keeps no other waiting.
            _log.warning(
                "a subscription could not be looked after",
                extra={"subscription_id": str(subscription_id), "code": refusal.code},
            )
            if refusal.kind is not Kind.UNAVAILABLE:
                await self._note_refusal(subscription_id)

    async def _note_refusal(self, subscription_id: UUID) -> None:
        """Has what was refused take its course. What was unavailable for a moment is not counted, and tried
        again when the lease is over."""
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> None:
            subscription = await unit.subscriptions.find(subscription_id)
            errand = None if subscription is None else subscription.errand(self._keeping.rules)
            if subscription is None or errand is None or errand[0] > now:
                return
            if subscription.refuse(errand[1], rules=self._keeping.rules, now=now):
                await self._keeping.save(unit, subscription)
                await unit.commit()

        with suppress(Unavailable):
            await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _remind(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> None:
        del unit
        subscription.remind(rules=self._keeping.rules, now=now)

    async def _end_trial(
        self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime
    ) -> UUID | None:
        """With a stored method it is charged and converts; without one its invoice is open for a day."""
        if subscription.cancels_at_period_end or not subscription.auto_renew:
            subscription.end(now=now)
            return None
        subscription.end_trial(now=now)
        if subscription.awaiting is not None:
            return None
        paying = await self._charging.stored(unit, subscription, now)
        checkout = await self._billing.bill(
            unit, subscription, self._billing.first(subscription, now), paying, now
        )
        return checkout.payment_id

    async def _renew(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> UUID | None:
        await self._leave_open_order(unit, subscription, now)
        if subscription.begin_prepaid(now=now):
            return None
        return await self._bill_next(unit, subscription, now)

    async def _bill_next(
        self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime
    ) -> UUID | None:
        paying = await self._charging.stored(unit, subscription, now)
        checkout = await self._billing.bill(
            unit, subscription, self._billing.renewal(subscription), paying, now
        )
        waiting = subscription.awaiting
        if checkout.payment_id is not None or checkout.invoice_id is None or waiting is None:
            return checkout.payment_id
        invoice = await unit.invoices.find(checkout.invoice_id)
        if invoice is not None and invoice.status is InvoiceStatus.OPEN:
            # Nothing to charge by: whoever pays within the days of the retries goes on.
            subscription.fail_payment(waiting.order_id, rules=self._keeping.rules, now=now)
        return None

    async def _end(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> None:
        await self._leave_open_order(unit, subscription, now)
        subscription.end(now=now)

    async def _leave_open_order(
        self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime
    ) -> None:
        """What is not paid by the period's end is called off; a payment that is under way is answered in its
        time, and pays for nothing then."""
        if subscription.awaiting is None:
            return
        with suppress(PaymentUnderWay):
            await self._charging.call_off(unit, subscription.awaiting.order_id)
        subscription.leave_payment(now=now)

    async def _retry(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> UUID | None:
        waiting = subscription.awaiting
        if waiting is None:
            # It could not even be billed when it was due.
            subscription.skip_attempt(rules=self._keeping.rules, now=now)
            return await self._bill_next(unit, subscription, now)
        invoice = await unit.invoices.of_order(waiting.order_id)
        if invoice is None or invoice.settlement_id is not None:
            subscription.charging(True, now=now)
            return None
        if invoice.status is not InvoiceStatus.OPEN:
            # Staff voided it or wrote it off: it is not charged, and nothing else will be.
            await self._give_up(unit, subscription, now)
            return None
        paying = await self._charging.stored(unit, subscription, now)
        if paying.gateway is None:
            subscription.skip_attempt(rules=self._keeping.rules, now=now)
            return None
        settlement = await self._charging.pay(unit, invoice.id, paying)
        subscription.charging(True, by_schedule=True, now=now)
        return settlement.payment_id

    async def _give_up(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> None:
        await self._leave_open_order(unit, subscription, now)
        subscription.expire("not_paid", now=now)

    async def _check(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> None:
        """An answer is overdue: a payment that is under way is waited for, one that was given up counts as
        failed."""
        waiting = subscription.awaiting
        if waiting is None:
            return
        invoice = await unit.invoices.of_order(waiting.order_id)
        if invoice is not None and invoice.settlement_id is not None:
            subscription.wait_on(rules=self._keeping.rules, now=now)
        elif not subscription.fail_payment(waiting.order_id, rules=self._keeping.rules, now=now):
            await self._charging.call_off(unit, waiting.order_id)

    async def _resume(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> None:
        del unit
        subscription.resume(now=now)
