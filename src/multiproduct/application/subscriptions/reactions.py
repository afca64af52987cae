"""What subscriptions do when they hear from billing: within the same transaction, so that nobody has paid and
is not served."""

from uuid import UUID

from multiproduct.application.ports.clock import Clock
from multiproduct.application.reactions import ReactionTable
from multiproduct.application.subscriptions.charging import Charging
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.selling import SUBSCRIPTION
from multiproduct.domain.billing import (
    InvoicePaid,
    InvoicePaymentFailed,
    OrderCancelled,
    OrderExpired,
    RefundTo,
)
from multiproduct.domain.subscriptions import Subscription, SubscriptionStatus


class SubscriptionReactions:
    """An invoice is known by its order, as late money has an order invoiced anew."""

    def __init__(self, *, clock: Clock, charging: Charging, keeping: Keeping) -> None:
        self._clock = clock
        self._charging = charging
        self._keeping = keeping

    def declare(self, table: ReactionTable) -> None:
        """Declares what joins which event."""
        table.join(InvoicePaid, self.paid)
        table.join(InvoicePaymentFailed, self.failed)
        table.join(OrderExpired, self.ended)
        table.join(OrderCancelled, self.ended)

    async def paid(self, unit: SubscriptionsUnit, event: InvoicePaid) -> None:
        """What the invoice was for comes about; money for what cannot be any more is given back."""
        if event.order_id is None or not _subjects(event):
            return
        now = self._clock.now()
        for charge in await self._charging.paid(unit, event.order_id, event.invoice_id):
            subscription = await unit.subscriptions.find(charge.subscription_id)
            if subscription is None:
                continue
            is_taken = subscription.settle(event.order_id, now=now) or await self._reactivated(
                unit, subscription
            )
            if is_taken:
                await self._keeping.save(unit, subscription)
            else:
                await self._charging.give_back(
                    unit, subscription, charge.minor, to=RefundTo.PAYMENT_METHOD, reason="late_payment"
                )

    async def failed(self, unit: SubscriptionsUnit, event: InvoicePaymentFailed) -> None:
        """A change is dropped; a renewal that was due is tried again later."""
        if event.order_id is None:
            return
        now = self._clock.now()
        for subscription_id in _subjects(event):
            subscription = await unit.subscriptions.find(subscription_id)
            if subscription is None or subscription.awaiting is None:
                continue
            if subscription.awaiting.order_id != event.order_id:
                continue
            stays_open = subscription.fail_payment(event.order_id, rules=self._keeping.rules, now=now)
            await self._keeping.save(unit, subscription)
            if not stays_open:
                await self._charging.call_off(unit, event.order_id)

    async def ended(self, unit: SubscriptionsUnit, event: OrderExpired | OrderCancelled) -> None:
        """What was to begin with the order expires."""
        now = self._clock.now()
        subjects = _subjects(event)
        for subscription_id in subjects:
            subscription = await unit.subscriptions.find(subscription_id)
            if subscription is not None and subscription.drop_payment(event.order_id, now=now):
                await self._keeping.save(unit, subscription)
        if subjects:
            await self._charging.forget(unit, event.order_id)

    async def _reactivated(self, unit: SubscriptionsUnit, subscription: Subscription) -> bool:
        if subscription.status is not SubscriptionStatus.EXPIRED:
            return False
        live = await unit.subscriptions.find_live(subscription.user_id, subscription.product_id)
        return live is None and subscription.reactivate(subscription.terms, now=self._clock.now())


def _subjects(
    event: InvoicePaid | InvoicePaymentFailed | OrderExpired | OrderCancelled,
) -> tuple[UUID, ...]:
    return tuple(
        dict.fromkeys(each.subject_id for each in event.subjects if each.subject_kind == SUBSCRIPTION)
    )
