"""Ending subscriptions: at once or with what is paid for, with what is given back, and taking that back."""

from contextlib import suppress
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.money import MoneyView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.charging import Charging
from multiproduct.application.subscriptions.commands import Cancel
from multiproduct.application.subscriptions.giving_back import GivingBack
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.reordering import Reordering
from multiproduct.application.subscriptions.results import CancellationQuote, SubscriptionView
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import RefundTo
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import PaymentUnderWay, RefundPolicy, Subscription, Timing
from multiproduct.domain.subscriptions.permissions import SUBSCRIPTIONS_READ, SUBSCRIPTIONS_UPDATE


class Ending:
    """A payment that is under way does not keep anybody from leaving: what it brings is given back."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        keeping: Keeping,
        charging: Charging,
        giving_back: GivingBack,
        reordering: Reordering,
    ) -> None:
        self._units = units
        self._clock = clock
        self._keeping = keeping
        self._charging = charging
        self._giving_back = giving_back
        self._reordering = reordering

    async def preview(self, subscription_id: UUID, command: Cancel, caller: Caller) -> CancellationQuote:
        """What cancelling would come to now: on a copy, by the methods that do it. Raises
        UnknownSubscription, TransitionNotAllowed, Forbidden."""
        now = self._clock.now()
        async with self._units.view(caller) as view:
            subscription = await self._keeping.own(
                view, subscription_id, caller, permission=SUBSCRIPTIONS_READ
            )
        end = subscription.ends_at
        if command.timing is Timing.PERIOD_END and subscription.cancel_at_period_end(now=now):
            timing, refund = Timing.PERIOD_END, 0
        else:
            refund = subscription.cancel(now=now, policy=_policy(command, caller))
            timing, end = Timing.NOW, now
        return CancellationQuote(
            timing=timing.value,
            refund=MoneyView.of(Money(refund, Currency(subscription.currency))),
            ends_at=end,
        )

    async def cancel(self, subscription_id: UUID, command: Cancel, caller: Caller) -> SubscriptionView:
        """Cancels. At the period's end by default; what has no end to wait for (an order that is not paid, an
        overdue one, a paused one) ends at once. What else was ordered with it is ordered anew.

        Raises UnknownSubscription, TransitionNotAllowed, Forbidden.
        """
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> SubscriptionView:
            subscription = await self._keeping.own(
                unit, subscription_id, caller, permission=SUBSCRIPTIONS_UPDATE
            )
            at_end = command.timing is Timing.PERIOD_END and subscription.cancel_at_period_end(now=now)
            if at_end:
                await self._leave_open_order(unit, subscription, now)
            else:
                await self.cancel_alone(unit, subscription, _policy(command, caller), now)
            await self._keeping.save(unit, subscription)
            await unit.commit()
            return SubscriptionView.of(subscription)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _leave_open_order(
        self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime
    ) -> None:
        """A change, or a next period, that waits to be paid is not to come about; one whose payment is under
        way is, if it is paid."""
        if subscription.awaiting is None:
            return
        order_id = subscription.awaiting.order_id
        with suppress(PaymentUnderWay):
            await self._charging.call_off(unit, order_id)
            subscription.leave_payment(now=now)
        await self._reordering.order_rest(unit, order_id, but=[subscription.id], now=now)

    async def undo(self, subscription_id: UUID, caller: Caller) -> SubscriptionView:
        """Takes a cancellation back that was to come. Raises UnknownSubscription, NothingToUndo."""
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> SubscriptionView:
            subscription = await self._keeping.own(
                unit, subscription_id, caller, permission=SUBSCRIPTIONS_UPDATE
            )
            subscription.undo_cancellation(now=now)
            await self._keeping.save(unit, subscription)
            await unit.commit()
            return SubscriptionView.of(subscription)

        return await in_unit(lambda: self._units.open(caller), body)

    async def cancel_alone(
        self, unit: SubscriptionsUnit, subscription: Subscription, policy: RefundPolicy, now: datetime
    ) -> None:
        """A step: `cancel_now`, and what else was ordered with it is ordered anew."""
        waiting = subscription.awaiting
        await self.cancel_now(unit, subscription, policy, now)
        if waiting is not None:
            await self._reordering.order_rest(unit, waiting.order_id, but=[subscription.id], now=now)

    async def cancel_now(
        self, unit: SubscriptionsUnit, subscription: Subscription, policy: RefundPolicy, now: datetime
    ) -> None:
        """A step: ends it at once, calls off what waits to be paid, and gives back what the policy says. The
        subscription is for the caller to save."""
        waiting = subscription.awaiting
        refund = subscription.cancel(now=now, policy=policy)
        if waiting is not None:
            # A payment that is under way is answered in its time, and pays for nothing then.
            with suppress(PaymentUnderWay):
                await self._charging.call_off(unit, waiting.order_id)
        await self._giving_back.newest(
            unit, subscription, refund, to=RefundTo.PAYMENT_METHOD, reason="cancelled"
        )


def _policy(command: Cancel, caller: Caller) -> RefundPolicy:
    """What was used is paid for: only staff gives it back. Raises Forbidden."""
    if command.timing is not Timing.NOW:
        return RefundPolicy.NONE
    if command.refund is RefundPolicy.FULL:
        caller.require(SUBSCRIPTIONS_UPDATE)
    return command.refund
