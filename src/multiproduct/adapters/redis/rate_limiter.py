"""The rate limiter that all processes share: one Lua script decides all claims of a request together."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from importlib import resources
from typing import cast

from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from multiproduct.adapters.redis.connection import FAILURES, Outage
from multiproduct.application.limiting import check_claims, group_size
from multiproduct.application.ports.rate_limiter import Claim, Standing
from multiproduct.domain.shared import Unavailable

_LONGEST_KEY = 200


class RedisRateLimiter:
    """Decides limits exactly for every process that uses the same Redis and prefix. Needs Redis 6.2 or later.

    Each call is one round trip and one script, which Redis runs alone and by its own time.
    All keys carry the hash tag `{<prefix>:limits}`, so in a cluster they live in one slot: the claims of a
    request are for different keys (an address, a user, a subject), and only in one slot can one script decide
    them together. A key names the quota and the seconds too, so that processes with other limits (during
    a deployment) count apart.
    A flushed Redis starts every count afresh.
    """

    def __init__(
        self,
        *,
        client: Redis,
        prefix: str = "multiproduct",
        test_time: Callable[[], int] | None = None,
    ) -> None:
        """`test_time` is for tests only: microseconds since 1970 in place of Redis' own time."""
        self._client = client
        self._prefix = f"{{{prefix}:limits}}:"
        self._test_time = test_time
        self._script = (resources.files(__package__) / "rate_limiter.lua").read_text("utf-8")
        self._sha = hashlib.sha1(self._script.encode(), usedforsecurity=False).hexdigest()
        self._outage = Outage(what="rate limiting")

    async def take(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """Takes one from every claim, or from none.

        A standing's `admitted` is its own limit's verdict; one refusal, and nothing is taken from any.
        Two claims of the same limit and key in one call need two free places.
        Raises Unavailable when Redis fails or is too slow; what was asked may then have been taken.
        """
        return await self._decide("take", claims)

    async def peek(self, claims: Sequence[Claim]) -> Sequence[Standing]:
        """What `take` would say, taking nothing. Raises Unavailable."""
        return await self._decide("peek", claims)

    async def _decide(self, mode: str, claims: Sequence[Claim]) -> list[Standing]:
        check_claims(claims)
        if not claims:
            return []
        arguments: list[bytes | str | int] = [self._key(claim) for claim in claims]
        arguments += [mode, "" if self._test_time is None else self._test_time()]
        for claim in claims:
            limit = claim.limit
            arguments += [limit.window.value, limit.quota, limit.seconds, group_size(limit.quota)]
        try:
            answer = await self._run(len(claims), arguments)
        except FAILURES as error:
            self._outage.began(error)
            raise Unavailable(what="rate_limiter") from error
        self._outage.ended()
        return [
            Standing(claim.limit, bool(answer[i]), answer[i + 1], answer[i + 2])
            for i, claim in zip(range(0, len(answer), 3), claims, strict=True)
        ]

    async def _run(self, keys: int, arguments: Sequence[bytes | str | int]) -> list[int]:
        try:
            reply = self._client.evalsha(self._sha, keys, *arguments)
            return await cast("Awaitable[list[int]]", reply)
        except NoScriptError:  # a new or flushed server; EVAL also makes the script known there
            return await cast("Awaitable[list[int]]", self._client.eval(self._script, keys, *arguments))

    def _key(self, claim: Claim) -> bytes:
        limit = claim.limit
        key = claim.key.encode("utf-8", "surrogatepass")
        if len(key) > _LONGEST_KEY:
            key = b"#" + hashlib.blake2b(key, digest_size=32).hexdigest().encode()
        else:
            key = b"=" + key
        return f"{self._prefix}{limit.name}:{limit.quota}:{limit.seconds}:{limit.window}:".encode() + key
