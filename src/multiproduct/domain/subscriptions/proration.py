"""Proration: what a part of a period costs, exact to the smallest unit and the same by every path.

The state of a period is an *accrual*. Let L be the period's true length in whole seconds, and p(s) the price
of a whole period (in minor units, for all seats) under the terms that held in second s. Then

    A(u) = p(0) + p(1) + ... + p(u-1)            an integer, in minor units times seconds
    V(u) = floor(A(u) / L)                       the value used up after u seconds
    T    = floor((A(u) + p * (L - u)) / L)       the whole period, if the present price p stays to its end

A is kept exactly; floor is the only rounding, done once, on the cumulative figure, and never on a step. A
change of terms after u seconds costs T' - T, the difference of the two whole periods. From this follow:

1. *A change to the same price costs 0.* With p' = p, T' = T.
2. *The path does not matter.* Changes made in the same second add no second to A, so only the last price
   counts: one seat three times, and three seats at once, come to the same T'. In general the costs of any
   changes sum to T(last) - T(first), as each T' is the next change's T.
3. *Parts sum to the whole.* V(b) - V(a), over any cuts a, b, ..., telescopes to V(L) - V(0) = T - 0.
4. *Credits never exceed what was charged.* What was charged for the period is T: at first p(0), which is
   floor(p(0) * L / L), then T' - T each time. Prices are not negative, so 0 <= V(u) <= T': a credit T - T' is
   at most T - V(u), the unused part, and that is at most T.

A period that was sold for s, by coupons, in place of its list price S > s keeps what they took off to its
end, and no more than that: a list price P that holds later in the period counts as

    p = floor(s * P / S + 1/2)    for P <= S, the one rounding of a price
    p = s + (P - S)               for P > S, as what came later was bought without them

At P = S both are s, p never falls where P grows, and it depends on nothing but P, so that the laws above hold
as they are: no change costs 0, fewer seats never cost more than 0, and who goes down and up again in the same
second is where they were. The period after it is at list prices again.

The seconds are counted from one origin, whatever was asked in between, so that fractions of a second are not
lost over many changes. A pause moves the origin by its own length, and leaves u where it was.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from multiproduct.domain.subscriptions.periods import Period

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Reduction:
    """What a whole period was sold for in place of its list price, in minor units. Raises ValueError where
    that is not less."""

    sold_for: int
    listed: int

    def __post_init__(self) -> None:
        if not 0 <= self.sold_for < self.listed:
            raise ValueError("a reduced price is less than the list price, and not negative")

    def of(self, price: int) -> int:
        """p: what a list price counts in this period."""
        if price >= self.listed:
            return self.sold_for + price - self.listed
        return (2 * price * self.sold_for + self.listed) // (2 * self.listed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """How much of a period is used up, at which prices. `price` is what a whole period costs at the present
    terms, `accrued` is A(`used`), in minor units times seconds. `reduction` is there where coupons made the
    period cheaper. Raises ValueError for a negative price, or a period shorter than a second.
    """

    origin: datetime
    length: int
    price: int
    used: int = 0
    accrued: int = 0
    reduction: Reduction | None = None

    def __post_init__(self) -> None:
        if self.price < 0:
            raise ValueError("a price is not negative")
        if self.length < 1:
            raise ValueError("a period has a second at least")

    @classmethod
    def begin(cls, period: Period, price: int) -> "Accrual":
        """A period of which nothing is used up. It costs the price."""
        return cls(origin=period.start, length=period.seconds, price=price)

    def sold_at(self, price: int) -> "Accrual":
        """The same period, of which nothing is used up, sold at this price in place of the list price that it
        began with."""
        return replace(
            self, price=price, reduction=Reduction(price, self.price) if price < self.price else None
        )

    @property
    def total(self) -> int:
        """T: what the whole period costs, if the present terms stay; and what was charged for it."""
        return (self.accrued + self.price * (self.length - self.used)) // self.length

    @property
    def end(self) -> datetime:
        """When the last second is used up, if nothing is paused."""
        return self.origin + self.length * _SECOND

    def seconds_used(self, moment: datetime) -> int:
        """How many whole seconds are used up: none before the period, all of them after it, and never fewer
        than were accounted for."""
        return max(self.used, min((moment - self.origin) // _SECOND, self.length))

    def value(self, moment: datetime) -> int:
        """V: what was used up until the moment, in minor units, rounded down."""
        seconds = self.seconds_used(moment)
        return (self.accrued + self.price * (seconds - self.used)) // self.length

    def unused(self, moment: datetime) -> int:
        """What a customer who leaves gets back: what was charged less what was used up. Never negative."""
        return self.total - self.value(moment)

    def reprice(self, moment: datetime, price: int) -> "Accrual":
        """The same period with another list price from this moment on."""
        seconds = self.seconds_used(moment)
        accrued = self.accrued + self.price * (seconds - self.used)
        asked = price if self.reduction is None else self.reduction.of(price)
        return replace(self, price=asked, used=seconds, accrued=accrued)

    def cost_of(self, moment: datetime, price: int) -> int:
        """What a change to this list price costs: positive is a charge, negative a credit."""
        return self.reprice(moment, price).total - self.total

    def moved(self, by: timedelta) -> "Accrual":
        """The same period after a pause of this length."""
        return replace(self, origin=self.origin + by)
