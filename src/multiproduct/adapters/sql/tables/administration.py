"""Invitations, user names that were given up, and what is kept of people in sealed form."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, Moment

# No references to users: an invitation is older than its user, and outlives whoever sent it.
invitations = Table(
    "invitations",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False),
    Column("first_name", Text, nullable=False),
    Column("last_name", Text, nullable=False),
    Column("locale", Text, nullable=False),
    Column("roles", DOCUMENT, nullable=False),
    Column("invited_by", ID),
    Column("user_id", ID),
    Column("key_id", Text, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("accepted_at", Moment),
    Column("revoked_at", Moment),
    Index("ix_invitations_email_key", "email_key"),
    Index("ix_invitations_user_id", "user_id"),
    Index("ix_invitations_created_at_id", "created_at", "id"),
    Index("ix_invitations_expires_at", "expires_at"),
)

username_tombstones = Table(
    "username_tombstones",
    metadata,
    Column("key", Text, primary_key=True),
    # Null: for ever.
    Column("until", Moment),
    Index("ix_username_tombstones_until", "until"),
)

bank_details = Table(
    "bank_details",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_bank_details_user_id", "user_id", unique=True),
)

farewells = Table(
    "farewells",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_farewells_user_id", "user_id", unique=True),
    Index("ix_farewells_updated_at", "updated_at"),
)
