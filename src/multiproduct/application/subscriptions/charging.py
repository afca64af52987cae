"""Charging for subscriptions: order, invoice, payment and what waits for it, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.application.billing.crediting import Crediting
from multiproduct.application.billing.invoicing import Invoicing
from multiproduct.application.billing.new_documents import NewCredit, NewInvoice, NewOrder
from multiproduct.application.billing.ordering import Ordering
from multiproduct.application.billing.settling import Settling
from multiproduct.application.ports.ids import Ids
from multiproduct.application.subscriptions.giving_back import GivingBack
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.billing import (
    Invoice,
    InvoiceBeingPaid,
    InvoiceHasPayments,
    InvoiceStatus,
    NewLine,
    Order,
    OrderNotCancellable,
    PeriodInvoiced,
    Settlement,
)
from multiproduct.domain.payments import UnknownPaymentMethod
from multiproduct.domain.subscriptions import (
    AlreadyRenewed,
    Awaited,
    Charge,
    ChargeKind,
    ChargeStatus,
    OpenInvoice,
    PaymentUnderWay,
    Subscription,
    Terms,
)

_Placed = tuple[Order, Invoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToCharge:
    """What one subscription is charged for. `minor` is before tax; `number` that of the period."""

    subscription: Subscription
    awaited: Awaited
    terms: Terms
    at: datetime
    minor: int
    number: int
    first_price: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paying:
    """By what it is paid. Without a gateway the invoice waits to be paid."""

    gateway: str | None = None
    method_id: UUID | None = None
    is_off_session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What was written. Without a settlement nothing is charged now."""

    order: Order
    invoice: Invoice
    settlement: Settlement | None

    @property
    def payment_id(self) -> UUID | None:
        """The payment to drive after the commit."""
        return self.settlement.payment_id if self.settlement else None


class Charging:
    """Steps: they take the caller's unit, and never commit. Subscriptions are for the caller to save."""

    def __init__(
        self,
        *,
        ids: Ids,
        ordering: Ordering,
        invoicing: Invoicing,
        settling: Settling,
        crediting: Crediting,
        giving_back: GivingBack,
    ) -> None:
        self._ids = ids
        self._ordering = ordering
        self._invoicing = invoicing
        self._settling = settling
        self._crediting = crediting
        self._giving_back = giving_back

    async def place(
        self,
        unit: SubscriptionsUnit,
        *,
        customer_id: UUID,
        lines: Sequence[NewLine],
        paying: Paying,
        lifetime: timedelta | None,
        charged: Sequence[ToCharge],
        order_id: UUID | None = None,
    ) -> Order:
        """The order, with an id under which usage was claimed. `lifetime` None is for as long as it takes."""
        only = charged[0] if len(charged) == 1 else None
        return await self._ordering.place(
            unit,
            NewOrder(
                customer_id=customer_id,
                lines=tuple(lines),
                plan_id=only.terms.plan_id if only else None,
                subscription_id=only.subscription.id if only else None,
                payment_method=paying.gateway or "",
                lifetime=lifetime,
                id=order_id,
            ),
        )

    async def charge(
        self,
        unit: SubscriptionsUnit,
        order: Order,
        *,
        charged: Sequence[ToCharge],
        paying: Paying,
        now: datetime,
    ) -> Opened:
        """Invoices an order, has the subscriptions wait for it, and opens its payment. An invoice of which
        nothing is due is paid at once, and so is one that the customer's funds cover.

        Raises AlreadyRenewed, PaymentUnderWay, UnknownGateway, UnknownPaymentMethod.
        """
        new = NewInvoice(
            customer_id=order.customer_id, currency=order.currency, lines=order.lines, order_id=order.id
        )
        try:
            invoice = await self._invoicing.issue(unit, new, placed=order)
        except PeriodInvoiced:
            # A rival invoiced the period after this unit had read the subscription.
            raise AlreadyRenewed from None
        for each in charged:
            await self._await(unit, each, order=order, invoice=invoice, now=now)
        settlement = None
        if paying.gateway is not None and invoice.due_minor > 0:
            settlement = await self.pay(unit, invoice.id, paying, placed=(order, invoice))
            for each in charged:
                each.subscription.charging(True, by_schedule=paying.is_off_session, now=now)
        return Opened(order=order, invoice=invoice, settlement=settlement)

    async def pay(
        self, unit: SubscriptionsUnit, invoice_id: UUID, paying: Paying, *, placed: _Placed | None = None
    ) -> Settlement:
        """Opens a payment of an open invoice; `placed` are its order and it, where the unit just wrote them.
        Raises InvoiceBeingPaid, InvoiceNotOpen, NothingToPay, UnknownGateway, UnknownPaymentMethod."""
        return await self._settling.begin(
            unit,
            invoice_ids=[invoice_id],
            gateway=paying.gateway or "",
            method_id=paying.method_id,
            is_off_session=paying.is_off_session,
            placed=placed,
        )

    async def call_off(self, unit: SubscriptionsUnit, order_id: UUID) -> None:
        """Ends an order that is not to be paid any more. Raises PaymentUnderWay where a payment of it is."""
        try:
            await self._ordering.cancel(unit, order_id)
        except (OrderNotCancellable, InvoiceBeingPaid):
            raise PaymentUnderWay from None
        except InvoiceHasPayments:
            # What was paid of it goes back to the customer's funds, as nothing comes of it.
            await self.forget(unit, order_id)
            invoice = await unit.invoices.of_order(order_id)
            if invoice is not None and invoice.status is InvoiceStatus.OPEN:
                await self._crediting.credit(unit, NewCredit(invoice_id=invoice.id, reason="called_off"))
        else:
            await self.forget(unit, order_id)

    async def forget(self, unit: SubscriptionsUnit, order_id: UUID) -> None:
        """Notes that what an order charged will not be paid, and that its usage is to be billed anew. What
        was billed for the last time, which is no charge, was forgiven by whoever called it off."""
        if await self._void_charges(unit, order_id):
            await unit.usage_events.unbill(order_id)

    async def is_waited_for_by_all(self, unit: SubscriptionsUnit, order_id: UUID) -> bool:
        """Whether all that an order charges for wait for it; true of one that charges for no subscription."""
        for charge in await unit.subscription_charges.of_order(order_id):
            if charge.status is not ChargeStatus.OPEN:
                continue
            found = await unit.subscriptions.find(charge.subscription_id)
            if found is None or found.awaiting is None or found.awaiting.order_id != order_id:
                return False
        return True

    async def stored(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> Paying:
        """The stored method, if it is still there: one that was deleted, or that its holder could not be
        charged by, is not charged; nor is any while its gateway is gone or charges nobody who is away."""
        if subscription.method_id is None or subscription.gateway is None:
            return Paying()
        method = await unit.payment_methods.find(subscription.method_id)
        chargeable = (subscription.user_id, subscription.gateway)
        if method is None or method.removed_at is not None or (method.user_id, method.gateway) != chargeable:
            subscription.set_payment_method(None, None, now=now)
            return Paying()
        if not self._settling.can_charge_off_session(subscription.gateway):
            return Paying()
        return Paying(gateway=subscription.gateway, method_id=subscription.method_id, is_off_session=True)

    @staticmethod
    async def require_method(unit: SubscriptionsUnit, user_id: UUID, paying: Paying) -> None:
        """Also where nothing is due now: it is kept for the renewals. Raises UnknownPaymentMethod."""
        if paying.method_id is None:
            return
        method = await unit.payment_methods.find(paying.method_id)
        is_theirs = method is not None and method.removed_at is None and method.user_id == user_id
        if method is None or not is_theirs or paying.gateway not in {None, method.gateway}:
            raise UnknownPaymentMethod(method=str(paying.method_id))

    @staticmethod
    async def _void_charges(unit: SubscriptionsUnit, order_id: UUID) -> int:
        charges = await unit.subscription_charges.of_order(order_id)
        for charge in charges:
            if charge.status is ChargeStatus.OPEN:
                await unit.subscription_charges.save(replace(charge, status=ChargeStatus.VOID))
        return len(charges)

    async def paid(self, unit: SubscriptionsUnit, order_id: UUID, invoice_id: UUID) -> Sequence[Charge]:
        """What an order charged that is paid now. One that had been called off is void still: its period may
        be billed by another charge meanwhile, and its usage is billed by another invoice."""
        found = await unit.subscription_charges.of_order(order_id)
        is_over = {ChargeStatus.PAID}
        if any(charge.status is ChargeStatus.VOID for charge in found):
            invoice = await unit.invoices.find(invoice_id)
            if invoice is not None and invoice.is_taken_back:
                # It counts as paid because all of it was credited: what had been called off stays so.
                is_over.add(ChargeStatus.VOID)
        charges = [replace(charge, invoice_id=invoice_id) for charge in found if charge.status not in is_over]
        for charge in charges:
            if charge.status is ChargeStatus.VOID:
                await self._giving_back.usage_of(unit, charge)
        return charges

    async def keep(self, unit: SubscriptionsUnit, charge: Charge) -> None:
        """Notes that a charge is paid, and for what it was meant."""
        await unit.subscription_charges.save(replace(charge, status=ChargeStatus.PAID))

    async def _await(
        self, unit: SubscriptionsUnit, each: ToCharge, *, order: Order, invoice: Invoice, now: datetime
    ) -> None:
        subscription = each.subscription
        subscription.await_payment(
            OpenInvoice(
                order_id=order.id,
                invoice_id=invoice.id,
                awaited=each.awaited,
                terms=each.terms,
                at=each.at,
                asked_at=now,
                first_price=each.first_price,
            ),
            now=now,
        )
        is_change = each.awaited is Awaited.CHANGE
        is_new = await unit.subscription_charges.add(
            Charge(
                id=self._ids.next(),
                subscription_id=subscription.id,
                number=each.number,
                kind=ChargeKind.CHANGE if is_change else ChargeKind.PERIOD,
                invoice_id=invoice.id,
                order_id=order.id,
                minor=each.minor,
                currency=subscription.currency,
                created_at=now,
                terms=each.terms,
            )
        )
        if not is_new:
            raise AlreadyRenewed
