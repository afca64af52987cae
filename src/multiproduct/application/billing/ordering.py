"""Placing orders and calling them off, as steps within the caller's unit."""

from uuid import UUID

from multiproduct.application.billing.new_documents import NewOrder
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.voiding import Voiding
from multiproduct.application.catalog import CouponRedeeming
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.billing import Invoice, InvoiceStatus, Order, UnknownOrder


class Ordering:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, clock: Clock, ids: Ids, voiding: Voiding, coupons: CouponRedeeming) -> None:
        self._clock = clock
        self._ids = ids
        self._voiding = voiding
        self._coupons = coupons

    async def place(self, unit: BillingUnit, new: NewOrder) -> Order:
        """Places an order. Raises InvalidInput."""
        now = self._clock.now()
        order = Order.place(
            id=self._ids.next(),
            customer_id=new.customer_id,
            lines=new.lines,
            now=now,
            expires_at=None if new.lifetime is None else now + new.lifetime,
            plan_id=new.plan_id,
            subscription_id=new.subscription_id,
            payment_method=new.payment_method,
            ip=unit.caller.ip,
            notes=new.notes,
        )
        await unit.orders.add(order)
        return order

    async def cancel(self, unit: BillingUnit, order_id: UUID) -> Order:
        """Calls an unpaid order off, with its invoice. Nothing for one that is off.

        Raises UnknownOrder, OrderNotCancellable, InvoiceHasPayments.
        """
        order = await required_order(unit, order_id)
        if order.cancel(now=self._clock.now()):
            await unit.orders.save(order)
            await self.end_invoice(unit, order)
        return order

    async def expire(self, unit: BillingUnit, order_id: UUID) -> bool:
        """Ends an order whose time is over, with its invoice; false where it is not over."""
        order = await unit.orders.find(order_id)
        invoice = None if order is None else await unit.invoices.of_order(order_id)
        if order is None or not _may_end(invoice) or not order.expire(now=self._clock.now()):
            return False
        await unit.orders.save(order)
        await self.end_invoice(unit, order)
        return True

    async def end_invoice(self, unit: BillingUnit, order: Order) -> None:
        """Voids the open invoice of an order that is off, and gives back what coupons were redeemed for it.

        Raises InvoiceHasPayments.
        """
        await self._coupons.give_back(unit, subject_id=order.id, now=self._clock.now())
        invoice = await unit.invoices.of_order(order.id)
        if invoice is not None and invoice.status is InvoiceStatus.OPEN:
            await self._voiding.void(unit, invoice)


def _may_end(invoice: Invoice | None) -> bool:
    """An order of which something was paid waits for the rest."""
    return invoice is None or not (invoice.paid_minor or invoice.credited_minor)


async def required_order(unit: BillingUnit, order_id: UUID) -> Order:
    """Raises UnknownOrder."""
    order = await unit.orders.find(order_id)
    if order is None:
        raise UnknownOrder
    return order
