"""What happens to subscriptions. A failed renewal is told once, as a failure: never first as a success."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionEvent(Event):
    """The subscription and its holder."""

    ACTION = Action.SUBSCRIPTION
    RESOURCE = "subscription"
    CONCERNS_SECURITY = False

    subscription_id: UUID
    user_id: UUID
    product_id: UUID
    plan_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.subscription_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _StatusEvent(SubscriptionEvent):
    before: str | None
    after: str

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {} if self.before == self.after else {"status": (self.before, self.after)}


class SubscriptionOrdered(_StatusEvent):
    """A plan was ordered: its first invoice is open, or that of a return."""

    NAME = "subscriptions.ordered"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialStarted(_StatusEvent):
    """A trial began; it is over at `trial_end`, exactly."""

    NAME = "subscriptions.trial_started"

    trial_end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialEnding(SubscriptionEvent):
    """A trial is over in so many days."""

    NAME = "subscriptions.trial_ending"

    trial_end: datetime
    days: int


class TrialEnded(_StatusEvent):
    """A trial is over, and waits to be paid for."""

    NAME = "subscriptions.trial_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionActivated(_StatusEvent):
    """The first period was paid for, or that of a return."""

    NAME = "subscriptions.activated"

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalDue(SubscriptionEvent):
    """A subscription that is not renewed by itself is over in so many days."""

    NAME = "subscriptions.renewal_reminder"

    ends_at: datetime
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionRenewed(_StatusEvent):
    """The next period was paid for."""

    NAME = "subscriptions.renewed"

    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RenewalFailed(_StatusEvent):
    """The next period could not be charged. `next_attempt_at` is None where no further attempt is made;
    `ends_at` is when the subscription is given up."""

    NAME = "subscriptions.payment_failed"

    attempt: int
    next_attempt_at: datetime | None
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionPaused(_StatusEvent):
    """The customer pauses: what is left of the period is kept."""

    NAME = "subscriptions.paused"

    resumes_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionResumed(_StatusEvent):
    """It goes on, and ends later by as long as it was paused."""

    NAME = "subscriptions.resumed"

    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationScheduled(SubscriptionEvent):
    """It is to end with its period."""

    NAME = "subscriptions.cancellation_scheduled"

    ends_at: datetime


class CancellationUndone(SubscriptionEvent):
    """It goes on after all."""

    NAME = "subscriptions.cancellation_undone"


class SubscriptionCancelled(_StatusEvent):
    """It was cancelled, and is over."""

    NAME = "subscriptions.cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionExpired(_StatusEvent):
    """It is over, because it was not paid for or not to be renewed. `reason` says which."""

    NAME = "subscriptions.expired"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChanged(SubscriptionEvent):
    """Another plan or number of seats. `cost_minor` is what the change cost; a credit is negative."""

    NAME = "subscriptions.terms_changed"

    fields: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    cost_minor: int = 0
    currency: str = ""

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsScheduled(SubscriptionEvent):
    """Another plan or number of seats from the next period on, in place of what was scheduled before;
    no fields where nothing is scheduled any more."""

    NAME = "subscriptions.terms_scheduled"

    fields: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionUpdated(SubscriptionEvent):
    """Something that costs nothing was set: renewal by itself, the configuration, the way to pay."""

    NAME = "subscriptions.updated"

    fields: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return self.fields


EVENTS: tuple[type[Event], ...] = (
    SubscriptionOrdered,
    TrialStarted,
    TrialEnding,
    TrialEnded,
    SubscriptionActivated,
    RenewalDue,
    SubscriptionRenewed,
    RenewalFailed,
    SubscriptionPaused,
    SubscriptionResumed,
    CancellationScheduled,
    CancellationUndone,
    SubscriptionCancelled,
    SubscriptionExpired,
    TermsChanged,
    TermsScheduled,
    SubscriptionUpdated,
)
