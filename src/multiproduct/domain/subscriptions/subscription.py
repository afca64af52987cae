"""A subscription: what somebody has of a product, until when, and what happens then."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from multiproduct.domain.subscriptions.errors import TransitionNotAllowed
from multiproduct.domain.subscriptions.events import (
    RenewalDue,
    SubscriptionActivated,
    SubscriptionOrdered,
    SubscriptionRenewed,
    TrialEnded,
    TrialEnding,
    TrialStarted,
)
from multiproduct.domain.subscriptions.owing import OwingSubscription
from multiproduct.domain.subscriptions.proration import Accrual
from multiproduct.domain.subscriptions.schedule import Rules
from multiproduct.domain.subscriptions.state import Awaited
from multiproduct.domain.subscriptions.terms import Terms
from multiproduct.domain.subscriptions.transitions import Step, SubscriptionStatus, target_of
from multiproduct.domain.subscriptions.usage import UsageSpan

_S = SubscriptionStatus


@dataclass(slots=True, kw_only=True)
class Subscription(OwingSubscription):
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
