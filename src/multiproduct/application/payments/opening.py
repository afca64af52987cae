"""Opening payments and further attempts at them: steps for the contexts above, in their own unit."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.payments.gateways import Feature, Gateways
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.domain.payments import (
    GatewayCannot,
    ImpossibleTransition,
    Payment,
    Strategy,
    UnknownGateway,
    UnknownPayment,
    UnknownPaymentMethod,
)
from multiproduct.domain.shared import Currency, FieldProblem, InvalidInput, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayment:
    """What is to be paid, by whom, for what and through which gateway. `purpose` is `context.thing`."""

    payer_id: UUID
    amount: Money
    purpose: str
    purpose_id: UUID
    gateway: str
    method_id: UUID | None = None
    is_off_session: bool = False
    strategy: Strategy = Strategy.DIRECT


class PaymentOpening:
    """Nothing here calls a gateway: what is opened is driven after the caller's commit."""

    def __init__(self, *, gateways: Gateways, clock: Clock, ids: Ids) -> None:
        self._gateways = gateways
        self._clock = clock
        self._ids = ids

    async def open(self, unit: PaymentsUnit, new: NewPayment) -> Payment:
        """A step: a payment with its first attempt; the reaction to PaymentRequested tells the gateway,
        unless `PaymentDriving.drive` did before.

        Raises InvalidInput for an amount that is not positive, UnknownGateway, GatewayCannot,
        UnknownPaymentMethod.
        """
        if new.amount.minor <= 0:
            raise InvalidInput(_too_small(new.amount.currency))
        self._require_features(new.gateway, new.strategy, is_off_session=new.is_off_session)
        await self._require_method(
            unit, new.payer_id, new.gateway, new.method_id, is_off_session=new.is_off_session
        )
        now = self._clock.now()
        attempt_id = self._ids.next()
        payment = Payment(
            id=self._ids.next(),
            payer_id=new.payer_id,
            amount=new.amount,
            purpose=new.purpose,
            purpose_id=new.purpose_id,
            gateway=new.gateway,
            strategy=new.strategy,
            attempt_id=attempt_id,
            created_at=now,
            updated_at=now,
        )
        attempt = payment.next_attempt(
            id=attempt_id, method_id=new.method_id, is_off_session=new.is_off_session, now=now
        )
        await unit.payments.add(payment)
        await unit.payment_attempts.add(attempt)
        return payment

    def can_charge_off_session(self, gateway: str) -> bool:
        """Whether stored methods of a gateway can be charged while their holder is not there; false of one
        that is not set up here any more."""
        try:
            return Feature.OFF_SESSION in self._gateways.features(gateway)
        except UnknownGateway:
            return False

    async def retry(
        self,
        unit: PaymentsUnit,
        payment_id: UUID,
        *,
        method_id: UUID | None = None,
        is_off_session: bool = False,
    ) -> Payment:
        """A step: another attempt at a payment that was declined or has expired, by the same method or
        another one. A decline that was final needs another method.

        Raises UnknownPayment, UnknownPaymentMethod, ImpossibleTransition.
        """
        payment = await unit.payments.find(payment_id)
        if payment is None:
            raise UnknownPayment
        former = await unit.payment_attempts.find(payment.attempt_id)
        used = former.method_id if former else None
        if not payment.can_be_retried and method_id in {None, used}:
            raise ImpossibleTransition(status=payment.status.value, asked="retry")
        chosen = method_id or used
        self._require_features(payment.gateway, payment.strategy, is_off_session=is_off_session)
        await self._require_method(
            unit, payment.payer_id, payment.gateway, chosen, is_off_session=is_off_session
        )
        attempt = payment.next_attempt(
            id=self._ids.next(), method_id=chosen, is_off_session=is_off_session, now=self._clock.now()
        )
        await unit.payment_attempts.add(attempt)
        await unit.payments.save(payment)
        return payment

    def _require_features(self, gateway: str, strategy: Strategy, *, is_off_session: bool) -> None:
        features = self._gateways.features(gateway)
        if strategy is Strategy.ESCROW and Feature.ESCROW not in features:
            raise GatewayCannot(gateway=gateway, what=Feature.ESCROW.value)
        needs_off_session = is_off_session or strategy is Strategy.SUBSCRIPTION
        if needs_off_session and Feature.OFF_SESSION not in features:
            raise GatewayCannot(gateway=gateway, what=Feature.OFF_SESSION.value)

    @staticmethod
    async def _require_method(
        unit: PaymentsUnit, payer_id: UUID, gateway: str, method_id: UUID | None, *, is_off_session: bool
    ) -> None:
        if method_id is None:
            if is_off_session:
                raise UnknownPaymentMethod
            return
        method = await unit.payment_methods.find(method_id)
        if (
            method is None
            or method.removed_at is not None
            or (method.user_id, method.gateway) != (payer_id, gateway)
        ):
            raise UnknownPaymentMethod(method=str(method_id))


def _too_small(currency: Currency) -> FieldProblem:
    return FieldProblem("amount", "value_too_small", (("min", str(Money(1, currency))),))
