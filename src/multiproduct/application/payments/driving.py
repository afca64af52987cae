"""Driving payments and refunds: claimed in one unit, told to the gateway outside of any, settled in another.

The attempt's id is the key that the gateway sees. Whoever is stopped between the two units leaves an attempt
that is processing, which is driven again under the same key once its lease is over.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.payments.calling import LEASE, told
from multiproduct.application.payments.gateways import Gateways, NotSent
from multiproduct.application.payments.orders import Orders, charging, moving_hold, question_about
from multiproduct.application.payments.outcome_taking import OutcomeTaking
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.payments.results import PaymentView
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.payments import (
    Attempt,
    AttemptKind,
    CheckSchedule,
    Declined,
    Outcome,
    Payment,
    Refund,
    Status,
    UnknownPayment,
    UnknownRefund,
)

_UNTOLD = frozenset({Status.REQUESTED, Status.PROCESSING})


class Driven(StrEnum):
    """What a drive came to: the gateway answered, or had before; somebody else is at it; or the gateway could
    not be told."""

    DONE = "done"
    BUSY = "busy"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What this drive has to do. `call` is None where nothing is left to be told."""

    driven: Driven
    call: Callable[[], Awaitable[Outcome]] | None = None


class PaymentDriving:
    """However many drive one attempt, the gateway is told by one at a time and one settles."""

    def __init__(
        self,
        *,
        units: Units[PaymentsUnit],
        gateways: Gateways,
        orders: Orders,
        taking: OutcomeTaking,
        clock: Clock,
        real_time: RealTime,
        schedule: CheckSchedule,
    ) -> None:
        self._units = units
        self._gateways = gateways
        self._orders = orders
        self._taking = taking
        self._clock = clock
        self._real_time = real_time
        self._schedule = schedule

    async def drive(self, payment_id: UUID, caller: Caller = SYSTEM) -> PaymentView:
        """Tells the gateway of the payment's present attempt, if nobody has; answers where the payment stands
        then. What could not be told is told later by the reaction. Raises UnknownPayment."""
        payment = await self._payment(payment_id, caller)
        _, settled = await self._drive(payment.attempt_id, caller)
        return PaymentView.of(settled or await self._payment(payment_id, caller))

    async def drive_attempt(self, attempt_id: UUID, caller: Caller = SYSTEM) -> Driven:
        """Tells the gateway of one attempt: a charge, a hold, a capture or a release. Raises
        UnknownPayment."""
        driven, _ = await self._drive(attempt_id, caller)
        return driven

    async def _drive(self, attempt_id: UUID, caller: Caller) -> tuple[Driven, Payment | None]:
        """What came of it, and the payment as it was committed, where this drive settled it."""
        claim = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._claim(unit, attempt_id)
        )
        if claim.call is None:
            return claim.driven, None
        try:
            outcome = await told(claim.call)
        except NotSent:
            await self._let_go(attempt_id, caller)
            return Driven.NOT_SENT, None

        async def settle(unit: PaymentsUnit) -> Payment:
            payment = await self._taking.told(unit, attempt_id, outcome)
            await unit.commit()
            return payment

        return Driven.DONE, await in_unit(lambda: self._units.open_alone(caller), settle)

    async def drive_refund(self, refund_id: UUID, caller: Caller = SYSTEM) -> Driven:
        """Tells the gateway of one refund. Raises UnknownRefund."""
        claim = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._claim_refund(unit, refund_id)
        )
        if claim.call is None:
            return claim.driven
        try:
            outcome = await told(claim.call)
        except NotSent:
            await self._let_go_of_refund(refund_id, caller)
            return Driven.NOT_SENT

        async def settle(unit: PaymentsUnit) -> None:
            await self._taking.told_of_refund(unit, refund_id, outcome)
            await unit.commit()

        await in_unit(lambda: self._units.open_alone(caller), settle)
        return Driven.DONE

    async def _claim(self, unit: PaymentsUnit, attempt_id: UUID) -> _Claim:
        attempt = await unit.payment_attempts.find(attempt_id)
        if attempt is None:
            raise UnknownPayment
        if attempt.status not in _UNTOLD:
            return _Claim(driven=Driven.DONE)
        # Held, so that a removal either is seen here or waits until the claim is committed.
        method = None if attempt.method_id is None else await unit.payment_methods.hold(attempt.method_id)
        is_gone = attempt.method_id is not None and (method is None or method.removed_at is not None)
        if is_gone and attempt.status is Status.REQUESTED:
            await self._taking.told(unit, attempt_id, Declined(code="method_removed"))
            await unit.commit()
            return _Claim(driven=Driven.DONE)
        claimed = await self._claimed(unit, attempt_id)
        if claimed is None:
            return _Claim(driven=Driven.BUSY)
        payment = await self._processing(unit, claimed)
        if await self._charge_within(unit, payment, claimed):
            return _Claim(driven=Driven.DONE)
        gateway = self._gateways.outside(payment.gateway)
        if is_gone:
            # It may have been charged before it was removed, and must not be charged again.
            question = question_about(claimed)
            call: Callable[[], Awaitable[Outcome]] = lambda: gateway.ask(question)  # noqa: E731 - as its rivals
        elif claimed.kind in {AttemptKind.CAPTURE, AttemptKind.RELEASE}:
            hold = await self._orders.of_hold(unit, payment, claimed)
            call = moving_hold(gateway, claimed.kind, hold)
        else:
            call = charging(gateway, claimed.kind, self._orders.charge(payment, claimed, method))
        await unit.commit()
        return _Claim(driven=Driven.DONE, call=call)

    async def _claimed(self, unit: PaymentsUnit, attempt_id: UUID) -> Attempt | None:
        now = self._real_time.now()
        business = self._clock.now()
        ask_at = self._schedule.after(0, now=business) or business
        return await unit.payment_attempts.claim(attempt_id, now=now, until=now + LEASE, ask_at=ask_at)

    async def _processing(self, unit: PaymentsUnit, attempt: Attempt) -> Payment:
        payment = await unit.payments.find(attempt.payment_id)
        if payment is None:
            raise UnknownPayment
        if payment.status is Status.REQUESTED:
            payment.become(Status.PROCESSING, now=self._clock.now())
            await unit.payments.save(payment)
        return payment

    async def _charge_within(self, unit: PaymentsUnit, payment: Payment, attempt: Attempt) -> bool:
        """Whether the gateway is one of our own, and has it done."""
        internal = self._gateways.internal(payment.gateway)
        if internal is None:
            return False
        outcome = await internal.charge(unit, self._orders.charge(payment, attempt, None))
        await self._taking.told(unit, attempt.id, outcome)
        await unit.commit()
        return True

    async def _claim_refund(self, unit: PaymentsUnit, refund_id: UUID) -> _Claim:
        refund = await unit.payment_refunds.find(refund_id)
        if refund is None:
            raise UnknownRefund
        if refund.status not in _UNTOLD:
            return _Claim(driven=Driven.DONE)
        now, business = self._real_time.now(), self._clock.now()
        claimed: Refund | None = await unit.payment_refunds.claim(
            refund_id,
            now=now,
            until=now + LEASE,
            ask_at=self._schedule.after(0, now=business) or business,
        )
        if claimed is None:
            return _Claim(driven=Driven.BUSY)
        payment = await unit.payments.find(refund.payment_id)
        if payment is None:
            raise UnknownRefund
        order = await self._orders.of_refund(unit, payment, claimed)
        internal = self._gateways.internal(payment.gateway)
        if internal is not None:
            outcome = await internal.refund(unit, order)
            await self._taking.told_of_refund(unit, refund_id, outcome)
            await unit.commit()
            return _Claim(driven=Driven.DONE)
        gateway = self._gateways.outside(payment.gateway)
        await unit.commit()
        return _Claim(driven=Driven.DONE, call=lambda: gateway.refund(order))

    async def _let_go(self, attempt_id: UUID, caller: Caller) -> None:
        async def body(unit: PaymentsUnit) -> None:
            attempt = await unit.payment_attempts.find(attempt_id)
            if attempt is not None and attempt.status is Status.PROCESSING:
                attempt.touched(now=self._clock.now())
                await unit.payment_attempts.save(attempt)
                await unit.commit()

        await in_unit(lambda: self._units.open_alone(caller), body)

    async def _let_go_of_refund(self, refund_id: UUID, caller: Caller) -> None:
        async def body(unit: PaymentsUnit) -> None:
            refund = await unit.payment_refunds.find(refund_id)
            if refund is not None and refund.status is Status.PROCESSING:
                refund.touched(now=self._clock.now())
                await unit.payment_refunds.save(refund)
                await unit.commit()

        await in_unit(lambda: self._units.open_alone(caller), body)

    async def _payment(self, payment_id: UUID, caller: Caller) -> Payment:
        async with self._units.view(caller) as view:
            payment = await view.payments.find(payment_id)
        if payment is None:
            raise UnknownPayment
        return payment
