"""Issuing, ending and crediting invoices, as staff does it."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from multiproduct.application.billing.commands import InvoiceLineInput, IssueCreditNote, IssueInvoice
from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.new_documents import NewCredit, NewInvoice
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.results import CreditNoteView, InvoiceView
from multiproduct.application.billing.voiding import Voiding
from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import Invoice, NewLine, RefundTo, UnknownInvoice
from multiproduct.domain.billing.permissions import CREDITS_CREATE, INVOICES_CREATE, INVOICES_VOID
from multiproduct.domain.shared import Currency, FieldProblem, InvalidInput, Money

Answer = TypeVar("Answer", bound=BaseModel)


class InvoiceKeeping:
    """Each needs its permission."""

    def __init__(
        self,
        *,
        units: Units[BillingUnit],
        clock: Clock,
        idempotency: Idempotency,
        invoicing: Invoicing,
        crediting: Crediting,
        voiding: Voiding,
    ) -> None:
        self._units = units
        self._clock = clock
        self._idempotency = idempotency
        self._invoicing = invoicing
        self._crediting = crediting
        self._voiding = voiding

    async def issue(
        self, command: IssueInvoice, caller: Caller, *, idempotency_key: str | None = None
    ) -> InvoiceView:
        """Issues an invoice. Needs `billing.invoice.create`. Raises InvalidInput, UnknownCustomer."""
        caller.require(INVOICES_CREATE)
        currency = Currency(command.currency)
        new = NewInvoice(
            customer_id=command.customer_id,
            currency=currency,
            lines=_lines(command, currency),
            due_at=command.due_at,
            notes=command.notes,
            metadata=command.metadata,
        )

        async def issue(unit: BillingUnit) -> InvoiceView:
            return InvoiceView.of(await self._invoicing.issue(unit, new))

        return await self._once(
            issue,
            activity="billing.invoices.issue",
            command=command,
            caller=caller,
            key=idempotency_key,
            answer_type=InvoiceView,
        )

    async def credit(
        self, command: IssueCreditNote, caller: Caller, *, idempotency_key: str | None = None
    ) -> CreditNoteView:
        """Issues a credit note. Needs `billing.credit_note.create`.

        Raises UnknownInvoice, InvoiceNotOpen, CreditTooLarge, RefundNotPossible, InvalidInput.
        """
        caller.require(CREDITS_CREATE)

        async def credit(unit: BillingUnit) -> CreditNoteView:
            invoice = await _required(unit, command.invoice_id)
            return CreditNoteView.of(await self._crediting.credit(unit, _credit(command, invoice.currency)))

        return await self._once(
            credit,
            activity="billing.invoices.credit",
            command=command,
            caller=caller,
            key=idempotency_key,
            answer_type=CreditNoteView,
        )

    async def void(self, invoice_id: UUID, caller: Caller) -> InvoiceView:
        """Ends an open invoice of which nothing was paid or is being paid. Needs `billing.invoice.void`.

        Raises UnknownInvoice, InvoiceNotOpen, InvoiceBeingPaid, InvoiceHasPayments.
        """
        return await self._end(invoice_id, caller, self._voiding.void)

    async def write_off(self, invoice_id: UUID, caller: Caller) -> InvoiceView:
        """Gives up what is due of an open invoice. Needs `billing.invoice.void`.

        Raises UnknownInvoice, InvoiceNotOpen, InvoiceBeingPaid.
        """
        return await self._end(invoice_id, caller, self._voiding.write_off)

    async def _end(
        self, invoice_id: UUID, caller: Caller, end: Callable[[BillingUnit, Invoice], Awaitable[None]]
    ) -> InvoiceView:
        caller.require(INVOICES_VOID)

        async def body(unit: BillingUnit) -> InvoiceView:
            invoice = await _required(unit, invoice_id)
            await end(unit, invoice)
            await unit.commit()
            return InvoiceView.of(invoice)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _once(
        self,
        make: Callable[[BillingUnit], Awaitable[Answer]],
        *,
        activity: str,
        command: BaseModel,
        caller: Caller,
        key: str | None,
        answer_type: type[Answer],
    ) -> Answer:
        async def body(unit: BillingUnit) -> Answer:
            answer = await self._idempotency.once(
                unit,
                key=key,
                activity=activity,
                caller=caller,
                command=command,
                answer_type=answer_type,
                now=self._clock.now(),
                body=lambda: make(unit),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)


async def _required(unit: BillingUnit, invoice_id: UUID) -> Invoice:
    invoice = await unit.invoices.find(invoice_id)
    if invoice is None:
        raise UnknownInvoice
    return invoice


def _lines(command: IssueInvoice, currency: Currency) -> tuple[NewLine, ...]:
    if command.lines:
        return tuple(_line(line, index, currency) for index, line in enumerate(command.lines))
    if command.amount is None:
        raise InvalidInput(FieldProblem("lines", "required"))
    amount = command.amount.money(field="amount", known=currency)
    return (NewLine(description=command.description or "-", unit_price=amount),)


def _line(line: InvoiceLineInput, index: int, currency: Currency) -> NewLine:
    field = f"lines.{index}"
    discount: Money | None = None
    if line.discount is not None:
        discount = line.discount.money(field=f"{field}.discount", known=currency)
    return NewLine(
        description=line.description,
        unit_price=line.unit_price.money(field=f"{field}.unit_price", known=currency),
        quantity=line.quantity,
        discount=discount,
        tax_class=line.tax_class,
        period_start=line.period_start,
        period_end=line.period_end,
    )


def _credit(command: IssueCreditNote, currency: Currency) -> NewCredit:
    lines = None
    if command.lines is not None:
        lines = {
            line.line_id: line.amount.money(field=f"lines.{index}.amount", known=currency)
            for index, line in enumerate(command.lines)
        }
    amount = None if command.amount is None else command.amount.money(field="amount", known=currency)
    return NewCredit(
        invoice_id=command.invoice_id,
        amount=amount,
        lines=lines,
        refund_to=RefundTo(command.refund_to),
        reason=command.reason,
    )
