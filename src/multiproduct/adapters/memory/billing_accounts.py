"""Credit notes, settlements, tax rules, customers and what changed what they owe, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.billing import BillingStage, page_of, save
from multiproduct.application.billing.ports import Place, Wanted
from multiproduct.domain.billing import CreditNote, Customer, Movement, Settlement, TaxRule
from multiproduct.domain.shared import Aggregate, StaleAggregate

Track = Callable[[Aggregate], None]


class MemoryCreditNotes:
    """The `CreditNotes` port."""

    def __init__(self, *, stage: BillingStage, track: Track) -> None:
        self._rows = stage.credit_notes
        self._track = track

    async def add(self, note: CreditNote) -> None:
        """Keeps a new one."""
        self._rows.put(note)
        self._track(note)

    async def save(self, note: CreditNote) -> None:
        """Writes how its refund stands, unless it is stale."""
        save(self._rows, note.id, note)
        self._track(note)

    async def find(self, id: UUID) -> CreditNote | None:
        """The credit note by id."""
        return self._rows.get(id)

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[CreditNote]:
        """The latest first."""
        return page_of(self._rows, wanted, lambda row: row.issued_at, after=after, limit=limit)

    async def of_invoice(self, invoice_id: UUID) -> Sequence[CreditNote]:
        """Those of an invoice."""
        found = self._rows.under("invoice", invoice_id)
        return sorted(found, key=lambda row: (row.issued_at, row.sequence))


class MemorySettlements:
    """The `Settlements` port."""

    def __init__(self, *, stage: BillingStage, track: Track) -> None:
        self._rows = stage.settlements
        self._invoices = stage.invoices
        self._track = track

    async def add(self, settlement: Settlement) -> None:
        """Keeps a new one."""
        self._rows.put(settlement)
        self._track(settlement)

    async def save(self, settlement: Settlement) -> None:
        """Writes it, unless it is stale."""
        save(self._rows, settlement.id, settlement)
        self._track(settlement)

    async def find(self, id: UUID) -> Settlement | None:
        """The settlement with its allocations."""
        return self._rows.get(id)

    async def page(self, wanted: Wanted, *, after: Place | None, limit: int) -> Sequence[Settlement]:
        """The latest first."""
        return page_of(self._rows, wanted, lambda row: row.created_at, after=after, limit=limit)

    async def of_invoice(self, invoice_id: UUID) -> Sequence[Settlement]:
        """Those that had the invoice."""
        invoice = self._invoices.get(invoice_id)
        of_customer = [] if invoice is None else self._rows.under("customer", invoice.customer_id)
        found = [row for row in of_customer if any(each.invoice_id == invoice_id for each in row.allocations)]
        return sorted(found, key=lambda row: (row.created_at, row.id), reverse=True)


class MemoryTaxRules:
    """The `TaxRules` port."""

    def __init__(self, *, stage: BillingStage, track: Track) -> None:
        self._rows = stage.tax_rules
        self._track = track

    async def add(self, rule: TaxRule) -> None:
        """Keeps a new rule."""
        self._rows.put(rule)
        self._track(rule)

    async def save(self, rule: TaxRule) -> None:
        """Writes it, unless it is stale."""
        save(self._rows, rule.id, rule)
        self._track(rule)

    async def find(self, id: UUID) -> TaxRule | None:
        """The rule by id."""
        return self._rows.get(id)

    async def of_country(self, country: str, *, at: datetime) -> Sequence[TaxRule]:
        """Those of a country that are good then."""
        return [rule for rule in self._rows.under("country", country) if rule.holds(at=at)]

    async def every(self, *, limit: int) -> Sequence[TaxRule]:
        """By country, region, class and beginning."""
        rows = [replace(row) for row in self._rows.where(lambda _row: True)]
        rows.sort(key=lambda row: (row.country, row.region, row.tax_class, row.valid_from, row.id))
        return rows[:limit]


class MemoryCustomers:
    """The `Customers` port."""

    def __init__(self, *, stage: BillingStage, track: Track) -> None:
        self._rows = stage.customers
        self._track = track

    async def find(self, id: UUID) -> Customer | None:
        """What was kept for a user."""
        return self._rows.get(id)

    async def save(self, customer: Customer) -> None:
        """Keeps or writes it, unless it is stale."""
        kept = self._rows.get(customer.id)
        if (0 if kept is None else kept.version) != customer.version:
            raise StaleAggregate(id=str(customer.id))
        customer.version += 1
        self._rows.put(customer)
        self._track(customer)

    async def remove(self, id: UUID) -> None:
        """Forgets what was kept for a user."""
        self._rows.remove(id)


class MemoryMovements:
    """The `Movements` port."""

    def __init__(self, *, stage: BillingStage) -> None:
        self._rows = stage.movements

    async def add(self, movement: Movement) -> None:
        """Keeps a movement."""
        self._rows.put(movement)

    async def balance(self, customer_id: UUID, currency: str, *, before: datetime | None) -> int:
        """The sum of a customer's movements."""
        return sum(row.minor for row in self._of(customer_id, currency) if before is None or row.at < before)

    async def between(
        self, customer_id: UUID, currency: str, *, since: datetime, until: datetime, limit: int
    ) -> Sequence[Movement]:
        """Those of a span, the earliest first."""
        found = [row for row in self._of(customer_id, currency) if since <= row.at < until]
        return sorted(found, key=lambda row: (row.at, row.id))[:limit]

    async def currencies(self, customer_id: UUID) -> Sequence[str]:
        """Those in which a customer has movements."""
        return sorted({row.currency for row in self._rows.under("customer", customer_id)})

    def _of(self, customer_id: UUID, currency: str) -> list[Movement]:
        return [row for row in self._rows.under("customer", customer_id) if row.currency == currency]
