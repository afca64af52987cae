"""What processes share through Redis: limits, cached values, and word of what became stale."""

from multiproduct.adapters.redis.shared import RedisShared

__all__ = ["RedisShared"]
