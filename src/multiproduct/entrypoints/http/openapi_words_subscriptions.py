"""What the fields of subscriptions mean in the OpenAPI document, and an example of each, by their names."""

from collections.abc import Mapping, Sequence
from typing import Any

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_WHEN = "2026-11-21T06:31:00Z"
_END = "2026-12-21T06:31:00Z"
_COST = {"amount": "19.99", "currency": "USD"}
_PAY, _ONE, _ITEM, _BOUGHT = "Purchase", "PurchasePlan", "PurchaseItem", "PurchaseView"
_VIEW, _TERMS, _TRIAL, _SET = "SubscriptionView", "TermsView", "StartTrial", "UpdateSubscription"
_CHANGE, _SEATS, _RENEW, _CANCEL = "ChangeTerms", "ChangeQuantity", "Renew", "Cancel"
_CHANGE_QUOTE, _RENEW_QUOTE, _CANCEL_QUOTE = "ChangeQuote", "RenewalQuote", "CancellationQuote"
_USED, _ANSWER = "UsageItem", "UsageAnswer"
_NO_EXAMPLE = ()
_CHOOSING = (_ITEM, _ONE, _TRIAL)
_PAYING = (_PAY, _ONE, _SET, _CHANGE, _SEATS, _RENEW)

# field, schemas, meaning, example (none where the example is that of the schema it refers to)
_ROWS: Sequence[tuple[str, tuple[str, ...], str, tuple[Any, ...]]] = (
    ("amount", (_BOUGHT,), "What the invoice comes to, with tax.", (_COST,)),
    ("auto_renew", (_PAY, _ONE, _VIEW, _SET), "Whether it is renewed by itself.", (True,)),
    ("cancel_at_period_end", (_VIEW,), "Whether it ends with what is paid for.", (False,)),
    ("cancelled_at", (_VIEW,), "When it was cancelled, or null.", (None,)),
    ("code", (_ANSWER,), "Why it was refused, or null.", (None,)),
    ("configuration", (*_CHOOSING, _VIEW, _SET), "What the product's schema accepts.", ({},)),
    ("cost", (_CHANGE_QUOTE,), "Before tax; a credit is negative.", (_COST,)),
    ("coupons", (_PAY, _ONE), "Codes of coupons to redeem; at most 10.", ([],)),
    (
        "currency",
        (_PAY, _ONE, _TRIAL),
        "By default the seller's, else the plan's first.",
        ("USD",),
    ),
    ("end_date", (_VIEW,), "When all that is paid for is over, or null while it is paused.", (_END,)),
    ("ended_at", (_VIEW,), "When it was over, or null.", (None,)),
    ("ends_at", (_CANCEL_QUOTE,), "When it would be over.", (_END,)),
    ("event_id", (_USED, _ANSWER), "The product's own; told again it counts once.", ("call-8172",)),
    ("events", ("RecordUsage",), "What was used; at most 1,000.", _NO_EXAMPLE),
    ("happened_at", (_USED,), "By default now (RFC 3339, UTC).", (_WHEN,)),
    ("id", (_VIEW,), "The subscription's id.", (_ID,)),
    ("invoice_id", (_BOUGHT,), "The invoice, or null where nothing is due.", (_ID,)),
    ("invoice_number", (_BOUGHT,), "The invoice's number, or null.", ("INV-2026-000017",)),
    ("is_serving", (_VIEW,), "Whether the product is to serve the customer now.", (True,)),
    ("items", (_PAY,), "The plans, each of another product; at most 20.", _NO_EXAMPLE),
    ("items", ("SubscriptionList",), "The subscriptions, the newest first.", _NO_EXAMPLE),
    ("items", ("UsageRecorded",), "What became of each event, in their order.", _NO_EXAMPLE),
    ("meter", (_USED,), "The code of the product's meter.", ("calls",)),
    ("method_id", _PAYING, "The stored payment method that is charged.", (_ID,)),
    ("next_attempt_at", (_VIEW,), "When a failed payment is tried again, or null.", (None,)),
    ("next_price", (_CHANGE_QUOTE,), "What the next period costs then.", (_COST,)),
    ("open_invoice_id", (_VIEW,), "The invoice that waits to be paid, or null.", (None,)),
    ("order_id", (_BOUGHT,), "The order, or null where nothing is due.", (_ID,)),
    ("order_number", (_BOUGHT,), "The order's number, or null.", ("ORD-20261121-8D10",)),
    ("outcome", (_ANSWER,), "`recorded`, `known` (which is as good) or `refused`.", ("recorded",)),
    ("payment", (_BOUGHT,), "Where the payment stands; null where nothing is charged now.", (None,)),
    ("payment_method", _PAYING, "The gateway by which it is paid.", ("STARK_PAY",)),
    ("payment_method", (_VIEW,), "The gateway by which it is paid, or null.", ("STARK_PAY",)),
    ("period_end", (_VIEW, _RENEW_QUOTE), "When the period ends (RFC 3339, UTC).", (_END,)),
    ("period_start", (_VIEW, _RENEW_QUOTE), "When the period begins (RFC 3339, UTC).", (_WHEN,)),
    ("plan", (*_CHOOSING, _CHANGE), "The plan, by id, slug or code.", ("MONTHLY_GOLD",)),
    ("plan_id", (_VIEW, _TERMS), "The plan's id.", (_ID,)),
    ("price", (_VIEW, _TERMS, _RENEW_QUOTE), "What a period costs, before tax.", (_COST,)),
    ("product", _CHOOSING, "The product, by id, slug or code.", ("STARK-MK85",)),
    ("product_id", (_VIEW,), "The product's id.", (_ID,)),
    ("quantity", (*_CHOOSING, _VIEW, _TERMS, _CHANGE, _SEATS), "How many seats.", (1,)),
    ("refund", (_CANCEL,), "`none`, `prorated` or `full`, where it ends at once.", ("none",)),
    ("refund", (_CANCEL_QUOTE,), "What is given back, before tax.", (_COST,)),
    ("resumes_at", (_VIEW, "Pause"), "When a pause ends by itself, or null.", (None,)),
    ("scheduled", (_VIEW,), "The terms of the next period, where they differ.", (None,)),
    ("start_date", (_VIEW,), "When it began, or null.", (_WHEN,)),
    ("status", (_VIEW,), "The state that it is in.", ("active",)),
    ("status", ("UpdateStatus",), "The state that is wanted.", ("paused",)),
    ("status", ("ListSubscriptions",), "Only those in this state.", ("active",)),
    ("subscription_id", (_USED, _ANSWER), "Whose usage it is.", (_ID,)),
    ("subscriptions", (_BOUGHT,), "What was bought.", _NO_EXAMPLE),
    ("takes_effect_at", (_CHANGE_QUOTE,), "When it holds, or null while it is paused.", (_WHEN,)),
    ("terms", (_CHANGE_QUOTE, _RENEW_QUOTE), "What it would be for.", _NO_EXAMPLE),
    ("timing", (_CHANGE, _SEATS), "`now` or `period_end`; by default what the price asks for.", ("now",)),
    ("timing", (_CANCEL, _CHANGE_QUOTE, _CANCEL_QUOTE), "`now` or `period_end`.", ("period_end",)),
    ("trial_end", (_VIEW,), "When the trial is over, or null.", (None,)),
    ("unique", (_USED,), "What a meter of unique values counts once.", ("user-17",)),
    ("user_id", ("ListSubscriptions",), "Somebody else's, with the permission.", (_ID,)),
    ("value", (_USED,), "How much.", ("1",)),
)

SUBSCRIPTION_FIELDS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    f"{schema}.{field}": (meaning, example)
    for field, schemas, meaning, example in _ROWS
    for schema in schemas
}
"""The meaning and the example of every field, by `Schema.field`."""

SUBSCRIPTION_EXAMPLES: Mapping[str, Sequence[str]] = {
    _PAY: ("items", "payment_method"),
    _ITEM: ("plan", "product", "quantity"),
    _ONE: ("plan", "product", "payment_method"),
    _TRIAL: ("plan", "product"),
    "ListSubscriptions": ("status", "limit"),
    _SET: ("auto_renew",),
    _CHANGE: ("plan", "quantity"),
    _SEATS: ("quantity",),
    _RENEW: ("payment_method",),
    _USED: ("event_id", "subscription_id", "meter", "value"),
}
"""The fields that an example shows, where it does not show all."""
