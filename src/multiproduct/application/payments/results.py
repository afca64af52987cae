"""What is told of payments, refunds and stored methods."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.money import MoneyView
from multiproduct.domain.payments import Attempt, Payment, Refund, StoredMethod
from multiproduct.domain.shared import Money


class _Result(BaseModel):
    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class PaymentView(_Result):
    """A payment. `status` is one of `requested`, `processing`, `requires_action`, `authorised`, `unknown`,
    `succeeded`, `partially_refunded`, `refunded`, `failed`, `cancelled`, `expired`."""

    id: UUID
    payer_id: UUID
    amount: MoneyView
    settled: MoneyView
    refunded: MoneyView
    purpose: str
    purpose_id: UUID
    gateway: str
    strategy: str
    status: str
    decline_code: str | None
    can_be_retried: bool
    review: str | None
    created_at: datetime
    updated_at: datetime
    settled_at: datetime | None

    @classmethod
    def of(cls, payment: Payment) -> "PaymentView":
        """The payment as it is told."""
        currency = payment.amount.currency
        return cls(
            id=payment.id,
            payer_id=payment.payer_id,
            amount=MoneyView.of(payment.amount),
            settled=MoneyView.of(Money(payment.settled, currency)),
            refunded=MoneyView.of(Money(payment.refunded, currency)),
            purpose=payment.purpose,
            purpose_id=payment.purpose_id,
            gateway=payment.gateway,
            strategy=payment.strategy.value,
            status=payment.shown_status.value,
            decline_code=payment.decline_code,
            can_be_retried=payment.can_be_retried,
            review=payment.review,
            created_at=payment.created_at,
            updated_at=payment.updated_at,
            settled_at=payment.settled_at,
        )


class PaymentAttemptView(_Result):
    """One try at a payment, or a step of one that is held. `instructions` say what the payer has to do."""

    id: UUID
    number: int
    kind: str
    amount: MoneyView
    status: str
    reference: str | None
    decline_code: str | None
    instructions: Mapping[str, str]
    deadline: datetime | None
    created_at: datetime

    @classmethod
    def of(cls, attempt: Attempt) -> "PaymentAttemptView":
        """The attempt as it is told."""
        return cls(
            id=attempt.id,
            number=attempt.number,
            kind=attempt.kind.value,
            amount=MoneyView.of(attempt.amount),
            status=attempt.status.value,
            reference=attempt.reference,
            decline_code=attempt.decline_code,
            instructions=dict(attempt.instructions),
            deadline=attempt.deadline,
            created_at=attempt.created_at,
        )


class RefundView(_Result):
    """A refund. `status` is one of `requested`, `processing`, `unknown`, `succeeded`, `failed`."""

    id: UUID
    payment_id: UUID
    amount: MoneyView
    status: str
    reason: str
    decline_code: str | None
    review: str | None
    created_at: datetime

    @classmethod
    def of(cls, refund: Refund) -> "RefundView":
        """The refund as it is told."""
        return cls(
            id=refund.id,
            payment_id=refund.payment_id,
            amount=MoneyView.of(refund.amount),
            status=refund.status.value,
            reason=refund.reason,
            decline_code=refund.decline_code,
            review=refund.review,
            created_at=refund.created_at,
        )


class PaymentDetails(_Result):
    """A payment with its attempts and refunds, the oldest first."""

    payment: PaymentView
    attempts: list[PaymentAttemptView]
    refunds: list[RefundView]

    @classmethod
    def of(cls, payment: Payment, attempts: Sequence[Attempt], refunds: Sequence[Refund]) -> "PaymentDetails":
        """All of it as it is told."""
        return cls(
            payment=PaymentView.of(payment),
            attempts=[PaymentAttemptView.of(attempt) for attempt in attempts],
            refunds=[RefundView.of(refund) for refund in refunds],
        )


class PaymentList(_Result):
    """A page of payments, the newest first."""

    items: list[PaymentView]
    next_cursor: str | None = None


class PaymentMethodView(_Result):
    """A stored method, by what people recognise it by."""

    id: UUID
    gateway: str
    kind: str = Field(examples=["card"])
    brand: str = Field(examples=["visa"])
    last4: str = Field(examples=["4242"])
    expires_year: int | None
    expires_month: int | None
    is_default: bool
    created_at: datetime

    @classmethod
    def of(cls, method: StoredMethod) -> "PaymentMethodView":
        """The method as it is told."""
        return cls(
            id=method.id,
            gateway=method.gateway,
            kind=method.kind,
            brand=method.brand,
            last4=method.last4,
            expires_year=method.expires_year,
            expires_month=method.expires_month,
            is_default=method.is_default,
            created_at=method.created_at,
        )


class PaymentMethodList(_Result):
    """A person's stored methods, the default one first."""

    items: list[PaymentMethodView]


class CallbackTaken(_Result):
    """A callback was taken down. `notices` is how many things it told that were not known."""

    notices: int


class PaymentDone(_Result):
    """It is done, and there is nothing to tell."""
