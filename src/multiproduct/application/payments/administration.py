"""What staff does by hand: confirming and rejecting payments, giving money back."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.payments.commands import ConfirmPayment, RefundPayment, RejectPayment
from multiproduct.application.payments.driving import PaymentDriving
from multiproduct.application.payments.gateways import Feature, Gateways
from multiproduct.application.payments.outcome_taking import OutcomeTaking
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.payments.refunding import NewRefund, Refunding
from multiproduct.application.payments.results import PaymentView, RefundView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.payments import (
    AmountMismatch,
    Attempt,
    Declined,
    GatewayCannot,
    ImpossibleTransition,
    Payment,
    PaymentDecidedByStaff,
    RefundExceedsPayment,
    Settled,
    Status,
    UnknownPayment,
    UnknownRefund,
)
from multiproduct.domain.payments.permissions import PAYMENTS_CONFIRM, PAYMENTS_REFUND
from multiproduct.domain.shared import Money

_REFUND = "payments.refund"
STAFF_PURPOSE = "payments.staff_refund"
_OPEN_TO_HANDS = frozenset(
    {Status.REQUIRES_ACTION, Status.UNKNOWN, Status.EXPIRED, Status.CANCELLED, Status.FAILED}
)


class PaymentAdministration:
    """Payments through gateways that work by hand, and those of any gateway that were left to staff."""

    def __init__(
        self,
        *,
        units: Units[PaymentsUnit],
        gateways: Gateways,
        taking: OutcomeTaking,
        refunding: Refunding,
        driving: PaymentDriving,
        idempotency: Idempotency,
        clock: Clock,
    ) -> None:
        self._units = units
        self._gateways = gateways
        self._taking = taking
        self._refunding = refunding
        self._driving = driving
        self._idempotency = idempotency
        self._clock = clock

    async def confirm(self, payment_id: UUID, command: ConfirmPayment, caller: Caller) -> PaymentView:
        """The money came. Confirming again changes nothing. Needs `payments.payment.confirm` and a recent
        sign-in.

        Raises StepUpRequired, UnknownPayment, GatewayCannot, InvalidInput, ImpossibleTransition;
        AmountMismatch where it is not what was asked for.
        """
        caller.require(PAYMENTS_CONFIRM)
        caller.require_recent(self._clock.now())

        async def body(unit: PaymentsUnit) -> PaymentView:
            payment, attempt = await self._by_hand(unit, payment_id)
            received = command.received.money(field="received", known=payment.amount.currency)
            if received != attempt.amount:
                raise AmountMismatch(asked=str(attempt.amount), received=str(received))
            if attempt.status is not Status.SUCCEEDED:
                _require_open(payment)
                outcome = Settled(reference=attempt.reference or command.reference, amount=received)
                payment = await self._taking.told(unit, attempt.id, outcome)
                unit.record(self._decided(payment, "confirmed", command.reference))
                await unit.commit()
            return PaymentView.of(payment)

        return await in_unit(lambda: self._units.open(caller), body)

    async def reject(self, payment_id: UUID, command: RejectPayment, caller: Caller) -> PaymentView:
        """No money came. Rejecting again changes nothing. Needs `payments.payment.confirm` and a recent
        sign-in. Raises StepUpRequired, UnknownPayment, GatewayCannot, ImpossibleTransition."""
        caller.require(PAYMENTS_CONFIRM)
        caller.require_recent(self._clock.now())

        async def body(unit: PaymentsUnit) -> PaymentView:
            payment, attempt = await self._by_hand(unit, payment_id)
            if payment.status is not Status.FAILED:
                if payment.status not in {Status.REQUIRES_ACTION, Status.UNKNOWN}:
                    raise ImpossibleTransition(status=payment.status.value, asked="reject")
                payment = await self._taking.told(unit, attempt.id, Declined(code="not_paid"))
                unit.record(self._decided(payment, "rejected", command.reason))
                await unit.commit()
            return PaymentView.of(payment)

        return await in_unit(lambda: self._units.open(caller), body)

    async def refund(
        self, payment_id: UUID, command: RefundPayment, caller: Caller, *, idempotency_key: str | None = None
    ) -> RefundView:
        """Gives some of a payment back, or the rest of it. Needs `payments.payment.refund` and a recent
        sign-in.

        Raises StepUpRequired, UnknownPayment, InvalidInput, GatewayCannot, RefundExceedsPayment,
        RefundExceedsFunds, IdempotencyMismatch, IdempotencyUnfinished.
        """
        caller.require(PAYMENTS_REFUND)
        now = self._clock.now()
        caller.require_recent(now)

        async def body(unit: PaymentsUnit) -> RefundView:
            view = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=f"{_REFUND}/{payment_id}",
                caller=caller,
                command=command,
                answer_type=RefundView,
                now=now,
                body=lambda: self._open_refund(unit, payment_id, command, caller),
            )
            await unit.commit()
            return view

        opened = await in_unit(lambda: self._units.open(caller), body)
        await self._driving.drive_refund(opened.id, caller)
        async with self._units.view(caller) as view:
            refund = await view.payment_refunds.find(opened.id)
        return opened if refund is None else RefundView.of(refund)

    async def confirm_refund(self, refund_id: UUID, caller: Caller) -> RefundView:
        """The money went back, by hand. Needs `payments.payment.refund` and a recent sign-in. Raises
        StepUpRequired, UnknownRefund, GatewayCannot."""
        caller.require(PAYMENTS_REFUND)
        caller.require_recent(self._clock.now())

        async def body(unit: PaymentsUnit) -> RefundView:
            refund = await unit.payment_refunds.find(refund_id)
            if refund is None:
                raise UnknownRefund
            self._require_by_hand(refund.gateway, refund.review)
            if not refund.is_over:
                outcome = Settled(reference=refund.reference or str(refund.id), amount=refund.amount)
                refund = await self._taking.told_of_refund(unit, refund_id, outcome)
                await unit.commit()
            return RefundView.of(refund)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _open_refund(
        self, unit: PaymentsUnit, payment_id: UUID, command: RefundPayment, caller: Caller
    ) -> RefundView:
        payment = await unit.payments.find(payment_id)
        if payment is None:
            raise UnknownPayment
        currency = payment.amount.currency
        if command.amount is None and payment.settled <= payment.refunding:
            raise RefundExceedsPayment(settled=payment.settled, refunding=payment.refunding)
        amount = (
            Money(payment.settled - payment.refunding, currency)
            if command.amount is None
            else command.amount.money(field="amount", known=currency)
        )
        refund = await self._refunding.open(
            unit,
            NewRefund(
                payment_id=payment_id,
                amount=amount,
                reason=command.reason,
                purpose=STAFF_PURPOSE,
                purpose_id=payment_id,
                requested_by=caller.principal.user_id,
            ),
        )
        return RefundView.of(refund)

    async def _by_hand(self, unit: PaymentsUnit, payment_id: UUID) -> tuple[Payment, Attempt]:
        payment = await unit.payments.find(payment_id)
        attempt = None if payment is None else await unit.payment_attempts.find(payment.attempt_id)
        if payment is None or attempt is None:
            raise UnknownPayment
        self._require_by_hand(payment.gateway, payment.review)
        return payment, attempt

    def _decided(self, payment: Payment, decision: str, note: str) -> PaymentDecidedByStaff:
        return PaymentDecidedByStaff(
            occurred_at=self._clock.now(),
            payment_id=payment.id,
            payer_id=payment.payer_id,
            decision=decision,
            note=note,
        )

    def _require_by_hand(self, gateway: str, review: str | None) -> None:
        if review is None and Feature.BY_HAND not in self._gateways.features(gateway):
            raise GatewayCannot(gateway=gateway, what=Feature.BY_HAND.value)


def _require_open(payment: Payment) -> None:
    if payment.status not in _OPEN_TO_HANDS:
        raise ImpossibleTransition(status=payment.status.value, asked="confirm")
