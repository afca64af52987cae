"""The types of notification about what is bought and paid for."""

from multiproduct.application.notifications.notification_type import KNOWN, NotificationType
from multiproduct.domain.notifications.preference import Category, Channel


def _about_a_document(key: str) -> NotificationType:
    return NotificationType(
        key=key,
        category=Category.BILLING,
        params=frozenset({"number", "amount", "link"}),
        optional=frozenset({"due"}),
        links=frozenset({"link"}),
    )


BILLING_INVOICE_ISSUED = _about_a_document("billing.invoice_issued")
BILLING_INVOICE_REMINDER = _about_a_document("billing.invoice_reminder")
BILLING_INVOICE_OVERDUE = _about_a_document("billing.invoice_overdue")
BILLING_INVOICE_VOIDED = _about_a_document("billing.invoice_voided")
BILLING_PAYMENT_RECEIVED = _about_a_document("billing.payment_received")
BILLING_PAYMENT_FAILED = _about_a_document("billing.payment_failed")
BILLING_CREDIT_NOTE = _about_a_document("billing.credit_note")
"""Invoices and credit notes. `amount` and `due` are texts in the person's language, `link` is where they see
the document."""

BILLING_REFUNDED = NotificationType(
    key="billing.refunded",
    category=Category.BILLING,
    params=frozenset({"amount", "link"}),
    links=frozenset({"link"}),
)
"""Money went back to where it came from."""


def _about_a_subscription(key: str, *optional: str) -> NotificationType:
    return NotificationType(
        key=key,
        category=Category.BILLING,
        params=frozenset({"product", "link"}),
        optional=frozenset(optional),
        links=frozenset({"link"}),
    )


SUBSCRIPTIONS_ACTIVATED = _about_a_subscription("subscriptions.activated", "until", "number", "amount")
SUBSCRIPTIONS_TRIAL_STARTED = _about_a_subscription("subscriptions.trial_started", "ends")
SUBSCRIPTIONS_TRIAL_ENDING = _about_a_subscription("subscriptions.trial_ending", "ends")
SUBSCRIPTIONS_RENEWAL_REMINDER = _about_a_subscription("subscriptions.renewal_reminder", "ends")
SUBSCRIPTIONS_RENEWED = _about_a_subscription("subscriptions.renewed", "until", "number", "amount")
SUBSCRIPTIONS_PAYMENT_FAILED = _about_a_subscription("subscriptions.payment_failed", "ends", "next_attempt")
SUBSCRIPTIONS_PLAN_CHANGED = _about_a_subscription("subscriptions.plan_changed", "number", "amount")
SUBSCRIPTIONS_CHANGE_SCHEDULED = _about_a_subscription("subscriptions.change_scheduled", "starts")
SUBSCRIPTIONS_CHANGE_DROPPED = _about_a_subscription("subscriptions.change_dropped")
SUBSCRIPTIONS_PAUSED = _about_a_subscription("subscriptions.paused", "resumes")
SUBSCRIPTIONS_RESUMED = _about_a_subscription("subscriptions.resumed", "until")
SUBSCRIPTIONS_CANCELLATION_SCHEDULED = _about_a_subscription("subscriptions.cancellation_scheduled", "ends")
SUBSCRIPTIONS_CANCELLATION_UNDONE = _about_a_subscription("subscriptions.cancellation_undone")
SUBSCRIPTIONS_EXPIRED = _about_a_subscription("subscriptions.expired")
SUBSCRIPTIONS_CANCELLED = _about_a_subscription("subscriptions.cancelled")
SUBSCRIPTIONS_METHOD_REMOVED = _about_a_subscription("subscriptions.method_removed")
"""Subscriptions. `product` is what it is called, `ends`, `until`, `starts`, `resumes` and `next_attempt` are
days in the person's language, `number` and `amount` those of the invoice that was paid for it, `link` is
where they see to it."""

SUBSCRIPTIONS_TRIAL_OVER = NotificationType(
    key="subscriptions.trial_over",
    category=Category.OFFERS,
    params=frozenset({"product", "link"}),
    channels=KNOWN,
    asked_for=frozenset({Channel.PUSH}),
    is_commercial=True,
    links=frozenset({"link"}),
)
"""A trial ended and nothing was bought: an invitation to buy it, which is advertising."""

NOTIFICATIONS_DIGEST = NotificationType(
    key="notifications.digest",
    category=Category.ACCOUNT,
    params=frozenset({"items", "count", "link"}),
    channels=(Channel.EMAIL,),
    links=frozenset({"link"}),
    lines=frozenset({"items"}),
)
"""What waited for the daily digest. `items` has a line for each, `count` how many there are."""

COMMERCE_TYPES = (
    BILLING_INVOICE_ISSUED,
    BILLING_INVOICE_REMINDER,
    BILLING_INVOICE_OVERDUE,
    BILLING_INVOICE_VOIDED,
    BILLING_PAYMENT_RECEIVED,
    BILLING_PAYMENT_FAILED,
    BILLING_CREDIT_NOTE,
    BILLING_REFUNDED,
    SUBSCRIPTIONS_ACTIVATED,
    SUBSCRIPTIONS_TRIAL_STARTED,
    SUBSCRIPTIONS_TRIAL_ENDING,
    SUBSCRIPTIONS_RENEWAL_REMINDER,
    SUBSCRIPTIONS_RENEWED,
    SUBSCRIPTIONS_PAYMENT_FAILED,
    SUBSCRIPTIONS_PLAN_CHANGED,
    SUBSCRIPTIONS_CHANGE_SCHEDULED,
    SUBSCRIPTIONS_CHANGE_DROPPED,
    SUBSCRIPTIONS_PAUSED,
    SUBSCRIPTIONS_RESUMED,
    SUBSCRIPTIONS_CANCELLATION_SCHEDULED,
    SUBSCRIPTIONS_CANCELLATION_UNDONE,
    SUBSCRIPTIONS_EXPIRED,
    SUBSCRIPTIONS_CANCELLED,
    SUBSCRIPTIONS_METHOD_REMOVED,
    SUBSCRIPTIONS_TRIAL_OVER,
    NOTIFICATIONS_DIGEST,
)
"""Those about what is bought and paid for, and the digest."""
