"""What a subscription waits to be paid, what becomes of it where it is not, and how it is over by itself."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from multiproduct.domain.subscriptions.changing import ChangingSubscription
from multiproduct.domain.subscriptions.errors import AlreadyRenewed
from multiproduct.domain.subscriptions.events import (
    RenewalFailed,
    SubscriptionCancelled,
    SubscriptionExpired,
)
from multiproduct.domain.subscriptions.schedule import MAX_REFUSALS, REFUSED_AGAIN_AFTER, Errand, Rules
from multiproduct.domain.subscriptions.state import Awaited, OpenInvoice
from multiproduct.domain.subscriptions.transitions import Step, SubscriptionStatus

_S = SubscriptionStatus


@dataclass(slots=True, kw_only=True)
class OwingSubscription(ChangingSubscription):
    """The part of its open invoice, of failures and of deadlines."""

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
