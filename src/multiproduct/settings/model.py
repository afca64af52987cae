"""The settings themselves, read from the environment (`MULTIPRODUCT_...`), a `.env` file, or code."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from multiproduct.settings import relying_party, writings
from multiproduct.settings.accounts import AccountSettings
from multiproduct.settings.declaring import PREFIX
from multiproduct.settings.diagnosing import DiagnosingSettings
from multiproduct.settings.notifying import NotificationSettings
from multiproduct.settings.paying import PayingSettings
from multiproduct.settings.pushing import PushSettings
from multiproduct.settings.running import DEVELOPMENT_SECRET, Environment, RunningSettings
from multiproduct.settings.selling import SellingSettings
from multiproduct.settings.serving import ServingSettings
from multiproduct.settings.social import SocialSettings
from multiproduct.settings.texting import TextingSettings
from multiproduct.settings.translating import TranslatingSettings
from multiproduct.settings.webhooks import WebhookSettings

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
    "document_max_bytes": (10_000, 20_000_000, "bytes"),
    "sms_a_day": (0, 10_000_000, "messages"),
    "translation_patience_ms": (0, 2_000, "milliseconds"),
    "translation_timeout_seconds": (1, 60, "seconds"),
    "password_queue": (0, 10_000, "hashes"),
    "payment_term_days": (0, 365, "days"),
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
    "brand_logo_url": writings.page_url,
    "brand_light": writings.colours,
    "brand_dark": writings.colours,
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
    "translation_url": writings.service_url,
    "translation_languages": writings.language_names,
    "translation_source": writings.language,
    "social_redirect_urls": writings.redirect_urls,
    "google_endpoints": writings.endpoints,
    "apple_endpoints": writings.endpoints,
    "facebook_endpoints": writings.endpoints,
    "log_level": writings.log_level,
    "payment_checks": writings.pauses,
    "seller_country": writings.seller_country,
    "default_currency": writings.currency,
    "push_fcm_url": writings.service_url,
    "push_apns_url": writings.service_url,
    "push_vapid_contact": writings.contact,
    "notifications_forced": writings.notification_choices,
    "notifications_defaults": writings.notification_choices,
    "webhook_ports": writings.ports,
    "webhook_denied_networks": writings.networks,
}
_MAY_BE_NONE = (
    "redis_url", "broker_url", "sign_in_url", "reset_url", "smtp_url", "default_region", "media_url",
    "brand_logo_url",
    "security_log",
    "passkey_rp_id",
    "sms_gateway", "sms_url", "sms_account", "sms_sender", "breach_url", "bank_transfer_account",
    "translation_provider", "translation_url", "translation_phrases",
)  # fmt: skip


def _keys_in(listed: SecretStr) -> list[str]:
    return [key.strip() for key in listed.get_secret_value().split(",") if key.strip()]


def _is_weak(secret: str) -> bool:
    return secret == DEVELOPMENT_SECRET or len(secret) < _MIN_SECRET


def _unsafe(name: str, value: Any) -> str | None:
    """What is wrong with a value in production; None when nothing is."""
    match name, value:
        # What others than the present one signed is accepted too: none may be known or easy to guess.
        case (("secret_key" | "next_secret_keys" | "retired_secret_keys"), SecretStr()) if any(
            map(_is_weak, [value.get_secret_value()] if name == "secret_key" else _keys_in(value))
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


# Pydantic lists the fields of the last base first.
class Settings(
    DiagnosingSettings,
    SocialSettings,
    AccountSettings,
    TextingSettings,
    NotificationSettings,
    PushSettings,
    PayingSettings,
    SellingSettings,
    TranslatingSettings,
    WebhookSettings,
    ServingSettings,
    RunningSettings,
):
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

    @field_validator("translation_url")
    @classmethod
    def _where_texts_are_translated(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is None and info.data.get("translation_provider") == "libretranslate":
            raise ValueError("it must be set for TRANSLATION_PROVIDER=libretranslate")
        return value

    @field_validator("push_fcm_service_account", "push_apns_key", "push_vapid_key")
    @classmethod
    def _a_key(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if value.get_secret_value():
            writings.push_secret(info.field_name or "", value.get_secret_value())
        return value

    @field_validator("push_apns_key_id", "push_apns_team_id", "push_apns_topic")
    @classmethod
    def _what_apple_needs(cls, value: str, info: ValidationInfo) -> str:
        key = info.data.get("push_apns_key")
        if key is not None and key.get_secret_value() and not value:
            raise ValueError("it must be set where PUSH_APNS_KEY is")
        return value

    @field_validator(
        "secret_key",
        "next_secret_keys",
        "retired_secret_keys",
        "rate_limit_profile",
        "password_cost",
        "test_clock",
        "smtp_url",
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
    def check_pauses(self) -> list[int]:
        """The seconds before each question to a gateway."""
        return [int(each) for each in self.payment_checks.split(",")]

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
