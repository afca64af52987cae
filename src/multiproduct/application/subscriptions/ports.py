"""What subscriptions need of a store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.domain.subscriptions import Charge, Subscription, SubscriptionStatus, UsageEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionFilter:
    """Which subscriptions are wanted; None is any."""

    user_id: UUID | None = None
    status: SubscriptionStatus | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins: after the subscription made then, with this id."""

    created_at: datetime
    id: UUID


class Subscriptions(Protocol):
    """Keeps subscriptions. A unique index decides that a person has at most one to a product that is pending,
    on trial, active, past due or paused."""

    async def add(self, subscription: Subscription) -> None:
        """Keeps a new one. Raises AlreadySubscribed; the unit can go on."""
        ...

    async def save(self, subscription: Subscription) -> None:
        """Writes one unless somebody saved it since it was loaded, and ends its lease. Raises StaleAggregate;
        TransientFailure where it is to live again and another one began to live meanwhile."""
        ...

    async def find(self, id: UUID) -> Subscription | None:
        """One by id."""
        ...

    async def find_live(self, user_id: UUID, product_id: UUID) -> Subscription | None:
        """The one that a person has to a product, if it is not over."""
        ...

    async def find_latest(self, user_id: UUID, product_id: UUID) -> Subscription | None:
        """The one that a person had last to a product, also one that is over."""
        ...

    async def page(
        self, wanted: SubscriptionFilter, *, after: Place | None, limit: int
    ) -> Sequence[Subscription]:
        """The newest first, by the moment they were made and their id."""
        ...

    async def lease_due(self, *, at: datetime, now: datetime, until: datetime, limit: int) -> Sequence[UUID]:
        """Leases those that are to be looked after by now (`at`, business time) and that nobody is at, at
        most `limit`, the longest due first. `now` and `until` are real time. One statement decides who has
        which."""
        ...

    async def of_method(self, method_id: UUID, *, limit: int) -> Sequence[UUID]:
        """Those that are charged by a stored payment method."""
        ...


class Trials(Protocol):
    """Keeps who had the trial of which product. The primary key decides that it is one."""

    async def claim(self, user_id: UUID, product_id: UUID, *, at: datetime) -> bool:
        """Notes that the person has it now; false where they had it before. One conditional insert
        decides."""
        ...

    async def was_had(self, user_id: UUID, product_id: UUID) -> bool:
        """Whether the person had it."""
        ...


class Charges(Protocol):
    """Keeps what was billed. A unique index decides that a period is billed once, but for void charges."""

    async def add(self, charge: Charge) -> bool:
        """Keeps a new one; false, and nothing is kept, where its period is billed already."""
        ...

    async def save(self, charge: Charge) -> None:
        """Writes its number, its invoice, its status and what was credited. Raises TransientFailure where
        another one billed the period meanwhile."""
        ...

    async def of_order(self, order_id: UUID) -> Sequence[Charge]:
        """Those of an order, one for each subscription in it."""
        ...

    async def of_subscription(self, subscription_id: UUID, *, limit: int) -> Sequence[Charge]:
        """The newest first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UsagePlace:
    """Where reading goes on: after this event, by the moment it happened and its id."""

    happened_at: datetime
    event_id: str


class UsageEvents(Protocol):
    """Keeps what was used. The primary key (subscription, event id) decides what is new."""

    async def record(self, events: Sequence[UsageEvent]) -> frozenset[tuple[UUID, str]]:
        """Keeps those that are new, in one statement; answers which these were, by subscription and event id.
        Those with the same key within one call are one, the first of them."""
        ...

    async def claim(
        self,
        subscription_id: UUID,
        *,
        before: datetime,
        after: UsagePlace | None,
        limit: int,
        order_id: UUID,
    ) -> Sequence[UsageEvent]:
        """Notes that an order bills those that happened before a moment and are in none, `limit` of them, and
        fewer only where there are no more: the earliest by moment and id, beginning after a place where one
        is given. Answers just these, in that order, and what was recorded among them meanwhile if anything
        was. One statement decides: what anybody records at the same time is either answered or left for
        another claim, and nothing is answered to two."""
        ...

    async def unbill(self, order_id: UUID) -> None:
        """Has what an order billed be billed anew, as it will not be paid."""
        ...


class SubscriptionsUnit(BillingUnit, CatalogUnit, Protocol):
    """The slice of a unit that subscriptions need, with those of the contexts below."""

    @property
    def subscriptions(self) -> Subscriptions: ...
    @property
    def subscription_trials(self) -> Trials: ...
    @property
    def subscription_charges(self) -> Charges: ...
    @property
    def usage_events(self) -> UsageEvents: ...
