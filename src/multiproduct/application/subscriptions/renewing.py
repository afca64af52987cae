"""Billing the next period: by itself when the present one is over, or by hand before that."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.money import MoneyView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.charging import Charging, Paying, ToCharge
from multiproduct.application.subscriptions.commands import Renew
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.purchasing import Purchasing, first_period
from multiproduct.application.subscriptions.results import (
    Checkout,
    PurchaseView,
    RenewalQuote,
    TermsView,
)
from multiproduct.application.subscriptions.selling import Selling, period_line, sold_as
from multiproduct.application.subscriptions.usage_billing import UsageBilling
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import ORDER_LIFETIME, NewLine
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import (
    LIVE,
    AlreadyRenewed,
    AlreadySubscribed,
    Awaited,
    NotRenewable,
    PaymentUnderWay,
    Period,
    Subscription,
    SubscriptionStatus,
    Terms,
    TransitionNotAllowed,
)
from multiproduct.domain.subscriptions.permissions import SUBSCRIPTIONS_READ, SUBSCRIPTIONS_UPDATE

_RENEW = "subscriptions.renew"
_RENEWABLE = (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE)
"""What is overdue has an open invoice, unless it could not be billed by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Next:
    """What is billed next: of which period, at which terms. `awaited` is what the invoice is for."""

    awaited: Awaited
    terms: Terms
    period: Period


class PeriodBilling:
    """Steps: they take the caller's unit, and never commit."""

    def __init__(self, *, selling: Selling, charging: Charging, usage: UsageBilling) -> None:
        self._selling = selling
        self._charging = charging
        self._usage = usage

    async def bill(
        self, unit: SubscriptionsUnit, subscription: Subscription, due: _Next, paying: Paying, now: datetime
    ) -> Checkout:
        """Orders and invoices a period, with the usage of those that are over, and charges for it. The
        subscription is for the caller to save. Raises AlreadyRenewed, PaymentUnderWay."""
        offering = await self._selling.offering(unit, due.terms.plan_id)
        lines: list[NewLine] = [period_line(subscription, due.terms, due.period, sold_as(offering))]
        used = None
        # A period has one bill of what was used in it, when it is over; a trial has none.
        end = subscription.accrual.end if subscription.accrual else now
        if subscription.number and now >= end:
            used = await self._usage.claim(unit, subscription, before=end)
            lines += used.lines
        charged = [
            ToCharge(
                subscription=subscription,
                awaited=due.awaited,
                terms=due.terms,
                at=due.period.start,
                minor=due.terms.price,
                number=subscription.number + 1,
            )
        ]
        order = await self._charging.place(
            unit,
            customer_id=subscription.user_id,
            lines=lines,
            paying=paying,
            lifetime=None if due.awaited is Awaited.RENEWAL else ORDER_LIFETIME,
            charged=charged,
            order_id=used.order_id if used else None,
        )
        opened = await self._charging.charge(unit, order, charged=charged, paying=paying, now=now)
        return Checkout(
            order_id=order.id,
            order_number=order.number,
            invoice_id=opened.invoice.id,
            invoice_number=opened.invoice.number,
            amount=MoneyView.of(opened.invoice.total),
            payment_id=opened.payment_id,
            subscription_ids=[subscription.id],
        )

    @staticmethod
    def renewal(subscription: Subscription) -> _Next:
        """The period after the present one."""
        terms = subscription.renews_as
        return _Next(awaited=Awaited.RENEWAL, terms=terms, period=subscription.following(terms))

    @staticmethod
    def first(subscription: Subscription, now: datetime) -> _Next:
        """The first period, or that of a return."""
        terms = subscription.terms
        return _Next(awaited=Awaited.FIRST, terms=terms, period=first_period(subscription, terms, now))


class Renewing:
    """Renewals by hand."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        keeping: Keeping,
        selling: Selling,
        charging: Charging,
        billing: PeriodBilling,
        purchasing: Purchasing,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._keeping = keeping
        self._selling = selling
        self._charging = charging
        self._billing = billing
        self._purchasing = purchasing
        self._idempotency = idempotency

    async def preview(self, subscription_id: UUID, caller: Caller) -> RenewalQuote:
        """What the next period costs, worked out by the steps that bill it. Raises UnknownSubscription,
        TransitionNotAllowed."""
        async with self._units.view(caller) as view:
            subscription = await self._keeping.own(
                view, subscription_id, caller, permission=SUBSCRIPTIONS_READ
            )
        due = self._billing.renewal(subscription)
        terms = TermsView.of(due.terms, subscription.currency)
        return RenewalQuote(
            price=MoneyView.of(Money(due.terms.price, Currency(subscription.currency))),
            period_start=due.period.start,
            period_end=due.period.end,
            terms=terms,
        )

    async def renew(
        self, subscription_id: UUID, command: Renew, caller: Caller, *, idempotency_key: str | None = None
    ) -> PurchaseView:
        """Pays the next period now; what is overdue, where that is so; or begins again what has ended, at
        what the plan costs now. One period ahead at most.

        Raises UnknownSubscription, TransitionNotAllowed, AlreadyRenewed, AlreadySubscribed,
        PaymentUnderWay, NotRenewable, NotForSale, UnknownGateway, UnknownPaymentMethod,
        IdempotencyMismatch, IdempotencyUnfinished.
        """
        now = self._clock.now()
        body = self._body(subscription_id, command, caller, now)

        async def once(unit: SubscriptionsUnit) -> Checkout:
            checkout = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=f"{_RENEW}/{subscription_id}",
                caller=caller,
                command=command,
                answer_type=Checkout,
                now=now,
                body=lambda: body(unit),
            )
            await unit.commit()
            return checkout

        checkout = await in_unit(lambda: self._units.open(caller), once)
        return await self._purchasing.follow(checkout, caller)

    def _body(
        self, subscription_id: UUID, command: Renew, caller: Caller, now: datetime
    ) -> Callable[[SubscriptionsUnit], Awaitable[Checkout]]:
        async def body(unit: SubscriptionsUnit) -> Checkout:
            subscription = await self._keeping.own(
                unit, subscription_id, caller, permission=SUBSCRIPTIONS_UPDATE
            )
            paying = Paying(
                gateway=command.payment_method or subscription.gateway,
                method_id=command.method_id if command.payment_method else subscription.method_id,
            )
            if subscription.awaiting is not None:
                return await self._pay_open(unit, subscription, paying, now)
            if subscription.status not in LIVE:
                await self._come_back(unit, subscription, now)
                due = self._billing.first(subscription, now)
            elif subscription.prepaid is not None:
                raise AlreadyRenewed
            elif subscription.status in _RENEWABLE:
                due = self._billing.renewal(subscription)
            else:
                raise TransitionNotAllowed(status=subscription.status.value, step="renew")
            try:
                checkout = await self._billing.bill(unit, subscription, due, paying, now)
            except AlreadyRenewed:
                if subscription.status is SubscriptionStatus.PENDING:
                    # It ended while that period was being paid: the answer decides what becomes of the money.
                    raise PaymentUnderWay from None
                raise
            await self._keeping.save(unit, subscription)
            return checkout

        return body

    async def _come_back(self, unit: SubscriptionsUnit, subscription: Subscription, now: datetime) -> None:
        live = await unit.subscriptions.find_live(subscription.user_id, subscription.product_id)
        if live is not None:
            raise AlreadySubscribed(product=str(subscription.product_id))
        offering = await self._selling.offering(unit, subscription.terms.plan_id)
        offering.require_on_sale()
        currency = Currency(subscription.currency)
        terms = self._selling.terms(offering, subscription.terms.quantity, currency, now)
        subscription.order_again(terms, now=now)

    async def _pay_open(
        self, unit: SubscriptionsUnit, subscription: Subscription, paying: Paying, now: datetime
    ) -> Checkout:
        """Pays what is open; a payment that is under way is waited for. Raises NotRenewable where nothing
        says by what."""
        waiting = subscription.awaiting
        invoice = None if waiting is None else await unit.invoices.find(waiting.invoice_id)
        order = None if waiting is None else await unit.orders.find(waiting.order_id)
        if invoice is None or order is None or paying.gateway is None:
            raise NotRenewable
        if invoice.settlement_id is not None:
            settlement = await unit.settlements.find(invoice.settlement_id)
        else:
            settlement = await self._charging.pay(unit, invoice.id, paying)
            subscription.charging(True, now=now)
            await self._keeping.save(unit, subscription)
        return Checkout(
            order_id=order.id,
            order_number=order.number,
            invoice_id=invoice.id,
            invoice_number=invoice.number,
            amount=MoneyView.of(invoice.total),
            payment_id=settlement.payment_id if settlement else None,
            subscription_ids=[subscription.id],
        )
