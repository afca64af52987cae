"""Each test its own empty database and an empty Redis, on servers that the whole run shares."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import redis.asyncio


@asynccontextmanager
async def fresh_database(server_url: str) -> AsyncIterator[str]:
    """The URL of a new, empty database on the server; dropped at the end, whoever is still connected."""
    name = f"test_{secrets.token_hex(8)}"
    # template0 has no other visitors, so that databases can be made in parallel.
    await _execute(server_url, f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    finally:
        await _execute(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


async def empty_redis(url: str) -> None:
    """Removes every key of the database that the URL names, and every cached script."""
    async with redis.asyncio.Redis.from_url(url) as client:
        await client.flushdb()
        await client.script_flush()


async def _execute(server_url: str, statement: str) -> None:
    connection = await asyncpg.connect(urlunsplit(urlsplit(server_url)._replace(scheme="postgresql")))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
