"""Orders of plans as they are placed by themselves: they end in a subscription, as every purchase does."""

from uuid import UUID

from multiproduct.application.billing.commands import PlaceOrder
from multiproduct.application.billing.results import OrderView
from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.commands import Purchase, PurchaseItem
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.purchasing import Purchasing
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import InvoiceStatus, UnknownOrder
from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.domain.subscriptions.terms import MAX_QUANTITY

_PLACE = "subscriptions.orders.place"


class PlanOrders:
    """The steps are those of a purchase whose invoice waits to be paid."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        purchasing: Purchasing,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._purchasing = purchasing
        self._idempotency = idempotency

    async def place(
        self, command: PlaceOrder, caller: Caller, *, idempotency_key: str | None = None
    ) -> OrderView:
        """Orders a plan: its subscription is pending until the invoice is paid. Asked again, it answers the
        same order.

        Raises Unauthenticated, InvalidInput, UnknownPlan, AmbiguousPlan, NotForSale, NoPriceInCurrency,
        UnknownCoupon, CouponNotApplicable, CouponUsedUp, AlreadySubscribed, PaymentUnderWay,
        IdempotencyMismatch, IdempotencyUnfinished.
        """
        user_id = caller.require_user()
        purchase = _purchase(command)
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> OrderView:
            answer = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_PLACE,
                caller=caller,
                command=command,
                answer_type=OrderView,
                now=now,
                body=lambda: self._placed(unit, command, purchase, user_id),
            )
            await unit.commit()
            return answer

        return await in_unit(lambda: self._units.open(caller), body)

    async def _placed(
        self, unit: SubscriptionsUnit, command: PlaceOrder, purchase: Purchase, user_id: UUID
    ) -> OrderView:
        now = self._clock.now()
        checkout = await self._purchasing.order(unit, purchase, user_id, now)
        order = None if checkout.order_id is None else await unit.orders.find(checkout.order_id)
        if order is None:
            raise UnknownOrder
        if command.notes or command.payment_method:
            order.annotate(notes=command.notes, payment_method=command.payment_method, now=now)
            await unit.orders.save(order)
        invoice = await unit.invoices.of_order(order.id)
        counts = invoice is not None and invoice.status is not InvoiceStatus.VOID
        return OrderView.of(order, invoice_id=invoice.id if invoice is not None and counts else None)


def _purchase(command: PlaceOrder) -> Purchase:
    if command.plan is None:
        raise InvalidInput(FieldProblem("plan", "required"))
    if command.quantity > MAX_QUANTITY:
        raise InvalidInput(FieldProblem("quantity", "out_of_range"))
    return Purchase(
        items=[PurchaseItem(plan=command.plan, quantity=command.quantity)],
        currency=command.currency,
        coupons=list(command.coupons),
    )
