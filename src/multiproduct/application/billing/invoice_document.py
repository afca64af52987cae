"""What an invoice, a credit note or a statement of account says: values, before any wording or layout."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from multiproduct.domain.shared.money import Currency, Money

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


class DocumentKind(StrEnum):
    """Which of the two documents over lines it is."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class DocumentStatus(StrEnum):
    """How it stands on the day it is printed; all but `open` and `issued` are stamped on it.

    `overdue` is an open invoice after its due date, `issued` is what a credit note that stands is.
    """

    DRAFT = "draft"
    OPEN = "open"
    OVERDUE = "overdue"
    PAID = "paid"
    VOID = "void"
    UNCOLLECTIBLE = "uncollectible"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The seller or the customer. `address` are the lines as they stand on an envelope, the country's name
    included; `tax_id` is written as it was validated."""

    name: str
    address: tuple[str, ...] = ()
    tax_id: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """Whose paper it is. `colour` is `#rrggbb`; raises ValueError for anything else."""

    name: str
    colour: str = "#a3161f"
    support_email: str | None = None
    support_url: str | None = None

    def __post_init__(self) -> None:
        if not _COLOUR.fullmatch(self.colour):
            raise ValueError("the brand's colour is not of the form #rrggbb")


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLine:
    """One thing sold. `amount` is the line's, after its discount; `discount` is positive, and was taken off.

    `detail` is a second line of words under the description (a plan, seats); `period_start` and `period_end`
    are the first and the last day that it pays for. `tax_rate` is in percent (`Decimal("18")`).
    """

    description: str
    amount: Money
    quantity: Decimal = Decimal(1)
    unit_price: Money | None = None
    discount: Money | None = None
    tax_rate: Decimal | None = None
    detail: str | None = None
    period_start: date | None = None
    period_end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxSummary:
    """All tax of one name and rate. `name` is what the jurisdiction calls it (GST, IVA), `rate` is in
    percent, `taxable` is without the tax."""

    name: str
    rate: Decimal
    taxable: Money
    tax: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """How to pay what is due: the words that the payer quotes, and where to pay to."""

    reference: str | None = None
    instructions: str | None = None
    pay_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """An invoice or a credit note, complete. All money is in `currency`; nothing is computed from it.

    Amounts are positive in both kinds: on a credit note they are what the customer is given back.
    Days are those of the seller's clock. `corrects` is the number of the invoice that a credit note corrects.
    `locale` is the customer's language as a BCP 47 tag; texts that people wrote (descriptions, notes, names)
    are in whatever language they were written.
    """

    kind: DocumentKind
    number: str
    status: DocumentStatus
    issued_on: date
    currency: Currency
    locale: str
    seller: Party
    customer: Party
    brand: Brand
    lines: tuple[DocumentLine, ...]
    subtotal: Money
    total: Money
    amount_due: Money
    due_on: date | None = None
    paid_on: date | None = None
    discount: Money | None = None
    discount_name: str | None = None
    taxes: tuple[TaxSummary, ...] = ()
    prices_include_tax: bool = False
    amount_paid: Money | None = None
    order_number: str | None = None
    corrects: str | None = None
    notes: str | None = None
    payment: PaymentTerms | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementEntry:
    """One entry of an account: exactly one of `charge` (what came to be owed) and `payment` (what was paid
    or credited) is there, and `balance` is what was owed after it."""

    entered_on: date
    description: str
    balance: Money
    charge: Money | None = None
    payment: Money | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementDocument:
    """What was charged to a customer and paid by them in a span of days, in one currency. A negative balance
    is money that the customer has with the seller."""

    number: str
    issued_on: date
    period_start: date
    period_end: date
    currency: Currency
    locale: str
    seller: Party
    customer: Party
    brand: Brand
    opening_balance: Money
    entries: tuple[StatementEntry, ...]
    total_charged: Money
    total_paid: Money
    closing_balance: Money
    notes: str | None = None
    payment: PaymentTerms | None = None


PrintableDocument = InvoiceDocument | StatementDocument
"""What can be printed."""
