"""Settings of accounts: codes, second factors, tokens, passwords, pictures and passkeys."""

from typing import Literal

from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class AccountSettings(BaseSettings):
    """What accounts are protected by."""

    otp_digits: int = setting(6, "OTP_DIGITS", "digits of a one-time code, 6 to 10")
    otp_minutes: int = setting(10, "OTP_MINUTES", "minutes for which a one-time code is good, 1 to 10")
    totp_window: int = setting(
        1,
        "TOTP_WINDOW",
        "steps of 30 seconds before and after the present one whose codes of apps are taken, 0 or 1",
    )
    staff_second_factor: bool = setting(
        False,
        "STAFF_SECOND_FACTOR",
        "whether administrators who did not prove a second factor may only set one up",
    )
    sms_second_factor: bool = setting(
        False,
        "SMS_SECOND_FACTOR",
        "whether people other than staff may have codes by text message as a second factor, which is weak: "
        "whoever gets a number moved to a card of their own gets the codes",
    )
    access_token_minutes: int = setting(
        10, "ACCESS_TOKEN_MINUTES", "minutes for which an access token is good, 1 to 1440"
    )
    refresh_grace_seconds: int = setting(
        10,
        "REFRESH_GRACE_SECONDS",
        "seconds for which a superseded refresh token is taken for a retry, 0 to 30",
    )
    password_cost: Literal["normal", "test"] = setting(
        "normal", "PASSWORD_COST", "normal, or test: a cheap hash for tests, refused in production"
    )
    password_queue: int = setting(
        50,
        "PASSWORD_QUEUE",
        "password hashes that may wait for a core before the answer is 503, at most 10000",
    )
    breach_url: str | None = setting(
        None,
        "BREACH_URL",
        "a service that knows passwords from breaches (https://api.pwnedpasswords.com, or one like it), "
        "asked about new ones by the first 20 bits of a hash; none by default",
    )
    media_url: str | None = setting(
        None,
        "MEDIA_URL",
        "where uploaded files are kept: file:///path, s3://bucket/prefix, gs://bucket/prefix, "
        "az://account/container, or memory://; the folder ./var/media by default",
    )
    avatar_max_bytes: int = setting(
        5_000_000, "AVATAR_MAX_BYTES", "how large an uploaded picture may be, 10000 to 20000000 bytes"
    )
    document_max_bytes: int = setting(
        10_000_000, "DOCUMENT_MAX_BYTES", "how large an uploaded document may be, 10000 to 20000000 bytes"
    )
    passkey_rp_id: str | None = setting(
        None, "PASSKEY_RP_ID", "the host name that passkeys are bound to; that of BASE_URL by default"
    )
    passkey_origins: str = setting(
        "",
        "PASSKEY_ORIGINS",
        "further origins (https://app.shop.example, android:apk-key-hash:...), separated by commas, at which "
        "passkeys may be used",
    )
