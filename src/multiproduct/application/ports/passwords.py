"""Hashing and checking passwords."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PasswordCheck:
    """What a check found. `new_hash` is set when the password is right and its hash is out of date."""

    matches: bool
    new_hash: str | None = field(default=None, repr=False)


class PasswordHasher(Protocol):
    """Slow, salted hashing off the event loop.

    Promises never to block the loop, to run at most one hash per processor core, and to refuse work beyond
    a bounded queue with Unavailable (with the seconds after which to try again).
    """

    async def hash(self, password: str) -> str:
        """A new salted hash. Raises Unavailable."""
        ...

    async def check(self, password: str, hashed: str | None) -> PasswordCheck:
        """Compares. `None` stands for nobody: the same work is done against a hash that nothing matches.

        Raises Unavailable.
        """
        ...
