"""Counting who is served and what they pay, at the end of every month."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.domain.catalog import Cycle, CycleUnit
from multiproduct.domain.subscriptions import SubscriptionStatus, Terms
from multiproduct.entrypoints.simulation.report import Month

DAYS_OF_A_MONTH = Fraction(1_461, 48)
"""On average: a year of 365.25 days has twelve."""
_YEAR = timedelta(days=365.25)
PAYING = frozenset({SubscriptionStatus.ACTIVE, SubscriptionStatus.PAST_DUE})


def monthly(terms: Terms) -> Fraction:
    """What the terms come to in a month, in minor units, exactly."""
    return Fraction(terms.price) / _months(terms.cycle)


def _months(cycle: Cycle) -> Fraction:
    return Fraction(cycle.count) if cycle.unit is CycleUnit.MONTH else cycle.count / DAYS_OF_A_MONTH


class Measuring:
    """Keeps what every subscription came to at the end of the month before."""

    def __init__(self, *, units: Units[SubscriptionsUnit], begins: datetime) -> None:
        self._units = units
        self._taken_at = begins
        self._subscription_time = timedelta()
        self._before: dict[UUID, Fraction] = {}
        self.months: list[Month] = []
        self._base = 0
        self._base_mrr = Fraction()
        self._lost = 0
        self._lost_mrr = Fraction()

    async def take(self, now: datetime, subscription_ids: Iterable[UUID]) -> None:
        """Notes how things stand at the end of a month."""
        present: dict[UUID, Fraction] = {}
        async with self._units.view(SYSTEM) as view:
            for each in subscription_ids:
                found = await view.subscriptions.find(each)
                if found is not None and found.status in PAYING:
                    present[each] = monthly(found.terms)
        before = self._before
        lost = sum(each not in present for each in before)
        lost_mrr = sum(
            (max(was - present.get(each, 0), Fraction()) for each, was in before.items()), Fraction()
        )
        self._base += len(before)
        self._base_mrr += sum(before.values(), Fraction())
        self._lost += lost
        self._lost_mrr += lost_mrr
        self._subscription_time += (now - self._taken_at) * (len(before) + len(present)) / 2
        self._before, self._taken_at = present, now
        self.months.append(
            Month(
                day=now.date(),
                subscriptions=len(present),
                mrr=int(sum(present.values(), Fraction())),
                lost=lost,
                lost_mrr=int(lost_mrr),
            )
        )

    @property
    def subscription_years(self) -> float:
        """For how long all of them together were served, by the ends of the months."""
        return round(self._subscription_time / _YEAR, 2)

    @property
    def customer_churn(self) -> float:
        """The share of those who were there at a month's beginning and not at its end."""
        return round(self._lost / self._base, 6) if self._base else 0.0

    @property
    def revenue_churn(self) -> float:
        """The share of what they paid."""
        return round(float(self._lost_mrr / self._base_mrr), 6) if self._base_mrr else 0.0
