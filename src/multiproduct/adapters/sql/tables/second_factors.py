"""Authenticator apps, recovery codes, and sign-ins that wait for a second factor."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, Moment

totp_factors = Table(
    "totp_factors",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("confirmed_at", Moment),
    Column("last_step", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Moment),
    Index("ix_totp_factors_user_id", "user_id"),
)

_unconfirmed = totp_factors.c.confirmed_at.is_(None)
Index(
    "ix_totp_factors_unconfirmed",
    totp_factors.c.created_at,
    postgresql_where=_unconfirmed,
    sqlite_where=_unconfirmed,
)

sms_factors = Table(
    "sms_factors",
    metadata,
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("added_at", Moment, nullable=False),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("sealed_digest", LargeBinary, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("used_at", Moment),
    Index("ix_recovery_codes_user_id", "user_id"),
)

pending_sign_ins = Table(
    "pending_sign_ins",
    metadata,
    Column("id", ID, primary_key=True),
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    Column("key_id", Text, nullable=False),
    Column("methods", DOCUMENT, nullable=False),
    Column("credential_mark", Text, nullable=False),
    Column("device_key_id", ID),
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("completed_at", Moment),
    Column("to_be_linked", DOCUMENT),
    Index("ix_pending_sign_ins_user_id", "user_id"),
    Index("ix_pending_sign_ins_expires_at", "expires_at"),
)
