"""Changing the terms: plan and seats, at once with proration or with the next period."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.money import MoneyView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.charging import Charging, Paying, ToCharge
from multiproduct.application.subscriptions.commands import ChangeQuantity, ChangeTerms
from multiproduct.application.subscriptions.giving_back import GivingBack
from multiproduct.application.subscriptions.keeping import Keeping
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.purchasing import Purchasing
from multiproduct.application.subscriptions.results import ChangeQuote, Checkout, PurchaseView, TermsView
from multiproduct.application.subscriptions.selling import Selling, part_line, sold_as
from multiproduct.application.units import in_unit
from multiproduct.domain.billing import ORDER_LIFETIME, RefundTo, Sold
from multiproduct.domain.shared import Currency, FieldProblem, InvalidInput, Money
from multiproduct.domain.subscriptions import (
    Awaited,
    ChangeNotPossible,
    Subscription,
    SubscriptionStatus,
    Terms,
    Timing,
    TransitionNotAllowed,
)
from multiproduct.domain.subscriptions.permissions import SUBSCRIPTIONS_READ, SUBSCRIPTIONS_UPDATE

_CHANGE = "subscriptions.change"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Quoted:
    """What a change comes to, for the preview and for the change alike. `at` is when it takes effect, None
    where there is no telling."""

    timing: Timing
    terms: Terms
    at: datetime | None
    cost: int
    sold: Sold


class Changing:
    """What a change costs is worked out in one place, `_quote`."""

    def __init__(
        self,
        *,
        units: Units[SubscriptionsUnit],
        clock: Clock,
        keeping: Keeping,
        selling: Selling,
        charging: Charging,
        giving_back: GivingBack,
        purchasing: Purchasing,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._keeping = keeping
        self._selling = selling
        self._charging = charging
        self._giving_back = giving_back
        self._purchasing = purchasing
        self._idempotency = idempotency

    async def preview(self, subscription_id: UUID, command: ChangeTerms, caller: Caller) -> ChangeQuote:
        """What the change would come to now, to the cent. Raises what `change` does."""
        async with self._units.view(caller) as view:
            subscription = await self._keeping.own(
                view, subscription_id, caller, permission=SUBSCRIPTIONS_READ
            )
            quoted = await self._quote(view, subscription, command, self._clock.now())
        currency = Currency(subscription.currency)
        return ChangeQuote(
            timing=quoted.timing.value,
            cost=MoneyView.of(Money(quoted.cost, currency)),
            takes_effect_at=quoted.at,
            terms=TermsView.of(quoted.terms, subscription.currency),
            next_price=MoneyView.of(Money(quoted.terms.price, currency)),
        )

    async def change_quantity(
        self,
        subscription_id: UUID,
        command: ChangeQuantity,
        caller: Caller,
        *,
        idempotency_key: str | None = None,
    ) -> PurchaseView:
        """Likewise, of the seats only."""
        change = ChangeTerms.model_validate(command.model_dump())
        return await self.change(subscription_id, change, caller, idempotency_key=idempotency_key)

    async def change(
        self,
        subscription_id: UUID,
        command: ChangeTerms,
        caller: Caller,
        *,
        idempotency_key: str | None = None,
    ) -> PurchaseView:
        """Changes the terms. What costs something at once holds when it is paid, reckoned from now; a credit
        goes to the customer's funds, which the next invoice takes.

        Raises UnknownSubscription, InvalidInput, UnknownPlan, NotForSale, NoPriceInCurrency,
        TransitionNotAllowed, PaymentUnderWay, ChangeNotPossible, UnknownGateway, UnknownPaymentMethod,
        IdempotencyMismatch, IdempotencyUnfinished.
        """
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> Checkout:
            checkout = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=f"{_CHANGE}/{subscription_id}",
                caller=caller,
                command=command,
                answer_type=Checkout,
                now=now,
                body=lambda: self._change(unit, subscription_id, command, caller, now=now),
            )
            await unit.commit()
            return checkout

        checkout = await in_unit(lambda: self._units.open(caller), body)
        return await self._purchasing.follow(checkout, caller)

    async def _quote(
        self, unit: SubscriptionsUnit, subscription: Subscription, command: ChangeTerms, now: datetime
    ) -> _Quoted:
        if command.plan is None and command.quantity is None:
            raise InvalidInput(FieldProblem("plan", "required"))
        base = subscription.renews_as if command.timing is Timing.PERIOD_END else subscription.terms
        terms, sold = await self._terms(unit, subscription, command, base, now)
        timing = command.timing or (
            Timing.NOW
            if subscription.status is SubscriptionStatus.TRIAL
            else subscription.terms.timing_towards(terms)
        )
        if timing is Timing.NOW:
            at, cost = subscription.quote_change(terms, now)
            return _Quoted(timing=timing, terms=terms, at=at, cost=cost, sold=sold)
        if subscription.status not in (SubscriptionStatus.ACTIVE, SubscriptionStatus.PAUSED):
            raise TransitionNotAllowed(status=subscription.status.value, step="schedule")
        return _Quoted(timing=timing, terms=terms, at=subscription.ends_at, cost=0, sold=sold)

    async def _terms(
        self,
        unit: SubscriptionsUnit,
        subscription: Subscription,
        command: ChangeTerms,
        base: Terms,
        now: datetime,
    ) -> tuple[Terms, Sold]:
        """The terms asked for. Who only changes the seats keeps the price at which one was sold; a new plan
        costs what it costs now."""
        quantity = command.quantity or base.quantity
        offering = await self._selling.offering(
            unit, command.plan or base.plan_id, subscription.product_id if command.plan else None
        )
        if offering.plan.id == base.plan_id:
            return base if quantity == base.quantity else base.with_quantity(quantity), sold_as(offering)
        offering.require_on_sale()
        if offering.product.id != subscription.product_id:
            raise ChangeNotPossible(reason="other_product")
        self._selling.require_configuration(offering, subscription.configuration)
        terms = self._selling.terms(offering, quantity, Currency(subscription.currency), now)
        return terms, sold_as(offering)

    async def _change(
        self,
        unit: SubscriptionsUnit,
        subscription_id: UUID,
        command: ChangeTerms,
        caller: Caller,
        *,
        now: datetime,
    ) -> Checkout:
        subscription = await self._keeping.own(unit, subscription_id, caller, permission=SUBSCRIPTIONS_UPDATE)
        quoted = await self._quote(unit, subscription, command, now)
        if quoted.timing is Timing.PERIOD_END or quoted.at is None:
            subscription.schedule_terms(quoted.terms, now=now)
        elif quoted.cost > 0:
            return await self._charge(unit, subscription, quoted, command, now=now)
        else:
            subscription.change_terms(quoted.terms, at=quoted.at, now=now)
            await self._giving_back.newest(
                unit, subscription, -quoted.cost, to=RefundTo.FUNDS, reason="change"
            )
        await self._keeping.save(unit, subscription)
        return nothing_due(subscription)

    async def _charge(
        self,
        unit: SubscriptionsUnit,
        subscription: Subscription,
        quoted: _Quoted,
        command: ChangeTerms,
        *,
        now: datetime,
    ) -> Checkout:
        at = quoted.at or now
        paying = self._paying(subscription, command)
        charged = [
            ToCharge(
                subscription=subscription,
                awaited=Awaited.CHANGE,
                terms=quoted.terms,
                at=at,
                minor=quoted.cost,
                number=subscription.number,
            )
        ]
        end = max(at, subscription.ends_at or subscription.present.end)
        seats = quoted.terms.quantity
        line = part_line(subscription, quoted.cost, at, end, sold=quoted.sold, quantity=seats)
        order = await self._charging.place(
            unit,
            customer_id=subscription.user_id,
            lines=[line],
            paying=paying,
            lifetime=ORDER_LIFETIME,
            charged=charged,
        )
        opened = await self._charging.charge(unit, order, charged=charged, paying=paying, now=now)
        await self._keeping.save(unit, subscription)
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
    def _paying(subscription: Subscription, command: ChangeTerms) -> Paying:
        if command.payment_method is not None:
            return Paying(gateway=command.payment_method, method_id=command.method_id)
        return Paying(gateway=subscription.gateway, method_id=subscription.method_id)


def nothing_due(subscription: Subscription) -> Checkout:
    """What is answered where nothing was ordered."""
    return Checkout(
        order_id=None,
        order_number=None,
        invoice_id=None,
        invoice_number=None,
        amount=MoneyView.of(Money.zero(Currency(subscription.currency))),
        payment_id=None,
        subscription_ids=[subscription.id],
    )
