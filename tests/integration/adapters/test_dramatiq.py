"""Todos over real brokers: run once, sent again when the broker forgot them, put back when it is down."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from redis.asyncio import Redis
from tests.owing import Owing
from tests.servers import RedisServer, empty_redis

from multiproduct.adapters.dramatiq import TodoBroker, TodoConsumer
from multiproduct.adapters.dramatiq.links import with_patience
from multiproduct.adapters.stdlib import SystemRealTime
from multiproduct.application.ports.todos import Todo, TodoKey
from multiproduct.application.relaying import Relaying
from multiproduct.domain.shared import Unavailable

PATIENCE_SECONDS = 60
LONG = timedelta(minutes=5)


@pytest.fixture
def owing() -> Owing:
    return Owing(real_time=SystemRealTime())


@asynccontextmanager
async def a_broker(url: str, *, lease: timedelta = LONG) -> AsyncIterator[TodoBroker]:
    broker = TodoBroker(url=url, lease=lease)
    try:
        yield broker
    finally:
        await broker.close()


@asynccontextmanager
async def running(*parts: Relaying | TodoConsumer) -> AsyncIterator[None]:
    for part in parts:
        await part.start()
    try:
        yield
    finally:
        for part in parts:
            await part.stop()


def a_relay(owing: Owing, broker: TodoBroker, *, lease: timedelta = LONG) -> Relaying:
    relay = Relaying(
        todos=owing.todos,
        real_time=SystemRealTime(),
        hand_over=broker.hand_over,
        room=broker.room,
        lease=lease,
    )
    owing.wakes = relay.wake
    return relay


def a_todo(position: int) -> Todo:
    """A todo as it was leased a moment ago."""
    return Todo(TodoKey(position, "parcels.ship"), 1, SystemRealTime().now() + LONG)


async def until(what: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            answer = what()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)


@pytest.fixture(params=["redis", "rabbitmq"])
async def broker_url(request: pytest.FixtureRequest, anyio_backend: str) -> str:
    if request.param == "redis":
        url: str = request.getfixturevalue("redis_url")
        await empty_redis(url)
        return url
    amqp: str = request.getfixturevalue("amqp_url")
    return amqp


async def test_every_todo_that_is_sent_runs_once_on_the_loop_of_the_worker(
    broker_url: str, owing: Owing
) -> None:
    loops: set[asyncio.AbstractEventLoop] = set()

    async def note_the_loop(parcel: str) -> None:
        loops.add(asyncio.get_running_loop())

    owing.before_shipping = note_the_loop
    parcels = [str(number) for number in range(30)]
    async with a_broker(broker_url) as broker:
        consumer = broker.consumer(owing.dispatching.run, threads=4)
        async with running(a_relay(owing, broker), consumer):
            await owing.order(*parcels)
            await until(lambda: len(owing.shipped) == 30)
    assert sorted(owing.started) == sorted(parcels)
    assert sorted(owing.shipped) == sorted(parcels)
    assert loops == {asyncio.get_running_loop()}


async def test_stopping_lets_what_is_under_way_finish_and_hands_the_rest_back(
    broker_url: str, owing: Owing
) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def hold(parcel: str) -> None:
        begun.set()
        await may_end.wait()

    owing.before_shipping = hold
    await owing.order("a", "b", "c")
    async with a_broker(broker_url) as broker:
        first = broker.consumer(owing.dispatching.run, threads=1)
        await a_relay(owing, broker).drain()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await first.start()
            await begun.wait()
            stopping = asyncio.create_task(first.stop())
            await asyncio.sleep(0.1)
            assert not stopping.done()
            may_end.set()
            await stopping
    assert owing.shipped == owing.started
    assert len(owing.shipped) == 1
    async with (
        a_broker(broker_url) as another,
        running(another.consumer(owing.dispatching.run, threads=1)),
    ):
        await until(lambda: len(owing.shipped) == 3)
    assert sorted(owing.started) == ["a", "b", "c"]


async def test_a_message_names_the_todo_and_nothing_of_its_event(redis_database: str, owing: Owing) -> None:
    await owing.order("the parcel's secret")
    async with a_broker(redis_database) as broker:
        await a_relay(owing, broker).drain()
    async with Redis.from_url(redis_database) as client:
        keys = [key async for key in client.scan_iter("*")]
        (messages,) = [key for key in keys if key.endswith(b".msgs")]
        (raw,) = await client.hvals(messages)
    assert messages.startswith(b"multiproduct")
    assert re.search(rb'"args":\[1,"parcels.ship",1,"[-0-9T:.+]+"\]', raw)
    assert b'"max_retries":0' in raw
    assert b"secret" not in raw


async def test_what_an_emptied_redis_forgot_is_sent_again_after_the_lease(
    redis_database: str, owing: Owing
) -> None:
    lease = timedelta(seconds=1)
    await owing.order("a")
    async with a_broker(redis_database, lease=lease) as broker:
        relay = a_relay(owing, broker, lease=lease)
        assert await relay.drain() == 1
        await empty_redis(redis_database)
        async with running(broker.consumer(owing.dispatching.run, threads=2), relay):
            await until(lambda: owing.shipped == ["a"])
    assert owing.started == ["a"]


async def test_a_message_whose_lease_ran_out_is_dropped_because_it_is_sent_again(
    redis_database: str, owing: Owing
) -> None:
    stale, fresh = a_todo(1), a_todo(2)
    ran: list[Todo] = []

    async def run(todo: Todo) -> None:
        ran.append(todo)

    async with a_broker(redis_database, lease=timedelta(seconds=1)) as broker:
        await broker.hand_over(stale)
        await asyncio.sleep(1.1)
        await broker.hand_over(fresh)
        async with running(broker.consumer(run, threads=1)):
            await until(lambda: bool(ran))
            # Dropped means acknowledged: nothing is left behind, also not among dead letters.
            await until(lambda: _is_empty(redis_database))
    assert ran == [fresh]


async def _is_empty(url: str) -> bool:
    async with Redis.from_url(url) as client:
        keys = [key async for key in client.scan_iter("*")]
    return not [key for key in keys if b"__heartbeat" not in key]


async def test_a_reaction_that_fails_is_not_retried_by_dramatiq(redis_database: str, owing: Owing) -> None:
    async def fail(parcel: str) -> None:
        raise ValueError("no such street")

    owing.before_shipping = fail
    await owing.order("a")
    async with a_broker(redis_database) as broker:
        await a_relay(owing, broker).drain()
        async with running(broker.consumer(owing.dispatching.run, threads=1)):
            await until(lambda: _is_empty(redis_database))
    assert owing.started == ["a"]
    assert (await owing.todos.backlog(now=SystemRealTime().now())).open == 1


async def test_a_broker_that_is_down_is_reported_as_unavailable_and_the_todo_given_back_at_once(
    owing: Owing, unused_port: int
) -> None:
    await owing.order("a")
    later = SystemRealTime().now() + timedelta(seconds=10)
    async with a_broker(f"redis://127.0.0.1:{unused_port}/0") as broker:
        with pytest.raises(Unavailable) as refusal:
            await broker.hand_over(a_todo(1))
        assert refusal.value.params["what"] == "broker"
        with pytest.raises(Unavailable):
            await broker.room()
        assert await a_relay(owing, broker).drain() == 1
    leased = await owing.todos.lease(now=later, until=later, limit=9)
    assert [todo.attempts for todo in leased] == [1]


async def test_a_rabbitmq_that_is_down_is_reported_as_unavailable(unused_port: int) -> None:
    async with a_broker(f"amqp://guest:guest@127.0.0.1:{unused_port}/") as broker:
        with pytest.raises(Unavailable):
            await broker.hand_over(a_todo(1))
        with pytest.raises(Unavailable):
            await broker.room()


async def test_an_outage_of_the_broker_costs_no_todo_its_attempts_and_ends_by_itself(owing: Owing) -> None:
    attempts: list[int] = []

    async def run(todo: Todo) -> None:
        attempts.append(todo.attempts)
        await owing.dispatching.run(todo)

    with RedisServer() as server:
        async with a_broker(server.url) as broker, running(a_relay(owing, broker)):
            await until(lambda: _has_room(broker))
            await asyncio.to_thread(server.stop)
            await owing.order("a")
            await asyncio.sleep(1.5)
            await asyncio.to_thread(server.start)
            async with running(broker.consumer(run, threads=1)):
                await until(lambda: owing.shipped == ["a"])
    assert attempts == [1]


async def _has_room(broker: TodoBroker) -> bool:
    return await broker.room() > 0


async def test_sending_does_not_hold_up_the_loop_while_the_broker_is_silent(unused_port: int) -> None:
    with socket.create_server(("127.0.0.1", unused_port)):  # accepts, and never answers
        async with a_broker(f"redis://127.0.0.1:{unused_port}/0?socket_timeout=0.3") as broker:
            sending = asyncio.create_task(broker.hand_over(a_todo(1)))
            beats = 0
            while not sending.done():
                beats += 1
                await asyncio.sleep(0.01)
            with pytest.raises(Unavailable):
                await sending
    assert beats > 5


async def test_there_is_room_for_a_stated_number_of_messages_only(redis_database: str) -> None:
    async with a_broker(redis_database) as broker:
        before = await broker.room()
        for position in range(3):
            await broker.hand_over(a_todo(position))
        assert before - await broker.room() == 3


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://h:1/0", "redis://h:1/0?socket_timeout=5"),
        ("redis://h:1/0?db=2", "redis://h:1/0?db=2&socket_timeout=5"),
        ("redis://h:1/0?socket_timeout=1", "redis://h:1/0?socket_timeout=1"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock?socket_timeout=5"),
    ],
)
async def test_a_broker_url_gets_the_limits_that_it_does_not_set_itself(url: str, expected: str) -> None:
    assert with_patience(url, {"socket_timeout": "5"}) == expected


async def test_a_url_that_names_no_broker_is_refused() -> None:
    with pytest.raises(ValueError, match="kafka"):
        TodoBroker(url="kafka://127.0.0.1/")
