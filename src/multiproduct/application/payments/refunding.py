"""Opening refunds: a step for the contexts above, and for staff."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.payments.bookkeeping import Bookkeeping
from multiproduct.application.payments.gateways import Feature, Gateways
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.payments import (
    CheckSchedule,
    Payment,
    Refund,
    RefundExceedsPayment,
    RefundLearning,
    UnknownPayment,
)
from multiproduct.domain.shared import Currency, FieldProblem, InvalidInput, Money, currency_mismatch


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefund:
    """How much of which payment is given back, why, and on whose account: `purpose` is `context.thing`."""

    payment_id: UUID
    amount: Money
    reason: str
    purpose: str
    purpose_id: UUID
    requested_by: UUID | None = None


class Refunding:
    """Nothing here calls a gateway: what is opened is driven after the caller's commit."""

    def __init__(
        self,
        *,
        gateways: Gateways,
        bookkeeping: Bookkeeping,
        clock: Clock,
        ids: Ids,
        schedule: CheckSchedule,
    ) -> None:
        self._gateways = gateways
        self._bookkeeping = bookkeeping
        self._clock = clock
        self._ids = ids
        self._schedule = schedule

    def can_give_back(self, payment: Payment) -> bool:
        """Whether its gateway gives back any part of a payment."""
        features = self._gateways.features(payment.gateway)
        return {Feature.REFUND, Feature.PARTIAL_REFUND} <= set(features)

    async def open(self, unit: PaymentsUnit, new: NewRefund) -> Refund:
        """A step: a refund of what was taken, which the payer's account has to hold: it is set aside there
        until the gateway gave it back.

        Raises UnknownPayment, InvalidInput, GatewayCannot, RefundExceedsPayment, RefundExceedsFunds.
        """
        payment = await unit.payments.find(new.payment_id)
        if payment is None:
            raise UnknownPayment
        if new.amount.minor <= 0:
            raise InvalidInput(_too_small(new.amount.currency))
        if new.amount.currency != payment.amount.currency:
            given, expected = new.amount.currency.code, payment.amount.currency.code
            raise InvalidInput(currency_mismatch("amount.currency", given=given, expected=expected))
        self._gateways.require(payment.gateway, Feature.REFUND)
        if new.amount.minor < payment.settled:
            self._gateways.require(payment.gateway, Feature.PARTIAL_REFUND)
        now = self._clock.now()
        refund = Refund(
            id=self._ids.next(),
            payment_id=payment.id,
            attempt_id=payment.attempt_id,
            gateway=payment.gateway,
            amount=new.amount,
            reason=new.reason,
            purpose=new.purpose,
            purpose_id=new.purpose_id,
            requested_by=new.requested_by,
            created_at=now,
            updated_at=now,
        )
        if not await unit.payments.set_aside_refund(payment.id, new.amount.minor):
            raise RefundExceedsPayment(settled=payment.settled, refunding=payment.refunding)
        await self._bookkeeping.set_aside(unit, payment, refund)
        RefundLearning(payment=payment, refund=refund, schedule=self._schedule, now=now).requested()
        await unit.payment_refunds.add(refund)
        return refund


def _too_small(currency: Currency) -> FieldProblem:
    return FieldProblem("amount", "value_too_small", (("min", str(Money(1, currency))),))
