"""Hashing and checking passwords."""

from contextlib import AbstractContextManager
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

    def room(self) -> AbstractContextManager[None]:
        """One of the bounded places, for a request that is going to need a hash. Raises Unavailable where
        there is none.

        Taken before anything else is spent, and held until the request is answered, so that no more of them
        than can be hashed for are under way, and a storm of sign-ins costs little more than its refusals.
        """
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
