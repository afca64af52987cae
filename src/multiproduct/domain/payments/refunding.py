"""What a refund becomes when a gateway tells what became of it: in any order, and however often."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from multiproduct.domain.payments.declines import known_code
from multiproduct.domain.payments.events import (
    RefundDeclined,
    RefundFacts,
    RefundNeedsReview,
    RefundRequested,
    RefundSettled,
    RefundUnknown,
)
from multiproduct.domain.payments.gateway_call import AMOUNT_MISMATCH, UNRESOLVED, Refund
from multiproduct.domain.payments.outcomes import (
    Authorised,
    CalledOff,
    Declined,
    Lapsed,
    NeverHeard,
    Outcome,
    Pending,
    Settled,
    Unknown,
)
from multiproduct.domain.payments.payment import Payment
from multiproduct.domain.payments.schedule import CheckSchedule
from multiproduct.domain.payments.states import REFUND_TRANSITIONS, Status


class RefundNews(StrEnum):
    """What is to be booked: the money went back, or what was set aside for it is free again."""

    GIVEN_BACK = "given_back"
    FREED = "freed"


@dataclass(slots=True, kw_only=True)
class RefundLearning:
    """One refund, and how to take what is told of it."""

    payment: Payment
    refund: Refund
    schedule: CheckSchedule
    now: datetime

    def requested(self) -> None:
        """Notes that it is new."""
        self.refund.note(RefundRequested(**self._facts()))

    def learn(self, outcome: Outcome) -> RefundNews | None:
        """Takes what the gateway told; answers what is to be booked."""
        refund = self.refund
        if refund.is_over:
            return None
        match outcome:
            case Settled() if outcome.amount == refund.amount:
                refund.review = None
                self._force(Status.SUCCEEDED, outcome.reference)
                refund.note(RefundSettled(**self._facts()))
                return RefundNews.GIVEN_BACK
            case Settled() | Authorised():
                self._mismatch(outcome.reference)
            case Declined():
                return self._declined(known_code(outcome.code), outcome.reference)
            case NeverHeard() | CalledOff() | Lapsed():
                return self._declined("not_received", None)
            case Pending() | Unknown():
                self._unknown(outcome.reference)
        return None

    def learn_asked(self, outcome: Outcome) -> RefundNews | None:
        """Takes what the gateway answered when it was asked, and sets when it is asked again."""
        news = self.learn(outcome)
        self.refund.touched(now=self.now)
        if not self.refund.is_over and self.refund.review is None:
            self._look_again()
        return news

    def _declined(self, code: str, reference: str | None) -> RefundNews:
        self.refund.decline_code = code
        self.refund.review = None
        self._force(Status.FAILED, reference)
        self.refund.note(RefundDeclined(**self._facts(), code=code))
        return RefundNews.FREED

    def _unknown(self, reference: str | None) -> None:
        refund = self.refund
        if refund.status is not Status.UNKNOWN:
            refund.checks = 0
            self._force(Status.UNKNOWN, reference)
            refund.note(RefundUnknown(**self._facts()))
            self._look_again()
        refund.touched(reference=reference, now=self.now)

    def _look_again(self) -> None:
        if not self.refund.look_again(self.schedule, now=self.now):
            self.refund.note(RefundNeedsReview(**self._facts(), reason=UNRESOLVED))

    def _mismatch(self, reference: str | None) -> None:
        refund = self.refund
        if refund.review == AMOUNT_MISMATCH:
            return
        if refund.status is not Status.UNKNOWN:
            self._force(Status.UNKNOWN, reference)
        refund.touched(reference=reference, now=self.now)
        refund.set_aside(AMOUNT_MISMATCH)
        refund.note(RefundNeedsReview(**self._facts(), reason=AMOUNT_MISMATCH))

    def _force(self, status: Status, reference: str | None) -> None:
        if status not in REFUND_TRANSITIONS[self.refund.status]:
            self.refund.become(Status.PROCESSING, now=self.now)
        self.refund.become(status, reference=reference, now=self.now)

    def _facts(self) -> RefundFacts:
        refund, payment = self.refund, self.payment
        return RefundFacts(
            occurred_at=self.now,
            payment_id=payment.id,
            attempt_id=refund.attempt_id,
            refund_id=refund.id,
            payer_id=payment.payer_id,
            purpose=refund.purpose,
            purpose_id=refund.purpose_id,
            minor=refund.amount.minor,
            currency=refund.amount.currency.code,
            gateway=refund.gateway,
        )
