"""Everything that a run leaves behind or says on its way: databases, Redis and files, as bytes to search."""

import ast
import re
import socket
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
import redis.asyncio
from tests.integration.journeys.canaries import Sink

_WITNESS = """
CREATE SCHEMA witness;
CREATE TABLE witness.written (origin text NOT NULL, content text NOT NULL);
CREATE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO witness.written VALUES (TG_TABLE_NAME, NEW::text);
  RETURN NULL;
END $$;
"""
_TABLES = """
SELECT table_schema, table_name FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2
"""
_ESCAPED = re.compile(rb"\\(x[0-9a-f]{2}|[nrtab\"\\])")


def plain(url: str) -> str:
    """The URL as asyncpg takes it, without the name of a driver."""
    return urlunsplit(urlsplit(url)._replace(scheme="postgresql"))


async def witness_postgres(url: str) -> None:
    """Has each row that is written from now on kept as text, also if it is removed or overwritten later. The
    tables must be there."""
    connection = await asyncpg.connect(plain(url))
    try:
        tables = await connection.fetch(_TABLES)
        await connection.execute(_WITNESS)
        for schema, name in tables:
            await connection.execute(
                f'CREATE TRIGGER witness AFTER INSERT OR UPDATE ON "{schema}"."{name}" '
                "FOR EACH ROW EXECUTE FUNCTION witness.note()"
            )
    finally:
        await connection.close()


async def postgres_sinks(url: str) -> list[Sink]:
    """Each table: the rows as text (bytes in hexadecimal digits), and the bytes of binary columns raw."""
    connection = await asyncpg.connect(plain(url))
    try:
        return [
            sink
            for schema, name in await connection.fetch(_TABLES)
            for sink in await _table_sinks(connection, schema, name)
        ]
    finally:
        await connection.close()


async def _table_sinks(connection: Any, schema: str, name: str) -> list[Sink]:
    rows = await connection.fetch(f'SELECT t, t::text AS content FROM "{schema}"."{name}" AS t')
    texts = "\n".join(row["content"] for row in rows)
    raw = [value for row in rows for value in row["t"].values() if isinstance(value, bytes)]
    return [
        Sink(f"PostgreSQL {schema}.{name}", texts.encode()),
        Sink(f"PostgreSQL {schema}.{name}, binary columns", b"\n".join(raw)),
    ]


def sqlite_sinks(file: Path) -> list[Sink]:
    """The dump as SQL; the raw bytes of the file, its write-ahead log and journal, which still hold what was
    removed or overwritten."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        dump = "\n".join(connection.iterdump())
    beside = sorted(file.parent.glob(f"{file.name}*"))
    return [
        Sink(f"SQLite dump of {file.name}", dump.encode()),
        *(Sink(f"SQLite file {each.name}", each.read_bytes()) for each in beside),
    ]


async def redis_sinks(url: str) -> list[Sink]:
    """Every key of every numbered database with all it holds: caches, limits, and the broker's queues."""
    sinks = []
    async with redis.asyncio.Redis.from_url(url) as first:
        spaces = await first.info("keyspace")
    for number in sorted({int(space.removeprefix("db")) for space in spaces}):
        held = []
        async with redis.asyncio.Redis.from_url(
            urlunsplit(urlsplit(url)._replace(path=f"/{number}"))
        ) as each:
            async for key in each.scan_iter(count=1000):
                held += [key, *(await _held_under(each, key))]
        sinks.append(Sink(f"Redis database {number}", b"\n".join(held)))
    return sinks


async def _held_under(client: Any, key: bytes) -> list[bytes]:
    kind = (await client.type(key)).decode()
    match kind:
        case "string":
            value = await client.get(key)
            return [] if value is None else [value]
        case "list":
            return list(await client.lrange(key, 0, -1))
        case "set":
            return list(await client.smembers(key))
        case "hash":
            return [part for pair in (await client.hgetall(key)).items() for part in pair]
        case "zset":
            return list(await client.zrange(key, 0, -1))
        case "stream":
            return [
                part for _, fields in await client.xrange(key) for pair in fields.items() for part in pair
            ]
        case "none":  # it expired meanwhile
            return []
    raise AssertionError(f"Redis has a key of type {kind}, which this dump does not know")


class RedisWitness:
    """Every command that a Redis server got, as MONITOR tells them, in the order of their coming."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._lines: list[bytes] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def _listen(self) -> None:
        with self._connection.makefile("rb") as lines:
            try:
                for line in lines:
                    self._lines.append(line)
            except (OSError, ValueError):
                return  # closed

    def close(self) -> None:
        self._connection.shutdown(socket.SHUT_RDWR)
        self._connection.close()
        self._thread.join(timeout=10)

    @property
    def sinks(self) -> list[Sink]:
        """As told, and with the escapes taken back, so that bytes are bytes again."""
        told = b"".join(self._lines)
        return [
            Sink("Redis commands", told),
            Sink("Redis commands, unescaped", _ESCAPED.sub(_unescaped, told)),
        ]


def _unescaped(found: re.Match[bytes]) -> bytes:
    value: bytes = ast.literal_eval(f"b'{found[0].decode()}'")
    return value


@contextmanager
def redis_witness(url: str) -> Iterator[RedisWitness]:
    """Listens to the server until the end of the block."""
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname, parts.port or 6379), timeout=10)
    for command in (*([f"AUTH {unquote(parts.password)}"] if parts.password else []), "MONITOR"):
        connection.sendall(f"{command}\r\n".encode())
        assert connection.recv(5) == b"+OK\r\n"
    connection.settimeout(None)
    witness = RedisWitness(connection)
    try:
        yield witness
    finally:
        witness.close()


def file_sinks(folder: Path, *, besides: Mapping[str, str]) -> list[Sink]:
    """Every file under a folder: logs, uploaded files, whatever a process left there. `besides` are names of
    folders and files to pass over, each with its reason."""
    return [
        Sink(f"file {path.relative_to(folder)}", path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] not in besides
    ]
