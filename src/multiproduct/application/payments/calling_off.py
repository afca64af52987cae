"""Calling off payments that wait, capturing and releasing held ones."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.payments.calling import told
from multiproduct.application.payments.commands import CapturePayment
from multiproduct.application.payments.driving import PaymentDriving
from multiproduct.application.payments.gateways import Feature, Gateways, NotSent
from multiproduct.application.payments.orders import question_about
from multiproduct.application.payments.outcome_taking import OutcomeTaking
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.payments.reading import require_reach
from multiproduct.application.payments.results import PaymentView
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.payments import (
    Attempt,
    CalledOff,
    ImpossibleTransition,
    Payment,
    Status,
    UnknownPayment,
)
from multiproduct.domain.payments.permissions import PAYMENTS_CAPTURE
from multiproduct.domain.shared import Money, Unavailable

_CAPTURE = "payments.capture"


class CallingOff:
    """One that the gateway has not heard of is called off at once; one that waits for its payer, by asking
    the gateway, which may answer that it is too late."""

    def __init__(
        self, *, units: Units[PaymentsUnit], gateways: Gateways, taking: OutcomeTaking, clock: Clock
    ) -> None:
        self._units = units
        self._gateways = gateways
        self._taking = taking
        self._clock = clock

    async def cancel(self, payment_id: UUID, caller: Caller) -> PaymentView:
        """Calls off one's own payment, or with `payments.payment.read` anybody's; again changes nothing.
        Where the money was taken meanwhile, the payment has succeeded.

        Raises Unauthenticated, UnknownPayment, GatewayCannot, Unavailable; ImpossibleTransition while the
        gateway is being told, and where it is over.
        """
        waiting = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._begin(unit, payment_id, caller)
        )
        if isinstance(waiting, Payment):
            return PaymentView.of(waiting)
        gateway = self._gateways.outside(waiting.gateway)
        question = question_about(waiting)
        try:
            outcome = await told(lambda: gateway.cancel(question))
        except NotSent:
            raise Unavailable(what="gateway", retry_after=10) from None

        async def settle(unit: PaymentsUnit) -> PaymentView:
            payment = await self._taking.told(unit, waiting.id, outcome)
            await unit.commit()
            return PaymentView.of(payment)

        return await in_unit(lambda: self._units.open_alone(caller), settle)

    async def cancel_within(self, unit: PaymentsUnit, payment_id: UUID) -> Payment:
        """A step: calls off a payment that the gateway has not heard of. Raises UnknownPayment,
        ImpossibleTransition."""
        payment = await unit.payments.find(payment_id)
        attempt = None if payment is None else await unit.payment_attempts.find(payment.attempt_id)
        if payment is None or attempt is None:
            raise UnknownPayment
        if payment.status is not Status.REQUESTED:
            raise ImpossibleTransition(status=payment.status.value, asked=Status.CANCELLED.value)
        return await self._taking.told(unit, attempt.id, CalledOff())

    async def _begin(self, unit: PaymentsUnit, payment_id: UUID, caller: Caller) -> Payment | Attempt:
        payment = await unit.payments.find(payment_id)
        require_reach(payment, caller)
        if payment is None:
            raise UnknownPayment
        if payment.status is Status.CANCELLED:
            return payment
        if payment.status is Status.REQUESTED:
            cancelled = await self.cancel_within(unit, payment_id)
            await unit.commit()
            return cancelled
        attempt = await unit.payment_attempts.find(payment.attempt_id)
        if payment.status is not Status.REQUIRES_ACTION or attempt is None:
            raise ImpossibleTransition(status=payment.status.value, asked=Status.CANCELLED.value)
        self._gateways.require(payment.gateway, Feature.CANCEL)
        return attempt


class HoldMoving:
    """Taking held amounts in parts, and letting go of the rest."""

    def __init__(
        self,
        *,
        units: Units[PaymentsUnit],
        driving: PaymentDriving,
        idempotency: Idempotency,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._units = units
        self._driving = driving
        self._idempotency = idempotency
        self._clock = clock
        self._ids = ids

    async def open_capture(self, unit: PaymentsUnit, payment_id: UUID, amount: Money | None) -> Attempt:
        """A step: a capture of some, or of all that is still held. Raises UnknownPayment,
        ImpossibleTransition, CaptureExceedsHold."""
        payment = await _required(unit, payment_id)
        wanted = amount or Money(payment.held, payment.amount.currency)
        attempt = payment.begin_capture(wanted, id=self._ids.next(), now=self._clock.now())
        await unit.payment_attempts.add(attempt)
        await unit.payments.save(payment)
        return attempt

    async def open_release(self, unit: PaymentsUnit, payment_id: UUID) -> Attempt:
        """A step: lets go of what is still held. Raises UnknownPayment, ImpossibleTransition."""
        payment = await _required(unit, payment_id)
        attempt = payment.begin_release(id=self._ids.next(), now=self._clock.now())
        await unit.payment_attempts.add(attempt)
        await unit.payments.save(payment)
        return attempt

    async def capture(
        self, payment_id: UUID, command: CapturePayment, caller: Caller, *, idempotency_key: str | None = None
    ) -> PaymentView:
        """Takes some of a held amount now. Needs `payments.payment.capture`.

        Raises InvalidInput, UnknownPayment, ImpossibleTransition, CaptureExceedsHold, IdempotencyMismatch.
        """
        caller.require(PAYMENTS_CAPTURE)
        opened: list[UUID] = []

        async def body(unit: PaymentsUnit) -> None:
            async def once() -> PaymentView:
                payment = await _required(unit, payment_id)
                known = payment.amount.currency
                amount = None if command.amount is None else command.amount.money(field="amount", known=known)
                opened.append((await self.open_capture(unit, payment_id, amount)).id)
                return PaymentView.of(payment)

            opened.clear()
            await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=f"{_CAPTURE}/{payment_id}",
                caller=caller,
                command=command,
                answer_type=PaymentView,
                now=self._clock.now(),
                body=once,
            )
            await unit.commit()

        await in_unit(lambda: self._units.open_alone(caller), body)
        for attempt_id in opened:
            await self._driving.drive_attempt(attempt_id, caller)
        return await self._present(payment_id, caller)

    async def release(self, payment_id: UUID, caller: Caller) -> PaymentView:
        """Lets go of what is still held, now. Needs `payments.payment.capture`. Raises UnknownPayment,
        ImpossibleTransition."""
        caller.require(PAYMENTS_CAPTURE)

        async def body(unit: PaymentsUnit) -> UUID:
            attempt = await self.open_release(unit, payment_id)
            await unit.commit()
            return attempt.id

        attempt_id = await in_unit(lambda: self._units.open_alone(caller), body)
        await self._driving.drive_attempt(attempt_id, caller)
        return await self._present(payment_id, caller)

    async def _present(self, payment_id: UUID, caller: Caller) -> PaymentView:
        async with self._units.view(caller) as view:
            return PaymentView.of(await _required(view, payment_id))


async def _required(unit: PaymentsUnit, payment_id: UUID) -> Payment:
    payment = await unit.payments.find(payment_id)
    if payment is None:
        raise UnknownPayment
    return payment
