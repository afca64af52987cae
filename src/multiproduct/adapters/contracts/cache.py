"""What every shared cache does, and everything that tells processes of stale keys."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from multiproduct.application.ports.cache import Invalidations, SharedCache


class SharedCacheContract:
    """Needs the fixtures `cache` (empty) and `pass_time`: lets so many seconds go by for the cache."""

    async def test_what_was_set_is_got(self, cache: SharedCache) -> None:
        await cache.set_many({"a": b"1", "b": b"\x00\xff", "c": b""}, 60)
        assert await cache.get_many(["a", "b", "c", "d"]) == {"a": b"1", "b": b"\x00\xff", "c": b""}

    async def test_the_last_value_counts(self, cache: SharedCache) -> None:
        await cache.set_many({"a": b"1"}, 60)
        await cache.set_many({"a": b"2"}, 60)
        assert await cache.get_many(["a"]) == {"a": b"2"}

    async def test_what_was_deleted_is_gone(self, cache: SharedCache) -> None:
        await cache.set_many({"a": b"1", "b": b"2"}, 60)
        await cache.delete(["a", "unknown"])
        assert await cache.get_many(["a", "b"]) == {"b": b"2"}
        await cache.set_many({"a": b"3"}, 60)
        assert await cache.get_many(["a"]) == {"a": b"3"}

    async def test_a_value_is_gone_after_its_time(
        self, cache: SharedCache, pass_time: Callable[[float], "asyncio.Future[None]"]
    ) -> None:
        await cache.set_many({"short": b"1"}, 0.2)
        await cache.set_many({"long": b"1"}, 600)
        await pass_time(0.3)
        assert await cache.get_many(["short", "long"]) == {"long": b"1"}

    async def test_nothing_for_nothing(self, cache: SharedCache) -> None:
        await cache.set_many({}, 60)
        await cache.delete([])
        assert await cache.get_many([]) == {}

    @pytest.mark.parametrize("key", ["", "a b", "\N{SNOWMAN}", "{a}:*", "x" * 1_000])
    async def test_any_text_is_a_key(self, cache: SharedCache, key: str) -> None:
        await cache.set_many({key: b"1"}, 60)
        assert await cache.get_many([key, key + "x"]) == {key: b"1"}

    async def test_many_keys_are_one_call(self, cache: SharedCache) -> None:
        entries = {f"key {i}": str(i).encode() for i in range(1_234)}
        await cache.set_many(entries, 60)
        assert await cache.get_many(entries) == entries
        await cache.delete(list(entries))
        assert await cache.get_many(entries) == {}


class Heard:
    """Writes down what a listener is told."""

    def __init__(self, invalidations: Invalidations) -> None:
        self.keys: list[str] = []
        self.gaps = 0
        self._news = asyncio.Event()
        invalidations.listen(self._on_keys, self._on_gap)

    def _on_keys(self, keys: Sequence[str]) -> None:
        self.keys.extend(keys)
        self._news.set()

    def _on_gap(self) -> None:
        self.gaps += 1
        self._news.set()

    async def until(self, condition: Callable[["Heard"], bool]) -> None:
        """Waits until what was heard meets the condition; fails after half a minute."""
        async with asyncio.timeout(30):
            while not condition(self):
                self._news.clear()
                await self._news.wait()


class InvalidationsContract:
    """Needs the fixture `pair`: two endpoints, not started, that hear each other; stopped after the test."""

    async def test_the_others_hear_which_keys_are_stale(
        self, pair: tuple[Invalidations, Invalidations]
    ) -> None:
        here, there = pair
        heard = Heard(there)
        await here.start()
        await there.start()
        await here.publish(["user:1", "user:\N{SNOWMAN}"])
        await here.publish(["plan:7"])
        await heard.until(lambda heard: len(heard.keys) == 3)
        assert heard.keys == ["user:1", "user:\N{SNOWMAN}", "plan:7"]

    async def test_the_publisher_does_not_hear_itself(
        self, pair: tuple[Invalidations, Invalidations]
    ) -> None:
        here, there = pair
        heard_here, heard_there = Heard(here), Heard(there)
        await here.start()
        await there.start()
        await here.publish(["from here"])
        await heard_there.until(lambda heard: bool(heard.keys))
        await there.publish(["from there"])
        await heard_here.until(lambda heard: bool(heard.keys))
        assert heard_here.keys == ["from there"]

    async def test_every_start_is_a_gap(self, pair: tuple[Invalidations, Invalidations]) -> None:
        here, there = pair
        heard = Heard(there)
        await there.start()
        await heard.until(lambda heard: heard.gaps == 1)
        await there.stop()
        await here.publish(["missed"])
        await there.start()
        await heard.until(lambda heard: heard.gaps == 2)
        await here.publish(["heard"])
        await heard.until(lambda heard: bool(heard.keys))
        assert heard.keys == ["heard"]

    async def test_all_listeners_hear(self, pair: tuple[Invalidations, Invalidations]) -> None:
        here, there = pair
        first, second = Heard(there), Heard(there)
        await there.start()
        await here.publish(["a"])
        for heard in (first, second):
            await heard.until(lambda heard: heard.keys == ["a"])
            assert heard.gaps == 1

    async def test_many_keys_arrive_complete(self, pair: tuple[Invalidations, Invalidations]) -> None:
        here, there = pair
        heard = Heard(there)
        await there.start()
        keys = [f"user:{i}" for i in range(2_500)]
        await here.publish(keys)
        await heard.until(lambda heard: len(heard.keys) >= len(keys))
        assert heard.keys == keys

    async def test_starting_and_stopping_twice_is_once(
        self, pair: tuple[Invalidations, Invalidations]
    ) -> None:
        here, there = pair
        heard = Heard(there)
        await there.start()
        await there.start()
        await here.publish(["a"])
        await heard.until(lambda heard: bool(heard.keys))
        assert (heard.keys, heard.gaps) == (["a"], 1)
        await there.stop()
        await there.stop()
