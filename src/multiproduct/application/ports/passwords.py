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

    def require_room(self) -> None:
        """Raises Unavailable while a hash would be refused. Asked before anything else is spent on a request
        that needs one, so that a storm of sign-ins costs little more than its refusals."""
        ...

    async def hash(self, password: str) -> str:
        """A new salted hash. Raises Unavailable."""
        ...

    async def check(self, password: str, hashed: str | None) -> PasswordCheck:
        """Compares. `None` stands for nobody: the same work is done against a hash that nothing matches, and
        so it is for a hash that is not taken.

        Raises Unavailable.
        """
        ...

    def takes(self, hashed: str) -> bool:
        """Whether a hash from elsewhere is of a scheme that is known, at a cost that is borne. No work is
        done for finding out, nor ever for one that is not taken."""
        ...
