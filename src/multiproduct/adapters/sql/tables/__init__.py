"""The tables, one module for each context; all share one MetaData, which migrations are compared with."""

from multiproduct.adapters.sql.tables.account import contact_changes, pictures
from multiproduct.adapters.sql.tables.administration import (
    bank_details,
    farewells,
    invitations,
    username_tombstones,
)
from multiproduct.adapters.sql.tables.audit import audit_chain, audit_entries
from multiproduct.adapters.sql.tables.billing import (
    billing_customers,
    billing_movements,
    credit_notes,
    invoice_lines,
    invoice_series,
    invoices,
    orders,
    settlement_allocations,
    settlements,
    tax_rules,
)
from multiproduct.adapters.sql.tables.catalog import (
    coupon_redemptions,
    coupons,
    metered_prices,
    meters,
    plan_prices,
    plans,
    products,
)
from multiproduct.adapters.sql.tables.credentials import (
    ceremony_challenges,
    device_key_sessions,
    device_keys,
    passkeys,
)
from multiproduct.adapters.sql.tables.documents import consents, documents
from multiproduct.adapters.sql.tables.identity import pending_registrations, sessions, users
from multiproduct.adapters.sql.tables.inbox import inbox_counters, inbox_entries, stream_tickets
from multiproduct.adapters.sql.tables.ledger import (
    ledger_accounts,
    ledger_burned_keys,
    ledger_chain,
    ledger_drafts,
    ledger_entries,
    ledger_open_holds,
    ledger_periods,
    ledger_seals,
    ledger_transactions,
    ledger_unsealed,
)
from multiproduct.adapters.sql.tables.log import events, todos
from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.tables.notifications import (
    deliveries,
    notification_digest_items,
    notification_digests,
    notification_preferences,
    notification_settings,
    suppressions,
)
from multiproduct.adapters.sql.tables.otp import challenges, guess_budgets
from multiproduct.adapters.sql.tables.payments import (
    payment_attempts,
    payment_methods,
    payment_notices,
    payment_refunds,
    payments,
    sandbox_records,
)
from multiproduct.adapters.sql.tables.push_devices import push_devices
from multiproduct.adapters.sql.tables.roles import role_assignments, roles
from multiproduct.adapters.sql.tables.second_factors import (
    pending_sign_ins,
    recovery_codes,
    sms_factors,
    totp_factors,
)
from multiproduct.adapters.sql.tables.shared import clock_offset, idempotency, jobs
from multiproduct.adapters.sql.tables.sign_in_failures import sign_in_failures
from multiproduct.adapters.sql.tables.social import (
    social_accounts,
    social_nonces,
    social_states,
    social_unlinks,
)
from multiproduct.adapters.sql.tables.subscriptions import (
    subscription_charges,
    subscription_trials,
    subscriptions,
    usage_events,
)
from multiproduct.adapters.sql.tables.translations import glossary_terms, human_translations
from multiproduct.adapters.sql.tables.webhooks import (
    webhook_attempts,
    webhook_endpoints,
    webhook_messages,
    webhook_secrets,
)

__all__ = [
    "audit_chain",
    "audit_entries",
    "bank_details",
    "billing_customers",
    "billing_movements",
    "ceremony_challenges",
    "challenges",
    "clock_offset",
    "consents",
    "contact_changes",
    "coupon_redemptions",
    "coupons",
    "credit_notes",
    "deliveries",
    "device_key_sessions",
    "device_keys",
    "documents",
    "events",
    "farewells",
    "glossary_terms",
    "guess_budgets",
    "human_translations",
    "idempotency",
    "inbox_counters",
    "inbox_entries",
    "invitations",
    "invoice_lines",
    "invoice_series",
    "invoices",
    "jobs",
    "ledger_accounts",
    "ledger_burned_keys",
    "ledger_chain",
    "ledger_drafts",
    "ledger_entries",
    "ledger_open_holds",
    "ledger_periods",
    "ledger_seals",
    "ledger_transactions",
    "ledger_unsealed",
    "metadata",
    "metered_prices",
    "meters",
    "notification_digest_items",
    "notification_digests",
    "notification_preferences",
    "notification_settings",
    "orders",
    "passkeys",
    "payment_attempts",
    "payment_methods",
    "payment_notices",
    "payment_refunds",
    "payments",
    "pending_registrations",
    "pending_sign_ins",
    "pictures",
    "plan_prices",
    "plans",
    "products",
    "push_devices",
    "recovery_codes",
    "role_assignments",
    "roles",
    "sandbox_records",
    "sessions",
    "settlement_allocations",
    "settlements",
    "sign_in_failures",
    "sms_factors",
    "social_accounts",
    "social_nonces",
    "social_states",
    "social_unlinks",
    "stream_tickets",
    "subscription_charges",
    "subscription_trials",
    "subscriptions",
    "suppressions",
    "tax_rules",
    "todos",
    "totp_factors",
    "usage_events",
    "username_tombstones",
    "users",
    "webhook_attempts",
    "webhook_endpoints",
    "webhook_messages",
    "webhook_secrets",
]
