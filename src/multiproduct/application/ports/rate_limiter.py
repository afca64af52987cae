"""How many times something may be done in a window of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Window(StrEnum):
    """What kind of window a limit speaks of."""

    ROLLING = "rolling"
    """At most the quota in any window of that length, wherever it begins."""
    UTC_DAY = "utc_day"
    """At most the quota per UTC calendar day."""


@dataclass(frozen=True, slots=True)
class Limit:
    """`quota` times in `seconds`. `name` is stable: it keys the count and stands in the headers."""

    name: str
    quota: int
    seconds: int
    window: Window = Window.ROLLING


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one key stands with one limit after a decision.

    `remaining` is how many more would be admitted now. `reset` is in whole seconds: until at least one more
    is admitted where none is, else until the whole quota is free again (0 for an unused one).
    """

    limit: Limit
    admitted: bool
    remaining: int
    reset: int


@dataclass(frozen=True, slots=True)
class Claim:
    """One limit taken for one key: a client address, a user, a subject."""

    limit: Limit
    key: str


class RateLimiter(Protocol):
    """Decides limits exactly, for every process that shares it.

    Promises:
    - all claims are checked, then all are taken, or none is: a refused call costs nothing;
    - a rolling limit never admits more than its quota in any window of its length;
    - a key that keeps within its quota (for quotas over 300: within 98 % of it) is never refused, also in
    one burst;
    - at most 16 claims a call.
    """

    async def take(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """Takes one from every claim, or from none. The standings come in the order of the claims.

        Raises Unavailable when the decision cannot be had (the caller then decides by a local limiter).
        """
        ...

    async def peek(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """What `take` would say, taking nothing."""
        ...
