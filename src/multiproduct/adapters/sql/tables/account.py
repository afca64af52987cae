"""Changes of address that wait for their proof, and which files are somebody's picture."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text, text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import ID, Moment

_OPEN = text("closed_at IS NULL")

contact_changes = Table(
    "contact_changes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("session_id", ID),
    Column("kind", Text, nullable=False),
    Column("email", Text),
    Column("email_key", Text),
    Column("phone", Text),
    Column("old_email", Text),
    Column("old_email_key", Text),
    Column("old_phone", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("outcome", Text),
    Index(
        "uq_contact_changes_open",
        "user_id",
        "kind",
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    ),
    Index("ix_contact_changes_expires_at", "expires_at"),
)

# No foreign key: the row stands for a file, which has to be removed also when the person is gone.
pictures = Table(
    "pictures",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("unused_since", Moment),
    Index("ix_pictures_unused_since", "unused_since"),
)
