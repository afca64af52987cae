"""What people are told of their subscriptions."""

from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.application.billing.printing_ports import Figures
from multiproduct.application.caller import SYSTEM
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.security_notices import ListenerUnit, recipient
from multiproduct.application.notifications.sending import Sending
from multiproduct.application.notifications.types import (
    SUBSCRIPTIONS_CANCELLED,
    SUBSCRIPTIONS_EXPIRED,
    SUBSCRIPTIONS_METHOD_REMOVED,
    SUBSCRIPTIONS_PAYMENT_FAILED,
    SUBSCRIPTIONS_RENEWAL_REMINDER,
    SUBSCRIPTIONS_RENEWED,
    SUBSCRIPTIONS_TRIAL_ENDING,
    NotificationType,
)
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.identity import User
from multiproduct.domain.payments import PaymentMethodRemoved
from multiproduct.domain.subscriptions import LIVE, Subscription, SubscriptionStatus
from multiproduct.domain.subscriptions.events import (
    RenewalDue,
    RenewalFailed,
    SubscriptionCancelled,
    SubscriptionEvent,
    SubscriptionExpired,
    SubscriptionRenewed,
    TrialEnding,
)

_S = SubscriptionStatus
MOST_NAMED = 50
"""Subscriptions that one mail names."""


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
        sending: Sending,
        figures: Figures,
        links: Links,
    ) -> None:
        self._units = units
        self._clock = clock
        self._sending = sending
        self._figures = figures
        self._links = links

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(TrialEnding, "notifications.tell_of_ending_trial", self.tell_of_ending_trial)
        table.defer(RenewalDue, "notifications.remind_of_renewal", self.remind_of_renewal)
        table.defer(SubscriptionRenewed, "notifications.tell_of_renewal", self.tell_of_renewal)
        table.defer(RenewalFailed, "notifications.tell_of_failed_renewal", self.tell_of_failed_renewal)
        table.defer(SubscriptionExpired, "notifications.tell_of_expiry", self.tell_of_expiry)
        table.defer(SubscriptionCancelled, "notifications.tell_of_cancellation", self.tell_of_cancellation)
        table.defer(PaymentMethodRemoved, "notifications.tell_of_lost_method", self.tell_of_lost_method)

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
            await self._sending.nothing_to_do(heard)
            return
        product = ", ".join(sorted(set(names)))
        await self._send(heard, SUBSCRIPTIONS_METHOD_REMOVED, user, {"product": product})

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
        *,
        ends: datetime | None = None,
        until: datetime | None = None,
        next_attempt: datetime | None = None,
    ) -> None:
        if subscription is None:
            await self._sending.nothing_to_do(heard)
            return
        async with self._units.view(SYSTEM) as view:
            user = await view.users.find(subscription.user_id)
            params = {"product": await _name(view, subscription)}
        moments = {"ends": ends, "until": until, "next_attempt": next_attempt}
        for name, moment in moments.items():
            if moment is not None and user is not None:
                day = moment.astimezone(ZoneInfo(subscription.zone)).date()
                params[name] = self._figures.date(day, locale=user.locale)
        await self._send(heard, type_, user, params)

    async def _send(
        self, heard: Heard, type_: NotificationType, user: User | None, params: dict[str, str]
    ) -> None:
        if user is None or user.email is None:
            await self._sending.nothing_to_do(heard)
            return
        worded = {**params, "link": self._links.sign_in}
        await self._sending.send(heard, type_.key, recipient(user), worded, reason=type_.key)


async def _name(view: SubscriptionsUnit, subscription: Subscription) -> str:
    product: UUID = subscription.product_id
    found = await view.products.find(product)
    return found.name if found is not None else str(product)
