"""Taking in what became of attempts and refunds: states, refunds counted, the ledger, in one unit."""

from uuid import UUID

from multiproduct.application.payments.bookkeeping import Bookkeeping
from multiproduct.application.payments.ports import PaymentsUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.domain.payments import (
    Attempt,
    CheckSchedule,
    Learning,
    Outcome,
    Payment,
    Refund,
    RefundLearning,
    RefundNews,
    Taken,
    UnknownPayment,
    UnknownRefund,
)


class OutcomeTaking:
    """Steps, by which everybody takes in what a gateway told: who drives, the janitor, callbacks, staff. The
    version of the attempt lets one of them settle, however many there are."""

    def __init__(self, *, bookkeeping: Bookkeeping, clock: Clock, schedule: CheckSchedule) -> None:
        self._bookkeeping = bookkeeping
        self._clock = clock
        self._schedule = schedule

    async def told(self, unit: PaymentsUnit, attempt_id: UUID, outcome: Outcome) -> Payment:
        """A step: what a gateway told of an attempt. Raises UnknownPayment, StaleAggregate."""
        learning = await self._of_attempt(unit, attempt_id)
        return await self._keep(unit, learning, learning.learn(outcome))

    async def answered(self, unit: PaymentsUnit, attempt_id: UUID, outcome: Outcome) -> Payment:
        """A step: what a gateway answered to the janitor, who asks again later where it is still open. Raises
        UnknownPayment, StaleAggregate."""
        learning = await self._of_attempt(unit, attempt_id)
        return await self._keep(unit, learning, learning.learn_asked(outcome))

    async def told_of_refund(self, unit: PaymentsUnit, refund_id: UUID, outcome: Outcome) -> Refund:
        """A step: what a gateway told of a refund. Raises UnknownRefund, StaleAggregate."""
        learning = await self._of_refund(unit, refund_id)
        return await self._keep_refund(unit, learning, learning.learn(outcome))

    async def answered_about_refund(self, unit: PaymentsUnit, refund_id: UUID, outcome: Outcome) -> Refund:
        """A step: what a gateway answered to the janitor. Raises UnknownRefund, StaleAggregate."""
        learning = await self._of_refund(unit, refund_id)
        return await self._keep_refund(unit, learning, learning.learn_asked(outcome))

    async def _of_attempt(self, unit: PaymentsUnit, attempt_id: UUID) -> Learning:
        attempt: Attempt | None = await unit.payment_attempts.find(attempt_id)
        payment = None if attempt is None else await unit.payments.find(attempt.payment_id)
        if attempt is None or payment is None:
            raise UnknownPayment
        return Learning(payment=payment, attempt=attempt, schedule=self._schedule, now=self._clock.now())

    async def _keep(self, unit: PaymentsUnit, learning: Learning, taken: Taken | None) -> Payment:
        # The attempt first, everywhere: two who come from both sides would wait for one another.
        await unit.payment_attempts.save(learning.attempt)
        await unit.payments.save(learning.payment)
        if taken is not None:
            await self._bookkeeping.take(unit, learning.payment, learning.attempt, taken)
        return learning.payment

    async def _of_refund(self, unit: PaymentsUnit, refund_id: UUID) -> RefundLearning:
        refund: Refund | None = await unit.payment_refunds.find(refund_id)
        payment = None if refund is None else await unit.payments.find(refund.payment_id)
        if refund is None or payment is None:
            raise UnknownRefund
        return RefundLearning(payment=payment, refund=refund, schedule=self._schedule, now=self._clock.now())

    async def _keep_refund(
        self, unit: PaymentsUnit, learning: RefundLearning, news: RefundNews | None
    ) -> Refund:
        refund, payment = learning.refund, learning.payment
        await unit.payment_refunds.save(refund)
        if news is RefundNews.GIVEN_BACK:
            await unit.payments.count_refunded(payment.id, refund.amount.minor)
            await self._bookkeeping.give_back(unit, refund)
        elif news is RefundNews.FREED:
            await unit.payments.free_refund(payment.id, refund.amount.minor)
            await self._bookkeeping.free(unit, refund)
        return refund
