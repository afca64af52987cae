"""The `TotpCodes` port on PyOTP: RFC 6238, with the figures that every authenticator app has."""

import base64
import hashlib
import unicodedata
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from multiproduct.application.ports.ids import Randomness

if TYPE_CHECKING:
    from pyotp import TOTP

_SECRET_BYTES = 20  # RFC 4226, section 4: 160 bits are recommended
_MAX_TYPED = 64
_STEP_SECONDS = 30


class PyotpTotpCodes:
    """Codes of 6 digits under HMAC-SHA-1, a new one every 30 seconds. Many apps ignore other wishes, so that
    other figures are only for checking against the vectors of RFC 6238."""

    def __init__(
        self,
        *,
        randomness: Randomness,
        digits: int = 6,
        digest: Literal["sha1", "sha256", "sha512"] = "sha1",
    ) -> None:
        self._randomness = randomness
        self._digits = digits
        self._digest = digest

    def new_secret(self) -> bytes:
        """See the port."""
        return self._randomness.bytes(_SECRET_BYTES)

    def text(self, secret: bytes) -> str:
        """See the port."""
        return base64.b32encode(secret).decode().rstrip("=")

    def provisioning_uri(self, secret: bytes, *, account: str, issuer: str) -> str:
        """See the port."""
        return str(self._totp(secret).provisioning_uri(name=account, issuer_name=issuer))

    def step_of(self, secret: bytes, code: str, *, now: datetime, window: int) -> int | None:
        """See the port. Spaces and hyphens are passed over; digits of any script are read as what they are
        worth."""
        plain = _plain_digits(code) if len(code) <= _MAX_TYPED else ""
        if len(plain) != self._digits or not plain.isascii():
            return None
        from pyotp.exceptions import OTPVerificationError  # noqa: PLC0415 - only where it is used

        try:
            return self._totp(secret).verify_and_get_timecode(plain, for_time=now, valid_window=window)
        except OTPVerificationError:
            return None

    def _totp(self, secret: bytes) -> "TOTP":
        from pyotp import TOTP  # noqa: PLC0415 - only where it is used

        return TOTP(
            self.text(secret),
            digits=self._digits,
            digest=getattr(hashlib, self._digest),
            interval=_STEP_SECONDS,
        )


def _plain_digits(text: str) -> str:
    kept = (character for character in text if not character.isspace() and character != "-")
    return "".join(str(unicodedata.decimal(character, character)) for character in kept)
