"""Placing orders and calling them off, as steps within the caller's unit."""

from uuid import UUID

from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.new_documents import NewCredit, NewOrder
from multiproduct.application.billing.ports import BillingUnit
from multiproduct.application.billing.voiding import Voiding
from multiproduct.application.catalog import CouponRedeeming
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.billing import (
    Invoice,
    InvoiceBeingPaid,
    InvoiceHasPayments,
    InvoiceStatus,
    Order,
    UnknownOrder,
)
from multiproduct.domain.billing.order import UNPAID


class Ordering:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(
        self, *, clock: Clock, ids: Ids, voiding: Voiding, crediting: Crediting, coupons: CouponRedeeming
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._voiding = voiding
        self._crediting = crediting
        self._coupons = coupons

    async def place(self, unit: BillingUnit, new: NewOrder) -> Order:
        """Places an order. Raises InvalidInput."""
        now = self._clock.now()
        order = Order.place(
            id=new.id or self._ids.next(),
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

        Raises UnknownOrder, OrderNotCancellable, InvoiceBeingPaid, InvoiceHasPayments.
        """
        order, now = await required_order(unit, order_id), self._clock.now()
        invoice = await unit.invoices.of_order(order_id)
        if order.status in UNPAID and invoice is not None and invoice.settlement_id is not None:
            raise InvoiceBeingPaid
        if (_is_left_behind(invoice) and order.abandon(now=now)) or order.cancel(now=now):
            await unit.orders.save(order)
            await self._end_invoice(unit, order, invoice)
        return order

    async def abandon(self, unit: BillingUnit, order: Order) -> None:
        """Ends an order that was being paid when its invoice was voided."""
        if order.abandon(now=self._clock.now()):
            await unit.orders.save(order)
            await self._coupons.give_back(unit, subject_id=order.id, now=self._clock.now())

    async def expire(self, unit: BillingUnit, order_id: UUID) -> bool:
        """Ends an order whose time is over, with its invoice; false where it is not over. What was paid of
        it is credited to the customer's funds, as a part pays for nothing."""
        order = await unit.orders.find(order_id)
        invoice = None if order is None else await unit.invoices.of_order(order_id)
        if invoice is not None and invoice.settlement_id is not None:
            return False
        if order is None or not order.expire(now=self._clock.now()):
            return False
        await unit.orders.save(order)
        try:
            await self._end_invoice(unit, order, invoice)
        except InvoiceHasPayments:
            if invoice is not None:
                await self._crediting.credit(unit, NewCredit(invoice_id=invoice.id, reason="expired"))
        return True

    async def revive(self, unit: BillingUnit, order: Order) -> bool:
        """Has an order that expired count again, with the coupons that were redeemed for it; false, and it
        stays expired, where one of them cannot be redeemed any more."""
        now = self._clock.now()
        coupons = list(dict.fromkeys(each for line in order.lines for each in line.coupons))
        if coupons and not await self._coupons.redeem_again(
            unit, coupon_ids=coupons, person_id=order.customer_id, subject_id=order.id, now=now
        ):
            return False
        order.revive(now=now)
        await unit.orders.save(order)
        return True

    async def _end_invoice(self, unit: BillingUnit, order: Order, invoice: Invoice | None) -> None:
        """Voids the open invoice of an order that is off, and gives back what coupons were redeemed for it.

        Raises InvoiceHasPayments.
        """
        await self._coupons.give_back(unit, subject_id=order.id, now=self._clock.now())
        if invoice is not None and invoice.status is InvoiceStatus.OPEN:
            await self._voiding.void(unit, invoice)


def _is_left_behind(invoice: Invoice | None) -> bool:
    """Whether an order that is being paid waits for an invoice that was voided, and no payment is under way
    any more."""
    return invoice is not None and invoice.status is InvoiceStatus.VOID and invoice.settlement_id is None


async def required_order(unit: BillingUnit, order_id: UUID) -> Order:
    """Raises UnknownOrder."""
    order = await unit.orders.find(order_id)
    if order is None:
        raise UnknownOrder
    return order
