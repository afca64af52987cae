"""What subscriptions do when they hear from billing: within the same transaction, so that nobody has paid and
is not served."""

from collections.abc import Sequence
from datetime import datetime
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
    InvoiceStatus,
    OrderCancelled,
    OrderExpired,
    SettlementEnded,
    SettlementStatus,
)
from multiproduct.domain.subscriptions import LIVE, Awaited, Charge, Subscription, SubscriptionStatus

_LEFT = frozenset({SettlementStatus.CANCELLED.value, SettlementStatus.PARTIAL.value})


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
        table.join(SettlementEnded, self.gave_up)
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
            if (
                event.payment_id is None
                and _begins_with(subscription, event.order_id)
                and await _is_taken_back(unit, event.invoice_id)
            ):
                # Nobody paid: nothing is due because all of it was credited.
                subscription.drop_payment(event.order_id, now=now)
                await self._keeping.save(unit, subscription)
                await self._charging.forget(unit, event.order_id)
                continue
            is_taken = subscription.settle(event.order_id, now=now) or await self._reactivated(
                unit, subscription, charge
            )
            if is_taken:
                await self._charging.keep(unit, charge)
                await self._keeping.save(unit, subscription)
            else:
                await self._charging.give_back_late(unit, charge)

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
            subscription.fail_payment(event.order_id, rules=self._keeping.rules, now=now)
            await self._keeping.save(unit, subscription)
        await self._leave(unit, event.order_id, _subjects(event), now)

    async def gave_up(self, unit: SubscriptionsUnit, event: SettlementEnded) -> None:
        """A payment was left, or its deadline passed: what it was for can be paid anew at once."""
        if event.status not in _LEFT:
            return
        now = self._clock.now()
        for invoice in await unit.invoices.find_many(event.invoice_ids):
            if invoice.status is not InvoiceStatus.OPEN:
                continue
            charges = await unit.subscription_charges.of_order(invoice.order_id)
            for charge in charges:
                subscription = await unit.subscriptions.find(charge.subscription_id)
                if subscription is not None and subscription.give_up_payment(
                    invoice.order_id, rules=self._keeping.rules, now=now
                ):
                    await self._keeping.save(unit, subscription)
            subjects = tuple(each.subscription_id for each in charges)
            await self._leave(unit, invoice.order_id, subjects, now)

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

    async def _leave(
        self, unit: SubscriptionsUnit, order_id: UUID, subjects: Sequence[UUID], now: datetime
    ) -> None:
        """Calls off an order that no subscription waits for any more: who was cancelled while a payment was
        under way is not asked for it again. The usage that was in it is billed for the last time."""
        if await self._charging.is_waited_for(unit, order_id):
            return
        await self._charging.call_off(unit, order_id)
        for subscription_id in subjects:
            subscription = await unit.subscriptions.find(subscription_id)
            if subscription is not None and subscription.status not in LIVE:
                subscription.bill_what_is_left(now=now)
                await self._keeping.save(unit, subscription)

    async def _reactivated(self, unit: SubscriptionsUnit, subscription: Subscription, charge: Charge) -> bool:
        if subscription.status is not SubscriptionStatus.EXPIRED:
            return False
        live = await unit.subscriptions.find_live(subscription.user_id, subscription.product_id)
        return live is None and subscription.reactivate(
            subscription.terms, price=charge.minor, now=self._clock.now()
        )


def _begins_with(subscription: Subscription, order_id: UUID) -> bool:
    """Whether its first period waits for the order."""
    awaiting = subscription.awaiting
    return awaiting is not None and awaiting.order_id == order_id and awaiting.awaited is Awaited.FIRST


async def _is_taken_back(unit: SubscriptionsUnit, invoice_id: UUID) -> bool:
    """Whether nothing of an invoice stands any more."""
    invoice = await unit.invoices.find(invoice_id)
    return invoice is not None and invoice.is_taken_back


def _subjects(
    event: InvoicePaid | InvoicePaymentFailed | OrderExpired | OrderCancelled,
) -> tuple[UUID, ...]:
    return tuple(
        dict.fromkeys(each.subject_id for each in event.subjects if each.subject_kind == SUBSCRIPTION)
    )
