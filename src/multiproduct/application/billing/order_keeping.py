"""Ordering and calling off, as people do it."""

from uuid import UUID

from multiproduct.application.billing.commands import PlaceOrder
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.listing import is_visible
from multiproduct.application.billing.new_documents import NewInvoice, NewOrder
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.ports import BillingUnit, Wanted
from multiproduct.application.billing.results import OrderView
from multiproduct.application.caller import Caller
from multiproduct.application.catalog import CouponRedeeming, PlanReading, Pricing
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import InvoiceStatus, NewLine, Order, Sold, Subject, UnknownOrder
from multiproduct.domain.billing.permissions import ORDERS_MANAGE
from multiproduct.domain.shared import Currency, FieldProblem, InvalidInput

_PLACE = "billing.orders.place"


class OrderKeeping:
    """Prices are the catalog's, never the caller's."""

    def __init__(
        self,
        *,
        units: Units[BillingUnit],
        clock: Clock,
        idempotency: Idempotency,
        ordering: Ordering,
        invoicing: Invoicing,
        plans: PlanReading,
        coupons: CouponRedeeming,
        default_currency: str,
    ) -> None:
        self._units = units
        self._clock = clock
        self._idempotency = idempotency
        self._ordering = ordering
        self._invoicing = invoicing
        self._plans = plans
        self._coupons = coupons
        self._default_currency = default_currency

    async def place(
        self, command: PlaceOrder, caller: Caller, *, idempotency_key: str | None = None
    ) -> OrderView:
        """Orders a plan, and issues its invoice. With a subscription, answers the order that waits for it,
        which the subscription's purchase made.

        Raises InvalidInput, UnknownOrder, UnknownPlan, NotForSale, NoPriceInCurrency and what coupons raise.
        """
        customer_id = caller.require_user()
        if command.subscription_id is None and command.plan is None:
            raise InvalidInput(FieldProblem("plan", "required"))
        now = self._clock.now()

        async def body(unit: BillingUnit) -> OrderView:
            async def once() -> OrderView:
                if command.subscription_id is not None:
                    return await self._waiting(unit, customer_id, command.subscription_id)
                return await self._place(unit, customer_id, command)

            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_PLACE,
                caller=caller,
                command=command,
                answer_type=OrderView,
                now=now,
                body=once,
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def cancel(self, order_id: UUID, caller: Caller) -> OrderView:
        """Calls off an unpaid order, one's own or with `billing.order.manage` anybody's. It is kept.

        Raises UnknownOrder, OrderNotCancellable, InvoiceBeingPaid, InvoiceHasPayments.
        """
        caller.require_user()

        async def body(unit: BillingUnit) -> OrderView:
            order = await unit.orders.find(order_id)
            if order is None or not is_visible(order.customer_id, caller, ORDERS_MANAGE):
                raise UnknownOrder
            cancelled = await self._ordering.cancel(unit, order_id)
            await unit.commit()
            return OrderView.of(cancelled)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _waiting(self, unit: BillingUnit, customer_id: UUID, subscription_id: UUID) -> OrderView:
        wanted = Wanted(customer_id=customer_id, subscription_id=subscription_id)
        for order in await unit.orders.page(wanted, after=None, limit=1):
            return await self._view(unit, order)
        raise UnknownOrder

    async def _place(self, unit: BillingUnit, customer_id: UUID, command: PlaceOrder) -> OrderView:
        assert command.plan is not None
        offering = await self._plans.plan(unit, command.plan)
        offering.require_on_sale()
        plan, now = offering.plan, self._clock.now()
        coupons = await self._coupons.named(unit, command.coupons) if command.coupons else ()
        currency = Currency(command.currency or self._default_currency)
        quote = Pricing.quote(plan, currency, command.quantity, now, coupons)
        discount = quote.subtotal - quote.total
        sold = Sold(offering.product.name, plan.name)
        line = NewLine(
            description=str(sold),
            sold=sold,
            unit_price=quote.price.amount,
            quantity=quote.quantity,
            amount=quote.subtotal,
            discount=discount if discount.minor else None,
            subject=Subject(kind="plan", id=plan.id),
            coupons=tuple(share.coupon_id for share in quote.coupons),
        )
        order = await self._ordering.place(
            unit,
            NewOrder(
                customer_id=customer_id,
                lines=(line,),
                plan_id=plan.id,
                payment_method=command.payment_method,
                notes=command.notes,
            ),
        )
        if coupons:
            await self._coupons.redeem(
                unit, coupons=coupons, person_id=customer_id, subject_id=order.id, now=now
            )
        await self._invoicing.issue(
            unit,
            NewInvoice(
                customer_id=customer_id,
                currency=currency,
                lines=order.lines,
                order_id=order.id,
                due_at=order.expires_at,
            ),
        )
        kept = await unit.orders.find(order.id)
        return await self._view(unit, kept or order)

    @staticmethod
    async def _view(unit: BillingUnit, order: Order) -> OrderView:
        invoice = await unit.invoices.of_order(order.id)
        counts = invoice is not None and invoice.status is not InvoiceStatus.VOID
        return OrderView.of(order, invoice_id=invoice.id if invoice is not None and counts else None)
