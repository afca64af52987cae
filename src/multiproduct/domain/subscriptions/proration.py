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

A period that was sold for less than its list price, by coupons, keeps that ratio to its end: with q the ratio
of what it was sold at to its list price then, an exact fraction, every list price P that holds later in the
period counts as p = floor(q * P + 1/2), the one rounding of a price; the period was sold at p of its own list
price exactly. As p never falls where P grows, and depends on nothing but P, the laws above hold as they are:
no change costs 0, fewer seats never cost more than 0, and who goes down and up again in the same second is
where they were. The period after it has its own ratio, which is 1.

The seconds are counted from one origin, whatever was asked in between, so that fractions of a second are not
lost over many changes. A pause moves the origin by its own length, and leaves u where it was.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fractions import Fraction

from multiproduct.domain.subscriptions.periods import Period

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """How much of a period is used up, at which prices. `price` is that of a whole period at the present
    terms, `accrued` is A(`used`), in minor units times seconds. `share` is q: how much of list prices is
    asked in this period. Raises ValueError for a negative price or share, or a period shorter than a second.
    """

    origin: datetime
    length: int
    price: int
    used: int = 0
    accrued: int = 0
    share: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        if self.price < 0 or self.share < 0:
            raise ValueError("a price is not negative")
        if self.length < 1:
            raise ValueError("a period has a second at least")

    @classmethod
    def begin(cls, period: Period, price: int) -> "Accrual":
        """A period of which nothing is used up. It costs the price."""
        return cls(origin=period.start, length=period.seconds, price=price)

    def sold_at(self, price: int) -> "Accrual":
        """The same period, of which nothing is used up, sold at this price in place of the list price that it
        began with. What is free anyway has no ratio."""
        return replace(self, price=price, share=Fraction(price, self.price) if self.price else self.share)

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
        asked = (2 * price * self.share.numerator + self.share.denominator) // (2 * self.share.denominator)
        return replace(self, price=asked, used=seconds, accrued=accrued)

    def cost_of(self, moment: datetime, price: int) -> int:
        """What a change to this list price costs: positive is a charge, negative a credit."""
        return self.reprice(moment, price).total - self.total

    def moved(self, by: timedelta) -> "Accrual":
        """The same period after a pause of this length."""
        return replace(self, origin=self.origin + by)
