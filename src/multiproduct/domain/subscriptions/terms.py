"""What a subscription is for: the plan, the seats, the price of a period, and how long that is."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from multiproduct.domain.catalog.cycle import Cycle, CycleUnit

MAX_QUANTITY = 100_000


class Timing(StrEnum):
    """When a change of terms takes effect."""

    NOW = "now"
    PERIOD_END = "period_end"


class RefundPolicy(StrEnum):
    """What somebody who cancels at once gets back of the present period."""

    NONE = "none"
    PRORATED = "prorated"
    FULL = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """`price` is that of a whole period for all seats, in minor units of the subscription's currency, as it
    was sold; `unit_price` that of one seat, before anything was rounded. Raises ValueError for a quantity
    outside 1 to MAX_QUANTITY or a negative price."""

    plan_id: UUID
    quantity: int
    price: int
    cycle: Cycle
    unit_price: Fraction | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= self.quantity <= MAX_QUANTITY or self.price < 0 or (self.unit_price or 0) < 0:
            raise ValueError("a quantity is at least 1, a price not negative")

    @property
    def seat_price(self) -> Fraction:
        """What one seat was sold at, in minor units, exactly; an equal share where nobody noted it."""
        return Fraction(self.price, self.quantity) if self.unit_price is None else self.unit_price

    def with_quantity(self, quantity: int) -> "Terms":
        """So many seats at what one was sold at, whatever the plan costs by now. Rounded once, half up, on
        the price of all, as when it was sold: the same number of seats has the same price again."""
        each = self.seat_price
        price = (2 * each.numerator * quantity + each.denominator) // (2 * each.denominator)
        return replace(self, quantity=quantity, price=price, unit_price=each)

    def has_cycle_of(self, other: "Terms") -> bool:
        """Whether periods are as long: `monthly` is one month, whatever it is called."""
        return (self.cycle.unit, self.cycle.count) == (other.cycle.unit, other.cycle.count)

    def timing_towards(self, other: "Terms") -> Timing:
        """When a change is made where nobody says: a dearer one at once, a cheaper one with the next period.
        Prices of cycles of different lengths are compared by their price a day, a month counted as 30.4375
        days (a Gregorian year's 365.25 in twelve); equal prices change at once."""
        return (
            Timing.NOW
            if other.price * _weight(self.cycle) >= self.price * _weight(other.cycle)
            else (Timing.PERIOD_END)
        )

    def differences(self, other: "Terms") -> dict[str, tuple[str | None, str | None]]:
        """The fields in which the other terms differ, before and after."""
        pairs = {
            "plan_id": (self.plan_id, other.plan_id),
            "quantity": (self.quantity, other.quantity),
            "price": (self.price, other.price),
            "cycle": (_span(self.cycle), _span(other.cycle)),
        }
        return {name: (str(a), str(b)) for name, (a, b) in pairs.items() if a != b}


def _weight(cycle: Cycle) -> int:
    return cycle.count * (10_000 if cycle.unit is CycleUnit.DAY else 304_375)


def _span(cycle: Cycle) -> str:
    return f"{cycle.count} {cycle.unit.value}"
