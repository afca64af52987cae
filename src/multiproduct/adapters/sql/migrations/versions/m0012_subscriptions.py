"""Subscriptions, trials that were had, what was billed, and what was used."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from multiproduct.adapters.sql.migrations.granting import grant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# What the types of the tables amount to, written out: a migration stays as it was when they change.
_MOMENT = sa.BigInteger().with_variant(sa.DateTime(timezone=True), "postgresql")
_ID = sa.Uuid()
_DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
_KEY_TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
_LIVE = sa.text("status IN ('pending', 'trial', 'active', 'past_due', 'paused')")
_BILLED = sa.text("kind = 'period' AND status <> 'void'")
_DUE = sa.text("due_at IS NOT NULL")
_UNBILLED = sa.text("billed_in IS NULL")
_WITH_METHOD = sa.text("method_id IS NOT NULL")
_IN_AN_ORDER = sa.text("billed_in IS NOT NULL")

_GIVEN = (
    "subscriptions.subscription.read",
    "subscriptions.subscription.update",
    "subscriptions.usage.record",
)


def upgrade() -> None:
    """Makes the four tables, and gives Admin what there is to do with them."""
    _subscriptions()
    _charges()
    _usage()
    grant("admin", _GIVEN)


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("product_id", _ID, nullable=False),
        sa.Column("plan_id", _ID, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("unit_price", sa.Text()),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("cycle_name", sa.Text(), nullable=False),
        sa.Column("cycle_unit", sa.Text(), nullable=False),
        sa.Column("cycle_count", sa.Integer(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("auto_renew", sa.Boolean(), nullable=False),
        sa.Column("configuration", _DOCUMENT, nullable=False),
        sa.Column("gateway", sa.Text()),
        sa.Column("method_id", _ID),
        sa.Column("starts_at", _MOMENT),
        sa.Column("trial_end", _MOMENT),
        sa.Column("anchor", _MOMENT),
        sa.Column("period_index", sa.Integer(), nullable=False),
        sa.Column("period_number", sa.Integer(), nullable=False),
        sa.Column("accrual_origin", _MOMENT),
        sa.Column("accrual_length", sa.BigInteger()),
        sa.Column("accrual_price", sa.BigInteger()),
        sa.Column("accrual_used", sa.BigInteger()),
        sa.Column("accrual_sum", sa.Text()),
        sa.Column("prepaid", _DOCUMENT),
        sa.Column("scheduled", _DOCUMENT),
        sa.Column("awaiting", _DOCUMENT),
        sa.Column("cancels_at_period_end", sa.Boolean(), nullable=False),
        sa.Column("cancelled_at", _MOMENT),
        sa.Column("ended_at", _MOMENT),
        sa.Column("paused_at", _MOMENT),
        sa.Column("resumes_at", _MOMENT),
        sa.Column("failed_at", _MOMENT),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT),
        sa.Column("reminded", sa.Integer()),
        sa.Column("closes_at", _MOMENT),
        sa.Column("due_at", _MOMENT),
        sa.Column("leased_until", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False),
        sa.CheckConstraint("quantity >= 1 AND price_minor >= 0", name="ck_subscriptions_terms"),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
    )
    op.create_index(
        "uq_subscriptions_live",
        "subscriptions",
        ["user_id", "product_id"],
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    )
    op.create_index("ix_subscriptions_user_id", "subscriptions", ["user_id", "created_at", "id"])
    op.create_index("ix_subscriptions_created_at", "subscriptions", ["created_at", "id"])
    op.create_index(
        "ix_subscriptions_due_at", "subscriptions", ["due_at"], sqlite_where=_DUE, postgresql_where=_DUE
    )
    op.create_index(
        "ix_subscriptions_method_id",
        "subscriptions",
        ["method_id"],
        sqlite_where=_WITH_METHOD,
        postgresql_where=_WITH_METHOD,
    )
    op.create_table(
        "subscription_trials",
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("product_id", _ID, nullable=False),
        sa.Column("had_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", "product_id", name="pk_subscription_trials"),
    )


def _charges() -> None:
    op.create_table(
        "subscription_charges",
        sa.Column("id", _ID, nullable=False),
        sa.Column("subscription_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("invoice_id", _ID, nullable=False),
        sa.Column("order_id", _ID, nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.CHAR(3), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.CheckConstraint("credited >= 0 AND credited <= minor", name="ck_subscription_charges_credited"),
        sa.PrimaryKeyConstraint("id", name="pk_subscription_charges"),
    )
    op.create_index(
        "uq_subscription_charges_period",
        "subscription_charges",
        ["subscription_id", "number"],
        unique=True,
        sqlite_where=_BILLED,
        postgresql_where=_BILLED,
    )
    op.create_index("ix_subscription_charges_order_id", "subscription_charges", ["order_id"])
    op.create_index(
        "ix_subscription_charges_subscription_id",
        "subscription_charges",
        ["subscription_id", "created_at", "id"],
    )


def _usage() -> None:
    op.create_table(
        "usage_events",
        sa.Column("subscription_id", _ID, nullable=False),
        sa.Column("event_id", _KEY_TEXT, nullable=False),
        sa.Column("meter", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("unique_value", sa.Text()),
        sa.Column("happened_at", _MOMENT, nullable=False),
        sa.Column("recorded_at", _MOMENT, nullable=False),
        sa.Column("billed_in", _ID),
        sa.PrimaryKeyConstraint("subscription_id", "event_id", name="pk_usage_events"),
    )
    op.create_index(
        "ix_usage_events_unbilled",
        "usage_events",
        ["subscription_id", "happened_at", "event_id"],
        sqlite_where=_UNBILLED,
        postgresql_where=_UNBILLED,
    )
    op.create_index(
        "ix_usage_events_billed_in",
        "usage_events",
        ["billed_in"],
        sqlite_where=_IN_AN_ORDER,
        postgresql_where=_IN_AN_ORDER,
    )
