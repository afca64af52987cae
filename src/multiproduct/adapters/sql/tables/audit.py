"""The audit log, and the head of the chain over it."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Table, Text, text

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
    # These four are null until the entry is sealed into the chain.
    Column("sealed_hash", LargeBinary),
    Column("sequence", BigInteger),
    Column("seal_version", Integer),
    Column("salt", LargeBinary),
    # Not null where what tells of a person was erased; then there is no salt any more.
    Column("personal_digest", LargeBinary),
    Index("ix_audit_entries_user_id_id", "user_id", "id"),
    Index("ix_audit_entries_actor_id_id", "actor_id", "id"),
    Index("ix_audit_entries_action_id", "action", "id"),
    Index("ix_audit_entries_event_id", "event", "id"),
    Index("ix_audit_entries_occurred_at_id", "occurred_at", "id"),
    Index("ix_audit_entries_resource_type_resource_id_id", "resource_type", "resource_id", "id"),
)

_sealed = audit_entries.c.sequence.is_not(None)
_unsealed = audit_entries.c.sequence.is_(None)
Index(
    "uq_audit_entries_sequence",
    audit_entries.c.sequence,
    unique=True,
    postgresql_where=_sealed,
    sqlite_where=_sealed,
)
Index("ix_audit_entries_unsealed", audit_entries.c.id, postgresql_where=_unsealed, sqlite_where=_unsealed)

STRANGERS = text(
    "actor_type = 'anonymous' AND coalesce(user_id, actor_id) IS NULL AND personal_digest IS NULL "
    "AND (substr(event, 1, 9) = 'identity.' OR substr(event, 1, 4) = 'otp.')"
)
"""As `is_of_stranger` has it, of entries that were not emptied yet; an index and a query share the words, by
which SQLite knows the index. They hide the columns of other indexes, which it would rather use."""
Index(
    "ix_audit_entries_strangers",
    audit_entries.c.occurred_at,
    audit_entries.c.id,
    postgresql_where=STRANGERS,
    sqlite_where=STRANGERS,
)

audit_chain = Table(
    "audit_chain",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed_at", Moment, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("mac", LargeBinary, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
