"""What billing keeps, as its use cases and steps need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.catalog.ports import CatalogUnit
from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.identity.ports import Users
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.translation.ports import HumanTranslations
from multiproduct.domain.billing import (
    CreditNote,
    Customer,
    Invoice,
    InvoiceStatus,
    Movement,
    Order,
    OrderStatus,
    Series,
    Settlement,
    Subject,
    TakenNumber,
    TaxRule,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a page begins: after this row, as lists are ordered by moment and id, latest first."""

    at: datetime
    id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which documents a list has: those of a customer, or everybody's; in one status, or in any."""

    customer_id: UUID | None = None
    status: str | None = None
    order_id: UUID | None = None
    subscription_id: UUID | None = None


class Orders(Protocol):
    """Keeps orders. Nothing is ever removed."""

    async def add(self, order: Order) -> None:
        """Keeps a new order."""
        ...

    async def save(self, order: Order) -> None:
        """Writes it, and ends a lease of it, unless somebody saved it since it was loaded. Raises
        StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Order | None:
        """The order by id."""
        ...

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Order]:
        """The latest first."""
        ...

    async def lease_expired(
        self,
        statuses: Sequence[OrderStatus],
        *,
        now: datetime,
        leased_at: datetime,
        until: datetime,
        limit: int,
    ) -> Sequence[UUID]:
        """Takes at most `limit` orders in those statuses whose time was over at `now` and that nobody has,
        and leases them by real time until `until`. One statement decides who has which."""
        ...


class Invoices(Protocol):
    """Keeps invoices. The unique indexes on (seller, series, year, sequence), on the order and on a subject's
    covered period are the last word on what is there once."""

    async def add(self, invoice: Invoice) -> None:
        """Keeps a new invoice with its lines. Raises PeriodInvoiced, OrderInvoiced; the unit can go on."""
        ...

    async def save(self, invoice: Invoice) -> None:
        """Writes what may change of it, and its number if it was a draft, unless somebody saved it since it
        was loaded, and ends a lease of it. A void one gives its periods and its order free. Raises
        StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Invoice | None:
        """The invoice with its lines."""
        ...

    async def find_many(self, ids: Sequence[UUID]) -> Sequence[Invoice]:
        """Those that there are, in the order of the ids given."""
        ...

    async def of_order(self, order_id: UUID) -> Invoice | None:
        """The order's invoice that counts, else the last void one."""
        ...

    async def is_covered(self, subject: Subject, period_start: datetime) -> bool:
        """Whether an invoice covers a subject's period that begins then: no other one can."""
        ...

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Invoice]:
        """The latest first."""
        ...

    async def take(self, ids: Sequence[UUID], settlement_id: UUID) -> int:
        """Has a payment of these invoices be under way, of those that are owed and have none: one conditional
        statement. Answers how many; the caller undoes the unit unless it is all of them."""
        ...

    async def lease_reminders(
        self, *, now: datetime, leased_at: datetime, until: datetime, limit: int
    ) -> Sequence[UUID]:
        """Takes at most `limit` open invoices whose reminder was due at `now` and that nobody has, and leases
        them by real time until `until`. One statement decides who has which."""
        ...

    async def count(self, customer_id: UUID, status: InvoiceStatus) -> int:
        """How many a customer has in a status."""
        ...


class Numbers(Protocol):
    """Takes numbers without gaps."""

    async def take(self, series: Series, *, at: datetime) -> TakenNumber:
        """The next number of the series, from 1, and the moment of issue that belongs to it, which is `at`
        unless the number before has a later one. One statement; undone with the unit, and whoever takes the
        next one waits until this unit ends."""
        ...


class CreditNotes(Protocol):
    """Keeps credit notes."""

    async def add(self, note: CreditNote) -> None:
        """Keeps a new credit note with its lines."""
        ...

    async def save(self, note: CreditNote) -> None:
        """Writes how its refund stands. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> CreditNote | None:
        """The credit note by id."""
        ...

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[CreditNote]:
        """The latest first."""
        ...

    async def of_invoice(self, invoice_id: UUID) -> Sequence[CreditNote]:
        """Those of an invoice, in the order of their numbers."""
        ...


class Settlements(Protocol):
    """Keeps settlements."""

    async def add(self, settlement: Settlement) -> None:
        """Keeps a new settlement with its allocations."""
        ...

    async def save(self, settlement: Settlement) -> None:
        """Writes it unless somebody saved it since it was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> Settlement | None:
        """The settlement with its allocations."""
        ...

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Settlement]:
        """The latest first."""
        ...

    async def of_invoice(self, invoice_id: UUID) -> Sequence[Settlement]:
        """Those that had the invoice, the latest first."""
        ...


class TaxRules(Protocol):
    """Keeps tax rules."""

    async def add(self, rule: TaxRule) -> None:
        """Keeps a new rule."""
        ...

    async def save(self, rule: TaxRule) -> None:
        """Writes it unless somebody saved it since it was loaded. Raises StaleAggregate."""
        ...

    async def find(self, id: UUID) -> TaxRule | None:
        """The rule by id."""
        ...

    async def of_country(self, country: str, *, at: datetime) -> Sequence[TaxRule]:
        """Those of a country and its regions that are good at that moment."""
        ...

    async def every(self, *, limit: int) -> Sequence[TaxRule]:
        """By country, region, class and beginning."""
        ...


class Customers(Protocol):
    """Keeps what customers want on invoices."""

    async def find(self, id: UUID) -> Customer | None:
        """What was kept for a user; None for who never said anything."""
        ...

    async def save(self, customer: Customer) -> None:
        """Keeps or writes it (version 0 is new). Raises StaleAggregate."""
        ...

    async def remove(self, id: UUID) -> None:
        """Forgets what was kept for a user; what stands on invoices stays."""
        ...


class Movements(Protocol):
    """Keeps what changed what customers owe. Nothing is ever changed or removed."""

    async def add(self, movement: Movement) -> None:
        """Keeps a movement."""
        ...

    async def balance(self, customer_id: UUID, currency: str, *, before: datetime | None) -> int:
        """The sum of a customer's movements before a moment, or of all of them."""
        ...

    async def between(
        self, customer_id: UUID, currency: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Movement]:
        """Those from `since` until just before `until`, the earliest first."""
        ...

    async def currencies(self, customer_id: UUID) -> Sequence[str]:
        """Those in which a customer has movements, by their codes."""
        ...


class BillingUnit(PaymentsUnit, CatalogUnit, Protocol):
    """A unit of work with what billing keeps, and with what it uses of the contexts below."""

    @property
    def orders(self) -> Orders: ...
    @property
    def invoices(self) -> Invoices: ...
    @property
    def invoice_numbers(self) -> Numbers: ...
    @property
    def credit_notes(self) -> CreditNotes: ...
    @property
    def settlements(self) -> Settlements: ...
    @property
    def tax_rules(self) -> TaxRules: ...
    @property
    def billing_customers(self) -> Customers: ...
    @property
    def billing_movements(self) -> Movements: ...
    @property
    def users(self) -> Users: ...
    @property
    def human_translations(self) -> HumanTranslations: ...
    @property
    def idempotency(self) -> IdempotencyRecords: ...
