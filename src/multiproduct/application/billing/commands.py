"""What people ask of billing."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.moments import Moment
from multiproduct.application.money import CurrencyCode, PlainMoney
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.billing.lines import MAX_LINES, MAX_QUANTITY
from multiproduct.domain.billing.settlement import MAX_INVOICES

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_EXAMPLE_ID = "0199b2a4-7c1e-7d3a-9f00-6a1b2c3d4e5f"


class Command(BaseModel):
    """Fields that are not known are refused."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class ListCreditNotes(Command):
    """Asks for documents, the latest first: one's own, or with the permission everybody's."""

    customer_id: UUID | None = Field(
        default=None, description="Only those of this person.", examples=[_EXAMPLE_ID]
    )
    order_id: UUID | None = Field(default=None, description="Only those of this order.")
    cursor: str | None = Field(default=None, description="`next_cursor` of the page before.")
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, examples=[50])


class ListOrders(ListCreditNotes):
    """Asks for orders, the latest first."""

    status: (
        Literal["pending", "processing", "completed", "failed", "refunded", "cancelled", "expired"] | None
    ) = Field(default=None, description="Only those in this status.", examples=["pending"])


class ListInvoices(ListCreditNotes):
    """Asks for invoices, the latest first."""

    status: Literal["draft", "open", "paid", "void", "uncollectible"] | None = Field(
        default=None, description="Only those in this status.", examples=["open"]
    )


class ListBillingTransactions(ListCreditNotes):
    """Asks for transactions, the latest first."""

    status: Literal["pending", "settled", "partial", "failed", "cancelled"] | None = Field(
        default=None, description="Only those in this status.", examples=["settled"]
    )


class InvoiceLineInput(Command):
    """One thing to charge for."""

    description: str = Field(min_length=1, max_length=500, examples=["Consulting"])
    unit_price: PlainMoney = Field(description="Of one, in the document's currency.")
    quantity: int = Field(default=1, ge=1, le=MAX_QUANTITY, examples=[1])
    discount: PlainMoney | None = Field(default=None, description="Taken off the whole line.")
    tax_class: str = Field(default="standard", pattern=r"^[a-z][a-z0-9_]{0,49}$", examples=["standard"])
    period_start: Moment | None = Field(default=None, description="What it pays for begins then.")
    period_end: Moment | None = Field(default=None, description="And ends just before then.")


class PlaceOrder(Command):
    """Orders a plan. With `subscription_id`, answers the order that waits for that subscription."""

    plan: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Its id, slug or code.",
        examples=["pro-monthly"],
    )
    quantity: int = Field(default=1, ge=1, le=MAX_QUANTITY, examples=[1])
    currency: CurrencyCode | None = Field(
        default=None, description="Where the plan has several prices.", examples=["USD"]
    )
    coupons: tuple[Annotated[str, StringConstraints(min_length=1, max_length=100)], ...] = Field(
        default=(), max_length=10, examples=[["WELCOME"]]
    )
    subscription_id: UUID | None = None
    payment_method: str = Field(default="", max_length=50, examples=["credit_card"])
    notes: str = Field(default="", max_length=2000)


class IssueInvoice(Command):
    """Issues an invoice to somebody."""

    customer_id: UUID = Field(examples=[_EXAMPLE_ID])
    currency: CurrencyCode = Field(examples=["USD"])
    lines: tuple[InvoiceLineInput, ...] = Field(default=(), max_length=MAX_LINES)
    amount: PlainMoney | None = Field(default=None, description="In place of lines: one of this amount.")
    description: str = Field(
        default="", max_length=500, description="What that is for.", examples=["Consulting"]
    )
    due_at: Moment | None = Field(
        default=None, description="By default as long after the issue as was agreed."
    )
    notes: str = Field(default="", max_length=2000)
    metadata: dict[str, Annotated[str, StringConstraints(max_length=500)]] = Field(
        default_factory=dict, max_length=50
    )


class ProcessPayment(Command):
    """Pays what is due of one or several invoices, in one payment."""

    invoice_ids: tuple[UUID, ...] = Field(min_length=1, max_length=MAX_INVOICES, examples=[[_EXAMPLE_ID]])
    gateway: str | None = Field(
        default=None,
        max_length=50,
        description="By which gateway; the installation's usual one by default.",
        examples=["STARK_PAY"],
    )
    payment_method: str = Field(
        default="",
        max_length=50,
        description="Likewise, as clients of other systems name it; one that is no gateway leaves it at the "
        "usual one.",
        examples=["credit_card"],
    )
    method_id: UUID | None = Field(
        default=None, description="A stored method of payment.", examples=[_EXAMPLE_ID]
    )


class CreditLineInput(Command):
    """How much of one line is given back, with tax."""

    line_id: UUID = Field(examples=[_EXAMPLE_ID])
    amount: PlainMoney


class IssueCreditNote(Command):
    """Gives back an amount, parts of lines, or, without either, all that is left of an invoice."""

    invoice_id: UUID = Field(examples=[_EXAMPLE_ID])
    amount: PlainMoney | None = Field(default=None, description="With tax, over the lines.")
    lines: tuple[CreditLineInput, ...] | None = Field(default=None, min_length=1, max_length=MAX_LINES)
    refund_to: Literal["funds", "payment_method"] = Field(
        default="funds", description="Where what had been paid goes.", examples=["funds"]
    )
    reason: str = Field(default="", max_length=500, examples=["Not used"])


class CreateTaxRule(Command):
    """Makes a tax rule."""

    country: CountryCode = Field(examples=["DE"])
    region: str = Field(default="", max_length=50, examples=["CA"])
    tax_class: str = Field(default="standard", pattern=r"^[a-z][a-z0-9_]{0,49}$", examples=["standard"])
    name: str = Field(min_length=1, max_length=50, examples=["MwSt."])
    rate: str = Field(
        pattern=r"^\d{1,3}(\.\d{1,4})?$", description="In percent, up to four places.", examples=["19"]
    )
    is_inclusive: bool = Field(default=False, description="Whether prices have the tax in them.")
    valid_from: Moment | None = Field(default=None, description="By default from now on.")
    valid_until: Moment | None = None


class SaveBillingCustomer(Command):
    """Says what stands on one's invoices from now on. What is empty is taken from the profile."""

    name: str = Field(default="", max_length=200, examples=["Ada Lovelace Ltd."])
    address: tuple[Line, ...] = Field(default=(), max_length=8, examples=[["12 St James's Square"]])
    country: CountryCode | None = Field(default=None, examples=["GB"])
    region: str = Field(default="", max_length=50)
    tax_id: str | None = Field(default=None, max_length=32, examples=["GB980780684"])
    email: str | None = Field(default=None, max_length=254, examples=["accounts@example.com"])


class ReadAccountStatement(Command):
    """Asks for a statement of account: one's own, or with the permission somebody's."""

    customer_id: UUID | None = Field(default=None, examples=[_EXAMPLE_ID])
    currency: CurrencyCode = Field(examples=["USD"])
    since: Moment | None = Field(default=None, description="By default thirty days before `until`.")
    until: Moment | None = Field(default=None, description="Just before then; by default now.")
