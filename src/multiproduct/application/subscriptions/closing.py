"""Closing subscriptions that are over: what was used and is in no invoice is billed for the last time."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.new_documents import NewInvoice
from multiproduct.application.subscriptions.charging import Charging
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.usage_billing import Usage, UsageBilling
from multiproduct.domain.billing import NewLine
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.shared import Currency
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
        """Invoices the usage that is in no invoice, and charges the stored method for it, if there is one;
        answers the payment to drive. Where there is more than fits in an invoice the rest is for the next
        turn."""
        holder = await unit.users.find(subscription.user_id)
        if holder is None or holder.status is UserStatus.DELETED:
            # There is nobody any more whom an invoice could be sent to.
            subscription.closed(now=now)
            return None
        payment_id, until = await self._bill_used(unit, subscription, now)
        if until >= now:
            subscription.closed(now=now)
        return payment_id

    async def bill_before_erasure(
        self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime
    ) -> None:
        """Likewise while its holder is there for the last time, and whether it is over or not; what was used
        in a trial alone is not billed. The payment is driven by the reaction to its being asked for."""
        until = now if not subscription.number else None
        for _ in range(_MOST_INVOICES):
            if until is not None and until >= now:
                return
            _, until = await self._bill_used(unit, subscription, now)

    async def _bill_used(
        self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime
    ) -> tuple[UUID | None, datetime]:
        """The payment to drive, and until when usage is billed."""
        usage = await self._usage.lines(unit, subscription, before=now)
        payment_id = None
        if usage.lines:
            payment_id = await self._bill(unit, subscription, usage, now)
        elif usage.is_any:
            # All of it was free: nothing bills it, and it is to be counted nowhere else.
            await self._usage.bill(unit, subscription.id, usage, order_id=subscription.id)
        return payment_id, usage.until

    async def _bill(
        self, unit: SubscriptionsUnit, subscription: Subscription, usage: Usage, now: datetime
    ) -> UUID | None:
        invoice = await self._invoicing.issue(
            unit,
            NewInvoice(
                customer_id=subscription.user_id,
                currency=Currency(subscription.currency),
                lines=tuple(_until(line, subscription.ended_at or now) for line in usage.lines),
            ),
        )
        await self._usage.bill(unit, subscription.id, usage, order_id=invoice.order_id)
        paying = await self._charging.stored(unit, subscription, now)
        if paying.gateway is None or not invoice.due_minor:
            return None
        return (await self._charging.pay(unit, invoice.id, paying)).payment_id


def _until(line: NewLine, end: datetime) -> NewLine:
    """Clocks differ: usage may be told to have happened a little later than the end."""
    begins = end if line.period_start is None else line.period_start
    return replace(line, period_end=max(begins, end))
