"""New identifiers and randomness."""

from typing import Protocol
from uuid import UUID


class Ids(Protocol):
    """Makes identifiers that nobody has used before."""

    def for_user(self) -> UUID:
        """A UUID4, which tells nothing about when it was made."""
        ...

    def next(self) -> UUID:
        """A UUIDv7; ids made later in one process sort later."""
        ...


class Randomness(Protocol):
    """Bytes that nobody can predict."""

    def bytes(self, count: int) -> bytes:
        """`count` bytes from a cryptographically secure source."""
        ...
