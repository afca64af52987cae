"""Why payments, refunds and stored methods are refused."""

from multiproduct.domain.shared import Conflict, MultiproductError, NotFound
from multiproduct.domain.shared.errors import Kind


class UnknownPayment(NotFound):
    """There is no such payment, or it is somebody else's."""

    code = "unknown_payment"


class UnknownRefund(NotFound):
    """There is no such refund."""

    code = "unknown_refund"


class UnknownPaymentMethod(NotFound):
    """There is no such stored method, or it is somebody else's, or it was removed."""

    code = "unknown_payment_method"


class UnknownGateway(NotFound):
    """No gateway of this name is set up here."""

    code = "unknown_gateway"


class GatewayCannot(Conflict):
    """The gateway offers no such thing. `what` names it."""

    code = "gateway_cannot"


class ImpossibleTransition(Conflict):
    """Where it stands, this cannot follow. `status` is where it stands, `asked` what was to follow."""

    code = "payment_state"


class RefundExceedsPayment(Conflict):
    """The refunds would come to more than was taken."""

    code = "refund_exceeds_payment"


class RefundExceedsFunds(Conflict):
    """The payer's account does not hold the amount: what it paid for has to be credited first."""

    code = "refund_exceeds_funds"


class CaptureExceedsHold(Conflict):
    """The captures would come to more than is held."""

    code = "capture_exceeds_hold"


class AmountMismatch(Conflict):
    """What was received is not what was asked for. `asked` and `received` are minor units with currency."""

    code = "payment_amount_mismatch"


class MethodRefused(Conflict):
    """The gateway does not take this method. `reason` is a decline code."""

    code = "payment_method_refused"


class TooManyPaymentMethods(Conflict):
    """The most that one person can store are stored."""

    code = "too_many_payment_methods"


class CallbackRefused(MultiproductError):
    """The callback is not the gateway's: its signature is wrong, or it cannot be read."""

    code = "callback_refused"
    kind = Kind.UNAUTHENTICATED
