"""Subscriptions, trials that were had, what was billed, and what was used."""

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, KEY_TEXT, Moment

LIVE = text("status IN ('pending', 'trial', 'active', 'past_due', 'paused')")
BILLED = text("kind = 'period' AND status <> 'void'")
_DUE = text("due_at IS NOT NULL")
_UNBILLED = text("billed_in IS NULL")
_WITH_METHOD = text("method_id IS NOT NULL")
_IN_AN_ORDER = text("billed_in IS NOT NULL")

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("product_id", ID, nullable=False),
    Column("plan_id", ID, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    # What a seat was sold at, as a fraction of minor units.
    Column("unit_price", Text),
    Column("currency", CHAR(3), nullable=False),
    Column("cycle_name", Text, nullable=False),
    Column("cycle_unit", Text, nullable=False),
    Column("cycle_count", Integer, nullable=False),
    Column("zone", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("auto_renew", Boolean, nullable=False),
    Column("configuration", DOCUMENT, nullable=False),
    Column("gateway", Text),
    Column("method_id", ID),
    Column("starts_at", Moment),
    Column("trial_end", Moment),
    Column("anchor", Moment),
    Column("period_index", Integer, nullable=False),
    Column("period_number", Integer, nullable=False),
    Column("accrual_origin", Moment),
    Column("accrual_length", BigInteger),
    Column("accrual_price", BigInteger),
    Column("accrual_used", BigInteger),
    # Minor units times seconds: more than 64 bits hold.
    Column("accrual_sum", Text),
    # How much of list prices the period asks, as a fraction; NULL is all of it.
    Column("accrual_reduction", Text),
    Column("prepaid", DOCUMENT),
    Column("scheduled", DOCUMENT),
    Column("awaiting", DOCUMENT),
    Column("usage_spans", DOCUMENT),
    Column("cancels_at_period_end", Boolean, nullable=False),
    Column("cancelled_at", Moment),
    Column("ended_at", Moment),
    Column("paused_at", Moment),
    Column("resumes_at", Moment),
    Column("failed_at", Moment),
    Column("failures", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("reminded", Integer),
    Column("closes_at", Moment),
    Column("due_at", Moment),
    Column("leased_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    CheckConstraint("quantity >= 1 AND price_minor >= 0", name="terms"),
    Index(
        "uq_subscriptions_live",
        "user_id",
        "product_id",
        unique=True,
        sqlite_where=LIVE,
        postgresql_where=LIVE,
    ),
    Index("ix_subscriptions_user_id", "user_id", "created_at", "id"),
    Index("ix_subscriptions_created_at", "created_at", "id"),
    Index("ix_subscriptions_due_at", "due_at", sqlite_where=_DUE, postgresql_where=_DUE),
    Index(
        "ix_subscriptions_method_id", "method_id", sqlite_where=_WITH_METHOD, postgresql_where=_WITH_METHOD
    ),
)

subscription_trials = Table(
    "subscription_trials",
    metadata,
    Column("user_id", ID, nullable=False),
    Column("product_id", ID, nullable=False),
    Column("had_at", Moment, nullable=False),
    PrimaryKeyConstraint("user_id", "product_id"),
)

subscription_charges = Table(
    "subscription_charges",
    metadata,
    Column("id", ID, primary_key=True),
    Column("subscription_id", ID, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("invoice_id", ID, nullable=False),
    Column("order_id", ID, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("credited", BigInteger, nullable=False),
    Column("currency", CHAR(3), nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("terms", DOCUMENT),
    CheckConstraint("credited >= 0 AND credited <= minor", name="credited"),
    Index(
        "uq_subscription_charges_period",
        "subscription_id",
        "number",
        unique=True,
        sqlite_where=BILLED,
        postgresql_where=BILLED,
    ),
    Index("ix_subscription_charges_order_id", "order_id"),
    Index("ix_subscription_charges_subscription_id", "subscription_id", "created_at", "id"),
)

usage_events = Table(
    "usage_events",
    metadata,
    Column("subscription_id", ID, nullable=False),
    Column("event_id", KEY_TEXT, nullable=False),
    Column("meter", Text, nullable=False),
    # A decimal number as it was told: no database rounds it.
    Column("value", Text, nullable=False),
    Column("unique_value", Text),
    Column("happened_at", Moment, nullable=False),
    Column("recorded_at", Moment, nullable=False),
    Column("billed_in", ID),
    PrimaryKeyConstraint("subscription_id", "event_id"),
    Index(
        "ix_usage_events_unbilled",
        "subscription_id",
        "happened_at",
        "event_id",
        sqlite_where=_UNBILLED,
        postgresql_where=_UNBILLED,
    ),
    Index("ix_usage_events_billed_in", "billed_in", sqlite_where=_IN_AN_ORDER, postgresql_where=_IN_AN_ORDER),
)
