"""What a payment becomes when a gateway tells what became of an attempt: in any order, and however often.

What is over stays as it is, but for money that was taken after all: that is booked, however late it is told.
Amounts are compared; what does not match goes to staff and is never settled.
"""

from dataclasses import dataclass
from datetime import datetime

from multiproduct.domain.payments.declines import is_final, known_code
from multiproduct.domain.payments.events import (
    CaptureDeclined,
    PaymentAuthorised,
    PaymentAwaitingPayer,
    PaymentCancelled,
    PaymentCaptured,
    PaymentDeclined,
    PaymentExpired,
    PaymentNeedsReview,
    PaymentSettled,
    PaymentUnknown,
)
from multiproduct.domain.payments.gateway_call import (
    AMOUNT_MISMATCH,
    PAID_TWICE,
    UNRESOLVED,
    Attempt,
    AttemptKind,
)
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
from multiproduct.domain.payments.states import ATTEMPT_TRANSITIONS, PAYMENT_TRANSITIONS, Status
from multiproduct.domain.shared import Money

_LATE = frozenset({Status.FAILED, Status.CANCELLED, Status.EXPIRED})
_FROM_NOTHING = frozenset({Status.PROCESSING, Status.REQUESTED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Money that moved and is to be booked; the gateway kept `fee` of it."""

    amount: Money
    fee: Money | None


@dataclass(slots=True, kw_only=True)
class Learning:
    """One payment, one of its attempts, and how to take what is told of it."""

    payment: Payment
    attempt: Attempt
    schedule: CheckSchedule
    now: datetime

    def learn(self, outcome: Outcome) -> Taken | None:
        """Takes what the gateway told; answers what is to be booked."""
        match outcome:
            case Settled():
                return self._settled(outcome)
            case Authorised():
                self._authorised(outcome)
            case Declined():
                self._declined(known_code(outcome.code), outcome.reference)
            case NeverHeard():
                self._declined("not_received", None)
            case Pending():
                self._pending(outcome)
            case Unknown():
                self._unknown(outcome)
            case CalledOff():
                self._over(Status.CANCELLED, outcome.reference)
            case Lapsed():
                self._over(Status.EXPIRED, outcome.reference)
        return None

    def learn_asked(self, outcome: Outcome) -> Taken | None:
        """Takes what the gateway answered when it was asked, and sets when it is asked again."""
        taken = self.learn(outcome)
        attempt = self.attempt
        attempt.touched(now=self.now)
        if attempt.is_over or attempt.status is Status.AUTHORISED or attempt.review is not None:
            return taken
        if attempt.deadline is None or self.now >= attempt.deadline:
            self._look_again()
        return taken

    def _settled(self, outcome: Settled) -> Taken | None:
        attempt, payment = self.attempt, self.payment
        if attempt.status is Status.SUCCEEDED:
            return None
        if attempt.kind is AttemptKind.RELEASE or attempt.kind is AttemptKind.AUTHORISE:
            # Nothing was to be taken by it.
            self._mismatch(outcome.reference)
            return None
        if outcome.amount != attempt.amount:
            self._mismatch(outcome.reference)
            return None
        attempt.review = None
        self._force(Status.SUCCEEDED, outcome.reference)
        if attempt.kind is AttemptKind.CAPTURE:
            self._captured()
        elif payment.status is Status.SUCCEEDED:
            self._review(PAID_TWICE)
        else:
            self._paid(is_late=payment.status in _LATE)
        return Taken(amount=outcome.amount, fee=outcome.fee)

    def _paid(self, *, is_late: bool) -> None:
        payment = self.payment
        payment.settled = self.attempt.amount.minor
        # Refunds go back to where the money came from.
        payment.attempt_id = self.attempt.id
        payment.decline_code = payment.review = None
        payment.settled_at = self.now
        self._payment_becomes(Status.SUCCEEDED)
        payment.note(PaymentSettled(**payment.facts(self.attempt, now=self.now), is_late=is_late))

    def _captured(self) -> None:
        payment, attempt = self.payment, self.attempt
        payment.capturing -= attempt.amount.minor
        payment.settled += attempt.amount.minor
        payment.note(PaymentCaptured(**payment.facts(attempt, now=self.now)))
        if payment.settled == payment.authorised:
            self._hold_is_over()

    def _hold_is_over(self) -> None:
        payment = self.payment
        if payment.settled == 0:
            payment.become(Status.CANCELLED, now=self.now)
            payment.note(PaymentCancelled(**payment.facts(self.attempt, now=self.now)))
            return
        payment.become(Status.SUCCEEDED, now=self.now)
        payment.settled_at = self.now
        facts = payment.facts(self.attempt, now=self.now, minor=payment.settled)
        payment.note(PaymentSettled(**facts, is_late=False))

    def _authorised(self, outcome: Authorised) -> None:
        attempt, payment = self.attempt, self.payment
        if attempt.status in {Status.SUCCEEDED, Status.AUTHORISED}:
            return
        if attempt.kind is not AttemptKind.AUTHORISE or outcome.amount != attempt.amount:
            self._mismatch(outcome.reference)
            return
        attempt.review = None
        self._force(Status.AUTHORISED, outcome.reference)
        if payment.status in {Status.SUCCEEDED, Status.AUTHORISED}:
            self._review(PAID_TWICE)
            return
        payment.attempt_id = attempt.id
        payment.authorised = attempt.amount.minor
        payment.review = None
        self._payment_becomes(Status.AUTHORISED)
        payment.note(PaymentAuthorised(**payment.facts(attempt, now=self.now)))

    def _declined(self, code: str, reference: str | None) -> None:
        attempt, payment = self.attempt, self.payment
        if attempt.is_over or attempt.status is Status.AUTHORISED:
            return
        attempt.decline_code = code
        attempt.review = None
        self._force(Status.FAILED, reference)
        if attempt.kind in {AttemptKind.CAPTURE, AttemptKind.RELEASE}:
            payment.capturing -= attempt.amount.minor
            payment.updated_at = self.now
            payment.note(CaptureDeclined(**payment.facts(attempt, now=self.now), code=code))
        elif self._is_present:
            payment.decline_code, payment.review = code, None
            self._payment_becomes(Status.FAILED)
            facts = payment.facts(attempt, now=self.now)
            payment.note(PaymentDeclined(**facts, code=code, is_final=is_final(code)))

    def _pending(self, outcome: Pending) -> None:
        attempt = self.attempt
        if attempt.is_over or attempt.status is Status.AUTHORISED:
            return
        is_news = attempt.status is not Status.REQUIRES_ACTION
        if is_news:
            attempt.checks = 0
            self._force(Status.REQUIRES_ACTION, outcome.reference)
            self._look_again()
        attempt.touched(reference=outcome.reference, now=self.now)
        attempt.wait_for_payer(
            outcome.instructions or attempt.instructions,
            outcome.deadline or attempt.deadline,
            now=self.now,
        )
        if is_news and self._is_present:
            self._payment_becomes(Status.REQUIRES_ACTION)
            self.payment.note(PaymentAwaitingPayer(**self.payment.facts(attempt, now=self.now)))

    def _unknown(self, outcome: Unknown) -> None:
        attempt, payment = self.attempt, self.payment
        if attempt.is_over or attempt.status is Status.AUTHORISED:
            return
        if attempt.status in _FROM_NOTHING:
            attempt.checks = 0
            self._force(Status.UNKNOWN, outcome.reference)
            if self._is_present and payment.status is Status.PROCESSING:
                self._payment_becomes(Status.UNKNOWN)
            payment.note(PaymentUnknown(**payment.facts(attempt, now=self.now)))
            self._look_again()
        attempt.touched(reference=outcome.reference, now=self.now)

    def _look_again(self) -> None:
        if not self.attempt.look_again(self.schedule, now=self.now):
            self._review(UNRESOLVED)

    def _over(self, status: Status, reference: str | None) -> None:
        attempt, payment = self.attempt, self.payment
        if attempt.is_over:
            return
        if attempt.kind is AttemptKind.CAPTURE:
            self._declined("processing_error", reference)
            return
        if attempt.kind is AttemptKind.RELEASE:
            attempt.review = None
            self._force(Status.SUCCEEDED, reference)
            payment.capturing -= attempt.amount.minor
            self._hold_is_over()
            return
        if attempt.status is Status.AUTHORISED and (payment.capturing or payment.settled):
            # What is being captured decides.
            return
        attempt.review = None
        self._force(status, reference)
        if not self._is_present:
            return
        payment.review = None
        self._payment_becomes(status)
        kind = PaymentCancelled if status is Status.CANCELLED else PaymentExpired
        payment.note(kind(**payment.facts(attempt, now=self.now)))

    def _mismatch(self, reference: str | None) -> None:
        attempt = self.attempt
        if attempt.review == AMOUNT_MISMATCH:
            return
        if attempt.status is not Status.UNKNOWN:
            self._force(Status.UNKNOWN, reference)
        attempt.touched(reference=reference, now=self.now)
        attempt.set_aside(AMOUNT_MISMATCH)
        if self._is_present and Status.UNKNOWN in PAYMENT_TRANSITIONS[self.payment.status]:
            self._payment_becomes(Status.UNKNOWN)
        self._review(AMOUNT_MISMATCH)

    def _review(self, reason: str) -> None:
        self.payment.review = reason
        self.payment.updated_at = self.now
        facts = self.payment.facts(self.attempt, now=self.now)
        self.payment.note(PaymentNeedsReview(**facts, reason=reason))

    @property
    def _is_present(self) -> bool:
        return self.payment.attempt_id == self.attempt.id

    def _force(self, status: Status, reference: str | None) -> None:
        """Through `processing` where the gateway told before this process noted that it was asked."""
        if status not in ATTEMPT_TRANSITIONS[self.attempt.status]:
            self.attempt.become(Status.PROCESSING, now=self.now)
        self.attempt.become(status, reference=reference, now=self.now)

    def _payment_becomes(self, status: Status) -> None:
        if self.payment.status is status:
            return
        if status not in PAYMENT_TRANSITIONS[self.payment.status]:
            self.payment.become(Status.PROCESSING, now=self.now)
        self.payment.become(status, now=self.now)
