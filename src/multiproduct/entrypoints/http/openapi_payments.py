"""What payments refuse, as the OpenAPI document shows it."""

from collections.abc import Sequence

from multiproduct.domain.payments import (
    AmountMismatch,
    CaptureExceedsHold,
    GatewayCannot,
    ImpossibleTransition,
    MethodRefused,
    RefundExceedsFunds,
    RefundExceedsPayment,
    TooManyPaymentMethods,
    UnknownGateway,
    UnknownPayment,
    UnknownPaymentMethod,
    UnknownRefund,
)
from multiproduct.domain.payments.stored_method import MAX_METHODS
from multiproduct.domain.shared import MultiproductError

NOT_FOUND: Sequence[MultiproductError] = (
    UnknownPayment(),
    UnknownRefund(),
    UnknownPaymentMethod(),
    UnknownGateway(gateway="NO_SUCH"),
)
CONFLICTS: Sequence[MultiproductError] = (
    GatewayCannot(gateway="STARK_PAY", what="by_hand"),
    ImpossibleTransition(status="processing", asked="cancelled"),
    AmountMismatch(asked="19.99", received="19.98"),
    CaptureExceedsHold(held=500),
    RefundExceedsPayment(settled=1_999, refunding=1_999),
    RefundExceedsFunds(),
    MethodRefused(reason="invalid_card"),
    TooManyPaymentMethods(max=MAX_METHODS),
)
