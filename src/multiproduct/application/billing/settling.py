"""Settling: one payment for one or several invoices of a customer, from its beginning to what came of it."""

from collections.abc import Sequence
from uuid import UUID

from multiproduct.application.billing.allocating import Allocating
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.payments.opening import NewPayment, PaymentOpening
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.billing import (
    Allocation,
    Invoice,
    InvoiceBeingPaid,
    InvoiceNotOpen,
    InvoicesDiffer,
    NothingToPay,
    Order,
    Settlement,
    UnknownInvoice,
)
from multiproduct.domain.billing.invoice import OWED
from multiproduct.domain.billing.settlement import MAX_INVOICES
from multiproduct.domain.shared import FieldProblem, InvalidInput

PURPOSE = "billing.transaction"
"""What payments of settlements are for."""


class Settling:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, clock: Clock, ids: Ids, opening: PaymentOpening, allocating: Allocating) -> None:
        self._clock = clock
        self._ids = ids
        self._opening = opening
        self._allocating = allocating

    async def begin(
        self,
        unit: BillingUnit,
        *,
        invoice_ids: Sequence[UUID],
        gateway: str,
        method_id: UUID | None = None,
        is_off_session: bool = False,
        placed: tuple[Order, Invoice] | None = None,
    ) -> Settlement:
        """Opens the payment of what is due of these invoices. While it is under way no other one is begun for
        any of them. `settlement.payment_id` is what `PaymentDriving.drive` takes after the commit. `placed`
        is their only one and its order, where the unit has just written them.

        Raises UnknownInvoice, InvoicesDiffer, InvoiceNotOpen, InvoiceBeingPaid, NothingToPay, and what
        PaymentOpening.open raises.
        """
        settlement_id, now = self._ids.next(), self._clock.now()
        invoices = await _taken(unit, invoice_ids, settlement_id, placed)
        settlement = Settlement.begin(
            id=settlement_id,
            customer_id=invoices[0].customer_id,
            currency=invoices[0].currency,
            allocations=tuple(
                Allocation(invoice_id=each.id, asked_minor=each.due_minor) for each in invoices
            ),
            gateway=gateway,
            now=now,
        )
        if settlement.minor <= 0:
            raise NothingToPay
        payment = await self._opening.open(
            unit,
            NewPayment(
                payer_id=settlement.customer_id,
                amount=settlement.amount,
                purpose=PURPOSE,
                purpose_id=settlement_id,
                gateway=gateway,
                method_id=method_id,
                is_off_session=is_off_session,
            ),
        )
        settlement.payment_id = payment.id
        await unit.settlements.add(settlement)
        for invoice in invoices:
            order = placed[0] if placed is not None else await unit.orders.find(invoice.order_id)
            if order is not None:
                order.begin_payment(gateway=gateway, reference=settlement.reference, now=now)
                await unit.orders.save(order)
        return settlement

    def can_charge_off_session(self, gateway: str) -> bool:
        """Whether a gateway is set up that charges who is not there."""
        return self._opening.can_charge_off_session(gateway)

    async def settle(self, unit: BillingUnit, settlement: Settlement, minor: int, payment_id: UUID) -> int:
        """Gives what came to the invoices, in their order, as far as something is due of them. Answers how
        much stays with the customer."""
        now = self._clock.now()
        left, allocated = minor, dict[UUID, int]()
        for invoice in await self._released(unit, settlement):
            share = await self._allocating.allocate(
                unit,
                invoice,
                min(left, invoice.due_minor),
                settlement_id=settlement.id,
                payment_id=payment_id,
            )
            if not share:
                await unit.invoices.save(invoice)
            if invoice.due_minor:
                await self._release(unit, invoice)
            allocated[invoice.id] = share
            left -= share
        settlement.settle(minor, allocated, now=now)
        await unit.settlements.save(settlement)
        return left

    async def fail(self, unit: BillingUnit, settlement: Settlement, reason: str, payment_id: UUID) -> None:
        """Lets the invoices go, and tells that they were not paid."""
        now = self._clock.now()
        if not settlement.fail(reason, now=now):
            return
        await unit.settlements.save(settlement)
        for invoice in await self._released(unit, settlement):
            if invoice.status in OWED:
                invoice.fail_payment(
                    settlement_id=settlement.id, payment_id=payment_id, reason=reason, now=now
                )
            await unit.invoices.save(invoice)
            order = await unit.orders.find(invoice.order_id)
            if order is not None:
                order.fail_payment(now=now)
                await unit.orders.save(order)

    async def cancel(self, unit: BillingUnit, settlement: Settlement) -> None:
        """Lets the invoices go, as the payer gave up or let the deadline pass: they can be paid anew."""
        now = self._clock.now()
        if not settlement.cancel(now=now):
            return
        await unit.settlements.save(settlement)
        for invoice in await self._released(unit, settlement):
            await unit.invoices.save(invoice)
            await self._release(unit, invoice)

    async def _release(self, unit: BillingUnit, invoice: Invoice) -> None:
        """Its order waits to be paid again, be it for the rest."""
        order = await unit.orders.find(invoice.order_id)
        if order is not None:
            order.release(now=self._clock.now())
            await unit.orders.save(order)

    @staticmethod
    async def _released(unit: BillingUnit, settlement: Settlement) -> list[Invoice]:
        ids = [each.invoice_id for each in settlement.allocations]
        invoices = list(await unit.invoices.find_many(ids))
        for invoice in invoices:
            if invoice.settlement_id == settlement.id:
                invoice.settlement_id = None
        return invoices


async def _taken(
    unit: BillingUnit,
    invoice_ids: Sequence[UUID],
    settlement_id: UUID,
    placed: tuple[Order, Invoice] | None,
) -> list[Invoice]:
    """The invoices, held by this settlement: nobody else changes what is due of them."""
    ids = list(dict.fromkeys(invoice_ids))
    if not 1 <= len(ids) <= MAX_INVOICES:
        raise InvalidInput(FieldProblem("invoice_ids", "out_of_range", (("min", 1), ("max", MAX_INVOICES))))
    taken = await unit.invoices.take(ids, settlement_id)
    if placed is not None and taken:
        # It is as this unit wrote it, but for what taking changed.
        _, issued = placed
        issued.settlement_id = settlement_id
        issued.version += 1
        invoices = [issued]
    else:
        invoices = list(await unit.invoices.find_many(ids))
    _require_together(invoices, len(ids))
    if taken != len(ids):
        raise InvoiceBeingPaid
    return invoices


def _require_together(invoices: Sequence[Invoice], count: int) -> None:
    """Raises UnknownInvoice, InvoicesDiffer, InvoiceNotOpen."""
    if len(invoices) != count:
        raise UnknownInvoice
    if len({(each.customer_id, each.currency) for each in invoices}) != 1:
        raise InvoicesDiffer
    for each in invoices:
        if each.status not in OWED:
            raise InvoiceNotOpen(status=each.status.value)
