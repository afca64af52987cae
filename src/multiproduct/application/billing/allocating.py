"""Giving money to invoices: that which a payment brought, and that which a customer has with us."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.books import Books
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.domain.billing import Invoice, InvoiceStatus


class Allocating:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, clock: Clock, books: Books) -> None:
        self._clock = clock
        self._books = books

    async def apply_funds(self, unit: BillingUnit, invoice: Invoice) -> int:
        """Takes what the customer has with us for the invoice, as far as it goes, unless a payment of it is
        under way. Answers how much."""
        if invoice.settlement_id is not None:
            return 0
        available = await self._books.available(unit, invoice.customer_id, invoice.currency)
        return await self.allocate(unit, invoice, min(available, invoice.due_minor))

    async def allocate(
        self,
        unit: BillingUnit,
        invoice: Invoice,
        minor: int,
        *,
        settlement_id: UUID | None = None,
        payment_id: UUID | None = None,
    ) -> int:
        """Takes so much of the customer's money for the invoice. Answers how much was taken: all of it, or
        nothing where the customer has not that much. Saves the invoice."""
        now = self._clock.now()
        was_written_off = invoice.status is InvoiceStatus.UNCOLLECTIBLE
        if minor <= 0 or not await self._books.allocated(
            unit, invoice, minor, was_written_off=was_written_off, at=now
        ):
            return 0
        invoice.allocate(minor, now=now, settlement_id=settlement_id, payment_id=payment_id)
        await unit.invoices.save(invoice)
        if not invoice.due_minor:
            await self.complete_order(unit, invoice, now=now)
        return minor

    async def complete_order(self, unit: BillingUnit, invoice: Invoice, *, now: datetime) -> None:
        """The order of an invoice of which nothing is due is done."""
        order = await unit.orders.find(invoice.order_id)
        if order is not None:
            order.complete(now=now)
            await unit.orders.save(order)
