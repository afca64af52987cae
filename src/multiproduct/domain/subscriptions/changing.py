"""What the holder of a subscription may do to it: terms, pauses, cancellation, and what costs nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.domain.subscriptions.errors import ChangeNotPossible, NothingToUndo, PaymentUnderWay
from multiproduct.domain.subscriptions.events import (
    CancellationScheduled,
    CancellationUndone,
    SubscriptionCancelled,
    SubscriptionPaused,
    SubscriptionResumed,
    SubscriptionUpdated,
    TermsChanged,
    TermsScheduled,
)
from multiproduct.domain.subscriptions.periods import Period, boundary
from multiproduct.domain.subscriptions.proration import Accrual
from multiproduct.domain.subscriptions.state import SubscriptionState
from multiproduct.domain.subscriptions.terms import RefundPolicy, Terms
from multiproduct.domain.subscriptions.transitions import Step, SubscriptionStatus
from multiproduct.domain.subscriptions.usage import CLOSING_MARGIN, LATE_USAGE, MANY_SPANS

_S = SubscriptionStatus


@dataclass(slots=True, kw_only=True)
class ChangingSubscription(SubscriptionState):
    """The part of a subscription that its holder changes."""

    def quote_change(self, terms: Terms, now: datetime) -> tuple[datetime, int]:
        """When a change at once takes effect, and what it costs: the preview and the change itself both ask
        here. A period that is over, and not yet renewed, is changed at its last moment.

        Raises TransitionNotAllowed, PaymentUnderWay, ChangeNotPossible.
        """
        self._require(_S.ACTIVE, _S.TRIAL, step="change")
        self._require_settled()
        self._require_changeable(terms)
        at = now if self.accrual is None else min(now, self.accrual.end)
        return at, self.cost_of(terms, at)

    def change_terms(self, terms: Terms, *, at: datetime, now: datetime) -> int:
        """Takes the terms on, at the moment and for the cost that `quote_change` answered; answers the cost
        again. What was scheduled is replaced by it. No change is no event, and costs nothing."""
        cost = self.cost_of(terms, at)
        differing = self.terms.differences(terms)
        if differing:
            self._take_on(terms, at)
            self._record(
                TermsChanged(
                    **self._who(), occurred_at=now, fields=differing, cost_minor=cost, currency=self.currency
                )
            )
        self._drop_schedule(now)
        self.updated_at = now
        return cost

    def schedule_terms(self, terms: Terms, *, now: datetime) -> None:
        """Has the terms hold from the next period on that is billed, in place of what was scheduled before.
        Those that it has without a schedule, of a period that is paid ahead where there is one, take it back.
        Raises TransitionNotAllowed, PaymentUnderWay while the next period is being billed."""
        self._require(_S.ACTIVE, _S.PAUSED, step="schedule")
        self._require_settled()
        wanted = None if terms == (self.prepaid or self.terms) else terms
        if wanted == self.scheduled:
            return
        self.scheduled = wanted
        self.updated_at = now
        fields = self.terms.differences(terms)
        self._record(TermsScheduled(**self._who(), occurred_at=now, fields=fields))

    def pause(self, *, now: datetime, resumes_at: datetime | None = None) -> None:
        """Keeps what is left of the period until it goes on. Raises TransitionNotAllowed, PaymentUnderWay
        also where the period is over and waits to be renewed, ChangeNotPossible where the next is paid."""
        self._require(_S.ACTIVE, step=Step.PAUSE.value)
        self._require_settled()
        if self.prepaid is not None:
            raise ChangeNotPossible(reason="next_period_is_paid")
        if now >= self.present.end or now < self.present.origin:
            raise PaymentUnderWay
        before, after = self._advance(Step.PAUSE, now)
        self.paused_at, self.resumes_at = now, resumes_at
        self._record(
            SubscriptionPaused(
                **self._who(), occurred_at=now, before=before, after=after, resumes_at=resumes_at
            )
        )

    def resume(self, *, now: datetime) -> None:
        """Goes on: the period ends later by as long as it was paused, and the calendar is anchored there.
        A pause that ended by itself ended at its moment, however late somebody looks."""
        before, after = self._advance(Step.RESUME, now)
        paused_at = self.paused_at or now
        until = now if self.resumes_at is None else max(paused_at, min(now, self.resumes_at))
        self.accrual = self.present.moved(until - paused_at)
        self.anchor, self.index = None, 0
        self.paused_at = self.resumes_at = None
        self._record(
            SubscriptionResumed(
                **self._who(), occurred_at=now, before=before, after=after, ends_at=self.present.end
            )
        )

    def cancel(self, *, now: datetime, policy: RefundPolicy = RefundPolicy.NONE) -> int:
        """Ends it at once; answers what is given back, in minor units. Raises TransitionNotAllowed."""
        refund = self.refund_of(policy, now)
        self.cancelled_at = self.cancelled_at or now
        self._end_as_cancelled(now)
        return refund

    def cancel_at_period_end(self, *, now: datetime) -> bool:
        """Has it end with what is paid for; false, and nothing is done, where there is no end to wait for, so
        that it is to be cancelled at once. Twice is once."""
        end = self.ends_at
        if self.status not in (_S.ACTIVE, _S.TRIAL) or end is None or end <= now:
            return False
        if not self.cancels_at_period_end:
            self.cancels_at_period_end = True
            self.cancelled_at = self.updated_at = now
            self._drop_schedule(now)
            self._record(CancellationScheduled(**self._who(), occurred_at=now, ends_at=end))
        return True

    def undo_cancellation(self, *, now: datetime) -> None:
        """Has it go on after all. Raises NothingToUndo, also where its end is past, whether or not somebody
        looked since."""
        if not self.cancels_at_period_end or self.status not in (_S.ACTIVE, _S.TRIAL, _S.PAUSED):
            raise NothingToUndo
        if self.ends_at is not None and self.ends_at <= now:
            raise NothingToUndo
        self.cancels_at_period_end = False
        self.cancelled_at = None
        self.updated_at = now
        self._record(CancellationUndone(**self._who(), occurred_at=now))

    def set_auto_renew(self, value: bool, *, now: datetime) -> None:  # noqa: FBT001 - it is the value
        """Whether it is renewed by itself. Of what is over nothing is set."""
        self._require(*_CHANGEABLE, step="update")
        self._set("auto_renew", str(self.auto_renew).lower(), str(value).lower(), now)
        self.auto_renew = value

    def set_configuration(self, configuration: dict[str, Any], *, now: datetime) -> None:
        """What the product's schema accepted. The audit log is told that it changed, not what it says."""
        self._require(*_CHANGEABLE, step="update")
        if configuration != self.configuration:
            self._set("configuration", None, "changed", now)
            self.configuration = configuration

    def set_payment_method(self, gateway: str | None, method_id: UUID | None, *, now: datetime) -> None:
        """How it is charged from now on; None where the method was deleted, after which nothing is charged by
        itself any more. What is overdue is tried by another method at once, unless it is being paid."""
        before = str(self.method_id) if self.method_id else None
        self._set("method_id", before, str(method_id) if method_id else None, now)
        is_another = method_id is not None and method_id != self.method_id
        self.gateway, self.method_id = gateway, method_id
        is_charging = self.awaiting is not None and self.awaiting.is_charging
        if self.status is _S.PAST_DUE and is_another and not is_charging:
            self.next_attempt_at = min(now, self.next_attempt_at or now)

    def _set(self, name: str, before: str | None, after: str | None, now: datetime) -> None:
        if before != after:
            self.updated_at = now
            self._record(SubscriptionUpdated(**self._who(), occurred_at=now, fields={name: (before, after)}))

    def _end_as_cancelled(self, now: datetime) -> None:
        before, after = self._advance(Step.CANCEL, now)
        self._close(now)
        self._record(SubscriptionCancelled(**self._who(), occurred_at=now, before=before, after=after))

    def _close(self, now: datetime) -> None:
        self.ended_at = now
        self._end_span(now)
        self.bill_what_is_left(now=now)
        self.awaiting = self.scheduled = self.prepaid = None
        self.cancels_at_period_end = False
        self.paused_at = self.resumes_at = self.reminded = None
        self._forget_failures()

    def _forget_failures(self) -> None:
        self.failed_at = self.next_attempt_at = None
        self.failures = 0

    def bill_what_is_left(self, *, now: datetime) -> None:
        """Has the usage of one that is over be billed for the last time, when nobody can tell of more. What
        was used in a trial alone, or before anything was paid, is nobody's to pay."""
        if self.ended_at is not None and self.number:
            self.closes_at = max(now, self.ended_at + LATE_USAGE + CLOSING_MARGIN)

    def closed(self, *, now: datetime) -> None:
        """Notes that nothing is left to bill of what was over."""
        self.closes_at = None
        is_crowded = len(self.spans) >= MANY_SPANS
        self._forget_spans(before=self.number + 1 if is_crowded else self.number)
        self.updated_at = now

    def forget_person(self, *, now: datetime) -> None:
        """What its holder set goes with them, and what they used is not billed any more: there is nobody to
        send an invoice to."""
        self.configuration = {}
        self.gateway = self.method_id = self.closes_at = None
        self.updated_at = now

    def _drop_schedule(self, now: datetime) -> None:
        if self.scheduled is not None:
            self.scheduled = None
            self._record(TermsScheduled(**self._who(), occurred_at=now, fields={}))

    def _take_on(self, terms: Terms, at: datetime) -> None:
        begins_anew = self.accrual is not None and not terms.has_cycle_of(self.terms)
        if begins_anew or terms.plan_id != self.terms.plan_id:
            self._end_span(at)
        if begins_anew:
            self._bill_usage_at(at)
        if self.accrual is not None and terms.has_cycle_of(self.terms):
            self.accrual = self.accrual.reprice(at, terms.price)
            self.prepaid = None if self.prepaid is None else terms
        elif self.accrual is not None:
            # What is paid for during the trial begins after it: the rest of the trial is not lost.
            self._begin_anew(terms, max(at, self.accrual.origin))
        self.terms = terms

    def _begin_anew(self, terms: Terms, at: datetime) -> None:
        """Begins a period that is anchored where it begins."""
        self.anchor, self.index = at, 0
        self.number += 1
        self.reminded = None
        period = Period(at, boundary(at, terms.cycle, ZoneInfo(self.zone), 1))
        self.accrual = Accrual.begin(period, terms.price)


_CHANGEABLE = (_S.PENDING, _S.TRIAL, _S.ACTIVE, _S.PAST_DUE, _S.PAUSED)
