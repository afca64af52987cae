"""Identifiers: UUID4 for people, UUIDv7 (RFC 9562) for everything else, so that indexes grow at one end."""

from uuid import UUID

_VARIANT = 0b10 << 62


def uuid4_from(randomness: bytes) -> UUID:
    """A version 4 UUID from 16 random bytes."""
    return UUID(bytes=randomness, version=4)


def uuid7_from(*, milliseconds: int, randomness: bytes) -> UUID:
    """A version 7 UUID (RFC 9562, section 5.7) from Unix time in milliseconds and 10 random bytes."""
    noise = int.from_bytes(randomness, "big")
    # The first 12 and the last 62 of the 80 bits.
    return uuid7_of(milliseconds, noise >> 68 << 62 | noise & (1 << 62) - 1)


def uuid7_of(milliseconds: int, noise: int) -> UUID:
    """Likewise, from 74 random bits."""
    high = (milliseconds & (1 << 48) - 1) << 16 | 0x7000 | noise >> 62
    return UUID(int=high << 64 | _VARIANT | noise & (1 << 62) - 1)
