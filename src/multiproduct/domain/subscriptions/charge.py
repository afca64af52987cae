"""What was billed for a subscription: one row an invoice, by which no period is billed twice."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from multiproduct.domain.subscriptions.terms import Terms


class ChargeKind(StrEnum):
    """What was billed."""

    PERIOD = "period"
    CHANGE = "change"


class ChargeStatus(StrEnum):
    """Whether it was paid."""

    OPEN = "open"
    PAID = "paid"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """`number` is that of the period: a database keeps at most one charge of kind `period`, that is not void,
    for a subscription and a number. `minor` is the price before tax, `credited` what was given back of it.
    `terms` are what was sold for it; None where nobody noted them.
    """

    id: UUID
    subscription_id: UUID
    number: int
    kind: ChargeKind
    invoice_id: UUID
    order_id: UUID
    minor: int
    currency: str
    created_at: datetime
    credited: int = 0
    status: ChargeStatus = ChargeStatus.OPEN
    terms: Terms | None = None

    @property
    def left(self) -> int:
        """What can still be given back."""
        return self.minor - self.credited if self.status is ChargeStatus.PAID else 0

    def sold(self, present: Terms) -> Terms | None:
        """The terms that money which comes late for it buys: those that its order sold, whatever was ordered
        since. Where nobody noted them, the present ones if they cost what was asked, else None."""
        if self.kind is not ChargeKind.PERIOD:
            return None
        if self.terms is not None:
            return self.terms
        return present if present.price == self.minor else None


def spread(credit: int, charges: Iterable[Charge]) -> list[tuple[Charge, int]]:
    """Which charges a credit is taken from, the newest first, and never more than was paid of each. What
    remains after the last is not given: nobody gets back more than was paid."""
    parts: list[tuple[Charge, int]] = []
    for charge in sorted(charges, key=lambda each: (each.created_at, each.id), reverse=True):
        part = min(credit, charge.left)
        if part > 0:
            parts.append((charge, part))
            credit -= part
    return parts
