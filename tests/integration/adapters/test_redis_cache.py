"""The cache and the invalidations in Redis keep the ports' promises, also while Redis comes and goes."""

import asyncio
import os
import signal

import pytest
from tests.servers import RedisServer, ServerUnavailableError

from multiproduct.adapters.contracts.cache import Heard, InvalidationsContract, SharedCacheContract
from multiproduct.adapters.contracts.rate_limiter import HandTime
from multiproduct.adapters.redis.cache import RedisSharedCache
from multiproduct.adapters.redis.connection import connect
from multiproduct.adapters.redis.invalidations import RedisInvalidations

PATIENT = 30.0
"""Seconds that a busy machine may take for one answer."""


@pytest.fixture
async def client(redis_database):
    client = connect(redis_database, timeout_seconds=PATIENT, queue_seconds=PATIENT)
    yield client
    await client.aclose()


@pytest.fixture
def server():
    """A Redis of this test's own, to be stopped."""
    try:
        with RedisServer() as server:
            yield server
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def own_client(server):
    client = connect(server.url, timeout_seconds=PATIENT, queue_seconds=PATIENT)
    yield client
    await client.aclose()


@pytest.fixture
def time() -> HandTime:
    return HandTime()


class TestRedisSharedCache(SharedCacheContract):
    @pytest.fixture
    def cache(self, client, time):
        return RedisSharedCache(client=client, real_time=time)

    @pytest.fixture
    def pass_time(self):
        return asyncio.sleep


async def test_prefixes_keep_programs_apart(client, time):
    one, other = (RedisSharedCache(client=client, real_time=time, prefix=prefix) for prefix in ("a", "b"))
    await one.set_many({"key": b"1"}, 60)
    assert await other.get_many(["key"]) == {}
    assert [key async for key in client.scan_iter()] == [b"a:cache:key"]


async def test_values_that_are_too_large_or_too_short_lived_are_passed_over(client, time):
    cache = RedisSharedCache(client=client, real_time=time)
    await cache.set_many({"large": bytes(1024 * 1024 + 1), "small": b"1"}, 60)
    await cache.set_many({"brief": b"1"}, 0.000_1)
    assert await cache.get_many(["large", "small", "brief"]) == {"small": b"1"}


async def test_a_redis_that_is_away_answers_as_a_miss_and_is_left_alone_for_a_second(
    server, own_client, time, caplog
):
    cache = RedisSharedCache(client=own_client, real_time=time)
    await cache.set_many({"a": b"1"}, 60)
    server.stop()
    assert await cache.get_many(["a"]) == {}
    await cache.set_many({"b": b"2"}, 60)
    server.start()
    await cache.set_many({"c": b"3"}, 60)  # still left alone
    time.advance(1)
    assert await cache.get_many(["a", "b", "c"]) == {}
    await cache.set_many({"d": b"4"}, 60)
    assert await cache.get_many(["d"]) == {"d": b"4"}
    messages = [record.message for record in caplog.records if record.name.startswith("multiproduct")]
    assert len(messages) == 2
    assert "caching is interrupted" in messages[0]
    assert "caching works again" in messages[1]


async def test_a_deletion_that_failed_is_carried_out_before_the_key_is_read_again(
    client, server, own_client, time
):
    """The connection fails, and the values survive it: the worst case for a deletion."""
    cache = RedisSharedCache(client=own_client, real_time=time)
    await cache.set_many({"free": b"1", "other": b"1"}, 60)
    server.stop()
    await cache.delete(["free"])
    cache._client = client  # the same cache on a server that has kept what the first one had
    await RedisSharedCache(client=client, real_time=time).set_many({"free": b"1", "other": b"1"}, 60)
    assert await cache.get_many(["free"]) == {}
    time.advance(1)
    assert await cache.get_many(["free", "other"]) == {"other": b"1"}
    assert await client.exists("multiproduct:cache:free") == 0
    await cache.set_many({"free": b"2"}, 60)
    assert await cache.get_many(["free"]) == {"free": b"2"}


async def test_owed_deletions_are_bounded(server, own_client, time):
    cache = RedisSharedCache(client=own_client, real_time=time)
    server.stop()
    await cache.delete([f"key {i}" for i in range(25_000)])
    assert len(cache._owed) == 10_000
    assert "key 24999" in cache._owed


class Line:
    """A client whose reads and deletions are held up on their way back, and fail while the line is cut."""

    def __init__(self, client) -> None:
        self.client = client
        self.cut = False
        self.arrives = asyncio.Event()
        self.arrives.set()

    async def mget(self, keys):
        return await self._carried(self.client.mget(keys))

    async def unlink(self, *keys):
        return await self._carried(self.client.unlink(*keys))

    async def _carried(self, work):
        if self.cut:
            work.close()
            raise ConnectionError("cut")
        answer = await work
        await self.arrives.wait()
        return answer


async def begun(work) -> asyncio.Task:
    """The work as a task that has got so far that only its answer is missing."""
    task = asyncio.create_task(work)
    await asyncio.sleep(0.1)
    return task


async def test_a_value_is_not_given_out_when_its_deletion_failed_while_it_was_read(client, time):
    line = Line(client)
    cache = RedisSharedCache(client=line, real_time=time)
    other = RedisSharedCache(client=client, real_time=time)
    await other.set_many({"a": b"old", "b": b"1"}, 60)
    line.arrives.clear()
    reading = await begun(cache.get_many(["a", "b"]))
    line.cut = True
    await cache.delete(["a"])
    line.arrives.set()
    assert await reading == {"b": b"1"}


async def test_a_second_deletion_is_still_owed_when_the_first_one_arrives(client, time):
    line = Line(client)
    cache = RedisSharedCache(client=line, real_time=time)
    other = RedisSharedCache(client=client, real_time=time)
    line.arrives.clear()
    first = await begun(cache.delete(["a"]))
    await other.set_many({"a": b"old"}, 60)
    line.cut = True
    await cache.delete(["a"])
    line.arrives.set()
    await first
    line.cut = False
    time.advance(1)
    assert await cache.get_many(["a"]) == {}


class TestRedisInvalidations(InvalidationsContract):
    @pytest.fixture
    async def pair(self, client):
        pair = RedisInvalidations(client=client), RedisInvalidations(client=client)
        yield pair
        for endpoint in pair:
            await endpoint.stop()


@pytest.fixture
async def endpoints(own_client):
    """One that tells and one that hears, with what it hears; on a Redis that can be stopped."""
    here, there = RedisInvalidations(client=own_client), RedisInvalidations(client=own_client)
    yield here, there, Heard(there)
    await here.stop()
    await there.stop()


async def test_a_lost_subscription_is_a_gap_and_what_could_not_be_told_is_told_later(server, endpoints):
    here, there, heard = endpoints
    await here.start()
    await there.start()
    server.stop()
    await here.publish(["a", "b"])
    server.start()
    await heard.until(lambda heard: heard.gaps == 2)
    await here.publish(["c"])
    await heard.until(lambda heard: "c" in heard.keys)
    assert here._owed == {}


async def test_starting_without_redis_works_as_soon_as_it_is_there(server, endpoints):
    here, there, heard = endpoints
    server.stop()
    await here.publish(["a"])
    await there.start()
    assert heard.gaps == 0
    server.start()
    await heard.until(lambda heard: heard.gaps == 1)
    await here.publish(["b"])
    await heard.until(lambda heard: set(heard.keys) == {"a", "b"})


async def test_a_subscription_tells_what_is_owed_by_itself(server, endpoints):
    here, there, heard = endpoints
    server.stop()
    await there.start()
    await here.publish(["a"])
    server.start()
    await heard.until(lambda heard: heard.gaps == 1)
    await here.start()
    await heard.until(lambda heard: heard.keys == ["a"])


async def test_when_too_much_is_owed_the_others_hear_of_a_gap(server, endpoints):
    here, there, heard = endpoints
    server.stop()
    for i in range(11):
        await here.publish([f"key {i}-{j}" for j in range(1_000)])
    server.start()
    await there.start()
    await heard.until(lambda heard: heard.gaps == 1)
    await here.publish(["after"])
    await heard.until(lambda heard: bool(heard.keys))
    assert (heard.gaps, heard.keys) == (2, ["after"])


async def test_a_silent_connection_is_tried_and_replaced(own_client, server):
    """The server forgets the connection without a word, as a firewall does: here, by being frozen."""
    endpoint = RedisInvalidations(client=own_client)
    endpoint._subscription._silence = 0.05
    heard = Heard(endpoint)
    await endpoint.start()
    os.kill(server.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(30):
            while endpoint._subscription._failures == 0:
                await asyncio.sleep(0.01)
    finally:
        os.kill(server.pid, signal.SIGCONT)
    await heard.until(lambda heard: heard.gaps >= 2)
    await endpoint.stop()


@pytest.mark.parametrize(
    "garbled",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b"7",
        b'["x"]',
        b'["x","keys"]',
        b'["x",[7]]',
        b'["x",{"a":1}]',
        b"[" * 100_000,
        b'["x",["' + b"a" * 5_000_000 + b'"]]',
    ],
    ids=lambda garbled: garbled[:12].decode("latin-1"),
)
async def test_messages_that_are_none_of_ours_are_passed_over(client, garbled):
    here, there = RedisInvalidations(client=client), RedisInvalidations(client=client)
    heard = Heard(there)
    await there.start()
    await client.publish("multiproduct:invalidations", garbled)
    await here.publish(["good"])
    await heard.until(lambda heard: bool(heard.keys))
    assert (heard.keys, heard.gaps) == (["good"], 1)
    await there.stop()
