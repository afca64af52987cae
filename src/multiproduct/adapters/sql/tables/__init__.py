"""The tables, one module for each context; all share one MetaData, which migrations are compared with."""

from multiproduct.adapters.sql.tables.account import contact_changes, pictures
from multiproduct.adapters.sql.tables.administration import (
    bank_details,
    farewells,
    invitations,
    username_tombstones,
)
from multiproduct.adapters.sql.tables.audit import audit_chain, audit_entries
from multiproduct.adapters.sql.tables.credentials import (
    ceremony_challenges,
    device_key_sessions,
    device_keys,
    passkeys,
)
from multiproduct.adapters.sql.tables.identity import pending_registrations, sessions, users
from multiproduct.adapters.sql.tables.log import events, todos
from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.tables.notifications import deliveries
from multiproduct.adapters.sql.tables.otp import challenges, guess_budgets
from multiproduct.adapters.sql.tables.roles import role_assignments, roles
from multiproduct.adapters.sql.tables.second_factors import pending_sign_ins, recovery_codes, totp_factors
from multiproduct.adapters.sql.tables.shared import clock_offset, idempotency, jobs
from multiproduct.adapters.sql.tables.sign_in_failures import sign_in_failures
from multiproduct.adapters.sql.tables.social import (
    social_accounts,
    social_nonces,
    social_states,
    social_unlinks,
)

__all__ = [
    "audit_chain",
    "audit_entries",
    "bank_details",
    "ceremony_challenges",
    "challenges",
    "clock_offset",
    "contact_changes",
    "deliveries",
    "device_key_sessions",
    "device_keys",
    "events",
    "farewells",
    "guess_budgets",
    "idempotency",
    "invitations",
    "jobs",
    "metadata",
    "passkeys",
    "pending_registrations",
    "pending_sign_ins",
    "pictures",
    "recovery_codes",
    "role_assignments",
    "roles",
    "sessions",
    "sign_in_failures",
    "social_accounts",
    "social_nonces",
    "social_states",
    "social_unlinks",
    "todos",
    "totp_factors",
    "username_tombstones",
    "users",
]
