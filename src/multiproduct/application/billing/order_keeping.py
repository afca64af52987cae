"""Ordering and calling off, as people do it."""

from uuid import UUID

from multiproduct.application.billing.commands import PlaceOrder
from multiproduct.application.billing.listing import is_visible
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.ports import BillingUnit, Wanted
from multiproduct.application.billing.results import OrderView
from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import InvoiceStatus, Order, OrderNotCancellable, UnknownOrder
from multiproduct.domain.billing.permissions import ORDERS_MANAGE
from multiproduct.domain.shared import FieldProblem, InvalidInput

_PLACE = "billing.orders.place"


class OrderKeeping:
    """What is ordered is for the contexts that deliver it."""

    def __init__(
        self,
        *,
        units: Units[BillingUnit],
        clock: Clock,
        idempotency: Idempotency,
        ordering: Ordering,
    ) -> None:
        self._units = units
        self._clock = clock
        self._idempotency = idempotency
        self._ordering = ordering

    async def place(
        self, command: PlaceOrder, caller: Caller, *, idempotency_key: str | None = None
    ) -> OrderView:
        """Answers the order that waits for a subscription, which the subscription's purchase made. A plan by
        itself is ordered from subscriptions, which serve it when it is paid.

        Raises InvalidInput without a subscription, UnknownOrder.
        """
        customer_id = caller.require_user()
        subscription_id = command.subscription_id
        if subscription_id is None:
            raise InvalidInput(FieldProblem("subscription_id", "required"))
        now = self._clock.now()

        async def body(unit: BillingUnit) -> OrderView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_PLACE,
                caller=caller,
                command=command,
                answer_type=OrderView,
                now=now,
                body=lambda: self._waiting(unit, customer_id, subscription_id),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def cancel(self, order_id: UUID, caller: Caller) -> OrderView:
        """Calls off an unpaid order, one's own or with `billing.order.manage` anybody's. It is kept. What was
        had before it was asked for (usage) is owed: only who manages orders forgives it.

        Raises UnknownOrder, OrderNotCancellable, InvoiceBeingPaid, InvoiceHasPayments.
        """
        caller.require_user()

        async def body(unit: BillingUnit) -> OrderView:
            order = await unit.orders.find(order_id)
            if order is None or not is_visible(order.customer_id, caller, ORDERS_MANAGE):
                raise UnknownOrder
            if order.is_owed and not caller.principal.may(ORDERS_MANAGE):
                raise OrderNotCancellable(status=order.status.value)
            cancelled = await self._ordering.cancel(unit, order_id)
            await unit.commit()
            return OrderView.of(cancelled)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _waiting(self, unit: BillingUnit, customer_id: UUID, subscription_id: UUID) -> OrderView:
        wanted = Wanted(customer_id=customer_id, subscription_id=subscription_id)
        for order in await unit.orders.page(wanted, after=None, limit=1):
            return await self._view(unit, order)
        raise UnknownOrder

    @staticmethod
    async def _view(unit: BillingUnit, order: Order) -> OrderView:
        invoice = await unit.invoices.of_order(order.id)
        counts = invoice is not None and invoice.status is not InvoiceStatus.VOID
        return OrderView.of(order, invoice_id=invoice.id if invoice is not None and counts else None)
