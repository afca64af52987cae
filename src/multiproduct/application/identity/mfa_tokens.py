"""The tokens that continue a sign-in: derived from its id, checked before any query, and never stored."""

import base64
import hashlib
import hmac
from uuid import UUID

from multiproduct.application.otp import Peppers
from multiproduct.domain.identity import PendingSignIn

_LABEL = "mfa"
_VERSION = 1
_MAC_BYTES = 16
_LENGTH = 1 + 4 + 16 + _MAC_BYTES


class MfaTokens:
    """The token is version, key id, sign-in and a 128-bit MAC over them, in URL-safe base64 (50
    characters)."""

    def __init__(self, *, peppers: Peppers) -> None:
        self._peppers = peppers

    @property
    def key_id(self) -> str:
        """The secret (8 hexadecimal digits) that new sign-ins derive their token from."""
        return self._peppers.current_id

    def of(self, pending: PendingSignIn) -> str:
        """The sign-in's token. Raises LookupError when its secret was retired."""
        secret = self._peppers.secret(pending.key_id, _LABEL)
        if secret is None:
            raise LookupError(pending.key_id)
        head = bytes([_VERSION]) + bytes.fromhex(pending.key_id) + pending.id.bytes
        return base64.urlsafe_b64encode(head + _mac(secret, head)).decode().rstrip("=")

    def read(self, token: str) -> UUID | None:
        """Which sign-in a genuine token continues; None for anything else."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(raw) != _LENGTH or raw[0] != _VERSION:
            return None
        head, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        secret = self._peppers.secret(head[1:5].hex(), _LABEL)
        if secret is None or not hmac.compare_digest(mac, _mac(secret, head)):
            return None
        return UUID(bytes=head[5:21])


def _mac(secret: bytes, head: bytes) -> bytes:
    return hmac.new(secret, b"mfa/v1" + head, hashlib.sha256).digest()[:_MAC_BYTES]
