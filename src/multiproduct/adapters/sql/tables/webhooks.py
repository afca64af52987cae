"""Webhook endpoints, their secrets, messages to them, and what came of each attempt."""

from sqlalchemy import (
    BigInteger,
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
from multiproduct.adapters.sql.types import DOCUMENT, ID, LogText, Moment

_PENDING = text("next_attempt_at IS NOT NULL")
_ORDERED = text("order_key IS NOT NULL AND next_attempt_at IS NOT NULL")

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("owner_id", ID, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("events", DOCUMENT, nullable=False),
    Column("description", LogText, nullable=False),
    Column("ordering", Text, nullable=False),
    Column("permissions", DOCUMENT, nullable=False),
    Column("made_by", ID),
    Column("disabled_for", Text),
    Column("disabled_at", Moment),
    Column("failing_since", Moment),
    Column("last_failed_at", Moment),
    Column("paused_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_webhook_endpoints_slot", "owner_id", "slot", unique=True),
)

# The owner stands here as well, as what is sealed names it.
webhook_secrets = Table(
    "webhook_secrets",
    metadata,
    Column("id", ID, primary_key=True),
    Column("endpoint_id", ID, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("user_id", ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Index("ix_webhook_secrets_endpoint_id", "endpoint_id"),
)

webhook_messages = Table(
    "webhook_messages",
    metadata,
    Column("id", ID, primary_key=True),
    Column("endpoint_id", ID, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("event_key", Text, nullable=False),
    Column("event_type", Text, nullable=False),
    Column("order_key", Text),
    Column("sequence", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("next_attempt_at", Moment),
    Column("leased_until", Moment),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Index("uq_webhook_messages_event_key", "endpoint_id", "event_key", unique=True),
    Index(
        "ix_webhook_messages_due",
        "endpoint_id",
        "next_attempt_at",
        sqlite_where=_PENDING,
        postgresql_where=_PENDING,
    ),
    Index(
        "ix_webhook_messages_ordered",
        "endpoint_id",
        "order_key",
        "sequence",
        sqlite_where=_ORDERED,
        postgresql_where=_ORDERED,
    ),
    Index("ix_webhook_messages_created_at", "endpoint_id", "created_at"),
    Index("ix_webhook_messages_age", "created_at"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("message_id", ID, ForeignKey("webhook_messages.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("response", LogText, nullable=False),
    Index("ix_webhook_attempts_message_id", "message_id", "number"),
)
