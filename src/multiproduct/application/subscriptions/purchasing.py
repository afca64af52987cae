"""Buying plans: order, invoice, payment and activation as one story that cannot half-happen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.money import MoneyView
from multiproduct.application.payments import PaymentDriving
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.charging import Charging, Paying, ToCharge
from multiproduct.application.subscriptions.choosing_methods import with_method
from multiproduct.application.subscriptions.commands import Purchase, PurchaseItem
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.reordering import Reordering
from multiproduct.application.subscriptions.results import Checkout, PurchaseView, SubscriptionView
from multiproduct.application.subscriptions.selling import Selling, period_line, sold_as
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import ORDER_LIFETIME, InvoiceStatus
from multiproduct.domain.catalog import Coupon, Offering, Quote
from multiproduct.domain.shared import FieldProblem, InvalidInput, currency_mismatch
from multiproduct.domain.subscriptions import (
    AlreadySubscribed,
    Awaited,
    OpenInvoice,
    Period,
    Subscription,
    SubscriptionStatus,
    Terms,
    boundary,
)

_PURCHASE = "subscriptions.purchase"
_WAITING = (SubscriptionStatus.PENDING, SubscriptionStatus.TRIAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    item: PurchaseItem
    offering: Offering
    quote: Quote
    terms: Terms


class Purchasing:
    """Whoever asks twice, with or without a key, at once or one after the other, has one order: the unique
    index on live subscriptions decides who is first, and the second finds the first one's open invoice."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        ids: Ids,
        selling: Selling,
        charging: Charging,
        keeping: Keeping,
        reordering: Reordering,
        driving: PaymentDriving,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._selling = selling
        self._charging = charging
        self._keeping = keeping
        self._reordering = reordering
        self._driving = driving
        self._idempotency = idempotency

    async def purchase(
        self, command: Purchase, caller: Caller, *, idempotency_key: str | None = None
    ) -> PurchaseView:
        """Orders plans and charges for them. What is paid at once is active in the answer.

        Raises Unauthenticated, InvalidInput, UnknownPlan, UnknownProduct, AmbiguousPlan, NotForSale,
        NoPriceInCurrency, UnknownCoupon, CouponNotApplicable, CouponUsedUp, AlreadySubscribed,
        PaymentUnderWay, UnknownGateway, UnknownPaymentMethod, IdempotencyMismatch, IdempotencyUnfinished;
        TypeError for anything but a Purchase.
        """
        _require_purchase(command)
        user_id = caller.require_user()
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> Checkout:
            checkout = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_PURCHASE,
                caller=caller,
                command=command,
                answer_type=Checkout,
                now=now,
                body=lambda: self.order(unit, command, user_id, now),
            )
            await unit.commit()
            return checkout

        checkout = await in_unit(lambda: self._units.open(caller), body)
        return await self.follow(checkout, caller)

    async def follow(self, checkout: Checkout, caller: Caller) -> PurchaseView:
        """Drives the payment of what was ordered, and tells where all of it stands then. To be asked again
        does no harm."""
        payment = None
        if checkout.payment_id is not None:
            payment = await self._driving.drive(checkout.payment_id, caller)
        async with self._units.view(caller) as view:
            found = [await view.subscriptions.find(each) for each in checkout.subscription_ids]
        return PurchaseView(
            order_id=checkout.order_id,
            order_number=checkout.order_number,
            invoice_id=checkout.invoice_id,
            invoice_number=checkout.invoice_number,
            amount=checkout.amount,
            payment=payment,
            subscriptions=[SubscriptionView.of(each) for each in found if each is not None],
        )

    async def preview(self, command: Purchase, caller: Caller) -> MoneyView:
        """What the plans would cost now, before tax: worked out by the same steps. Raises what `purchase`
        does of the catalog."""
        _require_purchase(command)
        user_id = caller.require_user()
        now = self._clock.now()
        async with self._units.view(caller) as view:
            coupons = await self._selling.coupons(view, command.coupons)
            wanted = await self._wanted(view, command, coupons, user_id, now)
        total = sum((each.quote.total for each in wanted[1:]), wanted[0].quote.total)
        return MoneyView.of(total)

    async def order(
        self, unit: SubscriptionsUnit, command: Purchase, user_id: UUID, now: datetime
    ) -> Checkout:
        """A step: orders plans in the caller's unit, with the payment opened where one is asked for. Raises
        what `purchase` does."""
        command = await with_method(unit, command, user_id, now=now)
        coupons = await self._selling.coupons(unit, command.coupons)
        wanted = await self._wanted(unit, command, coupons, user_id, now)
        zone = await self._keeping.zone_of(unit, user_id)
        subscriptions = [await self._subscription(unit, each, user_id, zone, now) for each in wanted]
        again = await self._open_already(unit, command, wanted, subscriptions, now)
        if again is not None:
            return again
        paying = Paying(gateway=command.payment_method, method_id=command.method_id)
        await self._charging.require_method(unit, user_id, paying)
        charged = []
        left = {each.awaiting.order_id for each in subscriptions if each.awaiting is not None}
        for each, subscription in zip(wanted, subscriptions, strict=True):
            await self._begin_anew(unit, subscription, each, command, now)
            charged.append(
                ToCharge(
                    subscription=subscription,
                    awaited=Awaited.FIRST,
                    terms=each.terms,
                    at=now,
                    minor=each.quote.total.minor,
                    number=subscription.number + 1,
                    first_price=each.quote.total.minor if each.quote.coupons else None,
                )
            )
        checkout = await self._check_out(unit, charged, wanted, coupons=coupons, paying=paying, now=now)
        for order_id in left:
            await self._reordering.order_rest(unit, order_id, but=checkout.subscription_ids, now=now)
        return checkout

    async def _check_out(
        self,
        unit: SubscriptionsUnit,
        charged: Sequence[ToCharge],
        wanted: Sequence[_Wanted],
        *,
        coupons: Sequence[Coupon],
        paying: Paying,
        now: datetime,
    ) -> Checkout:
        lines = [
            period_line(
                each.subscription,
                each.terms,
                first_period(each.subscription, each.terms, now),
                sold_as(want.offering),
                discount=each.terms.price - each.minor,
                coupons=tuple(share.coupon_id for share in want.quote.coupons),
            )
            for each, want in zip(charged, wanted, strict=True)
        ]
        user_id = charged[0].subscription.user_id
        order = await self._charging.place(
            unit, customer_id=user_id, lines=lines, paying=paying, lifetime=ORDER_LIFETIME, charged=charged
        )
        await self._selling.redeem(unit, coupons, person_id=user_id, order_id=order.id, now=now)
        opened = await self._charging.charge(unit, order, charged=charged, paying=paying, now=now)
        for each in charged:
            await self._keeping.save(unit, each.subscription)
        return Checkout(
            order_id=order.id,
            order_number=order.number,
            invoice_id=opened.invoice.id,
            invoice_number=opened.invoice.number,
            amount=MoneyView.of(opened.invoice.total),
            payment_id=opened.payment_id,
            subscription_ids=[each.subscription.id for each in charged],
        )

    async def _wanted(
        self,
        unit: SubscriptionsUnit,
        command: Purchase,
        coupons: Sequence[Coupon],
        user_id: UUID,
        now: datetime,
    ) -> list[_Wanted]:
        offerings = []
        for index, item in enumerate(command.items):
            offering = await self._selling.offering(unit, item.plan, item.product)
            offering.require_on_sale()
            place = f"items.{index}.configuration"
            self._selling.require_configuration(offering, item.configuration, field=place)
            offerings.append(offering)
        products = [offering.product.id for offering in offerings]
        if len(set(products)) != len(products):
            raise InvalidInput(FieldProblem("items", "repeated"))
        currency = self._selling.currency_of(offerings[0], command.currency, now)
        pairs = [(o, item.quantity) for o, item in zip(offerings, command.items, strict=True)]
        coupons = await self._without_own(unit, coupons, products, user_id)
        quotes = self._selling.quotes(pairs, currency, now, coupons)
        return [
            _Wanted(
                item=item,
                offering=offering,
                quote=quote,
                terms=self._selling.terms(offering, item.quantity, currency, now),
            )
            for item, offering, quote in zip(command.items, offerings, quotes, strict=True)
        ]

    @staticmethod
    async def _without_own(
        unit: SubscriptionsUnit, coupons: Sequence[Coupon], products: Sequence[UUID], user_id: UUID
    ) -> Sequence[Coupon]:
        """The coupons without what an open order of the same products redeemed of them: who asks again for it
        has not used the last one up."""
        own: set[UUID] = set()
        for product_id in products if coupons else ():
            found = await unit.subscriptions.find_live(user_id, product_id)
            if found is not None and found.awaiting is not None:
                own |= {each.coupon_id for each in await unit.coupons.redemptions(found.awaiting.order_id)}
        return [replace(each, redeemed=each.redeemed - 1) if each.id in own else each for each in coupons]

    async def _subscription(
        self, unit: SubscriptionsUnit, wanted: _Wanted, user_id: UUID, zone: str, now: datetime
    ) -> Subscription:
        """The one that waits to be paid or is on trial, else a new one. Raises AlreadySubscribed."""
        product_id = wanted.offering.product.id
        found = await unit.subscriptions.find_live(user_id, product_id)
        if found is None:
            made = Subscription.order(
                id=self._ids.next(),
                user_id=user_id,
                product_id=product_id,
                currency=wanted.quote.total.currency.code,
                zone=zone,
                terms=wanted.terms,
                configuration=wanted.item.configuration,
                now=now,
            )
            try:
                await unit.subscriptions.add(made)
            except AlreadySubscribed:
                # A rival was faster, and is committed by now: what it ordered is found.
                found = await unit.subscriptions.find_live(user_id, product_id)
            else:
                return made
        if found is None or found.status not in _WAITING:
            raise AlreadySubscribed(product=str(product_id))
        return found

    async def _open_already(
        self,
        unit: SubscriptionsUnit,
        command: Purchase,
        wanted: Sequence[_Wanted],
        subscriptions: Sequence[Subscription],
        now: datetime,
    ) -> Checkout | None:
        """The order that is open for exactly this, with a payment begun anew where none is under way."""
        invoices = [each.awaiting for each in subscriptions if each.awaiting is not None]
        orders = {invoice.order_id for invoice in invoices}
        is_same = (
            len(invoices) == len(wanted)
            and len(orders) == 1
            and all(map(_is_for, invoices, subscriptions, wanted))
        )
        if not is_same:
            return None
        order = await unit.orders.find(invoices[0].order_id)
        invoice = await unit.invoices.find(invoices[0].invoice_id)
        if order is None or invoice is None or invoice.status is not InvoiceStatus.OPEN:
            return None
        if invoice.settlement_id is not None:
            settlement = await unit.settlements.find(invoice.settlement_id)
        elif command.payment_method is None:
            settlement = None
        else:
            paying = Paying(gateway=command.payment_method, method_id=command.method_id)
            settlement = await self._charging.pay(unit, invoice.id, paying)
            for each, want in zip(subscriptions, wanted, strict=True):
                each.configuration = want.item.configuration or each.configuration
                each.auto_renew = command.auto_renew
                each.set_payment_method(paying.gateway, paying.method_id, now=now)
                each.charging(True, now=now)
                await self._keeping.save(unit, each)
        return Checkout(
            order_id=order.id,
            order_number=order.number,
            invoice_id=invoice.id,
            invoice_number=invoice.number,
            amount=MoneyView.of(invoice.total),
            payment_id=settlement.payment_id if settlement else None,
            subscription_ids=[each.id for each in subscriptions],
        )

    async def _begin_anew(
        self,
        unit: SubscriptionsUnit,
        subscription: Subscription,
        wanted: _Wanted,
        command: Purchase,
        now: datetime,
    ) -> None:
        """Leaves an order that was for something else, and takes this one on. Raises PaymentUnderWay."""
        if subscription.currency != wanted.quote.total.currency.code:
            given, expected = wanted.quote.total.currency.code, subscription.currency
            raise InvalidInput(currency_mismatch("currency", given=given, expected=expected))
        if subscription.awaiting is not None:
            await self._charging.call_off(unit, subscription.awaiting.order_id)
            subscription.leave_payment(now=now)
        if subscription.status is SubscriptionStatus.TRIAL:
            subscription.order_again(wanted.terms, now=now)
        subscription.terms = wanted.terms
        subscription.configuration = wanted.item.configuration or subscription.configuration
        subscription.auto_renew = command.auto_renew
        subscription.set_payment_method(command.payment_method, command.method_id, now=now)


def _require_purchase(command: object) -> None:
    if not isinstance(command, Purchase):
        given = type(command).__name__
        hint = "its as_checkout()" if hasattr(command, "as_checkout") else "a Purchase(items=[...])"
        raise TypeError(f"purchasing takes a Purchase, not a {given}: pass {hint}")


def _is_for(invoice: OpenInvoice, subscription: Subscription, wanted: _Wanted) -> bool:
    """Whether an open invoice is for what is wanted, and asks no more for it than it costs now: who comes
    again with a coupon pays what the preview said."""
    asked = invoice.terms.price if invoice.first_price is None else invoice.first_price
    total = wanted.quote.total
    return (
        (invoice.terms.plan_id, invoice.terms.quantity) == (wanted.terms.plan_id, wanted.terms.quantity)
        and subscription.currency == total.currency.code
        and asked <= total.minor
    )


def first_period(subscription: Subscription, terms: Terms, now: datetime) -> Period:
    """The period that a first invoice is for, as if it were paid now; after a trial that goes on, the one
    after it."""
    start = now
    if subscription.status is SubscriptionStatus.TRIAL and subscription.trial_end is not None:
        start = max(now, subscription.trial_end)
    return Period(start, boundary(start, terms.cycle, ZoneInfo(subscription.zone), 1))
