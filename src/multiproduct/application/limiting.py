"""What the rate limiters have in common, and the limiter that falls back on a local one."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.rate_limiter import Claim, Limit, RateLimiter, Standing
from multiproduct.domain.shared import Unavailable

MOST_CLAIMS = 16
"""In one call."""
EXACT_UP_TO = 300
"""Quotas up to this are counted event by event."""
_GROUPS = 64


def group_size(quota: int) -> int:
    """How many events share one time in the log of a rolling limit.

    1 up to a quota of 300, which makes the log exact; above that quota // 64, so that a log has at most
    80 groups and its error (a group less one) stays under 1.6 % of the quota. docs/adr/0007 has the proof.
    """
    return 1 if quota <= EXACT_UP_TO else quota // _GROUPS


def check_claims(claims: Sequence[Claim]) -> None:
    """Raises ValueError for more claims than a call may have, and for limits that mean nothing."""
    if len(claims) > MOST_CLAIMS:
        raise ValueError(f"{len(claims)} claims in one call; at most {MOST_CLAIMS}")
    for claim in claims:
        if claim.limit.quota < 1 or claim.limit.seconds < 1:
            raise ValueError(f"{claim.limit} admits nothing: its quota and seconds are at least 1")


class ShareableLog(Protocol):
    """A limiter of one process that can tell others what it admitted, and be told.

    Promises that limits which nobody tracks cost nothing, and that what is kept for `drain_admitted` is
    bounded.
    """

    def track(self, limit: Limit) -> None:
        """From now on, what is admitted by this limit is kept for `drain_admitted`."""
        ...

    def untrack(self, limit: Limit) -> None:
        """The end of `track`; what was kept is dropped."""
        ...

    def drain_admitted(self) -> Mapping[Limit, Mapping[str, int]]:
        """How often each key was admitted here since the last call, by tracked limit."""
        ...

    def absorb(self, limit: Limit, key: str, count: int) -> None:
        """Counts what another process admitted as if it happened now, also beyond the quota."""
        ...


class FallbackRateLimiter:
    """Asks the shared limiter; while that one is unavailable, the local one of this process decides.

    So an outage neither opens the gates nor closes them. Both limiters keep their logs through it: however
    often the shared one comes and goes, in any window it admits at most the quota and each process' local one
    at most the quota again.
    After a failure the shared limiter is left alone for a second, and then asked by one call, not by all
    that wait, until it answers.
    """

    def __init__(
        self, *, shared: RateLimiter, local: RateLimiter, real_time: RealTime, pause_seconds: float = 1.0
    ) -> None:
        self._shared = shared
        self._local = local
        self._real_time = real_time
        self._pause = pause_seconds
        self._ask_again_at: float | None = None

    @property
    def degraded(self) -> bool:
        """Whether the shared limiter failed when it was last asked."""
        return self._ask_again_at is not None

    async def take(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """Takes one from every claim, or from none. Raises Unavailable only where the local limiter does."""
        if self._shared_is_to_be_asked():
            try:
                standings = await self._shared.take(claims)
            except Unavailable:
                self._failed()
            else:
                self._ask_again_at = None
                return standings
        return await self._local.take(claims)

    async def peek(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """What `take` would say, taking nothing."""
        if self._shared_is_to_be_asked():
            try:
                standings = await self._shared.peek(claims)
            except Unavailable:
                self._failed()
            else:
                self._ask_again_at = None
                return standings
        return await self._local.peek(claims)

    def _shared_is_to_be_asked(self) -> bool:
        if self._ask_again_at is None:
            return True
        now = self._real_time.monotonic()
        if now < self._ask_again_at:
            return False
        self._ask_again_at = now + self._pause  # this call is the probe; the others go on locally
        return True

    def _failed(self) -> None:
        self._ask_again_at = self._real_time.monotonic() + self._pause


class DividedRateLimiter:
    """Has a few limits decided by this process' own limiter, and all others by the shared one.

    The few are those whose answer must not wait for a network, and whose counts the processes tell each other
    afterwards. Whoever asks for one of them asks the same log, whichever way the request came.
    """

    def __init__(self, *, shared: RateLimiter, local: RateLimiter, local_limits: Collection[Limit]) -> None:
        self._shared = shared
        self._local = local
        self._local_limits = frozenset(local_limits)

    async def take(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """Takes one from every claim, or from none. Raises what the deciding limiter raises, and ValueError
        for claims of both sorts, which nobody could take together."""
        return await self._of(claims).take(claims)

    async def peek(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """What `take` would say, taking nothing."""
        return await self._of(claims).peek(claims)

    def _of(self, claims: Sequence[Claim]) -> RateLimiter:
        sorts = {claim.limit in self._local_limits for claim in claims}
        if len(sorts) > 1:
            raise ValueError("one call is decided in one place")
        return self._local if True in sorts else self._shared
