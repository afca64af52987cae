"""The delivery log, and what people want to hear of."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, Table, Text, text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, LogText, Moment

_OPEN = text("closed_at IS NULL")
_CLOSED = text("closed_at IS NOT NULL")

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("event_position", BigInteger, nullable=False),
    Column("type_key", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("user_id", ID),
    Column("recipient", LogText, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", LogText),
    Column("created_at", Moment, nullable=False),
    Column("settled_at", Moment),
    Column("recipient_key", LogText, nullable=False, server_default=""),
    Column("layer", Text),
    Index(
        "uq_deliveries_owed",
        "event_position",
        "recipient_key",
        "type_key",
        "channel",
        unique=True,
    ),
    Index("ix_deliveries_user_id_created_at", "user_id", "created_at"),
    Index("ix_deliveries_created_at", "created_at"),
)

# Empty where a choice is not about it: a key has no nulls.
notification_preferences = Table(
    "notification_preferences",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("type_key", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("is_on", Boolean, nullable=False),
    Column("updated_at", Moment, nullable=False),
)

# Times of the day are in minutes since midnight.
notification_settings = Table(
    "notification_settings",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("quiet_from", Integer),
    Column("quiet_until", Integer),
    Column("digest_at", Integer),
    Column("digest_categories", DOCUMENT, nullable=False),
    Column("unsubscribed_at", Moment),
    Column("updated_at", Moment, nullable=False),
)

notification_digests = Table(
    "notification_digests",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("why", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("type_key", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Index(
        "uq_notification_digests_open",
        "user_id",
        "type_key",
        "key",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("ix_notification_digests_due", "due_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
    Index("ix_notification_digests_closed", "closed_at", sqlite_where=_CLOSED, postgresql_where=_CLOSED),
    Index("ix_notification_digests_user_id", "user_id"),
)

notification_digest_items = Table(
    "notification_digest_items",
    metadata,
    Column("delivery_id", ID, primary_key=True),
    Column("digest_id", ID, ForeignKey("notification_digests.id", ondelete="CASCADE"), nullable=False),
    Column("type_key", Text, nullable=False),
    Column("params", DOCUMENT, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_notification_digest_items_digest_id", "digest_id"),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("address_digest", Text, primary_key=True),
    Column("masked", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("detail", LogText, nullable=False),
    Column("created_at", Moment, nullable=False),
    Index("ix_suppressions_created_at", "created_at", "address_digest"),
)
