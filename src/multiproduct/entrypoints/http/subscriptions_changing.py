"""The endpoints that change, renew and end subscriptions, each with its preview."""

from collections.abc import Sequence

from multiproduct.application.subscriptions.commands import Cancel, ChangeQuantity, ChangeTerms, Renew
from multiproduct.application.subscriptions.results import (
    CancellationQuote,
    ChangeQuote,
    PurchaseView,
    RenewalQuote,
    SubscriptionView,
)
from multiproduct.domain.shared import StaleAggregate
from multiproduct.domain.subscriptions import (
    AlreadyRenewed,
    AlreadySubscribed,
    ChangeNotPossible,
    NothingToUndo,
    NotRenewable,
    PaymentUnderWay,
    TransitionNotAllowed,
    UnknownSubscription,
)
from multiproduct.entrypoints.http.endpoints import Access, Endpoint
from multiproduct.entrypoints.http.subscriptions import BASE, ONCE, PAYING, SELLING, TAG

_ONE = f"{BASE}/{{subscription_id}}"
_CHANGES = (UnknownSubscription, *SELLING, TransitionNotAllowed, PaymentUnderWay, ChangeNotPossible)

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_ONE}/change",
        name="subscription.change",
        tag=TAG,
        summary="Change the plan or the seats",
        description="What costs more holds at once, in proportion to what is left of the period, and what "
        "costs less from the next period on, unless `timing` says otherwise. A change that is scheduled "
        "takes the place of the one before.",
        handler=lambda container, command, call: container.subscriptions.changing.change(
            call.ids["subscription_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ChangeTerms,
        result=PurchaseView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_CHANGES, *PAYING, StaleAggregate, *ONCE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/change/preview",
        name="subscription.preview_change",
        tag=TAG,
        summary="See what a change would cost",
        description="To the cent what the change would cost now, before tax.",
        handler=lambda container, command, call: container.subscriptions.changing.preview(
            call.ids["subscription_id"], command, call.caller
        ),
        command=ChangeTerms,
        result=ChangeQuote,
        access=Access.SIGNED_IN,
        scope="default",
        errors=_CHANGES,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/quantity",
        name="subscription.change_quantity",
        tag=TAG,
        summary="Change the seats",
        handler=lambda container, command, call: container.subscriptions.changing.change_quantity(
            call.ids["subscription_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ChangeQuantity,
        result=PurchaseView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_CHANGES, *PAYING, StaleAggregate, *ONCE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/renew",
        name="subscription.renew",
        tag=TAG,
        summary="Renew by hand",
        description="Pays the next period now, or what is overdue, or begins again what has ended.",
        handler=lambda container, command, call: container.subscriptions.renewing.renew(
            call.ids["subscription_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=Renew,
        result=PurchaseView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(
            UnknownSubscription,
            *SELLING,
            *PAYING,
            TransitionNotAllowed,
            AlreadyRenewed,
            AlreadySubscribed,
            PaymentUnderWay,
            NotRenewable,
            StaleAggregate,
            *ONCE,
        ),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_ONE}/renew/preview",
        name="subscription.preview_renewal",
        tag=TAG,
        summary="See what the next period costs",
        description="Before tax and usage.",
        handler=lambda container, _command, call: container.subscriptions.renewing.preview(
            call.ids["subscription_id"], call.caller
        ),
        result=RenewalQuote,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownSubscription, TransitionNotAllowed),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/cancel",
        name="subscription.cancel",
        tag=TAG,
        summary="Cancel a subscription",
        description="With the end of what is paid for, or at once (`timing`); then `refund` says what is "
        "given back: none, the unused part, or, with `subscriptions.subscription.update`, all of the period.",
        handler=lambda container, command, call: container.subscriptions.ending.cancel(
            call.ids["subscription_id"], command, call.caller
        ),
        command=Cancel,
        result=SubscriptionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownSubscription, TransitionNotAllowed, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/cancel/preview",
        name="subscription.preview_cancellation",
        tag=TAG,
        summary="See what cancelling would come to",
        handler=lambda container, command, call: container.subscriptions.ending.preview(
            call.ids["subscription_id"], command, call.caller
        ),
        command=Cancel,
        result=CancellationQuote,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownSubscription, TransitionNotAllowed),
    ),
    Endpoint(
        method="POST",
        path=f"{_ONE}/undo",
        name="subscription.undo_cancellation",
        tag=TAG,
        summary="Take a cancellation back",
        description="One that is to come with the end of the period.",
        handler=lambda container, _command, call: container.subscriptions.ending.undo(
            call.ids["subscription_id"], call.caller
        ),
        result=SubscriptionView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownSubscription, NothingToUndo, StaleAggregate),
    ),
)
