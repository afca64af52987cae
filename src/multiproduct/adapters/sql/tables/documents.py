"""Documents that people hand in, and the log of what they agreed to."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import ID, LogText, Moment

# No foreign key: the row stands for a file, which has to be removed also when the person is gone.
documents = Table(
    "documents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("unused_since", Moment),
    Column("removed", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("format", Text),
    Column("size", Integer),
    Column("scan", Text, nullable=False),
    Column("submitted_at", Moment),
    Column("reviewed_at", Moment),
    Column("reviewed_by", ID),
    Column("reason", Text),
    Column("valid_until", Moment),
    Index("ix_documents_user_id_created_at", "user_id", "created_at"),
    Index("ix_documents_unused_since", "unused_since"),
)

# No foreign key: that somebody agreed outlives the account, without what tells who it was.
consents = Table(
    "consents",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, nullable=False),
    Column("kind", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("is_given", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("source", Text, nullable=False),
    Column("ip", LogText),
    Column("user_agent", LogText),
    Index("ix_consents_user_id_at", "user_id", "at"),
)
