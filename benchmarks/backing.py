"""PostgreSQL and Redis for the benchmarks: given by the environment, or started from the tests' launcher."""

import asyncio
import contextlib
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg
from redis import Redis

from benchmarks.figures import CannotMeasure
from benchmarks.machine import client_cores
from benchmarks.servers import PROJECT, process

STARTUP = 60.0


@dataclass(frozen=True, slots=True)
class Backing:
    """Where the servers are. `postgres_url` is plain (`postgresql://`), for asyncpg."""

    postgres_url: str
    redis_url: str

    def database(self, name: str) -> str:
        """The plain URL of a database on this server."""
        return urlunsplit(urlsplit(self.postgres_url)._replace(path=f"/{name}"))

    def redis(self, number: int) -> str:
        """The URL of one of Redis' numbered databases."""
        return urlunsplit(urlsplit(self.redis_url)._replace(path=f"/{number}"))

    def new_database(self, name: str, *, template: str | None = None) -> str:
        """Drops and creates a database of the benchmarks' own (`bench_...`); returns its plain URL."""
        assert re.fullmatch(r"bench_[a-z0-9_]+", name)
        asyncio.run(self._recreate(name, template))
        return self.database(name)

    async def _recreate(self, name: str, template: str | None) -> None:
        connection = await asyncpg.connect(self.postgres_url)
        try:
            await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            await connection.execute(
                f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else "")
            )
        finally:
            await connection.close()

    def empty_redis(self, number: int) -> str:
        """Flushes one numbered database (never the first, which may be somebody's) and returns its URL."""
        assert number > 0
        with contextlib.closing(Redis.from_url(self.redis(number))) as redis:
            redis.flushdb()
        return self.redis(number)


def product_settings(database_url: str, redis_url: str, **more: str) -> dict[str, str]:
    """The product's environment for a run: all counted, nothing limited, unless `more` differs."""
    return {
        "MULTIPRODUCT_ENVIRONMENT": "development",
        "MULTIPRODUCT_DATABASE_URL": database_url,
        "MULTIPRODUCT_REDIS_URL": redis_url,
        "MULTIPRODUCT_RATE_LIMIT_PROFILE": "unlimited",
    } | more


def plain(url: str) -> str:
    """A PostgreSQL URL without the driver's name."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


@contextlib.contextmanager
def backing() -> Iterator[Backing]:
    """TEST_DATABASE_URL and TEST_REDIS_URL where both are set, else servers of our own from the wheels,
    kept off the measured server's core. Raises CannotMeasure when neither works."""
    given = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if given[0] and given[1]:
        yield Backing(plain(given[0]), given[1])
        return
    log = PROJECT / "var" / "bench" / "logs" / "servers.log"
    command = [sys.executable, "-u", "-m", "tests.servers"]
    with process("servers", command, env={}, cores=client_cores()) as child:
        until = time.monotonic() + STARTUP
        while time.monotonic() < until and child.poll() is None:
            urls = urls_in(log.read_text(errors="replace"))
            if len(urls) == 2:
                yield Backing(plain(urls["postgres"]), urls["redis"])
                return
            time.sleep(0.1)
        raise CannotMeasure("PostgreSQL and Redis did not start; see var/bench/logs/servers.log")


def urls_in(text: str) -> dict[str, str]:
    """The first PostgreSQL and the first Redis URL among KEY=VALUE lines."""
    found: dict[str, str] = {}
    for line in text.splitlines()[:200]:
        value = line.partition("=")[2].strip().strip("'\"")
        for kind in ("postgres", "redis"):
            if value.startswith(kind) and "://" in value:
                found.setdefault(kind, value)
    return found
