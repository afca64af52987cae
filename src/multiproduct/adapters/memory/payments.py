"""Payments in memory: what gateways are told of them, stored methods, and what callbacks told."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Staged, Table, as_it_is, copied
from multiproduct.application.payments.ports import KeptNotice, PaymentFilter, Place
from multiproduct.domain.payments import Attempt, GatewayCall, Payment, Refund, Status, StoredMethod
from multiproduct.domain.shared import Aggregate, StaleAggregate

Call = TypeVar("Call", Attempt, Refund)
Track = Callable[[Aggregate], None]

_UNTOLD = frozenset({Status.REQUESTED, Status.PROCESSING})


class PaymentsTables:
    """What is committed."""

    def __init__(self) -> None:
        self.payments: Table[UUID, Payment] = Table(
            key=lambda row: row.id, copy=replace, indexes={"payer": lambda row: row.payer_id}
        )
        self.attempts: Table[UUID, Attempt] = _calls()
        self.refunds: Table[UUID, Refund] = _calls()
        self.methods: Table[UUID, StoredMethod] = Table(
            key=lambda row: row.id, copy=replace, indexes={"user": lambda row: row.user_id}
        )
        self.notices: Table[UUID, KeptNotice] = Table(
            key=lambda row: row.id,
            copy=as_it_is,
            indexes={"notice": lambda row: (row.gateway, row.notice_id)},
        )


def _calls() -> "Table[UUID, Call]":
    return Table(
        key=lambda row: row.id,
        copy=replace,
        indexes={
            "payment": lambda row: row.payment_id,
            "reference": lambda row: (row.gateway, row.reference) if row.reference else None,
            "asked": lambda row: True if row.next_check_at is not None else None,
        },
    )


class PaymentsStage(OpenedTables):
    """The tables as one unit sees them."""

    payments = OnStage(PaymentsTables, lambda tables: tables.payments)
    attempts = OnStage(PaymentsTables, lambda tables: tables.attempts)
    refunds = OnStage(PaymentsTables, lambda tables: tables.refunds)
    methods = OnStage(PaymentsTables, lambda tables: tables.methods)
    notices = OnStage(PaymentsTables, lambda tables: tables.notices)


class MemoryPayments:
    """The `Payments` port."""

    def __init__(self, *, stage: PaymentsStage, track: Track) -> None:
        self._rows = stage.payments
        self._track = track

    async def add(self, payment: Payment) -> None:
        """Keeps a new payment."""
        self._rows.put(payment)
        self._track(payment)

    async def save(self, payment: Payment) -> None:
        """Writes a payment, unless it is stale."""
        stored = self._rows.seen(payment.id)
        if stored is None or stored.version != payment.version:
            raise StaleAggregate(id=str(payment.id))
        payment.version += 1
        self._rows.put(replace(payment, refunding=stored.refunding, refunded=stored.refunded))
        self._track(payment)

    async def find(self, id: UUID) -> Payment | None:
        """The payment by id."""
        return self._rows.get(id)

    async def page(self, wanted: PaymentFilter, *, after: Place | None, limit: int) -> Sequence[Payment]:
        """The newest first."""
        found = [
            copied(row)
            for row in self._rows.where(lambda row: _is_wanted(row, wanted))
            if after is None or (row.created_at, row.id) < (after.created_at, after.id)
        ]
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)[:limit]

    async def set_aside_refund(self, id: UUID, minor: int) -> bool:
        """Counts a refund that begins, if it fits."""
        stored = self._rows.get(id)
        if stored is None or stored.status is not Status.SUCCEEDED:
            return False
        if stored.refunding + minor > stored.settled:
            return False
        stored.refunding += minor
        self._rows.put(stored)
        return True

    async def count_refunded(self, id: UUID, minor: int) -> None:
        """Counts a refund that succeeded."""
        stored = self._rows.get(id)
        if stored is not None:
            stored.refunded += minor
            self._rows.put(stored)

    async def free_refund(self, id: UUID, minor: int) -> None:
        """Takes back what was set aside."""
        stored = self._rows.get(id)
        if stored is not None:
            stored.refunding -= minor
            self._rows.put(stored)


def _is_wanted(row: Payment, wanted: PaymentFilter) -> bool:
    pairs = (
        (wanted.payer_id, row.payer_id),
        (wanted.status, row.status),
        (wanted.gateway, row.gateway),
        (wanted.purpose, row.purpose),
        (wanted.purpose_id, row.purpose_id),
    )
    is_asked_for = all(asked is None or asked == actual for asked, actual in pairs)
    return is_asked_for and (row.review is not None or not wanted.needs_review)


class MemoryGatewayCalls(Generic[Call]):
    """The `GatewayCalls` port."""

    def __init__(self, *, rows: "Staged[UUID, Call]", track: Track) -> None:
        self._rows: Staged[UUID, Call] = rows
        self._track = track

    async def add(self, call: Call) -> None:
        """Keeps a new one."""
        self._rows.put(call)
        self._track(call)

    async def save(self, call: Call) -> None:
        """Writes one, unless it is stale."""
        stored = self._rows.seen(call.id)
        if stored is None or stored.version != call.version:
            raise StaleAggregate(id=str(call.id))
        call.version += 1
        self._rows.put(call)
        self._track(call)

    async def find(self, id: UUID) -> Call | None:
        """One by id."""
        return self._rows.get(id)

    async def find_by_reference(self, gateway: str, reference: str) -> Call | None:
        """The oldest that the gateway knows by this reference."""
        found = self._rows.under("reference", (gateway, reference))
        return min(found, key=_age, default=None)

    async def of_payment(self, payment_id: UUID) -> Sequence[Call]:
        """All of a payment."""
        return sorted(self._rows.under("payment", payment_id), key=_age)

    async def claim(self, id: UUID, *, now: datetime, until: datetime, ask_at: datetime) -> Call | None:
        """Leases one for telling the gateway."""
        stored = self._rows.get(id)
        if stored is None or stored.status not in _UNTOLD or not _is_free(stored, now):
            return None
        stored.status = Status.PROCESSING
        stored.leased_until = until
        stored.next_check_at = stored.next_check_at or ask_at
        stored.version += 1
        self._rows.put(stored)
        return stored

    async def lease_due(self, *, at: datetime, now: datetime, until: datetime, limit: int) -> Sequence[Call]:
        """Leases those that the gateway is to be asked about."""
        due = [
            row
            for row in self._rows.seen_under("asked", value=True)
            if row.next_check_at is not None and row.next_check_at <= at and _is_free(row, now)
        ]
        chosen = sorted(due, key=lambda row: (row.next_check_at or at, row.id))[:limit]
        leased = [replace(row, leased_until=until, version=row.version + 1) for row in chosen]
        for row in leased:
            self._rows.put(row)
        return leased


def _is_free(call: GatewayCall, now: datetime) -> bool:
    return call.leased_until is None or call.leased_until <= now


def _age(call: GatewayCall) -> tuple[datetime, UUID]:
    return call.created_at, call.id


class MemoryStoredMethods:
    """The `StoredMethods` port."""

    def __init__(self, *, stage: PaymentsStage, track: Track) -> None:
        self._rows = stage.methods
        self._track = track

    async def add(self, method: StoredMethod) -> None:
        """Keeps a new one."""
        self._rows.put(method)
        self._track(method)

    async def save(self, method: StoredMethod) -> None:
        """Writes one, unless it is stale."""
        stored = self._rows.seen(method.id)
        if stored is None or stored.version != method.version:
            raise StaleAggregate(id=str(method.id))
        method.version += 1
        self._rows.put(method)
        self._track(method)

    async def find(self, id: UUID) -> StoredMethod | None:
        """One by id."""
        return self._rows.get(id)

    async def hold(self, id: UUID) -> StoredMethod | None:
        """One by id: the unit is the only one that writes."""
        return self._rows.get(id)

    async def of_user(self, user_id: UUID) -> Sequence[StoredMethod]:
        """A person's that are not removed."""
        found = [row for row in self._rows.under("user", user_id) if row.removed_at is None]
        return sorted(found, key=lambda row: (row.is_default, row.id), reverse=True)

    async def clear_default(self, user_id: UUID) -> None:
        """Leaves the person without a default one."""
        for row in self._rows.under("user", user_id):
            if row.is_default:
                self._rows.put(replace(row, is_default=False, version=row.version + 1))


class MemoryNotices:
    """The `Notices` port."""

    def __init__(self, *, stage: PaymentsStage) -> None:
        self._rows = stage.notices

    async def keep(self, notice: KeptNotice) -> bool:
        """Keeps it, unless it is kept."""
        if self._rows.has("notice", (notice.gateway, notice.notice_id)):
            return False
        self._rows.put(notice)
        return True

    async def find(self, id: UUID) -> KeptNotice | None:
        """One by id."""
        return self._rows.get(id)

    async def mark_taken(self, id: UUID, *, now: datetime) -> None:
        """Notes that it was taken in."""
        stored = self._rows.get(id)
        if stored is not None:
            self._rows.put(replace(stored, taken_at=now))

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those taken in before the moment."""
        return self._rows.purge(lambda row: row.taken_at is not None and row.taken_at < before, limit=limit)
