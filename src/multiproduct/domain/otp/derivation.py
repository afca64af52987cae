"""Deriving codes, link tokens and subject keys from a pepper, so that none of them need be stored.

The code is the decimal truncation of RFC 4226 section 5.3, applied to an HMAC-SHA-256 with 64 bits taken
where the RFC takes 31: with 6 digits the bias of the remainder is then below 10^-13.
"""

import base64
import hashlib
import hmac
from uuid import UUID

_LINK_MAC_BYTES = 16


def _mac(pepper: bytes, label: bytes, *parts: str) -> bytes:
    message = label + b"".join(len(raw).to_bytes(4, "big") + raw for raw in (part.encode() for part in parts))
    return hmac.new(pepper, message, hashlib.sha256).digest()


def derive_code(
    pepper: bytes, *, challenge_id: UUID, generation: int, purpose: str, subject: str, digits: int
) -> str:
    """The code of one generation of one challenge: `digits` decimal digits, leading zeros kept."""
    mac = _mac(pepper, b"otp/v1", str(challenge_id), str(generation), purpose, subject)
    offset = mac[-1] & 0x0F
    number = int.from_bytes(mac[offset : offset + 8], "big")
    return str(number % 10**digits).zfill(digits)


def derive_link_token(
    pepper: bytes, *, challenge_id: UUID, generation: int, purpose: str, subject: str
) -> str:
    """A URL-safe token of the same standing as the code: the challenge's id and 128 bits nobody can guess."""
    mac = _mac(pepper, b"otp-link/v1", str(challenge_id), str(generation), purpose, subject)
    raw = challenge_id.bytes + mac[:_LINK_MAC_BYTES]
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def challenge_of_link_token(token: str) -> UUID | None:
    """The challenge that a link token speaks of, or None for a text that is none."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return None
    return UUID(bytes=raw[:16]) if len(raw) == 16 + _LINK_MAC_BYTES else None


def derive_subject_key(pepper: bytes, subject: str) -> str:
    """A stable pseudonym of an address, under which its guesses are counted."""
    return _mac(pepper, b"otp-subject/v1", subject).hex()
