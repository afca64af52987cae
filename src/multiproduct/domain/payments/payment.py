"""A payment: an amount that somebody is to pay, through one gateway, in as many attempts as it takes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from multiproduct.domain.payments.declines import is_final
from multiproduct.domain.payments.errors import CaptureExceedsHold, ImpossibleTransition
from multiproduct.domain.payments.events import (
    CaptureRequested,
    PaymentFacts,
    PaymentRequested,
    ReleaseRequested,
)
from multiproduct.domain.payments.gateway_call import Attempt, AttemptKind
from multiproduct.domain.payments.states import PAYMENT_TRANSITIONS, Shown, Status, Strategy, followed
from multiproduct.domain.shared import Aggregate, Event, Money

MAX_ATTEMPTS = 50
"""Tries and captures of one payment."""


@dataclass(slots=True, kw_only=True)
class Payment(Aggregate):
    """`attempt_id` is the present try. Amounts are minor units of `amount`'s currency: `authorised` is held,
    `capturing` of it being taken; `settled` was taken, `refunding` of it given back or being given back, and
    `refunded` given back. The last two are written by conditional statements alone, never by `save`.
    """

    id: UUID
    payer_id: UUID
    amount: Money
    purpose: str
    purpose_id: UUID
    gateway: str
    strategy: Strategy
    status: Status = Status.REQUESTED
    attempt_id: UUID
    attempts: int = 0
    authorised: int = 0
    capturing: int = 0
    settled: int = 0
    refunding: int = 0
    refunded: int = 0
    decline_code: str | None = None
    review: str | None = None
    created_at: datetime
    updated_at: datetime
    settled_at: datetime | None = None

    @property
    def shown_status(self) -> Status | Shown:
        """Where it stands, as people are told: a succeeded one by what was given back of it."""
        if self.status is not Status.SUCCEEDED or self.refunded == 0:
            return self.status
        return Shown.REFUNDED if self.refunded >= self.settled else Shown.PARTIALLY_REFUNDED

    def become(self, status: Status, *, now: datetime) -> None:
        """Takes the next state. Raises ImpossibleTransition."""
        self.status = followed(PAYMENT_TRANSITIONS, self.status, status)
        self.updated_at = now

    def next_attempt(
        self, *, id: UUID, method_id: UUID | None, is_off_session: bool, now: datetime
    ) -> Attempt:
        """Another try, or the first. Raises ImpossibleTransition where one is under way, the last one was
        declined for good with the same method, or 50 were made."""
        if self.attempts:
            if self.attempts >= MAX_ATTEMPTS:
                raise ImpossibleTransition(status=self.status.value, asked="retry")
            self.become(Status.REQUESTED, now=now)
        is_held = self.strategy is Strategy.ESCROW
        attempt = self._attempt(
            id=id, kind=AttemptKind.AUTHORISE if is_held else AttemptKind.CHARGE, amount=self.amount, now=now
        )
        attempt.method_id = method_id
        attempt.is_off_session = is_off_session
        self.attempt_id = id
        self.decline_code = None
        self.note(PaymentRequested(**self.facts(attempt, now=now), is_off_session=is_off_session))
        return attempt

    @property
    def can_be_retried(self) -> bool:
        """Whether another try with the same method makes sense."""
        if self.status is Status.EXPIRED:
            return True
        return self.status is Status.FAILED and not is_final(self.decline_code or "")

    def begin_capture(self, amount: Money, *, id: UUID, now: datetime) -> Attempt:
        """Takes some of what is held. Raises ImpossibleTransition, CaptureExceedsHold."""
        if self.status is not Status.AUTHORISED or self.attempts >= MAX_ATTEMPTS:
            raise ImpossibleTransition(status=self.status.value, asked="capture")
        if amount.currency != self.amount.currency or not 0 < amount.minor <= self.held:
            raise CaptureExceedsHold(held=self.held)
        attempt = self._attempt(id=id, kind=AttemptKind.CAPTURE, amount=amount, now=now)
        self.capturing += amount.minor
        self.note(CaptureRequested(**self.facts(attempt, now=now)))
        return attempt

    def begin_release(self, *, id: UUID, now: datetime) -> Attempt:
        """Lets go of what is held. Raises ImpossibleTransition, also while a part is being captured."""
        if self.status is not Status.AUTHORISED or self.capturing or not self.held:
            raise ImpossibleTransition(status=self.status.value, asked="release")
        held = Money(self.held, self.amount.currency)
        attempt = self._attempt(id=id, kind=AttemptKind.RELEASE, amount=held, now=now)
        # Nothing else may be taken of it meanwhile.
        self.capturing += held.minor
        self.note(ReleaseRequested(**self.facts(attempt, now=now)))
        return attempt

    @property
    def held(self) -> int:
        """How much of what is held nobody has begun to take."""
        return self.authorised - self.settled - self.capturing

    def _attempt(self, *, id: UUID, kind: AttemptKind, amount: Money, now: datetime) -> Attempt:
        self.attempts += 1
        self.updated_at = now
        return Attempt(
            id=id,
            payment_id=self.id,
            gateway=self.gateway,
            amount=amount,
            kind=kind,
            number=self.attempts,
            created_at=now,
            updated_at=now,
        )

    def facts(self, attempt: Attempt, *, now: datetime, minor: int | None = None) -> PaymentFacts:
        """What every event of this payment tells; `minor` is the attempt's amount where none is given."""
        return PaymentFacts(
            occurred_at=now,
            payment_id=self.id,
            attempt_id=attempt.id,
            payer_id=self.payer_id,
            purpose=self.purpose,
            purpose_id=self.purpose_id,
            minor=attempt.amount.minor if minor is None else minor,
            currency=self.amount.currency.code,
            gateway=self.gateway,
        )

    def note(self, event: Event) -> None:
        """Adds to what happened."""
        self._record(event)
