"""What the fields of payments mean in the OpenAPI document, and an example of each, by their names."""

from collections.abc import Mapping, Sequence
from typing import Any

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_USER_ID = "7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"
_WHEN = "2026-11-21T06:31:00Z"
_COST = {"amount": "19.99", "currency": "USD"}
_NOTHING = {"amount": "0.00", "currency": "USD"}
_STATUS = (
    "`requested`, `processing`, `requires_action`, `authorised`, `unknown`, `succeeded`, "
    "`partially_refunded`, `refunded`, `failed`, `cancelled` or `expired`."
)

_PAYMENT, _ATTEMPT, _REFUND, _METHOD = "PaymentView", "PaymentAttemptView", "RefundView", "PaymentMethodView"
_DETAILS, _LIST, _METHODS = "PaymentDetails", "PaymentList", "PaymentMethodList"
_STORE, _CONFIRM, _REJECT, _GIVE_BACK = "StoreMethod", "ConfirmPayment", "RejectPayment", "RefundPayment"
_CAPTURE, _ASK, _ASK_OWN = "CapturePayment", "ListPayments", "ListOwnPayments"
_NO_EXAMPLE = ()

# field, schemas, meaning, example (none where the example is that of the schema it refers to)
_ROWS: Sequence[tuple[str, tuple[str, ...], str, tuple[Any, ...]]] = (
    ("amount", (_PAYMENT,), "What is to be paid.", (_COST,)),
    ("amount", (_ATTEMPT,), "What the gateway is told to take, hold or let go.", (_COST,)),
    ("amount", (_REFUND,), "What is given back.", (_COST,)),
    ("amount", (_GIVE_BACK,), "How much is given back; the rest of the payment if left out.", (_COST,)),
    ("amount", (_CAPTURE,), "How much is taken; all that is still held if left out.", (_COST,)),
    ("attempts", (_DETAILS,), "Every try and step, the oldest first.", _NO_EXAMPLE),
    ("brand", (_METHOD,), "What people recognise it by.", ("visa",)),
    ("can_be_retried", (_PAYMENT,), "Whether another try by the same method makes sense.", (False,)),
    ("created_at", (_PAYMENT, _ATTEMPT, _REFUND, _METHOD), "When it was made (RFC 3339, UTC).", (_WHEN,)),
    ("deadline", (_ATTEMPT,), "Until when the payer can do it, or null.", (None,)),
    ("decline_code", (_PAYMENT, _ATTEMPT, _REFUND), "Why it was declined, or null.", (None,)),
    ("expires_month", (_METHOD,), "The month printed on it, or null.", (12,)),
    ("expires_year", (_METHOD,), "The year printed on it, or null.", (2030,)),
    ("gateway", (_PAYMENT, _METHOD, _STORE, _ASK), "The gateway, by its name.", ("STARK_PAY",)),
    ("id", (_PAYMENT, _ATTEMPT, _REFUND, _METHOD), "Its id.", (_ID,)),
    ("instructions", (_ATTEMPT,), "What the payer has to do.", ({"account": "A bank, 12345"},)),
    ("is_default", (_METHOD, _STORE), "Whether it is the first choice.", (True,)),
    ("items", (_LIST,), "The payments, the newest first.", _NO_EXAMPLE),
    ("items", (_METHODS,), "The methods, the default one first.", _NO_EXAMPLE),
    ("kind", (_ATTEMPT,), "`charge`, `authorise`, `capture` or `release`.", ("charge",)),
    ("kind", (_METHOD,), "What sort of method it is.", ("card",)),
    ("last4", (_METHOD,), "The last four digits.", ("4242",)),
    ("needs_review", (_ASK,), "Only those that staff has to look at.", (False,)),
    ("number", (_ATTEMPT,), "Which one it is, from 1.", (1,)),
    ("payer_id", (_PAYMENT, _ASK), "Who pays.", (_USER_ID,)),
    ("payment", (_DETAILS,), "The payment itself.", _NO_EXAMPLE),
    ("payment_id", (_REFUND,), "The payment that it is given back of.", (_ID,)),
    ("purpose", (_PAYMENT,), "What it is paid for: `context.thing`.", ("billing.transaction",)),
    ("purpose_id", (_PAYMENT,), "The id of what it is paid for.", (_ID,)),
    ("reason", (_REFUND, _GIVE_BACK), "Why it is given back.", ("ordered by mistake",)),
    ("reason", (_REJECT,), "Why staff thinks so.", ("no transfer within a month",)),
    ("received", (_CONFIRM,), "What came; it has to be what was asked for.", (_COST,)),
    ("reference", (_CONFIRM,), "Where the money is found in the bank's papers.", ("transfer 81723",)),
    ("reference", (_ATTEMPT,), "What the gateway calls it, or null.", ("sbx_0199a4d2",)),
    ("refunded", (_PAYMENT,), "What was given back.", (_NOTHING,)),
    ("refunds", (_DETAILS,), "Every refund, the oldest first.", _NO_EXAMPLE),
    ("review", (_PAYMENT, _REFUND), "Why staff has to look, or null.", (None,)),
    ("settled", (_PAYMENT,), "What was taken.", (_COST,)),
    ("settled_at", (_PAYMENT,), "When it was taken, or null.", (_WHEN,)),
    ("status", (_PAYMENT,), _STATUS, ("succeeded",)),
    ("status", (_ATTEMPT,), "As a payment's, without refunds.", ("succeeded",)),
    ("status", (_REFUND,), "`requested`, `processing`, `unknown`, `succeeded` or `failed`.", ("succeeded",)),
    ("status", (_ASK,), "Only those that stand there.", ("unknown",)),
    ("strategy", (_PAYMENT,), "`direct`, `escrow` or `subscription`.", ("direct",)),
    ("token", (_STORE,), "What the gateway's own form gave the browser.", ("tok_approve",)),
    ("updated_at", (_PAYMENT,), "When it last changed (RFC 3339, UTC).", (_WHEN,)),
)

PAYMENT_FIELDS: Mapping[str, tuple[str, tuple[Any, ...]]] = {
    f"{schema}.{field}": (meaning, example)
    for field, schemas, meaning, example in _ROWS
    for schema in schemas
}
"""The meaning and the example of every field, by `Schema.field`."""

PAYMENT_EXAMPLES: Mapping[str, Sequence[str]] = {
    _STORE: ("gateway", "token"),
    _ASK: ("gateway", "status"),
    _ASK_OWN: (),
}
"""The fields that an example shows, where it does not show all."""
