"""A subscription: what somebody has of a product, until when, and what happens then."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.domain.subscriptions.changing import ChangingSubscription
from multiproduct.domain.subscriptions.errors import AlreadyRenewed, TransitionNotAllowed
from multiproduct.domain.subscriptions.events import (
    RenewalDue,
    RenewalFailed,
    SubscriptionActivated,
    SubscriptionCancelled,
    SubscriptionExpired,
    SubscriptionOrdered,
    SubscriptionRenewed,
    TrialEnded,
    TrialEnding,
    TrialStarted,
)
from multiproduct.domain.subscriptions.proration import Accrual
from multiproduct.domain.subscriptions.schedule import MAX_REFUSALS, REFUSED_AGAIN_AFTER, Errand, Rules
from multiproduct.domain.subscriptions.state import Awaited, OpenInvoice
from multiproduct.domain.subscriptions.terms import Terms
from multiproduct.domain.subscriptions.transitions import Step, SubscriptionStatus, target_of
from multiproduct.domain.subscriptions.usage import UsageSpan

_S = SubscriptionStatus


@dataclass(slots=True, kw_only=True)
class Subscription(ChangingSubscription):
    """The part that time and payments bring about."""

    @classmethod
    def order(
        cls,
        *,
        id: UUID,
        user_id: UUID,
        product_id: UUID,
        currency: str,
        zone: str,
        terms: Terms,
        configuration: dict[str, Any],
        now: datetime,
    ) -> "Subscription":
        """Ordered, and waiting for its first invoice. Raises zoneinfo.ZoneInfoNotFoundError."""
        ordered = cls(
            id=id,
            user_id=user_id,
            product_id=product_id,
            currency=currency,
            zone=ZoneInfo(zone).key,
            terms=terms,
            status=_S.PENDING,
            configuration=configuration,
            created_at=now,
            updated_at=now,
        )
        ordered._record(
            SubscriptionOrdered(**ordered._who(), occurred_at=now, before=None, after=_S.PENDING.value)
        )
        return ordered

    @classmethod
    def start_trial(
        cls,
        *,
        id: UUID,
        user_id: UUID,
        product_id: UUID,
        currency: str,
        zone: str,
        terms: Terms,
        configuration: dict[str, Any],
        trial_end: datetime,
        now: datetime,
    ) -> "Subscription":
        """On trial until `trial_end`, exactly. Raises zoneinfo.ZoneInfoNotFoundError."""
        begun = cls(
            id=id,
            user_id=user_id,
            product_id=product_id,
            currency=currency,
            zone=ZoneInfo(zone).key,
            terms=terms,
            status=_S.TRIAL,
            configuration=configuration,
            starts_at=now,
            trial_end=trial_end,
            created_at=now,
            updated_at=now,
        )
        begun._record(
            TrialStarted(
                **begun._who(), occurred_at=now, before=None, after=_S.TRIAL.value, trial_end=trial_end
            )
        )
        return begun

    def order_again(self, terms: Terms, *, now: datetime) -> None:
        """Ordered during its trial, or after its end. Raises TransitionNotAllowed, PaymentUnderWay."""
        self._require_settled()
        before, after = self._advance(Step.ORDER, now)
        self.terms = terms
        if self.status is _S.PENDING:
            self.ended_at = self.cancelled_at = self.closes_at = self.accrual = self.anchor = None
            self.index = 0
        self.cancels_at_period_end = False
        self._record(SubscriptionOrdered(**self._who(), occurred_at=now, before=before, after=after))

    def await_payment(self, invoice: OpenInvoice, *, now: datetime) -> None:
        """Waits for an invoice; for one at a time. Raises PaymentUnderWay, AlreadyRenewed,
        TransitionNotAllowed."""
        self._require_settled()
        match invoice.awaited:
            case Awaited.FIRST:
                self._require(_S.PENDING, _S.TRIAL, step="order")
            case Awaited.RENEWAL:
                self._require(_S.ACTIVE, _S.PAST_DUE, step=Step.RENEW.value)
                if self.prepaid is not None:
                    raise AlreadyRenewed
                invoice = replace(invoice, is_ahead=now < self.present.end)
            case Awaited.CHANGE:
                self._require(_S.ACTIVE, step="change")
        self.awaiting = invoice
        self.updated_at = now

    def charging(
        self,
        is_charging: bool,  # noqa: FBT001 - it is the value
        *,
        now: datetime,
        by_schedule: bool = False,
    ) -> None:
        """Notes whether a payment of the open invoice is under way, and whether it was begun by itself."""
        if self.awaiting is not None:
            asked_at = now if is_charging else self.awaiting.asked_at
            self.awaiting = replace(
                self.awaiting, is_charging=is_charging, asked_at=asked_at, by_schedule=by_schedule
            )
            self.updated_at = now

    def wait_on(self, *, rules: Rules, now: datetime) -> None:
        """Notes that somebody looked, and that there is still no answer. A renewal whose period should have
        begun is overdue then: service does not go on for ever because a payment was begun."""
        if self.awaiting is None:
            return
        self.awaiting = replace(self.awaiting, asked_at=now)
        self.updated_at = now
        is_renewal = self.awaiting.awaited is Awaited.RENEWAL
        if is_renewal and self.status is _S.ACTIVE and now >= self.present.end:
            self._fall_overdue(rules, tried_at=now, now=now)
            # If it comes to nothing, that was counted.
            self.awaiting = replace(self.awaiting, by_schedule=False)

    def leave_payment(self, *, now: datetime) -> None:
        """Waits no more for the open invoice, as its order was called off."""
        self.awaiting = None
        self.updated_at = now

    def end_trial(self, *, now: datetime) -> None:
        """The trial is over, and waits for its invoice."""
        before, after = self._advance(Step.END_TRIAL, now)
        self.reminded = None
        self._record(TrialEnded(**self._who(), occurred_at=now, before=before, after=after))

    def settle(self, order_id: UUID, *, now: datetime) -> bool:
        """What the open invoice was for comes about: activation, the next period, or a change. False, and
        nothing happens, where this invoice is not what it waits for."""
        invoice = self.awaiting
        if invoice is None or invoice.order_id != order_id:
            return False
        self.awaiting = None
        match invoice.awaited:
            case Awaited.FIRST:
                self._activate(invoice.terms, now, invoice.first_price)
            case Awaited.RENEWAL if invoice.is_ahead:
                if now >= self.present.end:
                    self._leave_usage_behind()
                self.renew(invoice.terms, now=now)
            case Awaited.RENEWAL:
                self._forget_spans(before=self.number)
                self.renew(invoice.terms, now=now)
            case Awaited.CHANGE:
                self.change_terms(invoice.terms, at=invoice.at, now=now)
        return True

    def reactivate(self, terms: Terms, *, price: int, now: datetime) -> bool:
        """Late money for the order of a subscription that expired before it began; false where it cannot be
        put to that use any more, and is to be given back. `price` is what the order asked for the first
        period, coupons included."""
        if target_of(self.status, Step.ACTIVATE) is None or self.status is not _S.EXPIRED:
            return False
        if self.accrual is not None:
            return False
        self.ended_at = self.closes_at = None
        self._activate(terms, now, price)
        return True

    def renew(self, terms: Terms, *, now: datetime) -> None:
        """The next period is paid for: it begins when the present one ends, which may be later. No day is
        given away or lost, however late the money."""
        if self.status is _S.ACTIVE and now < self.present.end:
            self.prepaid = terms
            self.scheduled = None
            return
        before, after = self._advance(Step.RENEW, now)
        self._begin_following(terms)
        self._forget_failures()
        self._record(
            SubscriptionRenewed(
                **self._who(),
                occurred_at=now,
                before=before,
                after=after,
                starts_at=self.present.origin,
                ends_at=self.present.end,
            )
        )

    def begin_prepaid(self, *, now: datetime) -> bool:
        """The next period, which is paid for, begins; false where none is."""
        terms, self.prepaid = self.prepaid, None
        if terms is None:
            return False
        self._leave_usage_behind()
        # What was scheduled since it was paid is for the period after it.
        scheduled = self.scheduled
        self.renew(terms, now=now)
        self.scheduled = None if scheduled == terms else scheduled
        return True

    def fail_payment(self, order_id: UUID, *, rules: Rules, now: datetime) -> bool:
        """The open invoice could not be charged. A change is dropped, so is a renewal ahead of time; a
        renewal that was due begins the schedule of retries, of which the payer's own tries use nothing up.
        Answers whether the invoice stays open for more attempts."""
        invoice = self.awaiting
        if invoice is None or invoice.order_id != order_id:
            return False
        if invoice.awaited is Awaited.FIRST:
            self.charging(False, now=now)
            return True
        is_needless = invoice.awaited is Awaited.CHANGE or self.cancels_at_period_end
        if self.status is _S.ACTIVE and (is_needless or now < self.present.end):
            self.awaiting = None
            self.updated_at = now
            return False
        self.charging(False, now=now)
        if self.status is not _S.PAST_DUE or invoice.by_schedule:
            self._fall_overdue(rules, tried_at=invoice.asked_at, now=now)
        return True

    def _fall_overdue(self, rules: Rules, *, tried_at: datetime, now: datetime) -> None:
        before, after = self._advance(Step.FAIL_PAYMENT, now)
        self.failed_at = self.failed_at or now
        self.failures += 1
        self.next_attempt_at = rules.next_attempt(self.failed_at, tried_at=tried_at, now=now)
        self._record(
            RenewalFailed(
                **self._who(),
                occurred_at=now,
                before=before,
                after=after,
                attempt=self.failures,
                next_attempt_at=self.tries_again_at,
                ends_at=rules.given_up_at(self.failed_at),
            )
        )

    def skip_attempt(self, *, rules: Rules, now: datetime) -> None:
        """Leaves an attempt to the next of its days, as there is nothing to charge by."""
        if self.failed_at is not None:
            self.next_attempt_at = rules.next_attempt(self.failed_at, tried_at=now, now=now)
            self.updated_at = now

    def refuse(self, errand: Errand, *, rules: Rules, now: datetime) -> bool:
        """What was due could not be done, for a reason that is no declined payment. Nobody is served for ever
        for that: a period that is not even billed is tried MAX_REFUSALS times, and is overdue then, with the
        deadlines of one that could not be charged; a trial is over. What else is due takes its course. False,
        and nothing happens, for what can wait."""
        match errand:
            case Errand.RENEW | Errand.END_TRIAL:
                self._refuse_period(rules, now)
            case Errand.RETRY:
                self.skip_attempt(rules=rules, now=now)
            case Errand.CHECK:
                self.wait_on(rules=rules, now=now)
            case Errand.GIVE_UP:
                self.expire("not_paid", now=now)
            case Errand.END:
                self.end(now=now)
            case Errand.CLOSE:
                # It holds nothing else up that is due.
                self.closes_at = now + REFUSED_AGAIN_AFTER
            case _:
                return False
        self.updated_at = now
        return True

    def _refuse_period(self, rules: Rules, now: datetime) -> None:
        if self.failures + 1 < MAX_REFUSALS:
            self.failures += 1
            self.next_attempt_at = now + REFUSED_AGAIN_AFTER
        elif self.status is _S.TRIAL:
            self.expire("not_renewed", now=now)
        else:
            self.awaiting, self.failures = None, 0
            self._fall_overdue(rules, tried_at=now, now=now)

    def give_up_payment(self, order_id: UUID, *, rules: Rules, now: datetime) -> bool:
        """The payer left a payment, or let its deadline pass: the invoice can be paid anew at once. A renewal
        that was due, or an attempt of the schedule, has failed. False where this invoice is not what it waits
        for."""
        invoice = self.awaiting
        if invoice is None or invoice.order_id != order_id:
            return False
        is_renewal = invoice.awaited is Awaited.RENEWAL
        if is_renewal and (invoice.by_schedule if self.status is _S.PAST_DUE else now >= self.present.end):
            self.fail_payment(order_id, rules=rules, now=now)
        else:
            self.charging(False, now=now)
        return True

    def drop_payment(self, order_id: UUID, *, now: datetime) -> bool:
        """The open invoice will not be paid any more, as its order ended: what was to begin with it expires,
        a change is forgotten. False where this invoice is not what it waits for."""
        invoice = self.awaiting
        if invoice is None or invoice.order_id != order_id:
            return False
        self.awaiting = None
        self.updated_at = now
        is_over = invoice.awaited is Awaited.RENEWAL and now >= self.present.end
        if is_over or self.status in (_S.PENDING, _S.PAST_DUE):
            self.expire("not_paid", now=now)
        return True

    def remind(self, *, rules: Rules, now: datetime) -> None:
        """Has the holder told how many days are left, once for each number of days."""
        end = self.trial_end if self.status is _S.TRIAL else self.present.end
        if end is None:
            raise TransitionNotAllowed(status=self.status.value, step="remind")
        days = rules.reminder_due(end, self.reminded, now)
        if days is None:
            return
        self.reminded = days
        self.updated_at = now
        if end <= now:
            return
        if self.status is _S.TRIAL:
            self._record(TrialEnding(**self._who(), occurred_at=now, trial_end=end, days=days))
        else:
            self._record(RenewalDue(**self._who(), occurred_at=now, ends_at=end, days=days))

    def expire(self, reason: str, *, now: datetime) -> None:
        """It is over without anybody having cancelled it. `reason` is not_paid or not_renewed."""
        before, after = self._advance(Step.EXPIRE, now)
        self._close(now)
        self._record(
            SubscriptionExpired(**self._who(), occurred_at=now, before=before, after=after, reason=reason)
        )

    def end(self, *, now: datetime) -> None:
        """Its time is up: it is cancelled where that was scheduled, and expires where it is not renewed."""
        if not self.cancels_at_period_end:
            self.expire("not_renewed", now=now)
            return
        before, after = self._advance(Step.CANCEL, now)
        self._close(now)
        self._record(SubscriptionCancelled(**self._who(), occurred_at=now, before=before, after=after))

    def _activate(self, terms: Terms, now: datetime, first_price: int | None = None) -> None:
        """Who pays during the trial keeps the rest of it: the first period begins at its end."""
        is_early = self.status is _S.TRIAL and self.trial_end is not None and self.trial_end > now
        before, after = self._advance(Step.ACTIVATE, now)
        at = self.trial_end if is_early and self.trial_end is not None else now
        if self.trial_end is not None and not self.number:
            self.spans = (UsageSpan(until=at, plan_id=None, number=0),)
        self.terms = terms
        self._forget_failures()
        self._begin_anew(terms, at)
        if first_price is not None:
            self.accrual = self.present.sold_at(first_price)
        self.starts_at = self.starts_at or now
        self._record(
            SubscriptionActivated(
                **self._who(),
                occurred_at=now,
                before=before,
                after=after,
                starts_at=at,
                ends_at=self.present.end,
            )
        )

    def _leave_usage_behind(self) -> None:
        """The present period ends, and its usage is in no renewal's invoice: it has one of its own."""
        self._end_span(self.present.end)
        self._bill_usage_at(self.present.end)

    def _begin_following(self, terms: Terms) -> None:
        period = self.following(terms)
        if terms.plan_id != self.terms.plan_id:
            self._end_span(self.present.end)
        if self.anchor is None or not terms.has_cycle_of(self.terms):
            self.anchor, self.index = period.start, 0
        else:
            self.index = self._after()
        self.number += 1
        self.reminded = None
        self.scheduled = None
        self.terms = terms
        self.accrual = Accrual.begin(period, terms.price)
