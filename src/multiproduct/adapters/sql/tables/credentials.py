"""Passkeys, device keys with the sessions that they began, and the challenges that keys answer."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text
from sqlalchemy.types import BigInteger

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, Moment

passkeys = Table(
    "passkeys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("credential_id", LargeBinary, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("aaguid", Text, nullable=False),
    Column("transports", DOCUMENT, nullable=False),
    Column("name", Text, nullable=False),
    Column("verifies_user", Boolean, nullable=False),
    Column("is_backup_eligible", Boolean, nullable=False),
    Column("is_backed_up", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("suspended_at", Moment),
    Index("uq_passkeys_credential_id", "credential_id", unique=True),
    Index("ix_passkeys_user_id", "user_id"),
)

device_keys = Table(
    "device_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("spki", LargeBinary, nullable=False),
    Column("name", Text, nullable=False),
    Column("user_verification", Text, nullable=False),
    Column("storage", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("last_used_at", Moment),
    Column("locked_at", Moment),
    Column("revoked_at", Moment),
    Index("uq_device_keys_key_id", "key_id", unique=True),
    Index("ix_device_keys_user_id", "user_id"),
)

device_key_sessions = Table(
    "device_key_sessions",
    metadata,
    Column("session_id", ID, ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("device_key_id", ID, ForeignKey("device_keys.id", ondelete="CASCADE"), nullable=False),
    Index("ix_device_key_sessions_device_key_id", "device_key_id"),
)

ceremony_challenges = Table(
    "ceremony_challenges",
    metadata,
    Column("id", ID, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("challenge", LargeBinary, nullable=False),
    # No reference: a challenge is over within minutes, and its user may go before.
    Column("user_id", ID),
    Column("key_id", Text),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_ceremony_challenges_expires_at", "expires_at"),
    Index("ix_ceremony_challenges_user_id", "user_id"),
)
