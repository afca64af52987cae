"""Everything that processes share through one Redis, opened and closed together."""

from multiproduct.adapters.redis.cache import RedisSharedCache
from multiproduct.adapters.redis.connection import FAILURES, connect
from multiproduct.adapters.redis.invalidations import RedisInvalidations
from multiproduct.adapters.redis.rate_limiter import RedisRateLimiter
from multiproduct.adapters.redis.shared_counts import SharedCounts
from multiproduct.application.limiting import DividedRateLimiter, FallbackRateLimiter, ShareableLog
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.rate_limiter import Limit, RateLimiter
from multiproduct.domain.shared import Unavailable


class RedisShared:
    """Cache, invalidations and limits. When Redis is away each process goes on with what it has."""

    def __init__(
        self,
        url: str,
        *,
        local: RateLimiter,
        log: ShareableLog,
        shared_limits: tuple[Limit, ...],
        real_time: RealTime,
    ) -> None:
        self._client = connect(url)
        # Subscriptions wait for messages far longer than a command may wait for its answer.
        self._listening = connect(url)
        self.cache = RedisSharedCache(client=self._client, real_time=real_time)
        self.invalidations = RedisInvalidations(client=self._listening)
        self.limiter: RateLimiter = DividedRateLimiter(
            shared=FallbackRateLimiter(
                shared=RedisRateLimiter(client=self._client), local=local, real_time=real_time
            ),
            local=local,
            local_limits=shared_limits,
        )
        self._counts = SharedCounts(client=self._listening, log=log, limits=shared_limits)

    async def start(self) -> None:
        """Begins to hear of stale keys and of what other processes admitted. Redis need not be there yet."""
        await self.invalidations.start()
        await self._counts.start()

    async def ping(self) -> None:
        """Raises Unavailable when Redis does not answer."""
        try:
            await self._client.ping()
        except FAILURES as error:
            raise Unavailable(what="redis") from error

    async def stop(self) -> None:
        """Closes every connection."""
        await self._counts.stop()
        await self.invalidations.stop()
        await self._client.aclose()
        await self._listening.aclose()
