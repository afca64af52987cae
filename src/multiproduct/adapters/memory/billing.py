"""Orders, invoices, credit notes, settlements, tax rules and customers' accounts in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Staged, Table, as_it_is, copied_but
from multiproduct.application.billing.ports import Place, Wanted
from multiproduct.domain.billing import (
    CreditNote,
    Customer,
    Invoice,
    InvoiceStatus,
    Movement,
    Order,
    OrderInvoiced,
    OrderStatus,
    PeriodInvoiced,
    Series,
    Settlement,
    Subject,
    TakenNumber,
    TaxRule,
)
from multiproduct.domain.billing.invoice import OWED
from multiproduct.domain.shared import Aggregate, StaleAggregate

Track = Callable[[Aggregate], None]
Lease = tuple[UUID, datetime]
CoveredPeriod = tuple[str, UUID, datetime]


class BillingTables:
    """What is kept of billing."""

    def __init__(self) -> None:
        self.orders: Table[UUID, Order] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={
                "customer": lambda row: row.customer_id,
                "expiring": lambda row: row.status if row.expires_at is not None else None,
            },
        )
        self.invoices: Table[UUID, Invoice] = Table(
            key=lambda row: row.id,
            copy=copied_but("metadata", dict),
            indexes={
                "order": lambda row: row.order_id,
                "customer": lambda row: row.customer_id,
                "number": lambda row: None if row.number is None else (row.seller, row.number),
                "reminded": lambda row: True if row.next_reminder_at is not None else None,
            },
        )
        self.covered: Table[CoveredPeriod, tuple[CoveredPeriod, UUID]] = Table(
            key=lambda row: row[0], copy=as_it_is, indexes={"invoice": lambda row: row[1]}
        )
        self.leases: Table[UUID, Lease] = Table(key=lambda row: row[0], copy=as_it_is)
        self.series: Table[Series, TakenNumber] = Table(key=lambda row: row.series, copy=as_it_is)
        self.credit_notes: Table[UUID, CreditNote] = Table(
            key=lambda row: row.id,
            copy=replace,
            indexes={"invoice": lambda row: row.invoice_id, "customer": lambda row: row.customer_id},
        )
        self.settlements: Table[UUID, Settlement] = Table(
            key=lambda row: row.id, copy=replace, indexes={"customer": lambda row: row.customer_id}
        )
        self.tax_rules: Table[UUID, TaxRule] = Table(
            key=lambda row: row.id, copy=replace, indexes={"country": lambda row: row.country}
        )
        self.customers: Table[UUID, Customer] = Table(key=lambda row: row.id, copy=replace)
        self.movements: Table[UUID, Movement] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"customer": lambda row: row.customer_id}
        )


class BillingStage(OpenedTables):
    """Billing as one unit sees it."""

    orders = OnStage(BillingTables, lambda tables: tables.orders)
    invoices = OnStage(BillingTables, lambda tables: tables.invoices)
    covered = OnStage(BillingTables, lambda tables: tables.covered)
    leases = OnStage(BillingTables, lambda tables: tables.leases)
    series = OnStage(BillingTables, lambda tables: tables.series)
    credit_notes = OnStage(BillingTables, lambda tables: tables.credit_notes)
    settlements = OnStage(BillingTables, lambda tables: tables.settlements)
    tax_rules = OnStage(BillingTables, lambda tables: tables.tax_rules)
    customers = OnStage(BillingTables, lambda tables: tables.customers)
    movements = OnStage(BillingTables, lambda tables: tables.movements)

    def lease(
        self, due: Sequence[tuple[datetime, UUID]], *, leased_at: datetime, until: datetime, limit: int
    ) -> list[UUID]:
        """Those of them that nobody has, the longest due first."""
        free: list[UUID] = []
        for _, found in sorted(due):
            lease = self.leases.seen(found)
            if (lease is None or lease[1] <= leased_at) and len(free) < limit:
                self.leases.put((found, until))
                free.append(found)
        return free


class MemoryOrders:
    """The `Orders` port."""

    def __init__(self, *, stage: BillingStage, track: Track) -> None:
        self._stage = stage
        self._rows = stage.orders
        self._track = track

    async def add(self, order: Order) -> None:
        """Keeps a new order."""
        self._rows.put(order)
        self._track(order)

    async def save(self, order: Order) -> None:
        """Writes it, unless it is stale."""
        save(self._rows, order.id, order)
        self._stage.leases.remove(order.id)
        self._track(order)

    async def find(self, id: UUID) -> Order | None:
        """The order by id."""
        return self._rows.get(id)

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Order]:
        """The latest first."""
        return page_of(self._rows, wanted, lambda row: row.created_at, after=after, limit=limit)

    async def lease_expired(
        self,
        statuses: Sequence[OrderStatus],
        *,
        now: datetime,
        leased_at: datetime,
        until: datetime,
        limit: int,
    ) -> Sequence[UUID]:
        """Takes those whose time is over and that nobody has."""
        due = [
            (row.expires_at, row.id)
            for status in dict.fromkeys(statuses)
            for row in self._rows.seen_under("expiring", status)
            if row.expires_at is not None and row.expires_at <= now
        ]
        return self._stage.lease(due, leased_at=leased_at, until=until, limit=limit)


class MemoryInvoices:
    """The `Invoices` port."""

    def __init__(self, *, stage: BillingStage, track: Track) -> None:
        self._stage = stage
        self._rows = stage.invoices
        self._covered = stage.covered
        self._track = track

    async def add(self, invoice: Invoice) -> None:
        """Keeps a new invoice, unless its order or a period has one."""
        of_order = self._rows.seen_under("order", invoice.order_id)
        if any(row.status is not InvoiceStatus.VOID for row in of_order):
            raise OrderInvoiced
        if invoice.number is not None and self._rows.has("number", (invoice.seller, invoice.number)):
            raise ValueError("a number is taken once")
        periods = [
            (line.subject.kind, line.subject.id, line.period_start)
            for line in invoice.lines
            if line.covers_period and line.subject is not None and line.period_start is not None
        ]
        if len(set(periods)) < len(periods) or any(self._covered.seen(each) is not None for each in periods):
            raise PeriodInvoiced
        for period in periods:
            self._covered.put((period, invoice.id))
        self._rows.put(invoice)
        self._track(invoice)

    async def save(self, invoice: Invoice) -> None:
        """Writes it, unless it is stale."""
        save(self._rows, invoice.id, invoice)
        self._stage.leases.remove(invoice.id)
        if invoice.is_taken_back:
            for period, _ in self._covered.under("invoice", invoice.id):
                self._covered.remove(period)
        self._track(invoice)

    async def find(self, id: UUID) -> Invoice | None:
        """The invoice with its lines."""
        return self._rows.get(id)

    async def find_many(self, ids: Sequence[UUID]) -> Sequence[Invoice]:
        """Those that there are, in the order of the ids."""
        return [row for row in (self._rows.get(id_) for id_ in ids) if row is not None]

    async def of_order(self, order_id: UUID) -> Invoice | None:
        """The one that counts, else the last void one."""
        found = self._rows.under("order", order_id)
        return max(
            found,
            key=lambda row: (row.status is not InvoiceStatus.VOID, row.created_at, row.id),
            default=None,
        )

    async def is_covered(self, subject: Subject, period_start: datetime) -> bool:
        """Whether an invoice covers the period."""
        return self._covered.seen((subject.kind, subject.id, period_start)) is not None

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Invoice]:
        """The latest first."""
        return page_of(self._rows, wanted, lambda row: row.created_at, after=after, limit=limit)

    async def take(self, ids: Sequence[UUID], settlement_id: UUID) -> int:
        """Has a payment of them be under way."""
        taken = 0
        for invoice in await self.find_many(ids):
            if invoice.settlement_id is None and invoice.status in OWED:
                invoice.settlement_id = settlement_id
                invoice.version += 1
                self._rows.put(invoice)
                taken += 1
        return taken

    async def lease_reminders(
        self, *, now: datetime, leased_at: datetime, until: datetime, limit: int
    ) -> Sequence[UUID]:
        """Takes those whose reminder is due and that nobody has."""
        due = [
            (row.next_reminder_at, row.id)
            for row in self._rows.seen_under("reminded", value=True)
            if row.next_reminder_at is not None and row.next_reminder_at <= now
        ]
        return self._stage.lease(due, leased_at=leased_at, until=until, limit=limit)

    async def count(self, customer_id: UUID, status: InvoiceStatus) -> int:
        """How many a customer has in a status."""
        return sum(row.status is status for row in self._rows.seen_under("customer", customer_id))


class MemoryNumbers:
    """The `Numbers` port. Whoever writes is alone."""

    def __init__(self, *, stage: BillingStage) -> None:
        self._rows = stage.series

    async def take(self, series: Series, *, at: datetime) -> TakenNumber:
        """The next number of the series."""
        last = self._rows.get(series)
        taken = TakenNumber(
            series=series,
            sequence=1 if last is None else last.sequence + 1,
            issued_at=at if last is None else max(at, last.issued_at),
        )
        self._rows.put(taken)
        return taken


def save(rows: Staged[UUID, Any], id: UUID, aggregate: Aggregate) -> None:
    """Writes it, and counts its version. Raises StaleAggregate."""
    kept = rows.seen(id)
    if kept is None or kept.version != aggregate.version:
        raise StaleAggregate(id=str(id))
    aggregate.version += 1
    rows.put(aggregate)


def page_of(
    rows: Staged[UUID, Any],
    wanted: Wanted,
    moment: Callable[[Any], datetime],
    *,
    after: Place | None,
    limit: int,
) -> list[Any]:
    """The latest first."""

    def fits(row: Any) -> bool:
        return (
            (wanted.customer_id is None or row.customer_id == wanted.customer_id)
            and (wanted.status is None or getattr(row, "status", wanted.status) == wanted.status)
            and (wanted.order_id is None or getattr(row, "order_id", wanted.order_id) == wanted.order_id)
            and (
                wanted.subscription_id is None
                or getattr(row, "subscription_id", wanted.subscription_id) == wanted.subscription_id
            )
            and (after is None or (moment(row), row.id) < (after.at, after.id))
        )

    every = (
        rows.where(fits) if wanted.customer_id is None else rows.seen_under("customer", wanted.customer_id)
    )
    found = sorted(filter(fits, every), key=lambda row: (moment(row), row.id), reverse=True)[:limit]
    kept = (rows.get(row.id) for row in found)
    return [row for row in kept if row is not None]
