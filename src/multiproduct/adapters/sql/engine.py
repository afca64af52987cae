"""Which database a URL names, and how it is reached."""

from sqlalchemy import URL, make_url

from multiproduct.adapters.sql.lanes import Database
from multiproduct.adapters.sql.postgres import PostgresDatabase, PostgresSettings
from multiproduct.adapters.sql.sqlite import SqliteDatabase, SqliteSettings

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgres": "postgresql+asyncpg",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}


def normalised(url: str) -> URL:
    """The URL with its driver. Takes `sqlite:`, `postgres:`, `postgresql:`, also with the driver named.

    libpq's `sslmode` is called `ssl` by asyncpg. Raises ValueError for another database or driver.
    """
    parsed = make_url(url)
    driver = _DRIVERS.get(parsed.drivername)
    if driver is None:
        raise ValueError(f"a database URL begins with sqlite: or postgresql:, not {parsed.drivername}:")
    parsed = parsed.set(drivername=driver)
    if "sslmode" in parsed.query:
        query = dict(parsed.query)
        query["ssl"] = query.pop("sslmode")
        parsed = parsed.set(query=query)
    return parsed


def database_of(url: str, *, postgres: PostgresSettings, sqlite: SqliteSettings) -> Database:
    """The database that the URL names; nothing is opened yet."""
    parsed = normalised(url)
    if parsed.get_backend_name() == "sqlite":
        return SqliteDatabase(parsed, sqlite)
    return PostgresDatabase(parsed, postgres)
