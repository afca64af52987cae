"""Real servers for tests, from wheels or Debian's packages: private, on loopback, gone with their owner."""

from importlib import import_module
from typing import Any

# Looked up on first use: a server's keeper is a module of this package and must not load database drivers.
_HOMES = {
    "PostgresServer": "running",
    "RedisServer": "running",
    "ServerStartError": "running",
    "ServerUnavailableError": "recipes",
    "durable_postgres_server": "running",
    "empty_redis": "emptying",
    "fresh_database": "emptying",
    "postgres_server": "running",
    "rabbitmq_server": "running",
    "redis_server": "running",
    "servers_from_debian": "running",
    "servers_from_wheels": "running",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
