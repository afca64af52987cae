"""Lines: what is charged for, before tax as it is asked for, and with tax as an invoice has it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from multiproduct.domain.shared import FieldProblem, InvalidInput, Money

MAX_LINES = 200
"""On one order or invoice."""
MAX_QUANTITY = 1_000_000
MAX_DESCRIPTION = 500
MAX_MINOR = 10**15
"""The largest amount of one line, in minor units: sums of them stay within 64 bits."""
STANDARD_TAX_CLASS = "standard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a line pays for: a kind (`subscription`, `goods`) and its id."""

    kind: str
    id: UUID


class Sold(NamedTuple):
    """The names of what is sold, as the catalog has them when it is sold."""

    product: str
    plan: str

    def __str__(self) -> str:
        return f"{self.product}: {self.plan}"[:MAX_DESCRIPTION]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLine:
    """One thing to charge for. The amount is `quantity` times `unit_price` less `discount`, unless `amount`
    says what is asked before the discount (tiers, parts of a period). Whether tax is in it, the tax rule of
    the customer's country says. A line may be negative (time that was not used); an invoice may not.

    `covers_period`: the line is the one that pays for this subject's period. A second one for the same
    subject and beginning is refused by the database, whatever happened before. Parts of a period (a change of
    plan) and usage do not cover it.

    `coupons` are those that took something off: who pays late has what they were offered only if the coupons
    can still be redeemed. `sold` are the names that the description is made of, for invoices in other
    languages. `prorated_for`: how many are had from then on, where the line is the difference that a change
    makes in the midst of a period.
    """

    description: str
    unit_price: Money
    quantity: int = 1
    discount: Money | None = None
    amount: Money | None = None
    tax_class: str = STANDARD_TAX_CLASS
    detail: str = ""
    period_start: datetime | None = None
    period_end: datetime | None = None
    subject: Subject | None = None
    covers_period: bool = False
    coupons: tuple[UUID, ...] = ()
    sold: Sold | None = None
    prorated_for: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.quantity <= MAX_QUANTITY:
            raise InvalidInput(FieldProblem("quantity", "out_of_range", (("min", 1), ("max", MAX_QUANTITY))))
        if not self.description.strip() or len(self.description) > MAX_DESCRIPTION:
            raise InvalidInput(FieldProblem("description", "invalid"))
        if self.discount is not None and self.discount.minor < 0:
            raise InvalidInput(FieldProblem("discount", "negative"))
        if self.covers_period and (self.subject is None or self.period_start is None):
            raise ValueError("who covers a period has a subject and a beginning")
        if abs(self.asked.minor) > MAX_MINOR:
            raise InvalidInput(FieldProblem("amount", "out_of_range"))

    @property
    def before_discount(self) -> Money:
        """What is asked, before the discount."""
        return self.unit_price * self.quantity if self.amount is None else self.amount

    @property
    def asked(self) -> Money:
        """What is asked, after the discount."""
        asked = self.before_discount
        return asked if self.discount is None else asked - self.discount


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedTax:
    """The tax of one line. `rate_ppm` is in millionths (190000 is 19 %), `country` whom it is owed to.
    `is_reverse_charge`: the customer owes it instead."""

    name: str = ""
    rate_ppm: int = 0
    country: str = ""
    is_inclusive: bool = False
    is_reverse_charge: bool = False


NO_TAX = AppliedTax()


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """A line as it was invoiced, for good: `net` + `tax` = `total`, in minor units of the invoice's currency.
    `discount` was taken off before."""

    id: UUID
    position: int
    description: str
    detail: str
    quantity: int
    unit_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    tax_class: str
    tax: AppliedTax = field(default=NO_TAX)
    period_start: datetime | None = None
    period_end: datetime | None = None
    subject: Subject | None = None
    covers_period: bool = False

    @property
    def total_minor(self) -> int:
        """With tax."""
        return self.net_minor + self.tax_minor


def subjects_of(lines: "tuple[InvoiceLine, ...] | tuple[NewLine, ...]") -> tuple[Subject, ...]:
    """What the lines pay for, each once, in their order."""
    return tuple(dict.fromkeys(line.subject for line in lines if line.subject is not None))
