"""What a subscription is at a moment: its fields, and the questions that they answer without changing."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.domain.shared import Aggregate
from multiproduct.domain.subscriptions.errors import ChangeNotPossible, PaymentUnderWay, TransitionNotAllowed
from multiproduct.domain.subscriptions.periods import Period, boundary, number_after
from multiproduct.domain.subscriptions.proration import Accrual
from multiproduct.domain.subscriptions.schedule import Errand, Rules
from multiproduct.domain.subscriptions.terms import RefundPolicy, Terms
from multiproduct.domain.subscriptions.transitions import SERVING, Step, SubscriptionStatus, target_of
from multiproduct.domain.subscriptions.usage import (
    CLOSING_MARGIN,
    LATE_USAGE,
    MANY_SPANS,
    UsageSpan,
)

_S = SubscriptionStatus
PATIENCE = timedelta(days=1)
"""After so long without an answer somebody looks what became of a payment."""


class Awaited(StrEnum):
    """What an open invoice is for."""

    FIRST = "first"
    RENEWAL = "renewal"
    CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """The one invoice that a subscription waits for: what it pays for, and the terms that hold then. It is
    known by its order, as an order that money came for too late is invoiced anew. `at` is the moment of a
    change, which is when it takes effect, however long the payment takes. `asked_at` is when it was last
    charged, `is_charging` whether that payment is under way, and `by_schedule` whether it is an attempt that
    was made by itself, and not the payer's own. `first_price` is what the first period costs with coupons,
    where there are any. `is_ahead`: a renewal that was asked for before the present period was over, so that
    what is used in that is not in it."""

    order_id: UUID
    invoice_id: UUID
    awaited: Awaited
    terms: Terms
    at: datetime
    asked_at: datetime
    first_price: int | None = None
    is_charging: bool = False
    is_ahead: bool = False
    by_schedule: bool = False


@dataclass(slots=True, kw_only=True)
class SubscriptionState(Aggregate):
    """`terms` are those of the present period, `scheduled` those of the next one where they differ; `prepaid`
    those of a next period that is paid for already. `number` counts the periods that were begun; `anchor` and
    `index` place the present one in the calendar of `zone`, which stays what it was when it was bought.
    `closes_at` is when usage is billed that no renewal bills, until that is done: that of one that is over,
    for the last time, and that of a period that ended without an invoice. `spans` are the times that are over
    whose usage may still be told of, or be billed, each after the one before; what is in none of them belongs
    to the present terms and period. `due_at` is when it is looked after next, as `plan` worked it out."""

    id: UUID
    user_id: UUID
    product_id: UUID
    currency: str
    zone: str
    terms: Terms
    status: SubscriptionStatus
    created_at: datetime
    updated_at: datetime
    auto_renew: bool = True
    configuration: dict[str, Any] = field(default_factory=dict)
    gateway: str | None = None
    method_id: UUID | None = None
    starts_at: datetime | None = None
    trial_end: datetime | None = None
    anchor: datetime | None = None
    index: int = 0
    number: int = 0
    accrual: Accrual | None = None
    prepaid: Terms | None = None
    scheduled: Terms | None = None
    awaiting: OpenInvoice | None = None
    cancels_at_period_end: bool = False
    cancelled_at: datetime | None = None
    ended_at: datetime | None = None
    paused_at: datetime | None = None
    resumes_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    next_attempt_at: datetime | None = None
    reminded: int | None = None
    closes_at: datetime | None = None
    spans: tuple[UsageSpan, ...] = ()
    due_at: datetime | None = None

    @property
    def is_serving(self) -> bool:
        """Whether the product serves the customer, the days of a payment's retries included."""
        return self.status in SERVING

    @property
    def ends_at(self) -> datetime | None:
        """The end of all that is paid for, or of the trial; None where there is no telling (nothing is paid
        yet, or it is paused)."""
        if self.ended_at is not None:
            return self.ended_at
        if self.status is _S.TRIAL:
            return self.trial_end
        if self.accrual is None or self.status is _S.PAUSED:
            return None
        return self.accrual.end if self.prepaid is None else self.following(self.prepaid).end

    def takes_usage(self, happened_at: datetime, now: datetime) -> bool:
        """Whether usage of that moment is still counted: while it serves, what happened before a pause during
        it, and what happened until its end for an hour longer, as products tell late, also where its holder
        ordered it again meanwhile."""
        if self.is_serving:
            return True
        if self.status is _S.PAUSED:
            return self.paused_at is not None and happened_at < self.paused_at
        if self.status is _S.PENDING and self.number and self.spans:
            ended_at = self.spans[-1].until
            return happened_at < ended_at and now < ended_at + LATE_USAGE
        is_open = self.closes_at is not None and now < self.closes_at - CLOSING_MARGIN
        return is_open and self.ended_at is not None and happened_at <= self.ended_at

    def usage_is_over_at(self, now: datetime) -> datetime | None:
        """Until when what was used is billed apart from a renewal: of one that is over all of it, of one that
        lives what belongs to periods before the present one. None where that is nothing."""
        if self.ended_at is not None:
            return now
        is_crowded = len(self.spans) >= MANY_SPANS
        over = [span.until for span in self.spans if is_crowded or span.number < self.number]
        return max(over, default=None)

    @property
    def tries_again_at(self) -> datetime | None:
        """When what failed is charged again by itself; None where it is not: the schedule is over, there is
        nothing to charge by, or its holder does not want it to be renewed by itself."""
        return self.next_attempt_at if self.auto_renew and self.method_id is not None else None

    @property
    def renews_as(self) -> Terms:
        """The terms of the next period that is billed."""
        return self.scheduled or self.prepaid or self.terms

    def following(self, terms: Terms) -> Period:
        """The period after the present one. It begins where that ends; where the cycle stays the same its own
        end is computed from the anchor, else from its beginning. Needs a present period."""
        accrual = self.present
        if self.anchor is None or not terms.has_cycle_of(self.terms):
            return Period(accrual.end, boundary(accrual.end, terms.cycle, ZoneInfo(self.zone), 1))
        return Period(accrual.end, boundary(self.anchor, terms.cycle, ZoneInfo(self.zone), self._after() + 1))

    @property
    def present(self) -> Accrual:
        """The period that is under way, or was the last. Raises TransitionNotAllowed where there is none."""
        if self.accrual is None:
            raise TransitionNotAllowed(status=self.status.value, step="period")
        return self.accrual

    def cost_of(self, terms: Terms, at: datetime) -> int:
        """What a change at once costs, in minor units: positive is a charge, negative a credit. With the same
        cycle the period goes on, and the whole of it is repriced, less what coupons
        took off it, and so is a next one that is paid for already, at the list price; with another a new one
        begins, for which the unused part of the present one is given back."""
        if self.accrual is None or terms == self.terms:
            return 0
        if terms.has_cycle_of(self.terms):
            ahead = 0 if self.prepaid is None else terms.price - self.prepaid.price
            return self.accrual.cost_of(at, terms.price) + ahead
        return terms.price - self.accrual.unused(at)

    def refund_of(self, policy: RefundPolicy, now: datetime) -> int:
        """What cancelling at once gives back, in minor units: of the present period what the policy says, and
        of a next one that is paid for already everything, unless the policy is none."""
        if self.accrual is None or policy is RefundPolicy.NONE or self.status not in (_S.ACTIVE, _S.PAUSED):
            return 0
        ahead = self.prepaid.price if self.prepaid else 0
        if policy is RefundPolicy.PRORATED:
            return self.accrual.unused(self.paused_at or now) + ahead
        is_over = (self.paused_at or now) >= self.accrual.end
        return (0 if is_over else self.accrual.total) + ahead

    def plan(self, rules: Rules) -> None:
        """Works out when it is looked after next. To be called before it is kept."""
        errand = self.errand(rules)
        self.due_at = None if errand is None else errand[0]

    def errand(self, rules: Rules) -> tuple[datetime, Errand] | None:
        """What is to be done next by itself, and when; None where it waits for a payment or for somebody."""
        found = self._errand_of_status(rules)
        if self.closes_at is not None and (found is None or self.closes_at < found[0]):
            return self.closes_at, Errand.CLOSE
        return found

    def _errand_of_status(self, rules: Rules) -> tuple[datetime, Errand] | None:
        match self.status:
            case _S.TRIAL:
                end = self.trial_end or self.created_at
                return self._ending(rules, self._not_before(end), Errand.END_TRIAL)
            case _S.ACTIVE:
                return self._errand_of_active(rules)
            case _S.PAST_DUE:
                return self._errand_of_past_due(rules)
            case _S.PAUSED if self.resumes_at is not None:
                return self.resumes_at, Errand.RESUME
            case _:
                return None

    def _errand_of_active(self, rules: Rules) -> tuple[datetime, Errand] | None:
        end = self.present.end
        if self.awaiting is not None:
            check = self.awaiting.asked_at + PATIENCE
            # A change that is not paid holds no end up, nor does the renewal of what was cancelled meanwhile.
            is_needed = self.awaiting.awaited is Awaited.RENEWAL and not self.cancels_at_period_end
            if is_needed or check < end:
                return check, Errand.CHECK
        if self.prepaid is not None:
            return self._not_before(end), Errand.RENEW
        if self.cancels_at_period_end:
            return end, Errand.END
        if self.auto_renew:
            return self._not_before(end), Errand.RENEW
        return self._ending(rules, end, Errand.END)

    def _errand_of_past_due(self, rules: Rules) -> tuple[datetime, Errand] | None:
        if self.failed_at is None:
            return None
        end = rules.given_up_at(self.failed_at)
        if self.awaiting is not None and self.awaiting.is_charging:
            check = self.awaiting.asked_at + PATIENCE
            if self.awaiting.by_schedule and self.awaiting.asked_at >= end:
                # The schedule's own last attempt, begun when the time was up, has this long to be answered.
                return check, Errand.GIVE_UP
            return (check, Errand.CHECK) if check < end else (end, Errand.GIVE_UP)
        if self.tries_again_at is not None and self.tries_again_at <= end:
            return self.tries_again_at, Errand.RETRY
        return end, Errand.GIVE_UP

    def _not_before(self, end: datetime) -> datetime:
        """The end, or when what was refused at the end is tried again."""
        return end if self.next_attempt_at is None else max(end, self.next_attempt_at)

    def _ending(self, rules: Rules, end: datetime, errand: Errand) -> tuple[datetime, Errand]:
        reminder = None if self.cancels_at_period_end else rules.next_reminder(end, self.reminded)
        return (reminder, Errand.REMIND) if reminder is not None else (end, errand)

    def _after(self) -> int:
        if self.anchor is None:
            return 0
        return number_after(self.anchor, self.terms.cycle, ZoneInfo(self.zone), self.present.end, self.index)

    def _advance(self, step: Step, now: datetime) -> tuple[str, str]:
        """Takes a step of the table; answers the states before and after. Raises TransitionNotAllowed."""
        target = target_of(self.status, step)
        if target is None:
            raise TransitionNotAllowed(status=self.status.value, step=step.value)
        before, self.status, self.updated_at = self.status, target, now
        return before.value, target.value

    def _require(self, *statuses: SubscriptionStatus, step: str) -> None:
        if self.status not in statuses:
            raise TransitionNotAllowed(status=self.status.value, step=step)

    def _require_settled(self) -> None:
        if self.awaiting is not None:
            raise PaymentUnderWay

    def _require_changeable(self, terms: Terms) -> None:
        """A next period that is paid for is repriced with the present one. Of another length it cannot be:
        its invoice stands for those days."""
        if self.prepaid is None or terms == self.terms:
            return
        if not (terms.has_cycle_of(self.terms) and terms.has_cycle_of(self.prepaid)):
            raise ChangeNotPossible(reason="next_period_is_paid")

    def _end_span(self, until: datetime) -> None:
        """Notes that the present plan, or its period, is held until then only: what was used before costs
        what it asks, whatever comes after. What is in a span already stays in it. Before the first period
        there is nothing to note."""
        if not self.number or (self.spans and until <= self.spans[-1].until):
            return
        self.spans += (UsageSpan(until=until, plan_id=self.terms.plan_id, number=self.number),)
        if len(self.spans) >= MANY_SPANS:
            self._bill_usage_at(until)

    def _bill_usage_at(self, until: datetime) -> None:
        """Has what was used until then be billed when nobody tells of more."""
        self.closes_at = self.closes_at or until + LATE_USAGE + CLOSING_MARGIN

    def _forget_spans(self, *, before: int) -> None:
        """Forgets the spans of periods before that number, whose usage is billed. What was free stays so."""
        self.spans = tuple(span for span in self.spans if span.plan_id is None or span.number >= before)

    def _who(self) -> dict[str, UUID]:
        return {
            "subscription_id": self.id,
            "user_id": self.user_id,
            "product_id": self.product_id,
            "plan_id": self.terms.plan_id,
        }
