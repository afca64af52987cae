"""Payments, what gateways are told of them, stored methods, callbacks, and the sandbox's own books."""

from sqlalchemy import (
    CHAR,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, Moment

payments = Table(
    "payments",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("payer_id", ID, nullable=False),
    Column("minor", BigInteger, nullable=False),
    Column("currency", CHAR(3), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("purpose_id", ID, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("strategy", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("attempt_id", ID, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("authorised", BigInteger, nullable=False),
    Column("capturing", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("refunding", BigInteger, nullable=False),
    Column("refunded", BigInteger, nullable=False),
    Column("decline_code", Text),
    Column("review", Text),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("settled_at", Moment),
    CheckConstraint("minor > 0", name="amount"),
    CheckConstraint("refunding <= settled AND refunded <= refunding AND refunded >= 0", name="refunds"),
    CheckConstraint(
        "capturing >= 0 AND (authorised = 0 OR settled + capturing <= authorised)", name="captures"
    ),
    Index("ix_payments_payer_id", "payer_id", "created_at", "id"),
    Index("ix_payments_created_at", "created_at", "id"),
    Index("ix_payments_status", "status", "created_at", "id"),
    Index("ix_payments_purpose", "purpose", "purpose_id"),
    Index(
        "ix_payments_review",
        "created_at",
        "id",
        sqlite_where=text("review IS NOT NULL"),
        postgresql_where=text("review IS NOT NULL"),
    ),
)


def _call_columns() -> list[Column[object]]:
    """What attempts and refunds have in common."""
    return [
        Column("id", ID, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("payment_id", ID, ForeignKey("payments.id"), nullable=False),
        Column("gateway", Text, nullable=False),
        Column("minor", BigInteger, nullable=False),
        Column("currency", CHAR(3), nullable=False),
        Column("status", Text, nullable=False),
        Column("reference", Text),
        Column("decline_code", Text),
        Column("leased_until", Moment),
        Column("checks", Integer, nullable=False),
        Column("next_check_at", Moment),
        Column("review", Text),
        Column("created_at", Moment, nullable=False),
        Column("updated_at", Moment, nullable=False),
    ]


def _call_indexes(table: str) -> list[Index]:
    return [
        Index(f"ix_{table}_payment_id", "payment_id"),
        Index(f"ix_{table}_reference", "gateway", "reference"),
        Index(
            f"ix_{table}_next_check_at",
            "next_check_at",
            sqlite_where=text("next_check_at IS NOT NULL"),
            postgresql_where=text("next_check_at IS NOT NULL"),
        ),
    ]


payment_attempts = Table(
    "payment_attempts",
    metadata,
    *_call_columns(),
    Column("kind", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("method_id", ID),
    Column("is_off_session", Boolean, nullable=False),
    Column("instructions", DOCUMENT, nullable=False),
    Column("deadline", Moment),
    *_call_indexes("payment_attempts"),
)
payment_refunds = Table(
    "payment_refunds",
    metadata,
    *_call_columns(),
    Column("attempt_id", ID, nullable=False),
    Column("reason", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("purpose_id", ID, nullable=False),
    Column("requested_by", ID),
    Column("hold_id", ID),
    *_call_indexes("payment_refunds"),
)
payment_methods = Table(
    "payment_methods",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("sealed_token", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("brand", Text, nullable=False),
    Column("last4", Text, nullable=False),
    Column("expires_year", Integer),
    Column("expires_month", Integer),
    Column("is_default", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Index("ix_payment_methods_user_id", "user_id"),
    Index(
        "uq_payment_methods_default",
        "user_id",
        unique=True,
        sqlite_where=text("is_default"),
        postgresql_where=text("is_default"),
    ),
)
payment_notices = Table(
    "payment_notices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("gateway", Text, nullable=False),
    Column("notice_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", ID),
    Column("reference", Text),
    Column("outcome", DOCUMENT, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("taken_at", Moment),
    Index("uq_payment_notices_notice_id", "gateway", "notice_id", unique=True),
    Index("ix_payment_notices_taken_at", "taken_at"),
)
sandbox_records = Table(
    "sandbox_records",
    metadata,
    Column("key", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("related", Text),
    Column("minor", BigInteger, nullable=False),
    Column("currency", CHAR(3), nullable=False),
    Column("moved", BigInteger, nullable=False),
    Column("document", DOCUMENT, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_sandbox_records_related", "related"),
)
