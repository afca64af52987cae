"""One thing that a gateway is told to do with money, under a key of its own, until it is known what became of
it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import ClassVar
from uuid import UUID

from multiproduct.domain.payments.schedule import CheckSchedule
from multiproduct.domain.payments.states import (
    ATTEMPT_TRANSITIONS,
    REFUND_TRANSITIONS,
    Status,
    Transitions,
    followed,
)
from multiproduct.domain.shared import Aggregate, Event, Money

GRACE = timedelta(minutes=5)
"""After a deadline, before the gateway is asked whether the payer was in time."""
AMOUNT_MISMATCH = "amount_mismatch"
UNRESOLVED = "unresolved"
PAID_TWICE = "paid_twice"
OVER = frozenset({Status.SUCCEEDED, Status.FAILED, Status.CANCELLED, Status.EXPIRED})
"""Nothing more is expected."""


@dataclass(slots=True, kw_only=True)
class GatewayCall(Aggregate):
    """`id` is the idempotency key that the gateway sees: however often it is told, it does it once.

    `leased_until` (real time) is how long whoever is at it keeps others away; `next_check_at` (business time)
    is when the gateway is asked what became of it, `checks` how often it was. `review` is why staff has to
    look, if it has to.
    """

    TRANSITIONS: ClassVar[Transitions] = ATTEMPT_TRANSITIONS

    id: UUID
    payment_id: UUID
    gateway: str
    amount: Money
    status: Status = Status.REQUESTED
    reference: str | None = None
    decline_code: str | None = None
    leased_until: datetime | None = None
    checks: int = 0
    next_check_at: datetime | None = None
    review: str | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def is_over(self) -> bool:
        """Whether nothing more is expected of it."""
        return self.status in OVER

    def become(self, status: Status, *, reference: str | None = None, now: datetime) -> None:
        """Takes the next state, and is free for whoever comes next. Raises ImpossibleTransition."""
        self.status = followed(self.TRANSITIONS, self.status, status)
        self.touched(reference=reference, now=now)
        if status in OVER or status is Status.AUTHORISED:
            self.next_check_at = None

    def touched(self, *, reference: str | None = None, now: datetime) -> None:
        """Whoever was at it is done."""
        self.reference = reference or self.reference
        self.leased_until = None
        self.updated_at = now

    def look_again(self, schedule: CheckSchedule, *, now: datetime) -> bool:
        """Sets the next question, and counts this one; false where it was the last, and staff has to look."""
        self.next_check_at = schedule.after(self.checks, now=now)
        self.checks += 1
        if self.next_check_at is None and self.review is None:
            self.review = UNRESOLVED
            return False
        return True

    def note(self, event: Event) -> None:
        """Adds to what happened."""
        self._record(event)

    def set_aside(self, reason: str) -> None:
        """Leaves it to staff."""
        self.review = reason
        self.next_check_at = None


class AttemptKind(StrEnum):
    """What the gateway is told to do."""

    CHARGE = "charge"
    AUTHORISE = "authorise"
    CAPTURE = "capture"
    RELEASE = "release"


@dataclass(slots=True, kw_only=True)
class Attempt(GatewayCall):
    """A try at taking a payment, or a step of one that is held. `number` counts from 1 within the payment.

    `method_id` is the stored method that is charged. `instructions` and `deadline` are what the payer is
    told.
    """

    kind: AttemptKind
    number: int
    method_id: UUID | None = None
    is_off_session: bool = False
    instructions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    deadline: datetime | None = None

    def wait_for_payer(
        self, instructions: Mapping[str, str], deadline: datetime | None, *, now: datetime
    ) -> None:
        """Takes down what the payer is told, and when to ask whether it was done."""
        self.instructions = MappingProxyType(dict(instructions))
        self.deadline = deadline
        if deadline is not None and now < deadline + GRACE:
            self.next_check_at = deadline + GRACE


@dataclass(slots=True, kw_only=True)
class Refund(GatewayCall):
    """Some of a payment given back. `attempt_id` is the charge that it is given back of; `hold_id` names what
    is set aside for it in the ledger."""

    TRANSITIONS: ClassVar[Transitions] = REFUND_TRANSITIONS

    attempt_id: UUID
    reason: str
    purpose: str
    purpose_id: UUID
    requested_by: UUID | None = None
    hold_id: UUID | None = None
