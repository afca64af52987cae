"""The cache and the invalidations of one process keep the ports' promises."""

import pytest

from multiproduct.adapters.contracts.cache import InvalidationsContract, SharedCacheContract
from multiproduct.adapters.contracts.rate_limiter import HandTime
from multiproduct.adapters.memory.cache import MemoryInvalidations, MemorySharedCache


@pytest.fixture
def time() -> HandTime:
    return HandTime()


class TestMemorySharedCache(SharedCacheContract):
    @pytest.fixture
    def cache(self, time):
        return MemorySharedCache(real_time=time)

    @pytest.fixture
    def pass_time(self, time):
        async def pass_time(seconds: float) -> None:
            time.advance(seconds)

        return pass_time


async def test_the_least_recently_used_value_makes_room(time):
    cache = MemorySharedCache(real_time=time, max_entries=2)
    await cache.set_many({"a": b"1", "b": b"2"}, 60)
    await cache.get_many(["a"])
    await cache.set_many({"c": b"3"}, 60)
    assert await cache.get_many(["a", "b", "c"]) == {"a": b"1", "c": b"3"}


class TestMemoryInvalidations(InvalidationsContract):
    @pytest.fixture
    def pair(self):
        exchange: list[MemoryInvalidations] = []
        return MemoryInvalidations(exchange=exchange), MemoryInvalidations(exchange=exchange)


async def test_a_single_process_has_nobody_to_tell():
    alone = MemoryInvalidations()
    await alone.start()
    await alone.publish(["a"])
    await alone.stop()
