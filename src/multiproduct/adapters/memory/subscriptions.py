"""Subscriptions in memory, with trials that were had, what was billed, and what was used."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from uuid import UUID

from multiproduct.adapters.memory.tables import (
    OnStage,
    OpenedTables,
    Table,
    as_it_is,
    copied_but,
    json_copy,
)
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.application.subscriptions.ports import Place, SubscriptionFilter, UsagePlace
from multiproduct.domain.shared import Aggregate, StaleAggregate
from multiproduct.domain.subscriptions import (
    LIVE,
    AlreadySubscribed,
    Charge,
    ChargeKind,
    ChargeStatus,
    Subscription,
    UsageEvent,
)

_UsageKey = tuple[UUID, str]


@dataclass(frozen=True, slots=True)
class _Lease:
    id: UUID
    until: datetime


class SubscriptionTables:
    """What a store keeps of subscriptions."""

    def __init__(self) -> None:
        self.subscriptions: Table[UUID, Subscription] = Table(
            key=lambda row: row.id,
            copy=copied_but("configuration", json_copy),
            indexes={
                "live": lambda row: (row.user_id, row.product_id) if row.status in LIVE else None,
                "person": lambda row: (row.user_id, row.product_id),
                "user": lambda row: row.user_id,
                # Few days are asked for, of all that anything is due on.
                "due": lambda row: None if row.due_at is None else row.due_at.astimezone(UTC).date(),
                "method": lambda row: row.method_id,
            },
        )
        self.leases: Table[UUID, _Lease] = Table(key=lambda row: row.id, copy=as_it_is)
        self.trials: Table[tuple[UUID, UUID], tuple[UUID, UUID, datetime]] = Table(
            key=lambda row: row[:2], copy=as_it_is
        )
        self.charges: Table[UUID, Charge] = Table(
            key=lambda row: row.id,
            copy=as_it_is,
            indexes={
                "period": lambda row: (
                    (row.subscription_id, row.number)
                    if row.kind is ChargeKind.PERIOD and row.status is not ChargeStatus.VOID
                    else None
                ),
                "order": lambda row: row.order_id,
                "subscription": lambda row: row.subscription_id,
            },
        )
        self.usage: Table[_UsageKey, UsageEvent] = Table(
            key=lambda row: (row.subscription_id, row.event_id),
            copy=as_it_is,
            indexes={
                "unbilled": lambda row: row.subscription_id if row.billed_in is None else None,
                "billed": lambda row: row.billed_in,
            },
        )


class SubscriptionStage(OpenedTables):
    """The same as one unit sees it."""

    subscriptions = OnStage(SubscriptionTables, lambda tables: tables.subscriptions)
    leases = OnStage(SubscriptionTables, lambda tables: tables.leases)
    trials = OnStage(SubscriptionTables, lambda tables: tables.trials)
    charges = OnStage(SubscriptionTables, lambda tables: tables.charges)
    usage = OnStage(SubscriptionTables, lambda tables: tables.usage)


class MemorySubscriptions:
    """The `Subscriptions` port. Whoever writes is alone."""

    def __init__(self, *, stage: SubscriptionStage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.subscriptions
        self._leases = stage.leases
        self._track = track

    async def add(self, subscription: Subscription) -> None:
        """Keeps a new one. Raises AlreadySubscribed."""
        if self._is_taken(subscription):
            raise AlreadySubscribed(product=str(subscription.product_id))
        self._rows.put(subscription)
        self._track(subscription)

    async def save(self, subscription: Subscription) -> None:
        """Writes one, unless it is stale, and ends its lease. Raises StaleAggregate."""
        stored = self._rows.seen(subscription.id)
        if stored is None or stored.version != subscription.version or self._is_taken(subscription):
            raise StaleAggregate(id=str(subscription.id))
        subscription.version += 1
        self._rows.put(subscription)
        self._leases.remove(subscription.id)
        self._track(subscription)

    async def find(self, id: UUID) -> Subscription | None:
        """One by id."""
        return self._rows.get(id)

    async def find_live(self, user_id: UUID, product_id: UUID) -> Subscription | None:
        """The one that a person has to a product, if it is not over."""
        return self._rows.one_under("live", (user_id, product_id))

    async def find_latest(self, user_id: UUID, product_id: UUID) -> Subscription | None:
        """The one that a person had last to a product."""
        return max(
            self._rows.under("person", (user_id, product_id)),
            key=lambda row: (row.created_at, row.id),
            default=None,
        )

    async def page(
        self, wanted: SubscriptionFilter, *, after: Place | None, limit: int
    ) -> Sequence[Subscription]:
        """The newest first."""

        def is_wanted(row: Subscription) -> bool:
            return (
                wanted.user_id in (None, row.user_id)
                and wanted.status in (None, row.status)
                and (after is None or (row.created_at, row.id) < (after.created_at, after.id))
            )

        every = (
            self._rows.where(is_wanted)
            if wanted.user_id is None
            else filter(is_wanted, self._rows.seen_under("user", wanted.user_id))
        )
        found = sorted(every, key=lambda row: (row.created_at, row.id), reverse=True)
        kept = (self._rows.get(row.id) for row in found[:limit])
        return [row for row in kept if row is not None]

    async def lease_due(self, *, at: datetime, now: datetime, until: datetime, limit: int) -> Sequence[UUID]:
        """Leases those that are due and free, the longest due first."""

        def is_free(id: UUID) -> bool:
            lease = self._leases.seen(id)
            return lease is None or lease.until <= now

        due = [
            (row.due_at, row.id)
            for day in self._rows.values_of("due")
            if day is not None and day <= at.astimezone(UTC).date()
            for row in self._rows.seen_under("due", day)
            if row.due_at is not None and row.due_at <= at and is_free(row.id)
        ]
        leased = [subscription_id for _, subscription_id in sorted(due)[:limit]]
        for subscription_id in leased:
            self._leases.put(_Lease(subscription_id, until))
        return leased

    async def of_method(self, method_id: UUID, *, limit: int) -> Sequence[UUID]:
        """Those that are charged by a stored payment method."""
        return [row.id for row in islice(self._rows.seen_under("method", method_id), limit)]

    def _is_taken(self, subscription: Subscription) -> bool:
        if subscription.status not in LIVE:
            return False
        key = (subscription.user_id, subscription.product_id)
        return any(row.id != subscription.id for row in self._rows.seen_under("live", key))


class MemoryTrials:
    """The `Trials` port."""

    def __init__(self, *, stage: SubscriptionStage) -> None:
        self._rows = stage.trials

    async def claim(self, user_id: UUID, product_id: UUID, *, at: datetime) -> bool:
        """Notes that the person has it now, unless they had it."""
        if self._rows.get((user_id, product_id)) is not None:
            return False
        self._rows.put((user_id, product_id, at))
        return True

    async def was_had(self, user_id: UUID, product_id: UUID) -> bool:
        """Whether the person had it."""
        return self._rows.get((user_id, product_id)) is not None


class MemoryCharges:
    """The `Charges` port."""

    def __init__(self, *, stage: SubscriptionStage) -> None:
        self._rows = stage.charges

    async def add(self, charge: Charge) -> bool:
        """Keeps a new one, unless its period is billed already."""
        if self._is_billed(charge):
            return False
        self._rows.put(charge)
        return True

    async def save(self, charge: Charge) -> None:
        """Writes what may change of it. Raises TransientFailure."""
        if self._is_billed(charge):
            raise TransientFailure("another charge billed the period")
        self._rows.put(charge)

    async def of_order(self, order_id: UUID) -> Sequence[Charge]:
        """Those of an order."""
        return sorted(self._rows.under("order", order_id), key=lambda row: row.id)

    async def of_subscription(self, subscription_id: UUID, *, limit: int) -> Sequence[Charge]:
        """The newest first."""
        found = self._rows.under("subscription", subscription_id)
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)[:limit]

    def _is_billed(self, charge: Charge) -> bool:
        """Whether another one stands for the same period."""
        if charge.kind is not ChargeKind.PERIOD or charge.status is ChargeStatus.VOID:
            return False
        key = (charge.subscription_id, charge.number)
        return any(row.id != charge.id for row in self._rows.seen_under("period", key))


class MemoryUsageEvents:
    """The `UsageEvents` port."""

    def __init__(self, *, stage: SubscriptionStage) -> None:
        self._rows = stage.usage

    async def record(self, events: Sequence[UsageEvent]) -> frozenset[_UsageKey]:
        """Keeps those that are new."""
        kept = set()
        for event in events:
            key = (event.subscription_id, event.event_id)
            if self._rows.seen(key) is None:
                self._rows.put(event)
                kept.add(key)
        return frozenset(kept)

    async def claim(
        self,
        subscription_id: UUID,
        *,
        before: datetime,
        after: UsagePlace | None,
        limit: int,
        order_id: UUID,
    ) -> Sequence[UsageEvent]:
        """Notes that an order bills those that are in none, and answers them."""
        found = [
            row
            for row in self._rows.under("unbilled", subscription_id)
            if row.happened_at < before
            and (after is None or (row.happened_at, row.event_id) > (after.happened_at, after.event_id))
        ]
        earliest = sorted(found, key=lambda row: (row.happened_at, row.event_id))[:limit]
        claimed = [replace(row, billed_in=order_id) for row in earliest]
        for row in claimed:
            self._rows.put(row)
        return claimed

    async def unbill(self, order_id: UUID) -> None:
        """Has them be billed anew."""
        for row in self._rows.under("billed", order_id):
            self._rows.put(replace(row, billed_in=None))
