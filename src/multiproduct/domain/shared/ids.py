"""Identifiers: UUID4 for people, UUIDv7 (RFC 9562) for everything else, so that indexes grow at one end."""

from uuid import UUID

_VARIANT = 0b10 << 62


def uuid4_from(randomness: bytes) -> UUID:
    """A version 4 UUID from 16 random bytes."""
    return UUID(bytes=randomness, version=4)


def uuid7_from(*, milliseconds: int, randomness: bytes) -> UUID:
    """A version 7 UUID (RFC 9562, section 5.7) from Unix time in milliseconds and 10 random bytes."""
    noise = int.from_bytes(randomness, "big")
    high = (milliseconds & (1 << 48) - 1) << 16 | 0x7000 | noise >> 68
    low = _VARIANT | noise & (1 << 62) - 1
    return UUID(int=high << 64 | low)
