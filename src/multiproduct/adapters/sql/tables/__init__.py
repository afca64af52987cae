"""The tables, one module for each context; all share one MetaData, which migrations are compared with."""

from multiproduct.adapters.sql.tables.audit import audit_entries
from multiproduct.adapters.sql.tables.identity import pending_registrations, sessions, users
from multiproduct.adapters.sql.tables.log import events, todos
from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.tables.notifications import deliveries
from multiproduct.adapters.sql.tables.otp import challenges, guess_budgets
from multiproduct.adapters.sql.tables.shared import clock_offset, idempotency, jobs

__all__ = [
    "audit_entries",
    "challenges",
    "clock_offset",
    "deliveries",
    "events",
    "guess_budgets",
    "idempotency",
    "jobs",
    "metadata",
    "pending_registrations",
    "sessions",
    "todos",
    "users",
]
