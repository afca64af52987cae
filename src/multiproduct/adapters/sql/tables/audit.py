"""The audit log."""

from sqlalchemy import Column, Index, LargeBinary, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, LogText, Moment

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("occurred_at", Moment, nullable=False),
    Column("event", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("resource_type", Text, nullable=False),
    Column("resource_id", LogText, nullable=False),
    Column("user_id", LogText),
    Column("actor_id", Text),
    Column("actor_type", Text, nullable=False),
    Column("ip", LogText),
    Column("user_agent", LogText),
    Column("request_id", LogText),
    Column("changes", DOCUMENT, nullable=False),
    Column("metadata", DOCUMENT, nullable=False),
    # Null until the entry is sealed into the chain.
    Column("sealed_hash", LargeBinary),
    Index("ix_audit_entries_user_id_id", "user_id", "id"),
    Index("ix_audit_entries_action_id", "action", "id"),
    Index("ix_audit_entries_resource_type_resource_id_id", "resource_type", "resource_id", "id"),
)
