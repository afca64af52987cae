"""Tokens with which somebody ends commercial mail without signing in: derived, and never stored."""

import base64
import hashlib
import hmac
from uuid import UUID

from multiproduct.application.otp import Peppers

_LABEL = "unsubscribe"
_KEY_ID_BYTES = 4
_MAC_BYTES = 16
_LENGTH = _KEY_ID_BYTES + 16 + _MAC_BYTES


class UnsubscribeTokens:
    """The token is key id, user and a 128-bit MAC over them, in URL-safe base64 (48 characters). It is good
    as long as its secret is: mails are read late, and ending them harms nobody."""

    def __init__(self, *, peppers: Peppers) -> None:
        self._peppers = peppers

    def of(self, user_id: UUID) -> str:
        """The token of somebody. Raises LookupError if the peppers lack their own current one."""
        key_id = self._peppers.current_id
        secret = self._peppers.secret(key_id, _LABEL)
        if secret is None:
            raise LookupError(key_id)
        head = bytes.fromhex(key_id) + user_id.bytes
        return base64.urlsafe_b64encode(head + _mac(secret, head)).decode().rstrip("=")

    def read(self, token: str) -> UUID | None:
        """Whose a genuine token is; None for anything else. Asks nobody."""
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
    return hmac.new(secret, b"unsubscribe/v1" + head, hashlib.sha256).digest()[:_MAC_BYTES]
