"""Issuing invoices, as steps within the caller's unit: lines, tax, number, ledger, in one transaction."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.allocating import Allocating
from multiproduct.application.billing.books import Books
from multiproduct.application.billing.customers import Customers, Invoiced
from multiproduct.application.billing.line_naming import LineNaming
from multiproduct.application.billing.new_documents import NewInvoice, NewOrder
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.seller import SellingPolicy
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.billing import (
    INVOICES,
    Invoice,
    InvoiceLine,
    NewLine,
    Order,
    Series,
    Taxed,
    TaxSituation,
    tax_on,
    taxed,
)
from multiproduct.domain.billing.order import sum_of
from multiproduct.domain.shared import InvalidInput, NotFound, currency_mismatch


class Invoicing:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        policy: SellingPolicy,
        ordering: Ordering,
        customers: Customers,
        books: Books,
        allocating: Allocating,
        naming: LineNaming,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._policy = policy
        self._ordering = ordering
        self._customers = customers
        self._books = books
        self._allocating = allocating
        self._naming = naming

    async def preview(self, unit: BillingUnit, new: NewInvoice) -> Invoice:
        """The invoice that `issue` would make now, without a number, and nothing is written.

        Raises InvalidInput.
        """
        customer = await self._customers.invoiced(unit, new.customer_id)
        return await self._draft(unit, new, customer, order_id=new.order_id or self._ids.next())

    async def issue(self, unit: BillingUnit, new: NewInvoice, *, placed: Order | None = None) -> Invoice:
        """Issues an invoice: from here on it stands. One of zero is paid at once, and money that the customer
        has with us is taken for it. `placed` is the order that it is for, where the unit has it already.

        Raises InvalidInput, PeriodInvoiced, OrderInvoiced, UnknownOrder.
        """
        order = placed or await self._order(unit, new)
        customer = await self._customers.invoiced(unit, new.customer_id)
        invoice = await self._draft(unit, new, customer, order_id=order.id)
        await self._finalise(unit, invoice, due_at=new.due_at, term_days=customer.term_days)
        if invoice.due_minor and new.applies_funds:
            await self._allocating.apply_funds(unit, invoice)
        return invoice

    async def reissue(self, unit: BillingUnit, void: Invoice) -> Invoice:
        """Invoices an order again just as it was before: who pays late pays the tax that was asked for."""
        now = self._clock.now()
        invoice = Invoice(
            id=self._ids.next(),
            customer_id=void.customer_id,
            order_id=void.order_id,
            seller=void.seller,
            currency=void.currency,
            lines=tuple(replace(line, id=self._ids.next()) for line in void.lines),
            customer=void.customer,
            locale=void.locale,
            net_minor=void.net_minor,
            tax_minor=void.tax_minor,
            total_minor=void.total_minor,
            notes=void.notes,
            metadata=dict(void.metadata),
            created_at=now,
        )
        await self._finalise(unit, invoice, due_at=now, term_days=None)
        return invoice

    async def _finalise(
        self, unit: BillingUnit, invoice: Invoice, *, due_at: datetime | None, term_days: int | None
    ) -> None:
        now = self._clock.now()
        taken = await unit.invoice_numbers.take(
            Series(seller=invoice.seller, name=INVOICES, year=now.year), at=now
        )
        due_at = due_at or self._policy.terms.due_at(taken.issued_at, term_days=term_days)
        invoice.finalise(
            taken,
            self._policy.number_format.text(taken),
            due_at=max(due_at, taken.issued_at),
            reminders=self._policy.terms.reminders,
        )
        await unit.invoices.add(invoice)
        await self._books.issued(unit, invoice, at=taken.issued_at)
        if not invoice.due_minor:
            await self._allocating.complete_order(unit, invoice, now=taken.issued_at)

    async def _order(self, unit: BillingUnit, new: NewInvoice) -> Order:
        if new.order_id is not None:
            order = await unit.orders.find(new.order_id)
            if order is None or order.customer_id != new.customer_id:
                raise NotFound
            return order
        return await self._ordering.place(
            unit, NewOrder(customer_id=new.customer_id, lines=new.lines, notes=new.notes, lifetime=None)
        )

    async def _draft(
        self, unit: BillingUnit, new: NewInvoice, customer: Invoiced, *, order_id: UUID
    ) -> Invoice:
        asked = sum_of(new.lines).currency
        if asked != new.currency:
            raise InvalidInput(currency_mismatch("lines", given=asked.code, expected=new.currency.code))
        seller = self._policy.seller(new.seller)
        party = customer.party
        now = self._clock.now()
        situation = TaxSituation(
            seller_country=seller.party.country,
            customer_country=party.country,
            customer_region=party.region,
            has_valid_tax_id=party.tax_id is not None,
        )
        rules = await unit.tax_rules.of_country(situation.country, at=now) if situation.country else ()
        lines = taxed(
            new.lines,
            lambda line: tax_on(line.tax_class, rules, situation, at=now),
            self._policy.rounding,
        )
        called = await self._naming.in_language(unit, new.lines, customer.locale)
        detail = await self._naming.details(unit, new.lines, customer.locale)
        invoiced = tuple(
            self._line(position, each, called(each.line), detail(each.line))
            for position, each in enumerate(lines, start=1)
        )
        net, tax = sum(line.net_minor for line in invoiced), sum(line.tax_minor for line in invoiced)
        return Invoice(
            id=self._ids.next(),
            customer_id=new.customer_id,
            order_id=order_id,
            seller=seller.key,
            currency=new.currency,
            lines=invoiced,
            customer=party,
            locale=customer.locale,
            net_minor=net,
            tax_minor=tax,
            total_minor=net + tax,
            notes=new.notes,
            metadata=dict(new.metadata),
            created_at=now,
        )

    def _line(self, position: int, each: Taxed, description: str, detail: str) -> InvoiceLine:
        line: NewLine = each.line
        return InvoiceLine(
            id=self._ids.next(),
            position=position,
            description=description,
            detail=detail,
            quantity=line.quantity,
            unit_minor=line.unit_price.minor,
            discount_minor=line.discount.minor if line.discount else 0,
            net_minor=each.net_minor,
            tax_minor=each.tax_minor,
            tax_class=line.tax_class,
            tax=each.tax,
            period_start=line.period_start,
            period_end=line.period_end,
            subject=line.subject,
            covers_period=line.covers_period,
        )
