"""Roles, and who has which."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text

from multiproduct.adapters.sql.tables.metadata import metadata
from multiproduct.adapters.sql.types import DOCUMENT, ID, Moment

roles = Table(
    "roles",
    metadata,
    Column("id", ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("permissions", DOCUMENT, nullable=False),
    Column("is_built_in", Boolean, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Index("uq_roles_key", "key", unique=True),
)

role_assignments = Table(
    "role_assignments",
    metadata,
    Column("user_id", ID, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ID, ForeignKey("roles.id"), primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("granted_by", ID),
    Column("granted_at", Moment, nullable=False),
    Column("expires_at", Moment),
    Index("ix_role_assignments_role_id", "role_id"),
)
