"""Settings of what people and browsers meet: addresses, mails, the name, limits and requests."""

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings

from multiproduct.settings import writings
from multiproduct.settings.declaring import setting


class ServingSettings(BaseSettings):
    """How the service is reached and speaks."""

    base_url: str = setting(
        "http://127.0.0.1:8000",
        "BASE_URL",
        "the address under which people reach the service, for links in mails",
    )
    sign_in_url: str | None = setting(
        None, "SIGN_IN_URL", "where mails send people to sign in; the service's own page by default"
    )
    reset_url: str | None = setting(
        None,
        "RESET_URL",
        "where mails send people to ask for a new password; the service's own page by default",
    )
    smtp_url: str | None = setting(
        None,
        "SMTP_URL",
        "smtp://user:password@host:587/?starttls=true or smtps://host:465; none uses the development mailbox",
    )
    mail_from: str = setting(
        writings.DEFAULT_SENDER, "MAIL_FROM", "the sender of mails: Name <address>, or an address"
    )
    mailbox_dir: Path = setting(
        Path("./var/mailbox"), "MAILBOX_DIR", "where the development mailbox keeps its messages"
    )
    brand_name: str = setting("STARK", "BRAND_NAME", "the name that people see")
    brand_logo_url: str | None = setting(
        None, "BRAND_LOGO_URL", "a picture that mails show in place of the name, 32 pixels high"
    )
    brand_light: str = setting(
        "",
        "BRAND_LIGHT",
        "colours on light screens and on paper that are not those of the demonstration, such as "
        "`accent=#0b5fff,on_accent=#ffffff`: page, card, text, muted, line, accent, on_accent",
    )
    brand_dark: str = setting("", "BRAND_DARK", "colours on dark screens, written likewise")
    support_url: str = setting(
        "", "SUPPORT_URL", "where people find help; the address of BASE_URL when empty"
    )
    support_email: str = setting("support@localhost", "SUPPORT_EMAIL", "whom people write to for help")
    rate_limit_profile: Literal["multiproduct", "fluxus", "unlimited"] | None = setting(
        None,
        "RATE_LIMIT_PROFILE",
        "multiproduct (100 a day, 1,000 signed in; the default in production), fluxus (60 a minute and 1,000 "
        "an hour; the default in development), or unlimited (for load tests; refused in production)",
    )
    trusted_proxies: int = setting(
        0,
        "TRUSTED_PROXIES",
        "how many proxies stand before the server, whose X-Forwarded-For entries are believed, 0 to 16",
    )
    cors_origins: str = setting(
        "",
        "CORS_ORIGINS",
        "origins (https://shop.example), separated by commas, that browsers may call from; * for all",
    )
    max_body_bytes: int = setting(
        1_048_576, "MAX_BODY_BYTES", "the largest request body, 1000 to 100000000 bytes"
    )
    default_region: str | None = setting(
        None, "DEFAULT_REGION", "ISO country (two letters) in which telephone numbers without + are read"
    )
