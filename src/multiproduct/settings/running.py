"""Settings of every process: where it runs, its secrets, and what it keeps its state in."""

from enum import StrEnum

from pydantic import SecretStr
from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting

DEVELOPMENT_SECRET = "development-only-secret-never-use-in-production"  # noqa: S105 - refused in production


class Environment(StrEnum):
    """Where the installation runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class RunningSettings(BaseSettings):
    """In what surroundings a process runs."""

    environment: Environment = setting(
        Environment.DEVELOPMENT,
        "ENVIRONMENT",
        "development or production; production refuses development secrets",
    )
    secret_key: SecretStr = setting(
        DEVELOPMENT_SECRET,
        "SECRET_KEY",
        "the secret that codes, tokens and signing keys are derived from; at least 32 characters in "
        "production",
        "SECRET_KEY",
    )
    next_secret_keys: SecretStr = setting(
        "",
        "NEXT_SECRET_KEYS",
        "secrets that are published and accepted before one of them becomes SECRET_KEY, separated by commas; "
        "`multiproduct keys new` says how",
    )
    retired_secret_keys: SecretStr = setting(
        "",
        "RETIRED_SECRET_KEYS",
        "older secrets, separated by commas, under which what was issued stays good until it expires",
    )
    database_url: str = setting(
        "sqlite:///./var/multiproduct.db",
        "DATABASE_URL",
        "sqlite:///path or postgresql://user:password@host:port/name",
        "DATABASE_URL",
    )
    database_pool_size: int = setting(
        10, "DATABASE_POOL_SIZE", "PostgreSQL connections a process keeps at most, 2 to 1000"
    )
    redis_url: str | None = setting(
        None,
        "REDIS_URL",
        "redis://host:port/0: shared cache, limits and broker; none keeps them in the process",
        "REDIS_URL",
    )
    broker_url: str | None = setting(
        None,
        "BROKER_URL",
        "redis:// or amqp:// URL of the message broker; the Redis URL when empty; without either, reactions "
        "run inside the server",
    )
    inline_worker: bool | None = setting(
        None,
        "INLINE_WORKER",
        "whether the server runs reactions and scheduled jobs itself; by default only when there is no "
        "broker",
    )
    todo_lease_seconds: int = setting(
        60,
        "TODO_LEASE_SECONDS",
        "seconds after which a reaction whose process died is run again, 1 to 3600",
    )
