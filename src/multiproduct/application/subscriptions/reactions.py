"""What subscriptions do when they hear from billing: within the same transaction, so that nobody has paid and
is not served."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.application.ports.clock import Clock
from multiproduct.application.reactions import ReactionTable
from multiproduct.application.subscriptions.charging import Charging
from multiproduct.application.subscriptions.giving_back import GivingBack
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.reordering import Reordering
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
from multiproduct.domain.subscriptions import (
    LIVE,
    Awaited,
    Charge,
    ChargeKind,
    ChargeStatus,
    Subscription,
    SubscriptionStatus,
)

_LEFT = frozenset({SettlementStatus.CANCELLED.value, SettlementStatus.PARTIAL.value})
_NEWEST = 50
"""Charges among which another one of the next period would be."""


class SubscriptionReactions:
    """An invoice is known by its order, as late money has an order invoiced anew."""

    def __init__(
        self,
        *,
        clock: Clock,
        charging: Charging,
        giving_back: GivingBack,
        keeping: Keeping,
        reordering: Reordering,
    ) -> None:
        self._clock = clock
        self._charging = charging
        self._giving_back = giving_back
        self._keeping = keeping
        self._reordering = reordering

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
            is_taken = subscription.settle(event.order_id, now=now)
            kept = charge if is_taken else await self._reactivated(unit, subscription, charge)
            if kept is None:
                await self._giving_back.late(unit, charge)
            else:
                await self._charging.keep(unit, kept)
                await self._keeping.save(unit, subscription)

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
        """Calls off an order that not all of its subscriptions wait for any more: who was cancelled while a
        payment was under way is not asked for it again, and the others are ordered anew. The usage that was
        in it is billed for the last time."""
        if await self._charging.is_waited_for_by_all(unit, order_id):
            return
        await self._charging.call_off(unit, order_id)
        await self._reordering.order_rest(unit, order_id, but=(), now=now)
        for subscription_id in subjects:
            subscription = await unit.subscriptions.find(subscription_id)
            if subscription is not None and subscription.status not in LIVE:
                subscription.bill_what_is_left(now=now)
                await self._keeping.save(unit, subscription)

    async def _reactivated(
        self, unit: SubscriptionsUnit, subscription: Subscription, charge: Charge
    ) -> Charge | None:
        """The charge as it stands for the period that begins with it, at the terms that its order sold: the
        next one by now, as others may have been paid meanwhile. None where nothing can begin."""
        terms = charge.sold(subscription.terms)
        if terms is None or subscription.status is not SubscriptionStatus.EXPIRED:
            return None
        if await unit.subscriptions.find_live(subscription.user_id, subscription.product_id) is not None:
            return None
        charge = replace(charge, number=subscription.number + 1)
        if await _is_billed(unit, charge):
            return None
        is_begun = subscription.reactivate(terms, price=charge.minor, now=self._clock.now())
        return charge if is_begun else None


def _begins_with(subscription: Subscription, order_id: UUID) -> bool:
    """Whether its first period waits for the order."""
    awaiting = subscription.awaiting
    return awaiting is not None and awaiting.order_id == order_id and awaiting.awaited is Awaited.FIRST


async def _is_billed(unit: SubscriptionsUnit, charge: Charge) -> bool:
    """Whether another charge stands for the same period."""
    newest = await unit.subscription_charges.of_subscription(charge.subscription_id, limit=_NEWEST)
    return any(
        each.id != charge.id
        and (each.number, each.kind) == (charge.number, ChargeKind.PERIOD)
        and each.status is not ChargeStatus.VOID
        for each in newest
    )


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
