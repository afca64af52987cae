"""Inboxes, their unread counters, and tickets for the live stream."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, LogText, Moment

_UNREAD = text("read_at IS NULL")

inbox_entries = Table(
    "inbox_entries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("event_position", BigInteger, nullable=False),
    Column("type_key", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("title", LogText, nullable=False),
    Column("body", LogText, nullable=False),
    Column("data", DOCUMENT, nullable=False),
    Column("locale", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("read_at", Moment),
    Index("uq_inbox_entries_owed", "user_id", "event_position", "type_key", unique=True),
    Index("uq_inbox_entries_sequence", "user_id", "sequence", unique=True),
    Index(
        "ix_inbox_entries_unread",
        "user_id",
        "sequence",
        sqlite_where=_UNREAD,
        postgresql_where=_UNREAD,
    ),
    Index("ix_inbox_entries_changed", "user_id", "changed", "sequence"),
    Index("ix_inbox_entries_created_at", "created_at"),
)

inbox_counters = Table(
    "inbox_counters",
    metadata,
    Column("user_id", ID, primary_key=True),
    Column("unread", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
)

stream_tickets = Table(
    "stream_tickets",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("session_id", ID, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_stream_tickets_user_id", "user_id"),
    Index("ix_stream_tickets_expires_at", "expires_at"),
)
