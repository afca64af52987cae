"""Asking whether a password is known from a breach."""

from typing import Protocol


class BreachServiceUnreachable(Exception):
    """No usable answer came. What the message says may be logged."""


class BreachedPasswords(Protocol):
    """Knows passwords that attackers have. Promises that neither the password nor anything that tells it
    from thousands of others leaves this process."""

    async def knows(self, password: str) -> bool:
        """Whether it is known. Raises BreachServiceUnreachable."""
        ...
