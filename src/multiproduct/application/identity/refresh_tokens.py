"""Refresh tokens: derived from a session and its counter, checked before any query, and never stored."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.otp import Peppers
from multiproduct.domain.identity import Session

_LABEL = "refresh"
_VERSION = 1
_MAC_BYTES = 16
_LENGTH = 1 + 4 + 16 + 4 + _MAC_BYTES
MAX_COUNTER = 2**32 - 1


@dataclass(frozen=True, slots=True)
class ReadRefreshToken:
    """A genuine token: which session it is of, and the how-manieth of that session it is."""

    session_id: UUID
    counter: int


class RefreshTokens:
    """The token is version, key id, session, counter and a 128-bit MAC over them, in URL-safe base64 (55
    characters)."""

    def __init__(self, *, peppers: Peppers) -> None:
        self._peppers = peppers

    @property
    def key_id(self) -> str:
        """The secret (8 hexadecimal digits) that new sessions derive their tokens from."""
        return self._peppers.current_id

    def newest(self, session: Session) -> str:
        """The token that the session would take next. Raises LookupError when its secret was retired."""
        secret = self._peppers.secret(session.key_id, _LABEL)
        if secret is None:
            raise LookupError(session.key_id)
        head = b"".join(
            (
                bytes([_VERSION]),
                bytes.fromhex(session.key_id),
                session.id.bytes,
                session.counter.to_bytes(4, "big"),
            )
        )
        return base64.urlsafe_b64encode(head + _mac(secret, head)).decode().rstrip("=")

    def read(self, token: str) -> ReadRefreshToken | None:
        """What a genuine token says; None for anything else."""
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
        return ReadRefreshToken(UUID(bytes=head[5:21]), int.from_bytes(head[21:25], "big"))


def _mac(secret: bytes, head: bytes) -> bytes:
    return hmac.new(secret, b"refresh/v1" + head, hashlib.sha256).digest()[:_MAC_BYTES]
