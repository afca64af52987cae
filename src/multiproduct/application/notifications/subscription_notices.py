"""What people are told of their subscriptions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.commerce_types import (
    SUBSCRIPTIONS_ACTIVATED,
    SUBSCRIPTIONS_CANCELLATION_SCHEDULED,
    SUBSCRIPTIONS_CANCELLATION_UNDONE,
    SUBSCRIPTIONS_CANCELLED,
    SUBSCRIPTIONS_CHANGE_DROPPED,
    SUBSCRIPTIONS_CHANGE_SCHEDULED,
    SUBSCRIPTIONS_EXPIRED,
    SUBSCRIPTIONS_METHOD_REMOVED,
    SUBSCRIPTIONS_PAUSED,
    SUBSCRIPTIONS_PAYMENT_FAILED,
    SUBSCRIPTIONS_PLAN_CHANGED,
    SUBSCRIPTIONS_RENEWAL_REMINDER,
    SUBSCRIPTIONS_RENEWED,
    SUBSCRIPTIONS_RESUMED,
    SUBSCRIPTIONS_TRIAL_ENDING,
    SUBSCRIPTIONS_TRIAL_OVER,
    SUBSCRIPTIONS_TRIAL_STARTED,
)
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.security_notices import ListenerUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.billing import InvoiceStatus
from multiproduct.domain.payments import PaymentMethodRemoved
from multiproduct.domain.shared import Money
from multiproduct.domain.subscriptions import (
    LIVE,
    Charge,
    ChargeKind,
    Subscription,
    SubscriptionStatus,
)
from multiproduct.domain.subscriptions.events import (
    CancellationScheduled,
    CancellationUndone,
    RenewalDue,
    RenewalFailed,
    SubscriptionActivated,
    SubscriptionCancelled,
    SubscriptionEvent,
    SubscriptionExpired,
    SubscriptionPaused,
    SubscriptionRenewed,
    SubscriptionResumed,
    TermsChanged,
    TermsScheduled,
    TrialEnded,
    TrialEnding,
    TrialStarted,
)

_S = SubscriptionStatus
MOST_NAMED = 50
"""Subscriptions that one mail names."""
_MOST_CHARGES = 10


class SubscriptionListenerUnit(ListenerUnit, SubscriptionsUnit, Protocol):
    """What the reactions read."""


class SubscriptionNotices:
    """Deferred reactions. They look at how the subscription stands when the mail is about to go out: what is
    not so any more is not told, so that no mail contradicts the one before."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionListenerUnit],
        clock: Clock,
        notifying: Notifying,
        figures: Figures,
        links: Links,
    ) -> None:
        self._units = units
        self._clock = clock
        self._notifying = notifying
        self._figures = figures
        self._links = links

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(SubscriptionActivated, "notifications.tell_of_activation", self.tell_of_activation)
        table.defer(TrialStarted, "notifications.tell_of_trial", self.tell_of_trial)
        table.defer(TrialEnded, "notifications.invite_after_trial", self.invite_after_trial)
        table.defer(TermsChanged, "notifications.tell_of_changed_plan", self.tell_of_changed_plan)
        table.defer(TermsScheduled, "notifications.tell_of_scheduled_plan", self.tell_of_scheduled_plan)
        table.defer(SubscriptionPaused, "notifications.tell_of_pause", self.tell_of_pause)
        table.defer(SubscriptionResumed, "notifications.tell_of_resumption", self.tell_of_resumption)
        table.defer(CancellationScheduled, "notifications.tell_of_scheduled_end", self.tell_of_scheduled_end)
        table.defer(CancellationUndone, "notifications.tell_that_it_goes_on", self.tell_that_it_goes_on)
        table.defer(TrialEnding, "notifications.tell_of_ending_trial", self.tell_of_ending_trial)
        table.defer(RenewalDue, "notifications.remind_of_renewal", self.remind_of_renewal)
        table.defer(SubscriptionRenewed, "notifications.tell_of_renewal", self.tell_of_renewal)
        table.defer(RenewalFailed, "notifications.tell_of_failed_renewal", self.tell_of_failed_renewal)
        table.defer(SubscriptionExpired, "notifications.tell_of_expiry", self.tell_of_expiry)
        table.defer(SubscriptionCancelled, "notifications.tell_of_cancellation", self.tell_of_cancellation)
        table.defer(PaymentMethodRemoved, "notifications.tell_of_lost_method", self.tell_of_lost_method)

    async def tell_of_activation(self, event: SubscriptionActivated, heard: Heard) -> None:
        """That it was bought, or taken up again, with what was paid for it."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.ACTIVE
        await self._tell(heard, SUBSCRIPTIONS_ACTIVATED, found if is_so else None, until=event.ends_at)

    async def tell_of_trial(self, event: TrialStarted, heard: Heard) -> None:
        """While it is one."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.TRIAL
        await self._tell(heard, SUBSCRIPTIONS_TRIAL_STARTED, found if is_so else None, ends=event.trial_end)

    async def invite_after_trial(self, event: TrialEnded, heard: Heard) -> None:
        """To buy what they tried, unless they have meanwhile."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is not _S.ACTIVE
        await self._tell(heard, SUBSCRIPTIONS_TRIAL_OVER, found if is_so else None)

    async def tell_of_changed_plan(self, event: TermsChanged, heard: Heard) -> None:
        """With what was paid for it, where anything was."""
        found = await self._subscription(event)
        is_so = found is not None and found.status in LIVE
        await self._tell(heard, SUBSCRIPTIONS_PLAN_CHANGED, found if is_so else None)

    async def tell_of_scheduled_plan(self, event: TermsScheduled, heard: Heard) -> None:
        """With the day from which it holds, or that it does not after all; the last word only."""
        found = await self._subscription(event)
        if found is None or (found.scheduled is None) != (not event.fields):
            await self._notifying.nothing_to_do(heard)
        elif not event.fields:
            await self._tell(heard, SUBSCRIPTIONS_CHANGE_DROPPED, found)
        else:
            starts = found.accrual.end if found.accrual is not None else None
            await self._tell(heard, SUBSCRIPTIONS_CHANGE_SCHEDULED, found, starts=starts)

    async def tell_of_pause(self, event: SubscriptionPaused, heard: Heard) -> None:
        """While it is paused."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.PAUSED
        await self._tell(heard, SUBSCRIPTIONS_PAUSED, found if is_so else None, resumes=event.resumes_at)

    async def tell_of_resumption(self, event: SubscriptionResumed, heard: Heard) -> None:
        """While it goes on."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.ACTIVE
        await self._tell(heard, SUBSCRIPTIONS_RESUMED, found if is_so else None, until=event.ends_at)

    async def tell_of_scheduled_end(self, event: CancellationScheduled, heard: Heard) -> None:
        """While it is to end."""
        found = await self._subscription(event)
        is_so = found is not None and found.cancels_at_period_end and found.status in LIVE
        await self._tell(
            heard, SUBSCRIPTIONS_CANCELLATION_SCHEDULED, found if is_so else None, ends=event.ends_at
        )

    async def tell_that_it_goes_on(self, event: CancellationUndone, heard: Heard) -> None:
        """While it does."""
        found = await self._subscription(event)
        is_so = found is not None and not found.cancels_at_period_end and found.status in LIVE
        await self._tell(heard, SUBSCRIPTIONS_CANCELLATION_UNDONE, found if is_so else None)

    async def tell_of_ending_trial(self, event: TrialEnding, heard: Heard) -> None:
        """While it is a trial that nobody called off."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.TRIAL and not found.cancels_at_period_end
        await self._tell(heard, SUBSCRIPTIONS_TRIAL_ENDING, found if is_so else None, ends=event.trial_end)

    async def remind_of_renewal(self, event: RenewalDue, heard: Heard) -> None:
        """While it is not renewed."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.ACTIVE and found.ends_at == event.ends_at
        await self._tell(heard, SUBSCRIPTIONS_RENEWAL_REMINDER, found if is_so else None, ends=event.ends_at)

    async def tell_of_renewal(self, event: SubscriptionRenewed, heard: Heard) -> None:
        """Of the period that is under way: those that were made up for are told of by the last of them."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.ACTIVE and event.ends_at > self._clock.now()
        await self._tell(heard, SUBSCRIPTIONS_RENEWED, found if is_so else None, until=event.ends_at)

    async def tell_of_failed_renewal(self, event: RenewalFailed, heard: Heard) -> None:
        """Unless it was paid meanwhile, or is over, or failed once more: then another mail tells of that."""
        found = await self._subscription(event)
        is_so = found is not None and found.status is _S.PAST_DUE and found.failures == event.attempt
        await self._tell(
            heard,
            SUBSCRIPTIONS_PAYMENT_FAILED,
            found if is_so else None,
            next_attempt=event.next_attempt_at,
            ends=event.ends_at,
        )

    async def tell_of_expiry(self, event: SubscriptionExpired, heard: Heard) -> None:
        """Of one that had begun and did not come back meanwhile."""
        await self._tell(heard, SUBSCRIPTIONS_EXPIRED, await self._over(event, _S.EXPIRED))

    async def tell_of_cancellation(self, event: SubscriptionCancelled, heard: Heard) -> None:
        """Likewise."""
        await self._tell(heard, SUBSCRIPTIONS_CANCELLED, await self._over(event, _S.CANCELLED))

    async def tell_of_lost_method(self, event: PaymentMethodRemoved, heard: Heard) -> None:
        """Whose renewals were charged by it: in one mail, however many there are."""
        async with self._units.view(SYSTEM) as view:
            ids = await view.subscriptions.of_method(event.method_id, limit=MOST_NAMED)
            found = [each for one in ids if (each := await view.subscriptions.find(one)) is not None]
            depending = [
                each
                for each in found
                if each.status in LIVE and each.auto_renew and not each.cancels_at_period_end
            ]
            names = [await _name(view, each) for each in depending]
            user = await view.users.find(event.owner_id)
        if not names:
            await self._notifying.nothing_to_do(heard)
            return
        if user is None:
            await self._notifying.nothing_to_do(heard)
            return
        params = {"product": ", ".join(sorted(set(names))), "link": self._links.sign_in}
        await self._notifying.tell(heard, SUBSCRIPTIONS_METHOD_REMOVED, user, params)

    async def _subscription(self, event: SubscriptionEvent) -> Subscription | None:
        async with self._units.view(SYSTEM) as view:
            return await view.subscriptions.find(event.subscription_id)

    async def _over(self, event: SubscriptionEvent, status: SubscriptionStatus) -> Subscription | None:
        found = await self._subscription(event)
        if found is None or found.status is not status or found.starts_at is None:
            return None
        return found

    async def _tell(
        self,
        heard: Heard,
        type_: NotificationType,
        subscription: Subscription | None,
        **days: datetime | None,
    ) -> None:
        if subscription is None:
            await self._notifying.nothing_to_do(heard)
            return
        async with self._units.view(SYSTEM) as view:
            user = await view.users.find(subscription.user_id)
            params = {"product": await _name(view, subscription), "link": self._links.sign_in}
            paid = await _paid(view, subscription, _PAID_FOR.get(type_.key))
        if user is None:
            await self._notifying.nothing_to_do(heard)
            return
        for name, moment in days.items():
            if moment is not None:
                day = moment.astimezone(ZoneInfo(subscription.zone)).date()
                params[name] = self._figures.date(day, locale=user.locale)
        if paid is not None:
            params["number"] = paid[0]
            params["amount"] = self._figures.money(paid[1], locale=user.locale)
        await self._notifying.tell(heard, type_, user, params)


_PAID_FOR = {
    SUBSCRIPTIONS_ACTIVATED.key: ChargeKind.PERIOD,
    SUBSCRIPTIONS_RENEWED.key: ChargeKind.PERIOD,
    SUBSCRIPTIONS_PLAN_CHANGED.key: ChargeKind.CHANGE,
}
"""What was paid for by what is told."""


async def _paid(
    view: SubscriptionsUnit, subscription: Subscription, kind: ChargeKind | None
) -> tuple[str, Money] | None:
    """The number and the total of the invoice that was paid for it, where one was of more than nothing."""
    if kind is None:
        return None
    charges = await view.subscription_charges.of_subscription(subscription.id, limit=_MOST_CHARGES)
    charge = next((each for each in charges if _is_of(each, subscription, kind)), None)
    invoice = await view.invoices.find(charge.invoice_id) if charge is not None else None
    if (
        invoice is None
        or invoice.number is None
        or invoice.status is not InvoiceStatus.PAID
        or not invoice.total_minor
    ):
        return None
    return invoice.number, invoice.total


def _is_of(charge: Charge, subscription: Subscription, kind: ChargeKind) -> bool:
    return charge.kind is kind and (kind is ChargeKind.CHANGE or charge.number == subscription.number)


async def _name(view: SubscriptionsUnit, subscription: Subscription) -> str:
    product: UUID = subscription.product_id
    found = await view.products.find(product)
    return found.name if found is not None else str(product)
