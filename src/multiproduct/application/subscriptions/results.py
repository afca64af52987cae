"""What is told of subscriptions."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from multiproduct.application.money import MoneyView
from multiproduct.application.payments import PaymentView
from multiproduct.domain.shared import Currency, Money
from multiproduct.domain.subscriptions import Subscription, Terms


class _Result(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class TermsView(_Result):
    """A plan, the seats, and what a period of both costs."""

    plan_id: UUID
    quantity: int
    price: MoneyView

    @classmethod
    def of(cls, terms: Terms, currency: str) -> "TermsView":
        """The terms as they are told."""
        price = Money(terms.price, Currency(currency))
        return cls(plan_id=terms.plan_id, quantity=terms.quantity, price=MoneyView.of(price))


class SubscriptionView(_Result):
    """A subscription. `end_date` is when all that is paid for, or the trial, is over; None where there is no
    telling. `is_serving` is whether the product is to serve the customer now."""

    id: UUID
    user_id: UUID
    product_id: UUID
    plan_id: UUID
    status: str
    is_serving: bool
    quantity: int
    price: MoneyView
    auto_renew: bool
    configuration: dict[str, Any]
    start_date: datetime | None
    period_start: datetime | None
    period_end: datetime | None
    end_date: datetime | None
    trial_end: datetime | None
    cancel_at_period_end: bool
    cancelled_at: datetime | None
    ended_at: datetime | None
    resumes_at: datetime | None
    scheduled: TermsView | None
    open_invoice_id: UUID | None
    next_attempt_at: datetime | None
    payment_method: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, each: Subscription) -> "SubscriptionView":
        """The subscription as it is told."""
        accrual = each.accrual
        return cls(
            id=each.id,
            user_id=each.user_id,
            product_id=each.product_id,
            plan_id=each.terms.plan_id,
            status=each.status.value,
            is_serving=each.is_serving,
            quantity=each.terms.quantity,
            price=TermsView.of(each.terms, each.currency).price,
            auto_renew=each.auto_renew,
            configuration=each.configuration,
            start_date=each.starts_at,
            period_start=accrual.origin if accrual else None,
            period_end=accrual.end if accrual else None,
            end_date=each.ends_at,
            trial_end=each.trial_end,
            cancel_at_period_end=each.cancels_at_period_end,
            cancelled_at=each.cancelled_at,
            ended_at=each.ended_at,
            resumes_at=each.resumes_at,
            scheduled=TermsView.of(each.scheduled, each.currency) if each.scheduled else None,
            open_invoice_id=each.awaiting.invoice_id if each.awaiting else None,
            next_attempt_at=each.tries_again_at,
            payment_method=each.gateway,
            created_at=each.created_at,
            updated_at=each.updated_at,
        )


class SubscriptionList(_Result):
    """A page of subscriptions, the newest first."""

    items: list[SubscriptionView]
    next_cursor: str | None = None


class Checkout(_Result):
    """What was ordered. `payment_id` is None where nothing is charged now: nothing is due, or the invoice
    waits to be paid."""

    order_id: UUID | None
    order_number: str | None
    invoice_id: UUID | None
    invoice_number: str | None
    amount: MoneyView
    payment_id: UUID | None
    subscription_ids: list[UUID]


class PurchaseView(_Result):
    """What was bought, and where its payment stands."""

    order_id: UUID | None
    order_number: str | None
    invoice_id: UUID | None
    invoice_number: str | None
    amount: MoneyView
    payment: PaymentView | None
    subscriptions: list[SubscriptionView]


class ChangeQuote(_Result):
    """What a change would come to now. `cost` is before tax; a credit is negative. `takes_effect_at` is None
    where there is no telling (it is paused). `next_price` is what the next period costs then."""

    timing: str
    cost: MoneyView
    takes_effect_at: datetime | None
    terms: TermsView
    next_price: MoneyView


class CancellationQuote(_Result):
    """What cancelling would come to now. `refund` is before tax."""

    timing: str
    refund: MoneyView
    ends_at: datetime | None


class RenewalQuote(_Result):
    """What the next period would cost, before tax and usage."""

    price: MoneyView
    period_start: datetime
    period_end: datetime
    terms: TermsView


class UsageAnswer(_Result):
    """What became of one usage event: `recorded`, `known` (it was recorded before, which is as good), or
    `refused`, with the code of the reason."""

    event_id: str
    subscription_id: UUID
    outcome: str
    code: str | None = None


class UsageRecorded(_Result):
    """What became of each event, in their order."""

    items: list[UsageAnswer]
