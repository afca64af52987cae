"""Stores in SQLite and PostgreSQL, by SQLAlchemy Core, aiosqlite and asyncpg."""

from multiproduct.adapters.sql.migrating import migrate, migrate_blocking
from multiproduct.adapters.sql.postgres import PostgresSettings
from multiproduct.adapters.sql.sqlite import SqliteSettings
from multiproduct.adapters.sql.store import SqlStore
from multiproduct.adapters.sql.units import JoinedUnits, SqlUnit, SqlUnits

__all__ = [
    "JoinedUnits",
    "PostgresSettings",
    "SqlStore",
    "SqlUnit",
    "SqlUnits",
    "SqliteSettings",
    "migrate",
    "migrate_blocking",
]
