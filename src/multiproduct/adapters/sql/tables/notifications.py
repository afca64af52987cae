"""The delivery log."""

from sqlalchemy import BigInteger, Column, Index, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import ID, LogText, Moment

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
    Index("uq_deliveries_event_position_channel", "event_position", "channel", unique=True),
    Index("ix_deliveries_user_id_created_at", "user_id", "created_at"),
    Index("ix_deliveries_created_at", "created_at"),
)
