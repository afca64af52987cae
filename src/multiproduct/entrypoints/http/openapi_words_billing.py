"""What the fields of billing mean in the OpenAPI document, and an example of each, by their names."""

from collections.abc import Mapping, Sequence
from typing import Any

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_USER_ID = "7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"
_WHEN = "2026-11-21T06:31:00Z"
_COST = {"amount": "19.99", "currency": "USD"}
_TAX = {"amount": "3.80", "currency": "USD"}
_WITH_TAX = {"amount": "23.79", "currency": "USD"}
_NOTHING = {"amount": "0.00", "currency": "USD"}

_ORDER, _INVOICE, _NOTE = "OrderView", "InvoiceView", "CreditNoteView"
_PAYING, _RULE, _STATEMENT = "BillingTransactionView", "TaxRuleView", "AccountStatementView"
_MOVEMENT, _PARTY, _CUSTOMER = "AccountMovementView", "InvoicePartyView", "BillingCustomerView"
_ORDER_LINE, _LINE, _NOTE_LINE = "OrderLineView", "InvoiceLineView", "CreditNoteLineView"
_ALLOCATION, _SUBJECT = "AllocationView", "LineSubjectView"
_ISSUE, _CREDIT, _PLACE, _PAY = "IssueInvoice", "IssueCreditNote", "PlaceOrder", "ProcessPayment"
_NEW_LINE, _NEW_CREDIT, _NEW_RULE = "InvoiceLineInput", "CreditLineInput", "CreateTaxRule"
_SAVE, _ASK = "SaveBillingCustomer", "ReadAccountStatement"
_LISTS = ("ListOrders", "ListInvoices", "ListCreditNotes", "ListBillingTransactions")
_NO_EXAMPLE = ()

# field, schemas, meaning, example (none where the example is that of the schema it refers to)
_ROWS: Sequence[tuple[str, tuple[str, ...], str, tuple[Any, ...]]] = (
    ("address", (_CUSTOMER, _PARTY, _SAVE), "The address, line by line.", (["12 St James's Square"],)),
    ("allocated", (_ALLOCATION,), "What the invoice got.", (_WITH_TAX,)),
    ("allocations", (_PAYING,), "What each invoice was to get, and got.", _NO_EXAMPLE),
    ("amount", (_MOVEMENT,), "Positive where more was owed after it.", (_WITH_TAX,)),
    ("amount", (_PAYING,), "What is asked for.", (_WITH_TAX,)),
    ("amount", (_NEW_CREDIT, _CREDIT), "How much is given back, with tax.", ("5.00",)),
    ("amount", (_NOTE_LINE, _NOTE, _LINE, _INVOICE), "Without tax.", (_COST,)),
    ("amount", (_ORDER_LINE, _ORDER), "What is asked; tax may come on top.", (_COST,)),
    ("asked", (_ALLOCATION,), "What the invoice was to get.", (_WITH_TAX,)),
    ("at", (_MOVEMENT,), "When it happened (RFC 3339, UTC).", (_WHEN,)),
    ("balance", (_MOVEMENT,), "What was owed after it.", (_WITH_TAX,)),
    ("closing_balance", (_STATEMENT,), "What was owed at the end.", (_WITH_TAX,)),
    ("country", (_CUSTOMER, _PARTY, _RULE, _NEW_RULE, _SAVE), "ISO 3166-1 alpha-2 code.", ("GB",)),
    ("coupons", (_PLACE,), "Codes of coupons to redeem; at most 10.", (["WELCOME"],)),
    ("created_at", (_PAYING, _INVOICE, _ORDER), "When it came to be (RFC 3339, UTC).", (_WHEN,)),
    ("credited_amount", (_INVOICE,), "What credit notes gave back, with tax.", (_NOTHING,)),
    ("currency", (_STATEMENT, _ASK, _ISSUE), "ISO 4217 code.", ("USD",)),
    ("customer", (_INVOICE,), "The customer as the invoice names them.", _NO_EXAMPLE),
    (
        "customer_id",
        (_STATEMENT, _PAYING, _NOTE, _INVOICE, _ISSUE, _ORDER, _ASK),
        "The customer's user id.",
        (_USER_ID,),
    ),
    ("description", (_NOTE_LINE, _NEW_LINE, _LINE, _ORDER_LINE), "What it is for.", ("Pro, one month",)),
    ("detail", (_LINE,), "More about it, or empty.", ("3 seats",)),
    ("discount", (_LINE, _ORDER_LINE), "What was taken off.", (_NOTHING,)),
    ("discount", (_NEW_LINE,), "What is taken off the whole line.", ("0.00",)),
    ("document_id", (_MOVEMENT,), "The id of what brought it about.", (_ID,)),
    ("due_amount", (_INVOICE,), "What is still to be paid.", (_WITH_TAX,)),
    ("due_at", (_INVOICE,), "Until when it is to be paid (RFC 3339, UTC).", (_WHEN,)),
    ("due_at", (_ISSUE,), "By default as long after the issue as was agreed.", ("2026-12-21T00:00:00Z",)),
    ("email", (_CUSTOMER, _PARTY, _SAVE), "Where invoices go, or null.", ("accounts@example.com",)),
    ("ended_at", (_PAYING,), "When its payment came, or did not; null while it is under way.", (_WHEN,)),
    ("entries", (_STATEMENT,), "What changed it, the earliest first.", _NO_EXAMPLE),
    ("expires_at", (_ORDER,), "Until when it waits for its payment, or null.", (_WHEN,)),
    ("failure", (_PAYING,), "Why its payment was declined, or null.", (None,)),
    ("gateway", (_PAYING, _ORDER), "The gateway that takes the money, or empty.", ("STARK_PAY",)),
    ("gateway_reference", (_ORDER,), "What its payment goes by, or empty.", ("TRX-7ZK4QW8M2C",)),
    ("id", (_PAYING, _NOTE, _LINE, _INVOICE, _SUBJECT, _ORDER, _RULE), "Its id.", (_ID,)),
    ("invoice_id", (_ALLOCATION, _NOTE, _CREDIT), "The invoice's id.", (_ID,)),
    ("invoice_id", (_ORDER,), "The id of its invoice, or null.", (_ID,)),
    ("invoice_ids", (_PAY,), "The invoices to pay; at most 50.", ([_ID],)),
    ("is_inclusive", (_NEW_RULE, _RULE), "Whether prices have the tax in them.", (False,)),
    ("is_overdue", (_INVOICE,), "Whether its due date passed while it was open.", (False,)),
    ("is_reverse_charge", (_LINE,), "Whether the customer owes the tax instead.", (False,)),
    ("issued_at", (_NOTE, _INVOICE), "When it was issued (RFC 3339, UTC).", (_WHEN,)),
    ("items", ("BillingTransactionList",), "The transactions, the latest first.", _NO_EXAMPLE),
    ("items", ("CreditNoteList",), "The credit notes, the latest first.", _NO_EXAMPLE),
    ("items", ("InvoiceList",), "The invoices, the latest first.", _NO_EXAMPLE),
    ("items", ("OrderList",), "The orders, the latest first.", _NO_EXAMPLE),
    ("items", ("TaxRuleList",), "The tax rules, by country.", _NO_EXAMPLE),
    ("kind", (_MOVEMENT,), "What happened: `invoice`, `payment`, `credit_note`, `refund` ...", ("invoice",)),
    ("kind", (_SUBJECT,), "What sort of thing it is.", ("subscription",)),
    ("line_id", (_NEW_CREDIT, _NOTE_LINE), "The invoice line's id.", (_ID,)),
    ("lines", (_NOTE, _INVOICE, _ORDER), "What it is for.", _NO_EXAMPLE),
    ("lines", (_CREDIT,), "How much of which lines.", ([{"line_id": _ID, "amount": "5.00"}],)),
    (
        "lines",
        (_ISSUE,),
        "What to charge for.",
        ([{"description": "Consulting", "unit_price": "19.99", "quantity": 1}],),
    ),
    ("metadata", (_INVOICE, _ISSUE), "Words of the installation's own.", ({"project": "Malibu"},)),
    ("name", (_CUSTOMER, _PARTY, _SAVE), "Whom it is made out to.", ("Ada Lovelace Ltd.",)),
    ("name", (_NEW_RULE, _RULE), "What the tax is called.", ("VAT",)),
    ("notes", (_INVOICE, _ISSUE, _ORDER, _PLACE), "Words to the customer, or empty.", ("Thank you.",)),
    ("number", (_NOTE,), "Its number, without gaps in its year.", ("CN-2026-000001",)),
    ("number", (_INVOICE,), "Its number, without gaps in its year; null for a draft.", ("INV-2026-000001",)),
    ("number", (_ORDER,), "Its number.", ("ORD-20261121-7ZK4QW8M2C",)),
    ("opening_balance", (_STATEMENT,), "What was owed at the beginning.", (_NOTHING,)),
    ("order_id", (_NOTE, _INVOICE), "The order's id.", (_ID,)),
    ("order_id", _LISTS, "Only those of this order.", (_ID,)),
    ("cursor", _LISTS, "Where the page begins: the `next_cursor` of the one before.", ("WyIyMDI2Il0",)),
    ("limit", _LISTS, "How many at most.", (50,)),
    ("paid_amount", (_INVOICE,), "What was paid of it.", (_NOTHING,)),
    ("paid_at", (_INVOICE, _ORDER), "When it was paid in full, or null.", (None,)),
    ("payment_id", (_PAYING,), "The id of its payment.", (_ID,)),
    ("payment_method", (_ORDER, _PLACE), "How the payer wants to pay, or empty.", ("credit_card",)),
    ("pdf_url", (_INVOICE,), "Where its PDF is.", (f"/api/v1/billing/invoices/{_ID}/pdf",)),
    ("period_end", (_LINE, _NEW_LINE), "What it pays for ends just before then, or null.", (None,)),
    ("period_start", (_LINE, _NEW_LINE), "What it pays for begins then, or null.", (None,)),
    ("plan_id", (_ORDER,), "The plan's id, or null.", (_ID,)),
    ("quantity", (_NEW_LINE, _LINE, _ORDER_LINE, _PLACE), "How many.", (1,)),
    ("rate", (_RULE,), "In percent.", ("19",)),
    ("reason", (_NOTE, _CREDIT), "Why, or empty.", ("Not used",)),
    ("received", (_PAYING,), "What came.", (_NOTHING,)),
    ("reference", (_MOVEMENT,), "What it goes by.", ("INV-2026-000001",)),
    ("reference", (_PAYING,), "What the payer quotes.", ("TRX-7ZK4QW8M2C",)),
    ("refund_amount", (_NOTE,), "What goes back to the payment method.", (_NOTHING,)),
    ("refund_to", (_NOTE,), "Where what had been paid goes.", ("funds",)),
    ("refunded_amount", (_NOTE,), "What is back with the payment method.", (_NOTHING,)),
    ("region", (_CUSTOMER, _PARTY, _RULE, _NEW_RULE, _SAVE), "State or province, or empty.", ("",)),
    ("since", (_STATEMENT,), "Its beginning (RFC 3339, UTC).", ("2026-10-22T00:00:00Z",)),
    ("since", (_ASK,), "By default thirty days before `until`.", ("2026-10-22T00:00:00Z",)),
    ("until", (_STATEMENT,), "Just after its end (RFC 3339, UTC).", (_WHEN,)),
    ("until", (_ASK,), "Just before then; by default now.", (_WHEN,)),
    ("status", (_PAYING,), "`pending`, `settled`, `partial`, `failed` or `cancelled`.", ("pending",)),
    ("status", (_INVOICE,), "`draft`, `open`, `paid`, `void` or `uncollectible`.", ("open",)),
    (
        "status",
        (_ORDER,),
        "`pending`, `processing`, `completed`, `failed`, `refunded`, `cancelled` or `expired`.",
        ("pending",),
    ),
    ("subject", (_LINE, _ORDER_LINE), "What it pays for, or null.", _NO_EXAMPLE),
    ("subscription_id", (_ORDER, _PLACE), "The subscription's id, or null.", (_ID,)),
    ("tax_amount", (_NOTE_LINE, _NOTE, _LINE, _INVOICE), "The tax.", (_TAX,)),
    ("tax_class", (_NEW_RULE, _NEW_LINE, _RULE), "Which products it is for.", ("standard",)),
    ("tax_id", (_CUSTOMER, _PARTY, _SAVE), "The tax id of a business, or null.", ("GB980780684",)),
    ("tax_name", (_LINE,), "What the tax is called, or empty.", ("VAT",)),
    ("tax_rate", (_LINE,), "In percent.", ("19",)),
    ("total_amount", (_NOTE_LINE, _NOTE, _LINE, _INVOICE), "With tax.", (_WITH_TAX,)),
    ("unit_price", (_LINE, _ORDER_LINE), "Of one.", (_COST,)),
    ("unit_price", (_NEW_LINE,), "Of one, in the document's currency.", ("19.99",)),
    ("updated_at", (_ORDER,), "When it changed last (RFC 3339, UTC).", (_WHEN,)),
    ("valid_from", (_RULE,), "From when on it is good (RFC 3339, UTC).", ("2026-01-01T00:00:00Z",)),
    ("valid_from", (_NEW_RULE,), "By default from now on.", ("2026-01-01T00:00:00Z",)),
    ("valid_until", (_RULE, _NEW_RULE), "Until when it is good, or null.", (None,)),
)

BILLING_FIELDS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    f"{schema}.{field}": (meaning, example)
    for field, schemas, meaning, example in _ROWS
    for schema in schemas
}
"""The meaning and the example of every field, by `Schema.field`."""

BILLING_EXAMPLES: Mapping[str, Sequence[str]] = {
    _CREDIT: ("invoice_id", "amount", "refund_to", "reason"),
    _PLACE: ("plan", "quantity", "payment_method"),
    _PAY: ("invoice_ids", "gateway"),
    _ISSUE: ("customer_id", "currency", "lines", "due_at", "notes"),
    _NEW_RULE: ("country", "name", "rate", "is_inclusive"),
    _NEW_LINE: ("description", "unit_price", "quantity"),
}
"""The fields that an example shows, where it does not show all."""
