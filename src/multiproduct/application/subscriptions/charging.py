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
from multiproduct.application.billing.voiding import Voiding
from multiproduct.application.ports.ids import Ids
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.billing import (
    Invoice,
    InvoiceHasPayments,
    InvoiceStatus,
    NewLine,
    Order,
    OrderNotCancellable,
    RefundTo,
    Settlement,
)
from multiproduct.domain.shared import Currency, Money
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
    spread,
)

_MOST_CHARGES = 200
"""That a credit looks back on."""


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
        voiding: Voiding,
    ) -> None:
        self._ids = ids
        self._ordering = ordering
        self._invoicing = invoicing
        self._settling = settling
        self._crediting = crediting
        self._voiding = voiding

    async def place(
        self,
        unit: SubscriptionsUnit,
        *,
        customer_id: UUID,
        lines: Sequence[NewLine],
        paying: Paying,
        lifetime: timedelta | None,
        charged: Sequence[ToCharge],
    ) -> Order:
        """The order. `lifetime` is how long it waits for its payment, None as long as it takes."""
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

        Raises PeriodInvoiced, AlreadyRenewed, PaymentUnderWay, UnknownGateway, UnknownPaymentMethod.
        """
        invoice = await self._invoicing.issue(
            unit,
            NewInvoice(
                customer_id=order.customer_id, currency=order.currency, lines=order.lines, order_id=order.id
            ),
        )
        for each in charged:
            await self._await(unit, each, order=order, invoice=invoice, now=now)
        settlement = None
        if paying.gateway is not None and invoice.due_minor > 0:
            settlement = await self.pay(unit, invoice.id, paying)
            for each in charged:
                each.subscription.charging(True, now=now)
        return Opened(order=order, invoice=invoice, settlement=settlement)

    async def pay(self, unit: SubscriptionsUnit, invoice_id: UUID, paying: Paying) -> Settlement:
        """Opens a payment of an open invoice. Raises InvoiceBeingPaid, InvoiceNotOpen, NothingToPay,
        UnknownGateway, UnknownPaymentMethod."""
        return await self._settling.begin(
            unit,
            invoice_ids=[invoice_id],
            gateway=paying.gateway or "",
            method_id=paying.method_id,
            is_off_session=paying.is_off_session,
        )

    async def call_off(self, unit: SubscriptionsUnit, order_id: UUID) -> None:
        """Ends an order that is not to be paid any more. Raises PaymentUnderWay where a payment of it is."""
        try:
            await self._ordering.cancel(unit, order_id)
        except OrderNotCancellable:
            raise PaymentUnderWay from None
        except InvoiceHasPayments:
            invoice = await unit.invoices.of_order(order_id)
            if invoice is not None and invoice.status is InvoiceStatus.OPEN:
                await self._voiding.write_off(unit, invoice)
        await self.forget(unit, order_id)

    async def forget(self, unit: SubscriptionsUnit, order_id: UUID) -> None:
        """Notes that what an order charged will not be paid, and that its usage is to be billed anew."""
        for charge in await unit.subscription_charges.of_order(order_id):
            if charge.status is ChargeStatus.OPEN:
                await unit.subscription_charges.save(replace(charge, status=ChargeStatus.VOID))
        await unit.usage_events.unbill(order_id)

    async def paid(self, unit: SubscriptionsUnit, order_id: UUID, invoice_id: UUID) -> Sequence[Charge]:
        """Notes that what an order charged is paid; answers what that is."""
        paid = [
            replace(charge, status=ChargeStatus.PAID, invoice_id=invoice_id)
            for charge in await unit.subscription_charges.of_order(order_id)
            if charge.status is not ChargeStatus.PAID
        ]
        for charge in paid:
            await unit.subscription_charges.save(charge)
        return paid

    async def give_back(
        self, unit: SubscriptionsUnit, subscription: Subscription, minor: int, *, to: RefundTo, reason: str
    ) -> int:
        """Credits so much of what was charged for a subscription, the newest charges first, and of none more
        than was paid. Answers how much, before tax. What cannot go back the way it came goes to the
        customer's funds."""
        if minor <= 0:
            return 0
        charges = await unit.subscription_charges.of_subscription(subscription.id, limit=_MOST_CHARGES)
        given = 0
        for charge, part in spread(minor, charges):
            lines = await self._credit_of(unit, charge, part)
            if lines:
                await self._credit(unit, charge.invoice_id, lines, to=to, reason=reason)
            await unit.subscription_charges.save(replace(charge, credited=charge.credited + part))
            given += part
        return given

    async def _credit(
        self,
        unit: SubscriptionsUnit,
        invoice_id: UUID,
        lines: dict[UUID, Money],
        *,
        to: RefundTo,
        reason: str,
    ) -> None:
        if to is RefundTo.PAYMENT_METHOD and not await self._was_paid_by_payments(unit, invoice_id):
            to = RefundTo.FUNDS
        await self._crediting.credit(
            unit, NewCredit(invoice_id=invoice_id, lines=lines, refund_to=to, reason=reason)
        )

    @staticmethod
    async def _was_paid_by_payments(unit: SubscriptionsUnit, invoice_id: UUID) -> bool:
        """Whether all of it came by payments, so that all can go back: what was taken of the customer's funds
        returns there."""
        invoice = await unit.invoices.find(invoice_id)
        settlements = await unit.settlements.of_invoice(invoice_id)
        came = sum(
            allocation.allocated_minor
            for settlement in settlements
            for allocation in settlement.allocations
            if allocation.invoice_id == invoice_id
        )
        return invoice is not None and came >= invoice.paid_minor > 0

    @staticmethod
    async def _credit_of(unit: SubscriptionsUnit, charge: Charge, part: int) -> dict[UUID, Money]:
        """What to credit of the invoice's line for a charge, with tax: half up on the running sum, so that
        the parts of a charge come to its line exactly."""
        invoice = await unit.invoices.find(charge.invoice_id)
        if invoice is None or charge.minor == 0:
            return {}
        line = next(
            (
                each
                for each in invoice.lines
                if each.subject is not None
                and each.subject.id == charge.subscription_id
                and each.covers_period is (charge.kind is ChargeKind.PERIOD)
            ),
            None,
        )
        if line is None:
            return {}
        before = _half_up(line.total_minor * charge.credited, charge.minor)
        after = _half_up(line.total_minor * (charge.credited + part), charge.minor)
        return {line.id: Money(after - before, Currency(charge.currency))} if after > before else {}

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
            )
        )
        if not is_new:
            raise AlreadyRenewed


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)
