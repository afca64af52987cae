"""First answers by idempotency key, scheduled jobs, and the test clock."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, LogText, Moment

idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("answer", DOCUMENT),
    Column("about", Text),
    Column("expires_at", Moment, nullable=False),
    Index("ix_idempotency_expires_at", "expires_at"),
    Index("ix_idempotency_about", "about"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next_due_at", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("finished_at", Moment),
    Column("last_outcome", LogText),
)

clock_offset = Table(
    "clock_offset",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("microseconds", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
