"""Devices that notifications are pushed to."""

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import ID, LogText, Moment

push_devices = Table(
    "push_devices",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("user_id", ID, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("token_digest", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("name", LogText, nullable=False),
    Column("locale", Text, nullable=False),
    Column("session_id", ID),
    Column("registered_at", Moment, nullable=False),
    Column("refreshed_at", Moment, nullable=False),
    Index("uq_push_devices_token_digest", "token_digest", unique=True),
    Index("uq_push_devices_slot", "user_id", "slot", unique=True),
    Index("ix_push_devices_refreshed_at", "refreshed_at"),
)
