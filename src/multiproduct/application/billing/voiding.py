"""Ending invoices that will not be paid: voiding them, writing them off."""

from multiproduct.application.billing.books import Books
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.domain.billing import Invoice


class Voiding:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, clock: Clock, books: Books) -> None:
        self._clock = clock
        self._books = books

    async def void(self, unit: BillingUnit, invoice: Invoice) -> None:
        """Takes an open invoice that nothing was paid of out of the books; it keeps its number.

        Raises InvoiceNotOpen, InvoiceBeingPaid, InvoiceHasPayments.
        """
        now = self._clock.now()
        invoice.void(now=now)
        await unit.invoices.save(invoice)
        await self._books.voided(unit, invoice, at=now)

    async def write_off(self, unit: BillingUnit, invoice: Invoice) -> None:
        """Gives up what is due of an open invoice. Raises InvoiceNotOpen, InvoiceBeingPaid."""
        now = self._clock.now()
        lost = invoice.write_off(now=now)
        await unit.invoices.save(invoice)
        await self._books.written_off(unit, invoice, lost, at=now)
