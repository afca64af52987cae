"""Challenges, and what each address has cost."""

from sqlalchemy import Column, Index, Integer, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, Moment

challenges = Table(
    "challenges",
    metadata,
    Column("id", ID, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("used_at", Moment),
    Column("voided_at", Moment),
)

_unused = challenges.c.used_at.is_(None)
Index(
    "ix_challenges_unused",
    challenges.c.purpose,
    challenges.c.subject,
    challenges.c.created_at,
    postgresql_where=_unused,
    sqlite_where=_unused,
)
Index("ix_challenges_expires_at", challenges.c.expires_at)

guess_budgets = Table(
    "guess_budgets",
    metadata,
    Column("key", Text, primary_key=True),
    # Moments in JSON are integers: microseconds since the epoch.
    Column("failures", DOCUMENT, nullable=False),
    Column("resends", DOCUMENT, nullable=False),
    Column("mails", DOCUMENT, nullable=False),
    Column("voids", Integer, nullable=False),
    Column("last_voided_at", Moment),
    Column("last_sent_at", Moment),
    # The latest of all these moments, for the purge. Null: held once and never charged.
    Column("touched_at", Moment),
)
Index("ix_guess_budgets_touched_at", guess_budgets.c.touched_at)
