"""Issuing credit notes, as a step within the caller's unit: lines, number, ledger, refund."""

from collections.abc import Container
from uuid import UUID

from multiproduct.application.billing.books import Books
from multiproduct.application.billing.new_documents import NewCredit
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.seller import SellingPolicy
from multiproduct.application.payments.refunding import NewRefund, Refunding
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.billing import (
    CREDIT_NOTES,
    CreditNote,
    Invoice,
    InvoiceStatus,
    OrderStatus,
    RefundNotPossible,
    RefundTo,
    Series,
    UnknownInvoice,
    credit_lines,
    spread,
)
from multiproduct.domain.payments import Payment, Refund, Status
from multiproduct.domain.shared import FieldProblem, InvalidInput, Money, currency_mismatch

_OFF = frozenset({OrderStatus.CANCELLED, OrderStatus.EXPIRED})
PURPOSE = "billing.credit_note"
"""What refunds of credit notes are for."""


class Crediting:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(
        self, *, clock: Clock, ids: Ids, policy: SellingPolicy, books: Books, refunding: Refunding
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._policy = policy
        self._books = books
        self._refunding = refunding

    async def credit(self, unit: BillingUnit, new: NewCredit) -> CreditNote:
        """Issues a credit note. What is owed of the invoice is reduced first; what had been paid goes to the
        customer's funds, or from there back to the payments it came from, the latest first; what came by none
        stays there. RefundNotPossible where nothing came by one.

        Raises UnknownInvoice, InvoiceNotOpen, CreditTooLarge, RefundNotPossible, InvalidInput.
        """
        invoice = await unit.invoices.find(new.invoice_id)
        if invoice is None:
            raise UnknownInvoice
        was_written_off = invoice.status is InvoiceStatus.UNCOLLECTIBLE
        credited = await _credited_by_line(unit, invoice.id)
        lines = credit_lines(invoice, credited, _wanted(new, invoice, credited))
        now = self._clock.now()
        series = Series(seller=invoice.seller, name=CREDIT_NOTES, year=now.year)
        taken = await unit.invoice_numbers.take(series, at=now)
        note = CreditNote.issue(
            id=self._ids.next(),
            invoice=invoice,
            taken=taken,
            number=self._policy.number_format.text(taken),
            lines=lines,
            refund_to=new.refund_to,
            reason=new.reason,
        )
        # The version of the invoice decides who credits: whoever comes second sees what is left.
        await unit.invoices.save(invoice)
        await self._books.credited(unit, invoice, note, was_written_off=was_written_off, at=taken.issued_at)
        if note.back_minor and new.refund_to is RefundTo.PAYMENT_METHOD:
            await self._refund(unit, invoice, note)
        await unit.credit_notes.add(note)
        await self._end_order(unit, invoice, note)
        return note

    async def can_refund(self, unit: BillingUnit, invoice_id: UUID) -> bool:
        """Whether what was paid of an invoice, or any part of it, can go back the way it came."""
        invoice = await unit.invoices.find(invoice_id)
        shares = [] if invoice is None else await self._shares_of(unit, invoice)
        is_any = any(share > 0 for _, share in shares)
        return is_any and all(self._refunding.can_give_back(payment) for payment, _ in shares)

    async def _refund(self, unit: BillingUnit, invoice: Invoice, note: CreditNote) -> None:
        """As far as it came by payments; the rest stays in the customer's funds."""
        for payment, share in await self._shares_of(unit, invoice):
            part = min(note.back_minor - note.refund_minor, share)
            if part <= 0:
                continue
            await self._refunding.open(
                unit,
                NewRefund(
                    payment_id=payment.id,
                    amount=Money(part, note.currency),
                    reason=note.reason or note.number,
                    purpose=PURPOSE,
                    purpose_id=note.id,
                    requested_by=unit.caller.principal.user_id,
                ),
            )
            note.refund_minor += part
        if not note.refund_minor:
            raise RefundNotPossible

    @staticmethod
    async def _shares_of(unit: BillingUnit, invoice: Invoice) -> list[tuple[Payment, int]]:
        """What each payment gave to this invoice and did not give back yet, however much more it paid."""
        notes = {note.id for note in await unit.credit_notes.of_invoice(invoice.id)}
        found = []
        for settlement in await unit.settlements.of_invoice(invoice.id):
            came = sum(
                each.allocated_minor for each in settlement.allocations if each.invoice_id == invoice.id
            )
            payment = None
            if came and settlement.payment_id is not None:
                payment = await unit.payments.find(settlement.payment_id)
            if payment is not None:
                refunds = await unit.payment_refunds.of_payment(payment.id)
                left = came - sum(each.amount.minor for each in refunds if _is_of(each, notes))
                found.append((payment, min(left, payment.settled - payment.refunding)))
        return found

    async def _end_order(self, unit: BillingUnit, invoice: Invoice, note: CreditNote) -> None:
        order = await unit.orders.find(invoice.order_id)
        if order is None or invoice.status is not InvoiceStatus.PAID:
            return
        if order.status not in _OFF:
            # The note may be what left nothing to pay.
            order.complete(now=note.issued_at)
        if not invoice.creditable_minor:
            order.refund(now=note.issued_at)
        await unit.orders.save(order)


def _is_of(refund: Refund, notes: Container[UUID]) -> bool:
    """Whether it takes what was paid of the invoice of these credit notes, or took it."""
    is_theirs = refund.purpose == PURPOSE and refund.purpose_id in notes
    return is_theirs and (refund.status is Status.SUCCEEDED or not refund.is_over)


async def _credited_by_line(unit: BillingUnit, invoice_id: UUID) -> dict[UUID, int]:
    credited: dict[UUID, int] = {}
    for note in await unit.credit_notes.of_invoice(invoice_id):
        for line in note.lines:
            credited[line.line_id] = credited.get(line.line_id, 0) + line.total_minor
    return credited


def _wanted(new: NewCredit, invoice: Invoice, credited: dict[UUID, int]) -> dict[UUID, int] | None:
    amounts = [*(new.lines or {}).values(), *([new.amount] if new.amount else [])]
    for amount in amounts:
        if amount.currency != invoice.currency:
            given, expected = amount.currency.code, invoice.currency.code
            raise InvalidInput(currency_mismatch("amount.currency", given=given, expected=expected))
    if new.lines is not None and new.amount is not None:
        raise InvalidInput(FieldProblem("amount", "not_allowed"))
    if new.lines is not None:
        return {line_id: amount.minor for line_id, amount in new.lines.items()}
    return None if new.amount is None else spread(invoice, credited, new.amount.minor)
