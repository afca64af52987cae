"""What became of payments: money is given to invoices, or they are let go, in the commit that tells of it."""

from uuid import UUID

from multiproduct.application.billing.allocating import Allocating
from multiproduct.application.billing.books import Books
from multiproduct.application.billing.crediting import PURPOSE as OF_CREDIT_NOTE
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.new_documents import NewInvoice
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.settling import PURPOSE as OF_TRANSACTION
from multiproduct.application.billing.settling import Settling
from multiproduct.application.payments.refunding import NewRefund, Refunding
from multiproduct.application.ports.clock import Clock
from multiproduct.application.reactions import ReactionTable
from multiproduct.domain.billing import Invoice, InvoiceStatus, MovementKind, Order, OrderStatus, Settlement
from multiproduct.domain.billing.order import UNPAID
from multiproduct.domain.payments import (
    GatewayCannot,
    PaymentCancelled,
    PaymentDeclined,
    PaymentExpired,
    PaymentSettled,
    RefundDeclined,
    RefundSettled,
)
from multiproduct.domain.shared import Currency, Money

OF_ORDER = "billing.order"
"""Payments that name an order, before there is an invoice: they get one when money comes."""
OF_LATE_MONEY = "billing.late_money"
_OURS = frozenset({OF_TRANSACTION, OF_ORDER})


class PaymentOutcomes:
    """Joining reactions: they run inside the commit of what they hear of."""

    def __init__(
        self,
        *,
        clock: Clock,
        ordering: Ordering,
        settling: Settling,
        invoicing: Invoicing,
        allocating: Allocating,
        books: Books,
        refunding: Refunding,
    ) -> None:
        self._clock = clock
        self._ordering = ordering
        self._settling = settling
        self._invoicing = invoicing
        self._allocating = allocating
        self._books = books
        self._refunding = refunding

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.join(PaymentSettled, self.settled)
        table.join(PaymentDeclined, self.declined)
        table.join(PaymentCancelled, self.given_up)
        table.join(PaymentExpired, self.given_up)
        table.join(RefundSettled, self.refunded)
        table.join(RefundDeclined, self.refund_declined)

    async def settled(self, unit: BillingUnit, event: PaymentSettled) -> None:
        """Gives what came to the invoices. What is too much stays with the customer; what came too late has
        the order count again if it had expired, and goes back if it was cancelled."""
        if event.purpose not in _OURS:
            return
        amount = Money(event.minor, Currency(event.currency))
        settlement = None
        if event.purpose == OF_TRANSACTION:
            settlement = await unit.settlements.find(event.purpose_id)
        await self._books.moved(
            unit,
            customer_id=event.payer_id,
            amount=-amount,
            kind=MovementKind.PAYMENT,
            document_id=event.payment_id,
            reference=settlement.reference if settlement else event.gateway,
            at=self._clock.now(),
        )
        if event.purpose == OF_ORDER:
            await self._of_order(unit, event.purpose_id, event.minor, event.payment_id)
        elif settlement is not None:
            left = await self._settling.settle(unit, settlement, event.minor, event.payment_id)
            await self._late(unit, settlement, left, event.payment_id)

    async def declined(self, unit: BillingUnit, event: PaymentDeclined) -> None:
        """Lets the invoices go: another payment of them may be begun."""
        settlement = await self._settlement(unit, event)
        if settlement is not None:
            await self._settling.fail(unit, settlement, event.code, event.payment_id)
            await self._leave_void(unit, settlement)

    async def given_up(self, unit: BillingUnit, event: PaymentCancelled | PaymentExpired) -> None:
        """Likewise, without it having failed."""
        settlement = await self._settlement(unit, event)
        if settlement is not None:
            await self._settling.cancel(unit, settlement)
            await self._leave_void(unit, settlement)

    async def refunded(self, unit: BillingUnit, event: RefundSettled) -> None:
        """Notes that money is with the customer again, whoever asked for it."""
        payment = await unit.payments.find(event.payment_id)
        if payment is None or payment.purpose not in _OURS:
            return
        reference = event.gateway
        if event.purpose == OF_CREDIT_NOTE:
            note = await unit.credit_notes.find(event.purpose_id)
            if note is not None:
                note.refunded_minor += event.minor
                reference = note.number
                await unit.credit_notes.save(note)
        await self._books.moved(
            unit,
            customer_id=event.payer_id,
            amount=Money(event.minor, Currency(event.currency)),
            kind=MovementKind.REFUND,
            document_id=event.refund_id,
            reference=reference,
            at=self._clock.now(),
        )

    async def refund_declined(self, unit: BillingUnit, event: RefundDeclined) -> None:
        """What cannot go back to the payment method stays in the customer's funds."""
        if event.purpose != OF_CREDIT_NOTE:
            return
        note = await unit.credit_notes.find(event.purpose_id)
        if note is not None:
            note.refund_minor -= event.minor
            await unit.credit_notes.save(note)

    @staticmethod
    async def _settlement(
        unit: BillingUnit, event: PaymentDeclined | PaymentCancelled | PaymentExpired
    ) -> Settlement | None:
        if event.purpose != OF_TRANSACTION:
            return None
        return await unit.settlements.find(event.purpose_id)

    async def _leave_void(self, unit: BillingUnit, settlement: Settlement) -> None:
        """Calls off what was being paid when its invoice was voided: it waits for nothing."""
        for invoice in await unit.invoices.find_many([each.invoice_id for each in settlement.allocations]):
            order = None
            if invoice.status is InvoiceStatus.VOID:
                order = await unit.orders.find(invoice.order_id)
            if order is not None and order.status in UNPAID:
                await self._ordering.cancel(unit, order.id)

    async def _late(self, unit: BillingUnit, settlement: Settlement, left: int, payment_id: UUID) -> None:
        """What came for invoices that were void by then."""
        for allocation in settlement.allocations:
            if left <= 0:
                return
            invoice = await unit.invoices.find(allocation.invoice_id)
            if invoice is None or invoice.status is not InvoiceStatus.VOID:
                continue
            left -= await self._too_late(unit, invoice, min(left, allocation.asked_minor), payment_id)

    async def _too_late(self, unit: BillingUnit, invoice: Invoice, minor: int, payment_id: UUID) -> int:
        order = await unit.orders.find(invoice.order_id)
        if order is None:
            return 0
        if order.status is OrderStatus.EXPIRED:
            return await self._revive(unit, order, minor, payment_id)
        if order.status is OrderStatus.PROCESSING:
            await self._ordering.abandon(unit, order)
        if order.status is OrderStatus.CANCELLED:
            return await self._give_back(unit, order, minor, payment_id)
        return 0

    async def _revive(self, unit: BillingUnit, order: Order, minor: int, payment_id: UUID) -> int:
        """Money that is not enough, as a coupon was used up meanwhile or less came than was asked for, goes
        back; so does what another invoice was issued for meanwhile."""
        void = await unit.invoices.of_order(order.id)
        if (
            void is None
            or void.status is not InvoiceStatus.VOID
            or minor < void.total_minor
            or await _is_covered(unit, order)
            or not await self._ordering.revive(unit, order)
        ):
            return await self._give_back(unit, order, minor, payment_id)
        invoice = await self._invoicing.reissue(unit, void)
        return await self._allocating.allocate(
            unit, invoice, min(minor, invoice.due_minor), payment_id=payment_id
        )

    async def _give_back(self, unit: BillingUnit, order: Order, minor: int, payment_id: UUID) -> int:
        """Through the same payment; where its gateway cannot, the money stays in the customer's funds."""
        amount = Money(minor, order.currency)
        try:
            await self._refunding.open(
                unit,
                NewRefund(
                    payment_id=payment_id,
                    amount=amount,
                    reason=order.number,
                    purpose=OF_LATE_MONEY,
                    purpose_id=order.id,
                ),
            )
        except GatewayCannot:
            return 0
        order.return_late_money(payment_id=payment_id, amount=amount, now=self._clock.now())
        await unit.orders.save(order)
        return minor

    async def _of_order(self, unit: BillingUnit, order_id: UUID, minor: int, payment_id: UUID) -> None:
        order = await unit.orders.find(order_id)
        if order is None:
            return
        if order.status is OrderStatus.CANCELLED:
            await self._give_back(unit, order, minor, payment_id)
            return
        if order.status is OrderStatus.EXPIRED:
            await self._revive(unit, order, minor, payment_id)
            return
        invoice = await unit.invoices.of_order(order_id)
        if invoice is None:
            invoice = await self._invoicing.issue(
                unit,
                NewInvoice(
                    customer_id=order.customer_id,
                    currency=order.currency,
                    lines=order.lines,
                    order_id=order.id,
                    applies_funds=False,
                ),
            )
        await self._allocating.allocate(unit, invoice, min(minor, invoice.due_minor), payment_id=payment_id)


async def _is_covered(unit: BillingUnit, order: Order) -> bool:
    """Whether another order has been invoiced for one of its periods."""
    covering = [line for line in order.lines if line.covers_period]
    return any(
        [
            await unit.invoices.is_covered(line.subject, line.period_start)
            for line in covering
            if line.subject is not None and line.period_start is not None
        ]
    )
