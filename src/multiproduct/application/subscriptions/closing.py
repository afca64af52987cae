"""Billing usage that no renewal bills: for the last time, or of a period that ended without an invoice."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.new_documents import NewInvoice
from multiproduct.application.subscriptions.charging import Charging, Paying
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.usage_billing import Usage, UsageBilling
from multiproduct.domain.billing import NewLine
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.subscriptions import Subscription

_MOST_INVOICES = 10
"""For one subscription of somebody who is erased."""


class Closing:
    """A step: it takes the caller's unit, and never commits. The subscription is for the caller to save."""

    def __init__(self, *, invoicing: Invoicing, charging: Charging, usage: UsageBilling) -> None:
        self._invoicing = invoicing
        self._charging = charging
        self._usage = usage

    async def close(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> UUID | None:
        """Invoices the usage that is over and in no invoice, and charges the stored method for it, if there
        is one; answers the payment to drive. Where there is more than fits in an invoice the rest is for the
        next turn."""
        holder = await unit.users.find(subscription.user_id)
        if holder is None or holder.status is UserStatus.DELETED:
            # There is nobody any more whom an invoice could be sent to.
            subscription.closed(now=now)
            return None
        before = subscription.usage_is_over_at(now)
        payment_id, is_whole = None, True
        if before is not None:
            payment_id, is_whole = await self._bill_used(unit, subscription, before, now)
        if is_whole:
            subscription.closed(now=now)
        return payment_id

    async def bill_before_erasure(
        self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime
    ) -> None:
        """Likewise while its holder is there for the last time, and whether it is over or not; what was used
        in a trial alone is not billed. The payment is driven by the reaction to its being asked for."""
        is_whole = not subscription.number
        for _ in range(_MOST_INVOICES):
            if is_whole:
                return
            _, is_whole = await self._bill_used(unit, subscription, now, now)

    async def _bill_used(
        self, unit: SubscriptionsUnit, subscription: Subscription, before: datetime, now: datetime
    ) -> tuple[UUID | None, bool]:
        """The payment to drive, and whether all usage before the moment is billed. Where it was free it is
        claimed for an order that there never is, and counted nowhere else."""
        usage = await self._usage.claim(unit, subscription, before=before)
        payment_id = None
        if usage.lines:
            payment_id = await self._bill(unit, subscription, usage, now)
        return payment_id, usage.is_whole

    async def _bill(
        self, unit: SubscriptionsUnit, subscription: Subscription, usage: Usage, now: datetime
    ) -> UUID | None:
        lines = tuple(_until(line, subscription.ended_at) for line in usage.lines)
        order = await self._charging.place(
            unit,
            customer_id=subscription.user_id,
            lines=lines,
            paying=Paying(),
            lifetime=None,
            charged=(),
            order_id=usage.order_id,
        )
        new = NewInvoice(
            customer_id=order.customer_id, currency=order.currency, lines=order.lines, order_id=order.id
        )
        invoice = await self._invoicing.issue(unit, new, placed=order)
        paying = await self._charging.stored(unit, subscription, now)
        if paying.gateway is None or not invoice.due_minor:
            return None
        return (await self._charging.pay(unit, invoice.id, paying)).payment_id


def _until(line: NewLine, end: datetime | None) -> NewLine:
    """Clocks differ: usage may be told to have happened a little later than the end."""
    if end is None or line.period_end is None:
        return line
    begins = end if line.period_start is None else line.period_start
    return replace(line, period_end=max(begins, min(line.period_end, end)))
