"""What steps are asked to make: an order, an invoice, a credit note."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from multiproduct.domain.billing import ORDER_LIFETIME, NewLine, RefundTo
from multiproduct.domain.shared import Currency, Money

HOUSE = "house"
"""The installation's own seller."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """An order to place. `lifetime` is how long it waits for its payment; None is for as long as it takes
    (renewals). `id` is given where something was noted under it already."""

    customer_id: UUID
    lines: tuple[NewLine, ...]
    plan_id: UUID | None = None
    subscription_id: UUID | None = None
    payment_method: str = ""
    notes: str = ""
    lifetime: timedelta | None = ORDER_LIFETIME
    id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInvoice:
    """An invoice to issue. Without `order_id` it gets an order of its own, which waits as long as it takes.

    Without `due_at` the customer's payment term holds. `applies_funds`: money that the customer has with us
    is taken for it at once.
    """

    customer_id: UUID
    currency: Currency
    lines: tuple[NewLine, ...]
    order_id: UUID | None = None
    due_at: datetime | None = None
    seller: str = HOUSE
    notes: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    applies_funds: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCredit:
    """A credit note to issue: of `amount` (over the lines by what they have left), of single lines by their
    ids (amounts with tax), or, without either, of all that is left."""

    invoice_id: UUID
    amount: Money | None = None
    lines: Mapping[UUID, Money] | None = None
    refund_to: RefundTo = RefundTo.FUNDS
    reason: str = ""
