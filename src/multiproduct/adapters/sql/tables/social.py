"""Accounts at Google, Apple and Facebook, those that their users took away, and sign-ins under way there."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, PrimaryKeyConstraint, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import ID, LogText, Moment

social_accounts = Table(
    "social_accounts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("provider", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("email", LogText),
    Column("mail_arrives", Boolean, nullable=False),
    Column("linked_at", Moment, nullable=False),
    Column("last_used_at", Moment, nullable=False),
    Index("uq_social_accounts_issuer_subject", "issuer", "subject", unique=True),
    Index("ix_social_accounts_user_id", "user_id"),
)

social_unlinks = Table(
    "social_unlinks",
    metadata,
    Column("issuer", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("unlinked_at", Moment, nullable=False),
    PrimaryKeyConstraint("issuer", "subject", "user_id"),
    Index("ix_social_unlinks_user_id", "user_id"),
)

social_states = Table(
    "social_states",
    metadata,
    Column("state_hash", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("browser_hash", Text, nullable=False),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE")),
    Column("nonce_hash", Text, nullable=False),
    Column("verifier", LargeBinary, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_social_states_expires_at", "expires_at"),
    Index("ix_social_states_user_id", "user_id"),
)

social_nonces = Table(
    "social_nonces",
    metadata,
    Column("nonce_hash", Text, primary_key=True),
    Column("expires_at", Moment, nullable=False),
    Index("ix_social_nonces_expires_at", "expires_at"),
)
