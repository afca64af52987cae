"""Wrong passwords in a row, by the pseudonym of the name that they were tried for."""

from sqlalchemy import Column, Index, Integer, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import Moment

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    # Null: held once, and nothing was counted.
    Column("last_failed_at", Moment),
    Index("ix_sign_in_failures_last_failed_at", "last_failed_at"),
)
