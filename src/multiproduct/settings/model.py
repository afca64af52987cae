"""The settings themselves, read from the environment (`MULTIPRODUCT_...`), a `.env` file, or code."""

import os
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from multiproduct.application.throttling import TEXTS_A_DAY
from multiproduct.settings import relying_party, writings

DEVELOPMENT_SECRET = "development-only-secret-never-use-in-production"  # noqa: S105 - refused in production
PREFIX = "MULTIPRODUCT_"
_MIN_SECRET = 32
_RANGES = {
    "database_pool_size": (2, 1_000, "connections"),
    "todo_lease_seconds": (1, 3_600, "seconds"),
    "trusted_proxies": (0, 16, "proxies"),
    "max_body_bytes": (1_000, 100_000_000, "bytes"),
    "otp_digits": (6, 10, "digits"),
    "otp_minutes": (1, 10, "minutes"),
    "totp_window": (0, 1, "steps"),
    "access_token_minutes": (1, 1_440, "minutes"),
    "refresh_grace_seconds": (0, 30, "seconds"),
    "avatar_max_bytes": (10_000, 20_000_000, "bytes"),
    "sms_a_day": (0, 10_000_000, "messages"),
    "password_queue": (0, 10_000, "hashes"),
}
_WRITINGS: dict[str, Callable[[str], str]] = {
    "database_url": writings.database_url,
    "redis_url": writings.redis_url,
    "broker_url": writings.broker_url,
    "base_url": writings.base_url,
    "sign_in_url": writings.page_url,
    "reset_url": writings.page_url,
    "smtp_url": writings.smtp_url,
    "mail_from": writings.sender,
    "support_url": writings.page_url,
    "support_email": writings.mail_address,
    "cors_origins": writings.origins,
    "passkey_rp_id": relying_party.host_name,
    "passkey_origins": relying_party.passkey_origins,
    "default_region": writings.region,
    "media_url": writings.media_url,
    "sms_url": writings.service_url,
    "sms_header": writings.header_name,
    "sms_sender": writings.sms_sender,
    "sms_fields": writings.sms_fields,
    "sms_countries": writings.regions,
    "breach_url": writings.service_url,
    "social_redirect_urls": writings.redirect_urls,
    "google_endpoints": writings.endpoints,
    "apple_endpoints": writings.endpoints,
    "facebook_endpoints": writings.endpoints,
    "log_level": writings.log_level,
}
_MAY_BE_NONE = (
    "redis_url", "broker_url", "sign_in_url", "reset_url", "smtp_url", "default_region", "media_url",
    "security_log",
    "passkey_rp_id",
    "sms_gateway", "sms_url", "sms_account", "sms_sender", "breach_url",
)  # fmt: skip


class Environment(StrEnum):
    """Where the installation runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _setting(default: Any, name: str, meaning: str, *aliases: str) -> Any:
    return Field(
        default=default,
        description=meaning,
        validation_alias=AliasChoices(PREFIX + name, *aliases),
    )


def _keys_in(listed: SecretStr) -> list[str]:
    return [key.strip() for key in listed.get_secret_value().split(",") if key.strip()]


def _is_weak(secret: str) -> bool:
    return secret == DEVELOPMENT_SECRET or len(secret) < _MIN_SECRET


def _unsafe(name: str, value: Any) -> str | None:
    """What is wrong with a value in production; None when nothing is."""
    match name, value:
        case ("secret_key" | "next_secret_keys"), SecretStr() if any(
            map(_is_weak, _keys_in(value) if name == "next_secret_keys" else [value.get_secret_value()])
        ):
            return "it must be set to a secret of at least 32 characters"
        case "rate_limit_profile", "unlimited":
            return "it must not be unlimited"
        case "password_cost", "test":
            return "it must be normal"
        case "test_clock", True:
            return "it must be off"
        case "smtp_url", None:
            return "it must be set, as the development mailbox shows codes to everybody"
    return None


class Settings(BaseSettings):
    """Settings explain themselves: `multiproduct check-config` prints each with its meaning and present
    value.

    Every setting can also be read from a file named by the variable with `_FILE` appended, as secrets are
    mounted in containers.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
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
    next_secret_keys: SecretStr = _setting(
        "",
        "NEXT_SECRET_KEYS",
        "secrets that are published and accepted before one of them becomes SECRET_KEY, separated by commas; "
        "`multiproduct keys new` says how",
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
        10, "DATABASE_POOL_SIZE", "PostgreSQL connections a process keeps at most, 2 to 1000"
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
        "run inside the server",
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
    sign_in_url: str | None = _setting(
        None, "SIGN_IN_URL", "where mails send people to sign in; the service's own page by default"
    )
    reset_url: str | None = _setting(
        None,
        "RESET_URL",
        "where mails send people to ask for a new password; the service's own page by default",
    )
    smtp_url: str | None = _setting(
        None,
        "SMTP_URL",
        "smtp://user:password@host:587/?starttls=true or smtps://host:465; none uses the development mailbox",
    )
    mail_from: str = _setting(
        writings.DEFAULT_SENDER, "MAIL_FROM", "the sender of mails: Name <address>, or an address"
    )
    mailbox_dir: Path = _setting(
        Path("./var/mailbox"), "MAILBOX_DIR", "where the development mailbox keeps its messages"
    )
    brand_name: str = _setting("STARK", "BRAND_NAME", "the name that people see")
    support_url: str = _setting(
        "", "SUPPORT_URL", "where people find help; the address of BASE_URL when empty"
    )
    support_email: str = _setting("support@localhost", "SUPPORT_EMAIL", "whom people write to for help")
    rate_limit_profile: Literal["multiproduct", "fluxus", "unlimited"] | None = _setting(
        None,
        "RATE_LIMIT_PROFILE",
        "multiproduct (100 a day, 1,000 signed in; the default in production), fluxus (60 a minute and 1,000 "
        "an hour; the default in development), or unlimited (for load tests; refused in production)",
    )
    trusted_proxies: int = _setting(
        0,
        "TRUSTED_PROXIES",
        "how many proxies stand before the server, whose X-Forwarded-For entries are believed, 0 to 16",
    )
    cors_origins: str = _setting(
        "",
        "CORS_ORIGINS",
        "origins (https://shop.example), separated by commas, that browsers may call from; * for all",
    )
    max_body_bytes: int = _setting(
        1_048_576, "MAX_BODY_BYTES", "the largest request body, 1000 to 100000000 bytes"
    )
    default_region: str | None = _setting(
        None, "DEFAULT_REGION", "ISO country (two letters) in which telephone numbers without + are read"
    )
    sms_gateway: Literal["json", "twilio"] | None = _setting(
        None,
        "SMS_GATEWAY",
        "how telephones are texted: json (any gateway that takes JSON) or twilio; without one, the "
        "development mailbox, or where mails are really sent, not at all",
    )
    sms_url: str | None = _setting(
        None, "SMS_URL", "where the gateway takes messages; for twilio its own address by default"
    )
    sms_account: str | None = _setting(None, "SMS_ACCOUNT", "the Account SID, for twilio")
    sms_key: SecretStr = _setting(
        "", "SMS_KEY", "the auth token, for twilio; for json what the header named by SMS_HEADER holds"
    )
    sms_header: str = _setting(
        "Authorization", "SMS_HEADER", "the header that a json gateway reads its key from"
    )
    sms_sender: str | None = _setting(
        None, "SMS_SENDER", "the number or name that texts come from; for twilio also a messaging service"
    )
    sms_fields: str = _setting(
        "",
        "SMS_FIELDS",
        "what a json gateway calls its fields: to=recipient,text=message.body,from=sender,reference=id; an "
        "empty name leaves the field out",
    )
    sms_countries: str = _setting(
        "",
        "SMS_COUNTRIES",
        "ISO countries (two letters), separated by commas, whose numbers are texted; all when empty",
    )
    sms_a_day: int = _setting(
        TEXTS_A_DAY, "SMS_A_DAY", "texts to everybody together in a UTC day, 0 to 10000000"
    )
    otp_digits: int = _setting(6, "OTP_DIGITS", "digits of a one-time code, 6 to 10")
    otp_minutes: int = _setting(10, "OTP_MINUTES", "minutes for which a one-time code is good, 1 to 10")
    totp_window: int = _setting(
        1,
        "TOTP_WINDOW",
        "steps of 30 seconds before and after the present one whose codes of apps are taken, 0 or 1",
    )
    staff_second_factor: bool = _setting(
        False,
        "STAFF_SECOND_FACTOR",
        "whether administrators who did not prove a second factor may only set one up",
    )
    access_token_minutes: int = _setting(
        10, "ACCESS_TOKEN_MINUTES", "minutes for which an access token is good, 1 to 1440"
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
        50,
        "PASSWORD_QUEUE",
        "password hashes that may wait for a core before the answer is 503, at most 10000",
    )
    breach_url: str | None = _setting(
        None,
        "BREACH_URL",
        "a service that knows passwords from breaches (https://api.pwnedpasswords.com, or one like it), "
        "asked about new ones by the first 20 bits of a hash; none by default",
    )
    media_url: str | None = _setting(
        None,
        "MEDIA_URL",
        "where uploaded files are kept: file:///path, s3://bucket/prefix, gs://bucket/prefix, "
        "az://account/container, or memory://; the folder ./var/media by default",
    )
    avatar_max_bytes: int = _setting(
        5_000_000, "AVATAR_MAX_BYTES", "how large an uploaded picture may be, 10000 to 20000000 bytes"
    )
    passkey_rp_id: str | None = _setting(
        None, "PASSKEY_RP_ID", "the host name that passkeys are bound to; that of BASE_URL by default"
    )
    passkey_origins: str = _setting(
        "",
        "PASSKEY_ORIGINS",
        "further origins (https://app.shop.example, android:apk-key-hash:...), separated by commas, at which "
        "passkeys may be used",
    )
    google_client_id: str = _setting(
        "",
        "GOOGLE_CLIENT_ID",
        "client ids at Google, separated by commas, the one for browsers first; none switches Google off",
        "GOOGLE_CLIENT_ID",
    )
    google_client_secret: SecretStr = _setting(
        "",
        "GOOGLE_CLIENT_SECRET",
        "the secret of the first; without it only ID tokens are taken",
        "GOOGLE_CLIENT_SECRET",
    )
    google_endpoints: str = _setting(
        "",
        "GOOGLE_ENDPOINTS",
        "other addresses than Google's, for an OpenID provider of one's own: issuer=..., authorization=..., "
        "token=..., keys=... separated by commas",
    )
    apple_client_id: str = _setting(
        "",
        "APPLE_CLIENT_ID",
        "the services id and bundle ids at Apple, separated by commas, the one for browsers first; none "
        "switches Apple off",
        "APPLE_CLIENT_ID",
    )
    apple_team_id: str = _setting("", "APPLE_TEAM_ID", "the team's id at Apple", "APPLE_TEAM_ID")
    apple_key_id: str = _setting("", "APPLE_KEY_ID", "the id of the private key at Apple", "APPLE_KEY_ID")
    apple_private_key: SecretStr = _setting(
        "",
        "APPLE_PRIVATE_KEY",
        "the private key as PEM, as the .p8 file has it; without it only ID tokens are taken",
        "APPLE_PRIVATE_KEY",
    )
    apple_endpoints: str = _setting("", "APPLE_ENDPOINTS", "as GOOGLE_ENDPOINTS, in place of Apple's")
    facebook_app_id: str = _setting(
        "",
        "FACEBOOK_APP_ID",
        "the application's id at Facebook; without id or secret Facebook is off",
        "FACEBOOK_APP_ID",
    )
    facebook_app_secret: SecretStr = _setting(
        "", "FACEBOOK_APP_SECRET", "the application's secret at Facebook", "FACEBOOK_APP_SECRET"
    )
    facebook_endpoints: str = _setting(
        "", "FACEBOOK_ENDPOINTS", "as GOOGLE_ENDPOINTS with debug=... and graph=..., in place of Facebook's"
    )
    social_redirect_urls: str = _setting(
        "",
        "SOCIAL_REDIRECT_URLS",
        "pages of one's own, separated by commas, that providers may send browsers back to, besides "
        "/api/v1/identity/social/<provider>/callback",
    )
    test_clock: bool = _setting(
        False, "TEST_CLOCK", "lets POST /dev/clock move business time; refused in production"
    )
    log_level: str = _setting("INFO", "LOG_LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL")
    log_format: Literal["json", "console"] | None = _setting(
        None, "LOG_FORMAT", "json (the default in production) or console"
    )
    security_log: Path | None = _setting(
        None,
        "SECURITY_LOG",
        "a file for sign-ins, refusals and what else concerns security, as lines of JSON; without one they "
        "are among the other log lines",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, given: Any) -> Any:
        """Reads `NAME_FILE` for every setting that has no value of its own."""
        if not isinstance(given, dict):
            return given
        for name in cls.model_fields:
            path = os.environ.get(f"{PREFIX}{name.upper()}_FILE")
            variable = PREFIX + name.upper()
            if path and name not in given and not os.environ.get(variable):
                given[name] = Path(path).read_text(encoding="utf-8").strip()
        return given

    @field_validator(*_MAY_BE_NONE, mode="before")
    @classmethod
    def _none_when_empty(cls, value: Any) -> Any:
        return value or None

    @field_validator(*_RANGES)
    @classmethod
    def _within(cls, value: int, info: ValidationInfo) -> int:
        least, most, unit = _RANGES[info.field_name or ""]
        if not least <= value <= most:
            raise ValueError(f"choose {least} to {most} {unit}")
        return value

    @field_validator("support_url", mode="before")
    @classmethod
    def _where_people_reach_us(cls, value: Any, info: ValidationInfo) -> Any:
        # A base URL that was refused is not here, and is told by itself.
        return value or f"{info.data.get('base_url', 'http://127.0.0.1:8000').rstrip('/')}/"

    @field_validator(*_WRITINGS)
    @classmethod
    def _written_well(cls, value: str | None, info: ValidationInfo) -> str | None:
        return None if value is None else _WRITINGS[info.field_name or ""](value)

    @field_validator("sms_url", "sms_account", "sms_key", "sms_sender")
    @classmethod
    def _what_the_gateway_needs(cls, value: Any, info: ValidationInfo) -> Any:
        gateway = info.data.get("sms_gateway")
        given = value.get_secret_value() if isinstance(value, SecretStr) else value
        if gateway is not None and not given and info.field_name in writings.sms_needs(gateway):
            raise ValueError(f"it must be set for SMS_GATEWAY={gateway}")
        return value

    @field_validator(
        "secret_key", "next_secret_keys", "rate_limit_profile", "password_cost", "test_clock", "smtp_url"
    )
    @classmethod
    def _safe_in_production(cls, value: Any, info: ValidationInfo) -> Any:
        if info.data.get("environment") is Environment.PRODUCTION:
            reason = _unsafe(info.field_name or "", value)
            if reason:
                raise ValueError(f"production refuses to start: {reason}")
        return value

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """All but what may hold a password: settings end up in logs and tracebacks."""
        return ((name, value) for name, value in super().__repr_args__() if not (name or "").endswith("_url"))

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
    def texted_countries(self) -> frozenset[str]:
        """The countries whose numbers are texted; none named means all."""
        return frozenset(filter(None, self.sms_countries.split(",")))

    @property
    def secrets(self) -> list[str]:
        """The secrets, the present one first, then those that are to follow it, then those it followed."""
        return [self.secret_key.get_secret_value(), *self.next_secrets, *self.retired_secrets]

    @property
    def next_secrets(self) -> list[str]:
        """Those that are published before one of them becomes the present one."""
        return _keys_in(self.next_secret_keys)

    @property
    def retired_secrets(self) -> list[str]:
        """Those that came before the present one, the newest first."""
        return _keys_in(self.retired_secret_keys)
