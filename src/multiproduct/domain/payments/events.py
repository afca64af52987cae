"""What happens to payments, refunds and stored methods. No event holds a token or an instruction."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from multiproduct.domain.shared import Action, Event


class PaymentFacts(TypedDict):
    """What every event of a payment tells."""

    occurred_at: datetime
    payment_id: UUID
    attempt_id: UUID
    payer_id: UUID
    purpose: str
    purpose_id: UUID
    minor: int
    currency: str
    gateway: str


class RefundFacts(PaymentFacts):
    """What every event of a refund tells."""

    refund_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class _PaymentEvent(Event):
    """`minor` counts the currency's smallest units. `purpose` and `purpose_id` say what it is paid for, as
    the context that opened it has it."""

    RESOURCE = "payment"

    payment_id: UUID
    attempt_id: UUID
    payer_id: UUID
    purpose: str
    purpose_id: UUID
    minor: int
    currency: str
    gateway: str

    @property
    def resource_id(self) -> str:
        return str(self.payment_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.payer_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        told = {"purpose": self.purpose, "minor": str(self.minor), "currency": self.currency}
        told |= {"gateway": self.gateway} | self._told
        return {name: (None, value) for name, value in told.items()}

    @property
    def _told(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentRequested(_PaymentEvent):
    """There is an attempt that the gateway has to be told of: the first of a payment, or another one."""

    NAME = "payments.payment_requested"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False

    is_off_session: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAwaitingPayer(_PaymentEvent):
    """The payer has to do something before money moves."""

    NAME = "payments.payment_awaiting_payer"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAuthorised(_PaymentEvent):
    """The amount is held."""

    NAME = "payments.payment_authorised"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRequested(_PaymentEvent):
    """Some of a held amount is to be taken; `minor` is how much."""

    NAME = "payments.capture_requested"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(_PaymentEvent):
    """Some of a held amount was taken; `minor` is how much."""

    NAME = "payments.payment_captured"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureDeclined(_PaymentEvent):
    """A part of a held amount could not be taken."""

    NAME = "payments.capture_declined"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False

    code: str

    @property
    def _told(self) -> dict[str, str]:
        return {"code": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRequested(_PaymentEvent):
    """What is still held is to be let go; `minor` is how much."""

    NAME = "payments.release_requested"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentSettled(_PaymentEvent):
    """The money was taken, and is in the payer's account in the ledger. `minor` is all that was taken.
    `is_late` is whether the payment had failed, expired or been called off before."""

    NAME = "payments.payment_settled"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False

    is_late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined(_PaymentEvent):
    """An attempt was declined. `is_final`: the method will never be accepted for this."""

    NAME = "payments.payment_declined"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False

    code: str
    is_final: bool

    @property
    def _told(self) -> dict[str, str]:
        return {"code": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentUnknown(_PaymentEvent):
    """Nobody here can tell whether money moved; the gateway is asked on a schedule."""

    NAME = "payments.payment_unknown"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCancelled(_PaymentEvent):
    """It was called off, or what was held was released, before money was taken."""

    NAME = "payments.payment_cancelled"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentExpired(_PaymentEvent):
    """The payer let the deadline pass."""

    NAME = "payments.payment_expired"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNeedsReview(_PaymentEvent):
    """Staff has to look: `reason` is `unresolved`, `amount_mismatch` or `paid_twice`."""

    NAME = "payments.payment_needs_review"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = True

    reason: str

    @property
    def _told(self) -> dict[str, str]:
        return {"reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDecidedByStaff(Event):
    """Somebody of the staff said what became of a payment: `confirmed` or `rejected`, with their note."""

    NAME = "payments.payment_decided_by_staff"
    ACTION = Action.PAYMENT
    RESOURCE = "payment"
    CONCERNS_SECURITY = True

    payment_id: UUID
    payer_id: UUID
    decision: str
    note: str

    @property
    def resource_id(self) -> str:
        return str(self.payment_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.payer_id)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"decision": (None, self.decision), "note": (None, self.note)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _RefundEvent(_PaymentEvent):
    """`minor` is what is given back. `purpose` and `purpose_id` are the refund's own."""

    RESOURCE = "refund"

    refund_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.refund_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequested(_RefundEvent):
    """Some of a payment is to be given back."""

    NAME = "payments.refund_requested"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundSettled(_RefundEvent):
    """Some of a payment was given back."""

    NAME = "payments.refund_settled"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundDeclined(_RefundEvent):
    """The gateway gave nothing back, and will not."""

    NAME = "payments.refund_declined"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False

    code: str

    @property
    def _told(self) -> dict[str, str]:
        return {"code": self.code}


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundUnknown(_RefundEvent):
    """Nobody here can tell whether the money was given back; the gateway is asked on a schedule."""

    NAME = "payments.refund_unknown"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundNeedsReview(_RefundEvent):
    """Staff has to look: `reason` is `unresolved` or `amount_mismatch`."""

    NAME = "payments.refund_needs_review"
    ACTION = Action.PAYMENT
    CONCERNS_SECURITY = True

    reason: str

    @property
    def _told(self) -> dict[str, str]:
        return {"reason": self.reason}


@dataclass(frozen=True, slots=True, kw_only=True)
class _MethodEvent(Event):
    RESOURCE = "payment_method"

    method_id: UUID
    owner_id: UUID
    gateway: str

    @property
    def resource_id(self) -> str:
        return str(self.method_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodStored(_MethodEvent):
    """Somebody stored a method of payment."""

    NAME = "payments.method_stored"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentMethodRemoved(_MethodEvent):
    """A stored method was removed, and is never charged again."""

    NAME = "payments.method_removed"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultMethodChanged(_MethodEvent):
    """Another stored method is the first choice."""

    NAME = "payments.default_method_changed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackReceived(Event):
    """A gateway told something, and its signature was right."""

    NAME = "payments.callback_received"
    ACTION = Action.PAYMENT
    RESOURCE = "payment_callback"
    CONCERNS_SECURITY = False

    callback_id: UUID
    gateway: str

    @property
    def resource_id(self) -> str:
        return str(self.callback_id)


EVENTS: tuple[type[Event], ...] = (
    PaymentRequested,
    PaymentAwaitingPayer,
    PaymentAuthorised,
    CaptureRequested,
    PaymentCaptured,
    CaptureDeclined,
    ReleaseRequested,
    PaymentSettled,
    PaymentDeclined,
    PaymentUnknown,
    PaymentCancelled,
    PaymentExpired,
    PaymentNeedsReview,
    PaymentDecidedByStaff,
    RefundRequested,
    RefundSettled,
    RefundDeclined,
    RefundUnknown,
    RefundNeedsReview,
    PaymentMethodStored,
    PaymentMethodRemoved,
    DefaultMethodChanged,
    CallbackReceived,
)
