"""What gateways are told, made from what is kept."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from multiproduct.application.payments import sealed_purposes
from multiproduct.application.payments.gateways import (
    ChargeOrder,
    Gateway,
    HoldOrder,
    Question,
    QuestionKind,
    RefundOrder,
)
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.ports.sealing import Sealing
from multiproduct.domain.payments import Attempt, AttemptKind, Outcome, Payment, Refund, StoredMethod
from multiproduct.domain.shared import Unavailable

_SECRET_IS_BACK_SECONDS = 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Reads what an order needs. Only here is a stored token opened."""

    sealing: Sealing

    def charge(self, payment: Payment, attempt: Attempt, method: StoredMethod | None) -> ChargeOrder:
        """To take or to hold. Raises Unavailable where the token cannot be opened."""
        return ChargeOrder(
            key=attempt.id,
            payment_id=payment.id,
            payer_id=payment.payer_id,
            amount=attempt.amount,
            token=None if method is None else self.token(method),
            is_off_session=attempt.is_off_session,
        )

    def token(self, method: StoredMethod) -> str:
        """A method's token. Raises Unavailable where the secret it is sealed under was retired too early."""
        purpose = sealed_purposes.of_method_token(method.user_id, method.id)
        token = self.sealing.open(method.sealed_token, purpose=purpose)
        if token is None:
            raise Unavailable(what="payment method", retry_after=_SECRET_IS_BACK_SECONDS)
        return token.decode()

    @staticmethod
    async def of_hold(unit: PaymentsUnit, payment: Payment, attempt: Attempt) -> HoldOrder:
        """To capture or to release."""
        hold = await unit.payment_attempts.find(payment.attempt_id)
        return HoldOrder(
            key=attempt.id,
            amount=attempt.amount,
            hold_key=payment.attempt_id,
            hold_reference=hold.reference if hold else None,
        )

    @staticmethod
    async def of_refund(unit: PaymentsUnit, payment: Payment, refund: Refund) -> RefundOrder:
        """To give back."""
        charge = await unit.payment_attempts.find(refund.attempt_id)
        return RefundOrder(
            key=refund.id,
            payer_id=payment.payer_id,
            amount=refund.amount,
            charge_key=refund.attempt_id,
            charge_reference=charge.reference if charge else None,
            reason=refund.reason,
        )


def question_about(call: Attempt | Refund) -> Question:
    """What became of it?"""
    if isinstance(call, Refund):
        return Question(key=call.id, kind=QuestionKind.REFUND, reference=call.reference, amount=call.amount)
    return Question(
        key=call.id,
        kind=QuestionKind(call.kind.value),
        reference=call.reference,
        amount=call.amount,
        deadline=call.deadline,
        instructions=call.instructions,
    )


def charging(gateway: Gateway, kind: AttemptKind, order: ChargeOrder) -> Callable[[], Awaitable[Outcome]]:
    """The call that takes or holds."""
    tell = gateway.authorise if kind is AttemptKind.AUTHORISE else gateway.charge
    return lambda: tell(order)


def moving_hold(gateway: Gateway, kind: AttemptKind, order: HoldOrder) -> Callable[[], Awaitable[Outcome]]:
    """The call that takes of what is held, or lets it go."""
    tell = gateway.capture if kind is AttemptKind.CAPTURE else gateway.release
    return lambda: tell(order)
