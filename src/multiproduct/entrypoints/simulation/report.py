"""What a simulation comes to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """The end of a month. Money is in minor units; `lost` and `lost_mrr` are what was there at its beginning
    and is not any more, `lost_mrr` also of those who pay less than then."""

    day: date
    subscriptions: int
    mrr: int
    lost: int
    lost_mrr: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Money is in minor units of the currency. Churn is a share for a month: of those that were there at the
    beginnings of all months, how many (or how much of what they paid) was not there at their ends. `mrr` is
    what is paid in an average month by those who are served at the end."""

    seed: int
    customers: int
    years: float
    currency: str
    subscriptions: int
    subscription_years: float
    mrr: int
    customer_churn: float
    revenue_churn: float
    revenue: int
    refunds: int
    credited: int
    open_receivables: int
    bad_debts: int
    customer_funds: int
    invoices: int
    transactions: int
    trial_balance: int
    ledger_root: str
    done: Mapping[str, int]
    refused: Mapping[str, int]
    months: Sequence[Month]

    def as_json(self) -> dict[str, Any]:
        """The same as JSON takes it."""
        return {**asdict(self), "months": [{**asdict(each), "day": str(each.day)} for each in self.months]}
