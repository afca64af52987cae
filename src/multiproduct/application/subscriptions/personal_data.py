"""What subscriptions have about a person: what they are handed, and what goes when they are erased."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.application.identity.personal_data import MOST_RECORDS
from multiproduct.application.ports.clock import Clock
from multiproduct.application.reactions import ReactionTable
from multiproduct.application.subscriptions.closing import Closing
from multiproduct.application.subscriptions.ending import Ending
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import Place, SubscriptionFilter, SubscriptionsUnit
from multiproduct.application.subscriptions.results import SubscriptionView
from multiproduct.domain.identity import UserErased
from multiproduct.domain.subscriptions import LIVE, RefundPolicy, Subscription

_PAGE = 100


class SubscriptionsSource:
    """Subscriptions, as their holder is shown them. What was billed for them is in the part of billing."""

    name = "subscriptions"

    async def export(self, view: SubscriptionsUnit, user_id: UUID) -> Any:
        """The newest first."""
        wanted = SubscriptionFilter(user_id=user_id)
        found = await view.subscriptions.page(wanted, after=None, limit=MOST_RECORDS)
        return [SubscriptionView.of(each).model_dump(mode="json") for each in found]


class LastUsage:
    """The `LastAccount` port: what was used and is in no invoice yet is invoiced to whom it still can be."""

    def __init__(self, *, clock: Clock, keeping: Keeping, closing: Closing) -> None:
        self._clock = clock
        self._keeping = keeping
        self._closing = closing

    async def settle(self, unit: SubscriptionsUnit, user_id: UUID) -> None:
        """See the port."""
        now = self._clock.now()
        async for subscription in _every(unit, user_id):
            if subscription.status in LIVE or subscription.closes_at is not None:
                await self._closing.bill_before_erasure(unit, subscription, now)
                await self._keeping.save(unit, subscription)


class SubscriptionsErasing:
    """A joining reaction: whoever is erased has no subscription any more, in the same transaction. Rows,
    charges and invoices stay, as the books need them; what the person set in them goes."""

    def __init__(self, *, clock: Clock, keeping: Keeping, ending: Ending) -> None:
        self._clock = clock
        self._keeping = keeping
        self._ending = ending

    def declare(self, table: ReactionTable) -> None:
        """Declares the reaction."""
        table.join(UserErased, self.end)

    async def end(self, unit: SubscriptionsUnit, event: UserErased) -> None:
        """Ends those that live, without anything given back, and empties all of them."""
        now = self._clock.now()
        async for subscription in _every(unit, event.user_id):
            await self._end(unit, subscription, now)

    async def _end(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> None:
        if subscription.status in LIVE:
            await self._ending.cancel_now(unit, subscription, RefundPolicy.NONE, now)
        subscription.forget_person(now=now)
        await self._keeping.save(unit, subscription)


async def _every(unit: SubscriptionsUnit, user_id: UUID) -> AsyncIterator[Subscription]:
    wanted = SubscriptionFilter(user_id=user_id)
    after: Place | None = None
    while True:
        page = await unit.subscriptions.page(wanted, after=after, limit=_PAGE)
        for subscription in page:
            yield subscription
        if len(page) < _PAGE:
            return
        after = Place(created_at=page[-1].created_at, id=page[-1].id)
