"""Tokens that stand for an id and are derived, and never stored."""

import base64
import hashlib
import hmac
from uuid import UUID

from multiproduct.application.otp.ports import Peppers

_KEY_ID_BYTES = 4
_MAC_BYTES = 16
_LENGTH = _KEY_ID_BYTES + 16 + _MAC_BYTES


class DerivedTokens:
    """The token is key id, id and a 128-bit MAC over them, in URL-safe base64 (48 characters). `label` says
    what the tokens are for: those of one label are none of another."""

    def __init__(self, *, peppers: Peppers, label: str) -> None:
        self._peppers = peppers
        self._label = label

    def of(self, id_: UUID) -> str:
        """The token of an id. Raises LookupError if the peppers lack their own current one."""
        key_id = self._peppers.current_id
        secret = self._peppers.secret(key_id, self._label)
        if secret is None:
            raise LookupError(key_id)
        head = bytes.fromhex(key_id) + id_.bytes
        return base64.urlsafe_b64encode(head + self._mac(secret, head)).decode().rstrip("=")

    def read(self, token: str) -> UUID | None:
        """The id that a genuine token is for; None for anything else. Asks nobody."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(raw) != _LENGTH:
            return None
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        secret = self._peppers.secret(head[:_KEY_ID_BYTES].hex(), self._label)
        if secret is None or not hmac.compare_digest(mac, self._mac(secret, head)):
            return None
        return UUID(bytes=head[_KEY_ID_BYTES:])

    def _mac(self, secret: bytes, head: bytes) -> bytes:
        return hmac.new(secret, f"{self._label}/v1".encode() + head, hashlib.sha256).digest()[:_MAC_BYTES]
