"""Prices of plans: versions that never change, and the discount that may stand on a plan for a while."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from multiproduct.domain.catalog.rates import Percent
from multiproduct.domain.shared.money import Currency, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one of a plan costs for one period, from `valid_from` until before `valid_until`.

    The amount never changes: another one is another price. What is sold names the price by its id and copies
    the amount.
    """

    id: UUID
    amount: Money
    valid_from: datetime
    valid_until: datetime | None = None

    @property
    def currency(self) -> Currency:
        """The price's currency."""
        return self.amount.currency

    def holds(self, at: datetime) -> bool:
        """Whether it is the price at this instant."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


def in_place(prices: Iterable[Price], new: Price) -> tuple[Price, ...]:
    """The prices with a new one among them: from its instant on it is the one in its currency. One that would
    have begun later never does."""
    kept = tuple(
        replace(price, valid_until=max(price.valid_from, new.valid_from))
        if price.currency == new.currency
        and (price.valid_until is None or price.valid_until > max(price.valid_from, new.valid_from))
        else price
        for price in prices
    )
    return (*kept, new)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    """A percentage off a plan's prices, within a half-open window; None is an open end."""

    percent: Percent
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.starts_at is not None and self.ends_at is not None and self.starts_at >= self.ends_at:
            raise ValueError("a window ends after it begins")

    def holds(self, at: datetime) -> bool:
        """Whether it counts at this instant."""
        return (self.starts_at is None or self.starts_at <= at) and (
            self.ends_at is None or at < self.ends_at
        )
