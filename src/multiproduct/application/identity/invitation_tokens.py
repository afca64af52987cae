"""The link tokens of invitations: derived from the invitation, checked before any query, and never stored."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from multiproduct.application.otp import Peppers
from multiproduct.domain.identity import Invitation

_LABEL = "invitation"
_VERSION = 1
_MAC_BYTES = 16
_LENGTH = 1 + 4 + 16 + 1 + _MAC_BYTES


@dataclass(frozen=True, slots=True)
class ReadInvitationToken:
    """A genuine token: which invitation it is of, and which of its mails it came in."""

    invitation_id: UUID
    generation: int


class InvitationTokens:
    """The token is version, key id, invitation, generation and a 128-bit MAC over them, in URL-safe base64
    (51 characters)."""

    def __init__(self, *, peppers: Peppers) -> None:
        self._peppers = peppers

    @property
    def key_id(self) -> str:
        """The secret (8 hexadecimal digits) that new invitations derive their tokens from."""
        return self._peppers.current_id

    def token(self, invitation: Invitation) -> str | None:
        """The token of its present generation, or None when its secret was retired."""
        secret = self._peppers.secret(invitation.key_id, _LABEL)
        if secret is None:
            return None
        head = b"".join(
            (
                bytes([_VERSION]),
                bytes.fromhex(invitation.key_id),
                invitation.id.bytes,
                bytes([invitation.generation]),
            )
        )
        return base64.urlsafe_b64encode(head + _mac(secret, head)).decode().rstrip("=")

    def read(self, token: str) -> ReadInvitationToken | None:
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
        return ReadInvitationToken(UUID(bytes=head[5:21]), head[21])


def _mac(secret: bytes, head: bytes) -> bytes:
    return hmac.new(secret, b"invitation/v1" + head, hashlib.sha256).digest()[:_MAC_BYTES]
