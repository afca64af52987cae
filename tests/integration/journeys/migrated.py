"""Databases with the schema in place, for tests that open them in their own process."""

from multiproduct.adapters.sql import migrate


async def migrated(url: str) -> str:
    """Brings the database up to date; answers its URL."""
    await migrate(url)
    return url
