"""The endpoints of subscriptions: buying, trying, reading, and what costs nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from multiproduct.application.billing.commands import PlaceOrder
from multiproduct.application.billing.results import OrderView
from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.money import MoneyView
from multiproduct.application.subscriptions.commands import (
    ListSubscriptions,
    Pause,
    Purchase,
    PurchasePlan,
    RecordUsage,
    StartTrial,
    UpdateStatus,
    UpdateSubscription,
)
from multiproduct.application.subscriptions.results import (
    PurchaseView,
    SubscriptionList,
    SubscriptionView,
    UsageRecorded,
)
from multiproduct.bootstrap import Container
from multiproduct.domain.billing import UnknownOrder
from multiproduct.domain.catalog import (
    AmbiguousPlan,
    CouponNotApplicable,
    CouponUsedUp,
    NoPriceInCurrency,
    NotForSale,
    UnknownCoupon,
    UnknownPlan,
    UnknownProduct,
)
from multiproduct.domain.payments import UnknownGateway, UnknownPaymentMethod
from multiproduct.domain.shared import Forbidden, InvalidInput, StaleAggregate
from multiproduct.domain.subscriptions import (
    AlreadySubscribed,
    ChangeNotPossible,
    NoTrialOffered,
    PaymentUnderWay,
    TransitionNotAllowed,
    TrialAlreadyUsed,
    UnknownSubscription,
)
from multiproduct.domain.subscriptions.permissions import USAGE_RECORD
from multiproduct.entrypoints.http.endpoints import Access, Call, Either, Endpoint

BASE = "/api/v1/subscriptions"
TAG = "Subscriptions"
ONCE = (IdempotencyMismatch, IdempotencyUnfinished)
SELLING = (UnknownPlan, UnknownProduct, AmbiguousPlan, NotForSale, NoPriceInCurrency)
PAYING = (UnknownGateway, UnknownPaymentMethod)
_COUPONS = (UnknownCoupon, CouponNotApplicable, CouponUsedUp)


def _checkout(command: Purchase | PurchasePlan) -> Purchase:
    return command.as_checkout() if isinstance(command, PurchasePlan) else command


@contextmanager
def _fields_as_sent(command: Purchase | PurchasePlan) -> Iterator[None]:
    """Who sent one plan sent no `items`."""
    try:
        yield
    except InvalidInput as error:
        if isinstance(command, Purchase):
            raise
        problems = (replace(each, field=each.field.removeprefix("items.0.")) for each in error.problems)
        raise InvalidInput(*problems) from None


async def _purchase(container: Container, command: Purchase | PurchasePlan, call: Call) -> PurchaseView:
    with _fields_as_sent(command):
        return await container.subscriptions.purchasing.purchase(
            _checkout(command), call.caller, idempotency_key=call.idempotency_key
        )


async def _preview(container: Container, command: Purchase | PurchasePlan, call: Call) -> MoneyView:
    with _fields_as_sent(command):
        return await container.subscriptions.purchasing.preview(_checkout(command), call.caller)


async def _create(container: Container, command: PurchasePlan, call: Call) -> SubscriptionView:
    bought = await _purchase(container, command, call)
    return bought.subscriptions[0]


async def _place(container: Container, command: PlaceOrder, call: Call) -> OrderView:
    """A plan is ordered from who delivers it."""
    if command.subscription_id is None:
        return await container.subscriptions.orders.place(
            command, call.caller, idempotency_key=call.idempotency_key
        )
    return await container.billing.orders.place(command, call.caller, idempotency_key=call.idempotency_key)


_BUYING: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{BASE}/purchases",
        name="subscription.purchase",
        tag=TAG,
        summary="Buy plans",
        description="One, or several in one checkout (`items`): order, invoice, payment and activation as "
        "one story. Asked again, with or without a key, it answers the same order.",
        handler=_purchase,
        command=Either(field="items", present=Purchase, absent=PurchasePlan),
        result=PurchaseView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*SELLING, *_COUPONS, *PAYING, AlreadySubscribed, PaymentUnderWay, StaleAggregate, *ONCE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/purchases/preview",
        name="subscription.preview_purchase",
        tag=TAG,
        summary="See what plans would cost",
        description="Now, before tax.",
        handler=_preview,
        command=Either(field="items", present=Purchase, absent=PurchasePlan),
        result=MoneyView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*SELLING, *_COUPONS),
    ),
    Endpoint(
        method="POST",
        path=BASE,
        name="subscription.create",
        tag=TAG,
        summary="Subscribe to a plan",
        description="Pending until its invoice is paid, which is at once where a payment method is named.",
        handler=_create,
        command=PurchasePlan,
        result=SubscriptionView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*SELLING, *_COUPONS, *PAYING, AlreadySubscribed, PaymentUnderWay, StaleAggregate, *ONCE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/trial",
        name="subscription.start_trial",
        tag=TAG,
        summary="Start a trial",
        description="Of a plan, or of the first plan of a product that has one. One for each person and "
        "product, without a card.",
        handler=lambda container, command, call: container.subscriptions.trying.start(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=StartTrial,
        result=SubscriptionView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*SELLING, NoTrialOffered, TrialAlreadyUsed, AlreadySubscribed, *ONCE),
        idempotent=True,
    ),
)

_TENDING: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=BASE,
        name="subscription.list",
        tag=TAG,
        summary="List subscriptions",
        description="One's own; with `subscriptions.subscription.read` those of `user_id`. The newest first.",
        handler=lambda container, command, call: container.subscriptions.tending.page(command, call.caller),
        command=ListSubscriptions,
        result=SubscriptionList,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(Forbidden,),
    ),
    Endpoint(
        method="GET",
        path=f"{BASE}/{{subscription_id}}",
        name="subscription.read",
        tag=TAG,
        summary="Read a subscription",
        handler=lambda container, _command, call: container.subscriptions.tending.read(
            call.ids["subscription_id"], call.caller
        ),
        result=SubscriptionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownSubscription,),
    ),
    Endpoint(
        method="PATCH",
        path=f"{BASE}/{{subscription_id}}",
        name="subscription.update",
        tag=TAG,
        summary="Set what costs nothing",
        description="Whether it is renewed by itself, its configuration, and how it is paid from now on.",
        handler=lambda container, command, call: container.subscriptions.tending.update(
            call.ids["subscription_id"], command, call.caller
        ),
        command=UpdateSubscription,
        result=SubscriptionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownSubscription, TransitionNotAllowed, UnknownPaymentMethod, UnknownPlan, StaleAggregate),
    ),
    Endpoint(
        method="PATCH",
        path=f"{BASE}/{{subscription_id}}/status",
        name="subscription.status",
        tag=TAG,
        summary="Ask for a state",
        description="`paused`, `active` again, or `cancelled`. No other step is the holder's own.",
        handler=lambda container, command, call: container.subscriptions.tending.update_status(
            call.ids["subscription_id"], command, call.caller
        ),
        command=UpdateStatus,
        result=SubscriptionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(
            UnknownSubscription,
            TransitionNotAllowed,
            PaymentUnderWay,
            ChangeNotPossible,
            StaleAggregate,
        ),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/{{subscription_id}}/pause",
        name="subscription.pause",
        tag=TAG,
        summary="Pause a subscription",
        description="What is left of the period is kept, until `resumes_at` or until it is resumed.",
        handler=lambda container, command, call: container.subscriptions.tending.pause(
            call.ids["subscription_id"], command, call.caller
        ),
        command=Pause,
        result=SubscriptionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(
            UnknownSubscription,
            TransitionNotAllowed,
            PaymentUnderWay,
            ChangeNotPossible,
            StaleAggregate,
        ),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/{{subscription_id}}/resume",
        name="subscription.resume",
        tag=TAG,
        summary="Resume a subscription",
        description="It ends later by as long as it was paused.",
        handler=lambda container, _command, call: container.subscriptions.tending.resume(
            call.ids["subscription_id"], call.caller
        ),
        result=SubscriptionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownSubscription, TransitionNotAllowed, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{BASE}/usage",
        name="subscription.record_usage",
        tag=TAG,
        summary="Record usage",
        description="A batch of events, each answered by itself. One that is known already is a success.",
        handler=lambda container, command, call: container.subscriptions.usage.record(command, call.caller),
        command=RecordUsage,
        result=UsageRecorded,
        access=Access.SIGNED_IN,
        permission=USAGE_RECORD,
        scope="default",
    ),
)

_ORDERING: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path="/api/v1/billing/orders",
        name="order.place",
        tag="Orders",
        summary="Order a plan",
        description="At the catalog's price. Its invoice is issued at once, and its subscription waits for "
        "that; the order expires if it is not paid in time. With `subscription_id`, answers the order that "
        "waits for that subscription.",
        handler=_place,
        command=PlaceOrder,
        result=OrderView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*SELLING, *_COUPONS, UnknownOrder, AlreadySubscribed, PaymentUnderWay, StaleAggregate, *ONCE),
        idempotent=True,
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_BUYING, *_TENDING, *_ORDERING)
