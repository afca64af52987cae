"""The endpoints by which staff looks after payments."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.payments.commands import (
    CapturePayment,
    ConfirmPayment,
    ListPayments,
    RefundPayment,
    RejectPayment,
)
from multiproduct.application.payments.results import PaymentList, PaymentView, RefundView
from multiproduct.domain.payments import (
    AmountMismatch,
    CaptureExceedsHold,
    GatewayCannot,
    ImpossibleTransition,
    RefundExceedsFunds,
    RefundExceedsPayment,
    UnknownPayment,
    UnknownRefund,
)
from multiproduct.domain.payments.permissions import (
    PAYMENTS_CAPTURE,
    PAYMENTS_CONFIRM,
    PAYMENTS_READ,
    PAYMENTS_REFUND,
)
from multiproduct.domain.shared import StaleAggregate, StepUpRequired
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/payments"
_TAG = "Payments"
_REPEATED = (IdempotencyMismatch, IdempotencyUnfinished)

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/payments",
        name="payment.list",
        tag=_TAG,
        summary="List everybody's payments",
        description="The newest first.",
        handler=lambda container, command, call: container.payments.reading.every(command, call.caller),
        command=ListPayments,
        result=PaymentList,
        access=Access.SIGNED_IN,
        permission=PAYMENTS_READ,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/payments/{{payment_id}}/confirm",
        name="payment.confirm",
        tag=_TAG,
        summary="Say that the money of a payment came",
        description="For gateways that work by hand, and for payments that were left to staff. What was "
        "received has to be what was asked for. Needs a recent sign-in.",
        handler=lambda container, command, call: container.payments.administration.confirm(
            call.ids["payment_id"], command, call.caller
        ),
        command=ConfirmPayment,
        result=PaymentView,
        access=Access.SIGNED_IN,
        permission=PAYMENTS_CONFIRM,
        scope="default",
        errors=(
            StepUpRequired,
            UnknownPayment,
            GatewayCannot,
            AmountMismatch,
            ImpossibleTransition,
            StaleAggregate,
        ),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/payments/{{payment_id}}/reject",
        name="payment.reject",
        tag=_TAG,
        summary="Say that no money of a payment came",
        description="Should it come all the same, it can be confirmed. Needs a recent sign-in.",
        handler=lambda container, command, call: container.payments.administration.reject(
            call.ids["payment_id"], command, call.caller
        ),
        command=RejectPayment,
        result=PaymentView,
        access=Access.SIGNED_IN,
        permission=PAYMENTS_CONFIRM,
        scope="default",
        errors=(StepUpRequired, UnknownPayment, GatewayCannot, ImpossibleTransition, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/payments/{{payment_id}}/refunds",
        name="payment.refund",
        tag=_TAG,
        summary="Give some of a payment back",
        description="Or the rest of it, where no amount is told. The payer's account has to hold it. Needs a "
        "recent sign-in.",
        handler=lambda container, command, call: container.payments.administration.refund(
            call.ids["payment_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=RefundPayment,
        result=RefundView,
        status=201,
        access=Access.SIGNED_IN,
        permission=PAYMENTS_REFUND,
        scope="default",
        errors=(
            StepUpRequired,
            UnknownPayment,
            GatewayCannot,
            RefundExceedsPayment,
            RefundExceedsFunds,
            *_REPEATED,
        ),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/refunds/{{refund_id}}/confirm",
        name="refund.confirm",
        tag=_TAG,
        summary="Say that a refund was given back by hand",
        description="Needs a recent sign-in.",
        handler=lambda container, _command, call: container.payments.administration.confirm_refund(
            call.ids["refund_id"], call.caller
        ),
        result=RefundView,
        access=Access.SIGNED_IN,
        permission=PAYMENTS_REFUND,
        scope="default",
        errors=(StepUpRequired, UnknownRefund, GatewayCannot, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/payments/{{payment_id}}/captures",
        name="payment.capture",
        tag=_TAG,
        summary="Take some of a held amount",
        description="Or all that is still held, where no amount is told.",
        handler=lambda container, command, call: container.payments.holds.capture(
            call.ids["payment_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=CapturePayment,
        result=PaymentView,
        access=Access.SIGNED_IN,
        permission=PAYMENTS_CAPTURE,
        scope="default",
        errors=(UnknownPayment, ImpossibleTransition, CaptureExceedsHold, StaleAggregate, *_REPEATED),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/payments/{{payment_id}}/release",
        name="payment.release",
        tag=_TAG,
        summary="Let go of what is still held",
        handler=lambda container, _command, call: container.payments.holds.release(
            call.ids["payment_id"], call.caller
        ),
        result=PaymentView,
        access=Access.SIGNED_IN,
        permission=PAYMENTS_CAPTURE,
        scope="default",
        errors=(UnknownPayment, ImpossibleTransition, StaleAggregate),
    ),
)
