"""Invoices and credit notes as documents: what the printer is given, and the file that comes of it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from multiproduct.application.billing.invoice_document import (
    Brand,
    DocumentKind,
    DocumentLine,
    DocumentStatus,
    InvoiceDocument,
    Party,
    PaymentTerms,
    TaxSummary,
)
from multiproduct.application.billing.listing import is_visible
from multiproduct.application.billing.ports import BillingUnit, Wanted
from multiproduct.application.billing.printing_ports import InvoicePrinter
from multiproduct.application.billing.seller import SellingPolicy
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.billing import (
    CreditLine,
    CreditNote,
    Invoice,
    InvoiceLine,
    UnknownCreditNote,
    UnknownInvoice,
)
from multiproduct.domain.billing import Party as DomainParty
from multiproduct.domain.billing.permissions import INVOICES_READ
from multiproduct.domain.shared import Currency, Money

_PPM_OF_PERCENT = 10_000
_LATEST = 100


class Documents:
    """The same document gives the same file, so that it is made when it is asked for and kept nowhere."""

    def __init__(
        self,
        *,
        units: Units[BillingUnit],
        policy: SellingPolicy,
        printer: InvoicePrinter,
        brand: Brand,
    ) -> None:
        self._units = units
        self._policy = policy
        self._printer = printer
        self._brand = brand

    async def invoice_pdf(self, invoice_id: UUID, caller: Caller) -> bytes:
        """The PDF of an invoice in the customer's language: one's own, others' with `billing.invoice.read`.

        Raises UnknownInvoice, Unavailable, PrinterMissing.
        """
        if not caller.principal.is_system:
            caller.require_user()
        async with self._units.view(caller) as view:
            invoice = await view.invoices.find(invoice_id)
            if invoice is None or not is_visible(invoice.customer_id, caller, INVOICES_READ):
                raise UnknownInvoice
            order = await view.orders.find(invoice.order_id)
        return await self._printer.pdf(self.of_invoice(invoice, order_number=order.number if order else None))

    async def numbered_pdf(self, customer_id: UUID, number: str) -> bytes | None:
        """For mails to the customer: the PDF of the invoice of theirs that has this number, if it is among
        their last hundred. Raises Unavailable, NotConfigured."""
        async with self._units.view(SYSTEM) as view:
            found = await view.invoices.page(Wanted(customer_id=customer_id), after=None, limit=_LATEST)
            invoice = next((each for each in found if each.number == number), None)
            order = None if invoice is None else await view.orders.find(invoice.order_id)
        if invoice is None:
            return None
        return await self._printer.pdf(self.of_invoice(invoice, order_number=order.number if order else None))

    async def credit_note_pdf(self, credit_note_id: UUID, caller: Caller) -> bytes:
        """The PDF of a credit note, likewise. Raises UnknownCreditNote, Unavailable, PrinterMissing."""
        if not caller.principal.is_system:
            caller.require_user()
        async with self._units.view(caller) as view:
            note = await view.credit_notes.find(credit_note_id)
            invoice = None if note is None else await view.invoices.find(note.invoice_id)
        if note is None or invoice is None or not is_visible(note.customer_id, caller, INVOICES_READ):
            raise UnknownCreditNote
        return await self._printer.pdf(self.of_credit_note(note, invoice))

    def of_invoice(self, invoice: Invoice, *, order_number: str | None = None) -> InvoiceDocument:
        """What the document of an invoice says."""
        currency = invoice.currency
        issued_at = invoice.issued_at or invoice.created_at
        inclusive = any(line.tax.is_inclusive for line in invoice.lines)
        discount = sum(line.discount_minor for line in invoice.lines)
        before = sum(_shown_minor(line, inclusive=inclusive) + line.discount_minor for line in invoice.lines)
        return InvoiceDocument(
            kind=DocumentKind.INVOICE,
            number=invoice.number or "",
            status=DocumentStatus.OVERDUE if invoice.is_overdue else DocumentStatus(invoice.status.value),
            issued_on=issued_at.date(),
            due_on=invoice.due_at.date() if invoice.due_at else None,
            paid_on=invoice.paid_at.date() if invoice.paid_at else None,
            currency=currency,
            locale=invoice.locale,
            seller=printed_party(self._policy.seller(invoice.seller).party),
            customer=printed_party(invoice.customer),
            brand=self._brand,
            lines=tuple(_line(line, currency, inclusive=inclusive) for line in invoice.lines),
            subtotal=Money(before, currency),
            discount=Money(discount, currency) if discount else None,
            taxes=_taxes(invoice.lines, currency),
            prices_include_tax=inclusive,
            total=invoice.total,
            amount_paid=Money(invoice.paid_minor, currency) if invoice.paid_minor else None,
            amount_due=Money(invoice.due_minor, currency),
            order_number=order_number,
            notes=_notes(invoice),
            payment=self._payment(invoice) if invoice.due_minor else None,
        )

    def of_credit_note(self, note: CreditNote, invoice: Invoice) -> InvoiceDocument:
        """What the document of a credit note says."""
        currency = note.currency
        return InvoiceDocument(
            kind=DocumentKind.CREDIT_NOTE,
            number=note.number,
            status=DocumentStatus.ISSUED,
            issued_on=note.issued_at.date(),
            currency=currency,
            locale=invoice.locale,
            seller=printed_party(self._policy.seller(note.seller).party),
            customer=printed_party(invoice.customer),
            brand=self._brand,
            lines=tuple(
                DocumentLine(description=line.description, amount=Money(line.net_minor, currency))
                for line in note.lines
            ),
            subtotal=Money(note.net_minor, currency),
            taxes=_taxes(note.lines, currency),
            total=Money(note.total_minor, currency),
            amount_due=Money.zero(currency),
            corrects=invoice.number,
            notes=note.reason or None,
        )

    def _payment(self, invoice: Invoice) -> PaymentTerms:
        return PaymentTerms(reference=invoice.number, instructions=self._policy.instructions)


def printed_party(party: DomainParty) -> Party:
    """Somebody as documents have them, with the country below the address."""
    return Party(
        name=party.name,
        address=(*party.address, *((party.country,) if party.country else ())),
        tax_id=party.tax_id,
        email=party.email,
    )


def _shown_minor(line: InvoiceLine, *, inclusive: bool) -> int:
    return line.total_minor if inclusive else line.net_minor


def _line(line: InvoiceLine, currency: Currency, *, inclusive: bool) -> DocumentLine:
    return DocumentLine(
        description=line.description,
        amount=Money(_shown_minor(line, inclusive=inclusive), currency),
        quantity=Decimal(line.quantity),
        unit_price=Money(line.unit_minor, currency),
        discount=Money(line.discount_minor, currency) if line.discount_minor else None,
        tax_rate=_rate(line.tax.rate_ppm) if line.tax.name else None,
        detail=line.detail or None,
        period_start=_first_day(line.period_start),
        period_end=_last_day(line.period_end),
    )


def _first_day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _last_day(end: datetime | None) -> date | None:
    """The last day that a period which ends just before `end` has."""
    return None if end is None else (end - timedelta(microseconds=1)).date()


def _rate(rate_ppm: int) -> Decimal:
    return Decimal(rate_ppm) / _PPM_OF_PERCENT


def _taxes(
    lines: tuple[InvoiceLine, ...] | tuple[CreditLine, ...], currency: Currency
) -> tuple[TaxSummary, ...]:
    """All tax of one name and rate, in the order of the lines."""
    sums: dict[tuple[str, int], tuple[int, int]] = {}
    for line in lines:
        if isinstance(line, CreditLine):
            name, rate = line.tax_name, line.rate_ppm
        else:
            name, rate = line.tax.name, line.tax.rate_ppm
        if name:
            taxable, tax = sums.get((name, rate), (0, 0))
            sums[name, rate] = taxable + line.net_minor, tax + line.tax_minor
    return tuple(
        TaxSummary(name=name, rate=_rate(rate), taxable=Money(taxable, currency), tax=Money(tax, currency))
        for (name, rate), (taxable, tax) in sums.items()
    )


def _notes(invoice: Invoice) -> str | None:
    said = [invoice.notes] if invoice.notes else []
    if any(line.tax.is_reverse_charge for line in invoice.lines):
        # The words that article 226, point 11a, of Directive 2006/112/EC asks for.
        said.append("Reverse charge")
    return "\n".join(said) or None
