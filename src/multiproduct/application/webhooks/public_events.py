"""The events that webhooks tell of, one line each: what happened to which thing, never secrets, names,
addresses or what else only the API may show to whoever asks it."""

from collections.abc import Sequence

from multiproduct.application.webhooks.event_types import Audience, PublicEvent, public
from multiproduct.domain import billing, identity, payments
from multiproduct.domain.billing.permissions import INVOICES_READ, ORDERS_READ
from multiproduct.domain.identity.roles import DOCUMENTS_READ, ROLES_READ, USERS_READ
from multiproduct.domain.payments.permissions import PAYMENTS_READ
from multiproduct.domain.subscriptions import events as subscriptions
from multiproduct.domain.subscriptions.permissions import SUBSCRIPTIONS_READ

IDENTITY: Sequence[PublicEvent] = (
    public(identity.UserRegistered, USERS_READ, "user_id"),
    public(identity.UserUpdated, USERS_READ, "user_id"),
    public(identity.UserSuspended, USERS_READ, "user_id", audience=Audience.STAFF),
    public(identity.UserReinstated, USERS_READ, "user_id"),
    public(identity.UserErased, USERS_READ, "user_id", audience=Audience.STAFF),
    public(identity.ContactChanged, USERS_READ, "user_id", "kind"),
    public(identity.PasswordChanged, USERS_READ, "user_id"),
    public(identity.PasswordWasReset, USERS_READ, "user_id"),
    public(identity.NewDeviceUsed, USERS_READ, "user_id", "session_id"),
    public(identity.RoleGranted, ROLES_READ, "user_id", "role", "scope", "expires_at"),
    public(identity.RoleRevoked, ROLES_READ, "user_id", "role", "scope"),
    public(identity.DocumentSubmitted, DOCUMENTS_READ, "user_id", "document_id", "document_kind"),
    public(identity.DocumentReviewed, DOCUMENTS_READ, "user_id", "document_id", "outcome"),
    public(identity.DocumentRemoved, DOCUMENTS_READ, "user_id", "document_id"),
    public(identity.ConsentGiven, USERS_READ, "user_id", "consent_kind", "version"),
    public(identity.ConsentWithdrawn, USERS_READ, "user_id", "consent_kind", "version"),
)

_PAYMENT = ("payment_id", "payer_id", "purpose", "purpose_id", "gateway", "amount")
PAYMENTS: Sequence[PublicEvent] = (
    public(payments.PaymentAwaitingPayer, PAYMENTS_READ, *_PAYMENT),
    public(payments.PaymentSettled, PAYMENTS_READ, *_PAYMENT),
    public(payments.PaymentDeclined, PAYMENTS_READ, *_PAYMENT, "code", "is_final"),
    public(payments.PaymentCancelled, PAYMENTS_READ, *_PAYMENT),
    public(payments.PaymentUnknown, PAYMENTS_READ, *_PAYMENT, audience=Audience.STAFF),
    public(payments.RefundSettled, PAYMENTS_READ, *_PAYMENT, "refund_id"),
    public(payments.RefundDeclined, PAYMENTS_READ, *_PAYMENT, "refund_id", "code"),
)

_ORDER = ("order_id", "customer_id", "number", "amount")
_INVOICE = ("invoice_id", "order_id", "customer_id", "number", "amount")
BILLING: Sequence[PublicEvent] = (
    public(billing.OrderPlaced, ORDERS_READ, *_ORDER),
    public(billing.OrderCancelled, ORDERS_READ, *_ORDER),
    public(billing.OrderExpired, ORDERS_READ, *_ORDER),
    public(billing.OrderCompleted, ORDERS_READ, *_ORDER),
    public(billing.InvoiceIssued, INVOICES_READ, *_INVOICE, "due_at"),
    public(billing.InvoicePaid, INVOICES_READ, *_INVOICE),
    public(billing.InvoicePaymentFailed, INVOICES_READ, *_INVOICE, "reason"),
    public(billing.InvoiceVoided, INVOICES_READ, *_INVOICE),
    public(billing.InvoiceOverdue, INVOICES_READ, *_INVOICE, "due_at"),
    public(billing.CreditNoteIssued, INVOICES_READ, "credit_note_id", *_INVOICE),
)

_SUBSCRIPTION = ("subscription_id", "user_id", "product_id", "plan_id")
SUBSCRIPTIONS: Sequence[PublicEvent] = (
    public(subscriptions.TrialStarted, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "trial_end"),
    public(subscriptions.TrialEnding, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "trial_end", "days"),
    public(subscriptions.TrialEnded, SUBSCRIPTIONS_READ, *_SUBSCRIPTION),
    public(subscriptions.SubscriptionActivated, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "starts_at", "ends_at"),
    public(subscriptions.SubscriptionRenewed, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "starts_at", "ends_at"),
    public(subscriptions.RenewalFailed, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "attempt", "ends_at"),
    public(subscriptions.SubscriptionPaused, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "resumes_at"),
    public(subscriptions.SubscriptionResumed, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "ends_at"),
    public(subscriptions.CancellationScheduled, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "ends_at"),
    public(subscriptions.CancellationUndone, SUBSCRIPTIONS_READ, *_SUBSCRIPTION),
    public(subscriptions.SubscriptionCancelled, SUBSCRIPTIONS_READ, *_SUBSCRIPTION),
    public(subscriptions.SubscriptionExpired, SUBSCRIPTIONS_READ, *_SUBSCRIPTION, "reason"),
)

ALL: Sequence[PublicEvent] = (*IDENTITY, *PAYMENTS, *BILLING, *SUBSCRIPTIONS)
