"""Charging for usage: how measurements become one quantity, and what that quantity costs.

All arithmetic is exact (whole numbers and fractions). An amount is rounded once, at the end of its line, half
up to the currency's minor unit. No usage costs nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from uuid import UUID

from multiproduct.domain.catalog.rates import UnitPrice, half_up
from multiproduct.domain.shared.money import Currency, Money

MAX_TIERS = 100


class Aggregation(StrEnum):
    """How the measurements of a period become one quantity."""

    SUM = "sum"
    MAX = "max"
    LAST = "last"
    UNIQUE_COUNT = "unique_count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One usage event. `order` tells apart those of the same instant: the greater one came later. `value` is
    what a unique count counts, such as a user's id."""

    quantity: Fraction
    at: datetime
    order: int = 0
    value: str | None = None


class Gauge:
    """What a meter has come to, told one measurement after another: however many there are, it keeps only
    what their aggregation needs, which is every value for a unique count alone."""

    def __init__(self, kind: Aggregation) -> None:
        self._kind = kind
        self._sum = Fraction(0)
        self._greatest = Fraction(0)
        self._last: Measurement | None = None
        self._values: set[str] = set()
        self.begins_at: datetime | None = None
        """The moment of the earliest measurement; None where there was none."""

    def add(self, each: Measurement) -> None:
        """Measurements without a value do not count as unique ones."""
        is_first = self.begins_at is None
        self.begins_at = each.at if self.begins_at is None else min(self.begins_at, each.at)
        match self._kind:
            case Aggregation.SUM:
                self._sum += each.quantity
            case Aggregation.MAX:
                self._greatest = each.quantity if is_first else max(self._greatest, each.quantity)
            case Aggregation.LAST:
                if self._last is None or (each.at, each.order) > (self._last.at, self._last.order):
                    self._last = each
            case Aggregation.UNIQUE_COUNT if each.value is not None:
                self._values.add(each.value)

    @property
    def quantity(self) -> Fraction:
        """What it comes to, 0 where nothing was measured."""
        match self._kind:
            case Aggregation.SUM:
                return self._sum
            case Aggregation.MAX:
                return self._greatest
            case Aggregation.LAST:
                return Fraction(0) if self._last is None else self._last.quantity
            case Aggregation.UNIQUE_COUNT:
                return Fraction(len(self._values))


def aggregate(kind: Aggregation, measurements: Iterable[Measurement]) -> Fraction:
    """The quantity of a period, 0 where nothing was measured."""
    gauge = Gauge(kind)
    for each in measurements:
        gauge.add(each)
    return gauge.quantity


class PriceModel(StrEnum):
    """How a quantity becomes an amount.

    `per_unit`: each costs the same. `graduated`: each costs what the tier says in which it lies. `volume`:
    all cost what the tier says in which the whole quantity lies. `package`: begun packages cost the same
    each.
    """

    PER_UNIT = "per_unit"
    GRADUATED = "graduated"
    VOLUME = "volume"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Quantities above those of the tier before, up to and with `up_to`; None in the last tier. `flat_minor`
    is charged once where the tier is reached."""

    up_to: int | None
    unit_price: UnitPrice
    flat_minor: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """A price model with its tiers in one currency. Per unit and package have one tier without an end;
    `package_size` is how many a package holds."""

    model: PriceModel
    currency: Currency
    tiers: tuple[Tier, ...]
    package_size: int = 1

    def __post_init__(self) -> None:
        bounds = [tier.up_to for tier in self.tiers]
        if not 1 <= len(bounds) <= MAX_TIERS or bounds[-1] is not None:
            raise ValueError("the last of one to a hundred tiers has no end")
        ends = [0, *(bound for bound in bounds[:-1] if bound is not None)]
        if len(ends) != len(bounds) or any(a >= b for a, b in pairwise(ends)):
            raise ValueError("each tier ends after the one before")
        if len(bounds) > 1 and self.model in (PriceModel.PER_UNIT, PriceModel.PACKAGE):
            raise ValueError(f"{self.model} has one tier")
        if self.package_size < 1 or any(tier.flat_minor < 0 for tier in self.tiers):
            raise ValueError("a package holds something, and nothing costs less than nothing")

    def charge(self, quantity: Fraction | int) -> Money:
        """What a period's quantity costs. Raises ValueError for one below zero."""
        if quantity < 0:
            raise ValueError("usage is not below zero")
        if quantity == 0:
            return Money.zero(self.currency)
        exact = self._exact(Fraction(quantity))
        return Money(half_up(exact), self.currency)

    def _exact(self, quantity: Fraction) -> Fraction:
        first = self.tiers[0]
        match self.model:
            case PriceModel.PER_UNIT:
                return self._of(first, quantity)
            case PriceModel.PACKAGE:
                return self._of(first, Fraction(-(-quantity // self.package_size)))
            case PriceModel.VOLUME:
                return self._of(next(tier for tier in self.tiers if _holds(tier, quantity)), quantity)
            case PriceModel.GRADUATED:
                return sum((self._of(tier, part) for tier, part in _parts(self.tiers, quantity)), Fraction(0))

    def _of(self, tier: Tier, quantity: Fraction) -> Fraction:
        return quantity * tier.unit_price.minor(self.currency) + tier.flat_minor


def _holds(tier: Tier, quantity: Fraction) -> bool:
    return tier.up_to is None or quantity <= tier.up_to


def _parts(tiers: Sequence[Tier], quantity: Fraction) -> list[tuple[Tier, Fraction]]:
    """The tiers that a quantity reaches, each with how much of it lies there."""
    parts, below = [], Fraction(0)
    for tier in tiers:
        if quantity <= below:
            break
        top = quantity if tier.up_to is None else min(quantity, Fraction(tier.up_to))
        parts.append((tier, top - below))
        below = top
    return parts


@dataclass(frozen=True, slots=True, kw_only=True)
class MeteredPrice:
    """What a plan charges for what a meter measures, in one currency, from `valid_from` until before
    `valid_until`. Like a price it never changes: another tariff is another metered price."""

    id: UUID
    plan_id: UUID
    meter_id: UUID
    tariff: Tariff
    valid_from: datetime
    valid_until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether it is the one that counts at this instant."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)
