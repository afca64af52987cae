"""The endpoints of payments and stored methods of payment."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.payments.commands import (
    ListOwnPayments,
    StoreMethod,
)
from multiproduct.application.payments.results import (
    PaymentDetails,
    PaymentDone,
    PaymentList,
    PaymentMethodList,
    PaymentMethodView,
    PaymentView,
)
from multiproduct.domain.payments import (
    GatewayCannot,
    ImpossibleTransition,
    MethodRefused,
    TooManyPaymentMethods,
    UnknownGateway,
    UnknownPayment,
    UnknownPaymentMethod,
)
from multiproduct.domain.shared import StaleAggregate, Unavailable
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/payments"
_TAG = "Payments"
_METHODS_TAG = "Payment methods"

_OWN: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/mine",
        name="payment.mine",
        tag=_TAG,
        summary="List one's payments",
        description="The newest first.",
        handler=lambda container, command, call: container.payments.reading.own(
            call.caller, cursor=command.cursor, limit=command.limit
        ),
        command=ListOwnPayments,
        result=PaymentList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/payments/{{payment_id}}",
        name="payment.read",
        tag=_TAG,
        summary="Read a payment",
        description="With its attempts, what the payer has to do, and its refunds. Everybody may read their "
        "own; `payments.payment.read` reads everybody's.",
        handler=lambda container, _command, call: container.payments.reading.read(
            call.ids["payment_id"], call.caller
        ),
        result=PaymentDetails,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownPayment,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/payments/{{payment_id}}/cancel",
        name="payment.cancel",
        tag=_TAG,
        summary="Call a payment off",
        description="One that waits. The gateway is asked, and may answer that it is too late: then the "
        "payment has succeeded.",
        handler=lambda container, _command, call: container.payments.calling_off.cancel(
            call.ids["payment_id"], call.caller
        ),
        result=PaymentView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownPayment, ImpossibleTransition, GatewayCannot, StaleAggregate, Unavailable),
    ),
)

_METHODS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/methods",
        name="payment_method.list",
        tag=_METHODS_TAG,
        summary="List one's stored methods",
        description="The default one first.",
        handler=lambda container, _command, call: container.payments.methods.own(call.caller),
        result=PaymentMethodList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/methods",
        name="payment_method.store",
        tag=_METHODS_TAG,
        summary="Store a method",
        description="By the token that the gateway's own form gave the browser. The first one is the default "
        "one.",
        handler=lambda container, command, call: container.payments.methods.store(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=StoreMethod,
        result=PaymentMethodView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(
            UnknownGateway,
            GatewayCannot,
            MethodRefused,
            TooManyPaymentMethods,
            IdempotencyMismatch,
            IdempotencyUnfinished,
            Unavailable,
        ),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/methods/{{method_id}}/default",
        name="payment_method.prefer",
        tag=_METHODS_TAG,
        summary="Make a method the default one",
        handler=lambda container, _command, call: container.payments.methods.prefer(
            call.ids["method_id"], call.caller
        ),
        result=PaymentMethodView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(UnknownPaymentMethod, StaleAggregate),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/methods/{{method_id}}",
        name="payment_method.remove",
        tag=_METHODS_TAG,
        summary="Remove a method",
        description="It is never charged again.",
        handler=lambda container, _command, call: container.payments.methods.remove(
            call.ids["method_id"], call.caller
        ),
        result=PaymentDone,
        access=Access.SIGNED_IN,
        scope="default",
        message="message.payment_method_removed",
        errors=(UnknownPaymentMethod, StaleAggregate),
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_OWN, *_METHODS)
