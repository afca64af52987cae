"""Tokens with which whoever holds the old address calls a change off: derived, and never stored."""

import base64
import hashlib
import hmac
from uuid import UUID

from multiproduct.application.otp import Peppers

_LABEL = "contact-change-stop"
_KEY_ID_BYTES = 4
_MAC_BYTES = 16
_LENGTH = _KEY_ID_BYTES + 16 + _MAC_BYTES


class StopTokens:
    """The token is key id, change and a 128-bit MAC over them, in URL-safe base64 (48 characters)."""

    def __init__(self, *, peppers: Peppers) -> None:
        self._peppers = peppers

    def of(self, change_id: UUID) -> str:
        """The token that stops the change. Raises LookupError if the peppers lack their own current one."""
        key_id = self._peppers.current_id
        secret = self._peppers.secret(key_id, _LABEL)
        if secret is None:
            raise LookupError(key_id)
        head = bytes.fromhex(key_id) + change_id.bytes
        return base64.urlsafe_b64encode(head + _mac(secret, head)).decode().rstrip("=")

    def read(self, token: str) -> UUID | None:
        """The change that a genuine token is for; None for anything else. Asks nobody."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(raw) != _LENGTH:
            return None
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        secret = self._peppers.secret(head[:_KEY_ID_BYTES].hex(), _LABEL)
        if secret is None or not hmac.compare_digest(mac, _mac(secret, head)):
            return None
        return UUID(bytes=head[_KEY_ID_BYTES:])


def _mac(secret: bytes, head: bytes) -> bytes:
    return hmac.new(secret, b"contact-change-stop/v1" + head, hashlib.sha256).digest()[:_MAC_BYTES]
