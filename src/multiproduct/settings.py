"""Every setting of an installation, read from the environment (`MULTIPRODUCT_...`), a `.env` file, or given
in code."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import AliasChoices, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEVELOPMENT_SECRET = "development-only-secret-never-use-in-production"  # noqa: S105 - refused in production
_PREFIX = "MULTIPRODUCT_"
_MIN_SECRET = 32


class Environment(StrEnum):
    """Where the installation runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _setting(default: Any, name: str, meaning: str, *aliases: str) -> Any:
    return Field(
        default=default,
        description=meaning,
        validation_alias=AliasChoices(_PREFIX + name, *aliases),
    )


class Settings(BaseSettings):
    """Settings explain themselves: `multiproduct check-config` prints each with its meaning and present
    value.

    Every setting can also be read from a file named by the variable with `_FILE` appended, as secrets are
    mounted in containers.
    """

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX,
        env_file=".env",
        env_file_encoding="utf-8",
        # A variable that is there but empty, as compose files leave it, is one that is not set.
        env_ignore_empty=True,
        # What is refused may be a secret.
        hide_input_in_errors=True,
        extra="ignore",
        frozen=True,
        case_sensitive=False,
        populate_by_name=True,
        validate_default=True,
    )

    environment: Environment = _setting(
        Environment.DEVELOPMENT,
        "ENVIRONMENT",
        "development or production; production refuses development secrets",
    )
    secret_key: SecretStr = _setting(
        DEVELOPMENT_SECRET,
        "SECRET_KEY",
        "the secret that codes, tokens and signing keys are derived from; at least 32 characters in "
        "production",
        "SECRET_KEY",
    )
    retired_secret_keys: SecretStr = _setting(
        "",
        "RETIRED_SECRET_KEYS",
        "older secrets, separated by commas, under which what was issued stays good until it expires",
    )
    database_url: str = _setting(
        "sqlite:///./var/multiproduct.db",
        "DATABASE_URL",
        "sqlite:///path or postgresql://user:password@host:port/name",
        "DATABASE_URL",
    )
    database_pool_size: int = _setting(
        10, "DATABASE_POOL_SIZE", "PostgreSQL connections a process keeps at most"
    )
    redis_url: str | None = _setting(
        None,
        "REDIS_URL",
        "redis://host:port/0: shared cache, limits and broker; none keeps them in the process",
        "REDIS_URL",
    )
    broker_url: str | None = _setting(
        None,
        "BROKER_URL",
        "redis:// or amqp:// URL of the message broker; the Redis URL when empty; without either, reactions "
        "run "
        "inside the server",
    )
    inline_worker: bool | None = _setting(
        None,
        "INLINE_WORKER",
        "whether the server runs reactions and scheduled jobs itself; by default only when there is no "
        "broker",
    )
    todo_lease_seconds: int = _setting(
        60,
        "TODO_LEASE_SECONDS",
        "seconds after which a reaction whose process died is run again, 1 to 3600",
    )
    base_url: str = _setting(
        "http://127.0.0.1:8000",
        "BASE_URL",
        "the address under which people reach the service, for links in mails",
    )
    smtp_url: str | None = _setting(
        None,
        "SMTP_URL",
        "smtp://user:password@host:587/?starttls=true or smtps://host:465; none uses the development mailbox",
    )
    mail_from: str = _setting("STARK <no-reply@localhost>", "MAIL_FROM", "the sender of mails")
    mailbox_dir: Path = _setting(
        Path("./var/mailbox"), "MAILBOX_DIR", "where the development mailbox keeps its messages"
    )
    brand_name: str = _setting("STARK", "BRAND_NAME", "the name that people see")
    support_url: str = _setting("http://127.0.0.1:8000/", "SUPPORT_URL", "where people find help")
    support_email: str = _setting("support@localhost", "SUPPORT_EMAIL", "whom people write to for help")
    rate_limit_profile: Literal["multiproduct", "fluxus", "unlimited"] | None = _setting(
        None,
        "RATE_LIMIT_PROFILE",
        "multiproduct (100 a day, 1,000 signed in; the default in production), fluxus (60 a minute and 1,000 "
        "an "
        "hour; the default in development), or unlimited (for load tests; refused in production)",
    )
    trusted_proxies: int = _setting(
        0,
        "TRUSTED_PROXIES",
        "how many proxies stand before the server, whose X-Forwarded-For entries are believed",
    )
    cors_origins: str = _setting(
        "", "CORS_ORIGINS", "origins, separated by commas, that browsers may call from"
    )
    max_body_bytes: int = _setting(1_048_576, "MAX_BODY_BYTES", "the largest request body, in bytes")
    default_region: str | None = _setting(
        None, "DEFAULT_REGION", "ISO country in which telephone numbers without + are read"
    )
    otp_digits: int = _setting(6, "OTP_DIGITS", "digits of a one-time code, 6 to 10")
    otp_minutes: int = _setting(10, "OTP_MINUTES", "minutes for which a one-time code is good, at most 10")
    access_token_minutes: int = _setting(
        10, "ACCESS_TOKEN_MINUTES", "minutes for which an access token is good"
    )
    refresh_grace_seconds: int = _setting(
        10,
        "REFRESH_GRACE_SECONDS",
        "seconds for which a superseded refresh token is taken for a retry, 0 to 30",
    )
    password_cost: Literal["normal", "test"] = _setting(
        "normal", "PASSWORD_COST", "normal, or test: a cheap hash for tests, refused in production"
    )
    password_queue: int = _setting(
        50, "PASSWORD_QUEUE", "password hashes that may wait for a core before the answer is 503"
    )
    test_clock: bool = _setting(
        False, "TEST_CLOCK", "lets POST /dev/clock move business time; refused in production"
    )
    log_level: str = _setting("INFO", "LOG_LEVEL", "DEBUG, INFO, WARNING or ERROR")
    log_format: Literal["json", "console"] | None = _setting(
        None, "LOG_FORMAT", "json (the default in production) or console"
    )

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, given: Any) -> Any:
        """Reads `NAME_FILE` for every setting that has no value of its own."""
        if not isinstance(given, dict):
            return given
        for name in cls.model_fields:
            path = os.environ.get(f"{_PREFIX}{name.upper()}_FILE")
            variable = _PREFIX + name.upper()
            if path and name not in given and not os.environ.get(variable):
                given[name] = Path(path).read_text(encoding="utf-8").strip()
        return given

    @field_validator("redis_url", "broker_url", "smtp_url", "default_region", mode="before")
    @classmethod
    def _none_when_empty(cls, value: Any) -> Any:
        return value or None

    @field_validator("otp_digits")
    @classmethod
    def _digits(cls, value: int) -> int:
        if not 6 <= value <= 10:
            raise ValueError("a one-time code has 6 to 10 digits")
        return value

    @field_validator("todo_lease_seconds")
    @classmethod
    def _lease(cls, value: int) -> int:
        if not 1 <= value <= 3600:
            raise ValueError("a lease lasts 1 to 3600 seconds")
        return value

    @field_validator("otp_minutes")
    @classmethod
    def _minutes(cls, value: int) -> int:
        if not 1 <= value <= 10:
            raise ValueError("a one-time code is good for 1 to 10 minutes")
        return value

    @field_validator("refresh_grace_seconds")
    @classmethod
    def _grace(cls, value: int) -> int:
        if not 0 <= value <= 30:
            raise ValueError("the grace is 0 to 30 seconds")
        return value

    @model_validator(mode="after")
    def _safe_in_production(self) -> Self:
        if self.environment is not Environment.PRODUCTION:
            return self
        wrong = []
        secret = self.secret_key.get_secret_value()
        if secret == DEVELOPMENT_SECRET or len(secret) < _MIN_SECRET:
            wrong.append("MULTIPRODUCT_SECRET_KEY must be set to a secret of at least 32 characters")
        if self.rate_limit_profile == "unlimited":
            wrong.append("MULTIPRODUCT_RATE_LIMIT_PROFILE must not be unlimited")
        if self.password_cost != "normal":  # noqa: S105 - a cost, not a password
            wrong.append("MULTIPRODUCT_PASSWORD_COST must be normal")
        if self.test_clock:
            wrong.append("MULTIPRODUCT_TEST_CLOCK must be off")
        if self.smtp_url is None:
            wrong.append(
                "MULTIPRODUCT_SMTP_URL must be set: the development mailbox shows codes to everybody"
            )
        if wrong:
            raise ValueError("production refuses to start: " + "; ".join(wrong))
        return self

    @property
    def is_development(self) -> bool:
        """Whether development aids are served."""
        return self.environment is Environment.DEVELOPMENT

    @property
    def limits(self) -> str:
        """The rate limit profile in force."""
        if self.rate_limit_profile is not None:
            return self.rate_limit_profile
        return "fluxus" if self.is_development else "multiproduct"

    @property
    def broker(self) -> str | None:
        """The broker's URL, if there is one."""
        return self.broker_url or self.redis_url

    @property
    def works_inline(self) -> bool:
        """Whether reactions and jobs run inside the server."""
        return self.broker is None if self.inline_worker is None else self.inline_worker

    @property
    def origins(self) -> list[str]:
        """The origins that browsers may call from."""
        return [origin.strip() for origin in self.cors_origins.split(",") if origin.strip()]

    @property
    def secrets(self) -> list[str]:
        """The secrets, the present one first."""
        retired = self.retired_secret_keys.get_secret_value().split(",")
        return [self.secret_key.get_secret_value(), *(key.strip() for key in retired if key.strip())]
