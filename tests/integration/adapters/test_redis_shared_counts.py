"""Processes that count for themselves and tell each other: the stated bound on what they admit together."""

import asyncio
import contextlib
import json
import sys
from uuid import uuid4

import pytest
from tests.servers import RedisServer, ServerUnavailableError

from multiproduct.adapters.contracts.rate_limiter import HandTime
from multiproduct.adapters.memory.rate_limiter import MemoryRateLimiter
from multiproduct.adapters.redis.connection import connect, end
from multiproduct.adapters.redis.shared_counts import MOST_KEYS, SharedCounts
from multiproduct.application.ports.rate_limiter import Claim, Limit

PATIENT = 30.0
"""Seconds that a busy machine may take for one answer."""
CHECK = Limit("username_check", 100, 60)
CHANNEL = "multiproduct:counts"


class Node:
    """What one process has: its own limiter, its own connections, and a share in the counts."""

    def __init__(self, url: str, time: HandTime, beat_seconds: float = 0.02) -> None:
        self.client = connect(url, timeout_seconds=PATIENT, queue_seconds=PATIENT)
        self.limiter = MemoryRateLimiter(real_time=time)
        self.counts = SharedCounts(
            client=self.client, log=self.limiter, limits=[CHECK], beat_seconds=beat_seconds
        )

    def spend(self, times: int, key: str = "ann") -> int:
        return sum(self.limiter.admit(CHECK, key)[0] for _ in range(times))

    def remaining(self, key: str = "ann") -> int:
        return self.limiter.peek_now([Claim(CHECK, key)])[0].remaining

    async def until_remaining(self, count: int, key: str = "ann") -> None:
        async with asyncio.timeout(PATIENT):
            while self.remaining(key) != count:
                await asyncio.sleep(0.005)


@pytest.fixture
def time() -> HandTime:
    return HandTime()


async def running(url, time, count):
    nodes = [Node(url, time) for _ in range(count)]
    for node in nodes:
        await node.counts.start()
    return nodes


async def ended(nodes):
    for node in nodes:
        await node.counts.stop()
        await node.client.aclose()


@pytest.fixture
async def trio(redis_database, time):
    nodes = await running(redis_database, time, 3)
    yield nodes
    await ended(nodes)


@pytest.fixture
def server():
    """A Redis of this test's own, to be stopped."""
    try:
        with RedisServer() as server:
            yield server
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


async def test_what_one_admits_counts_with_the_others(trio):
    first, second, third = trio
    assert first.spend(40) == 40
    await second.until_remaining(60)
    await third.until_remaining(60)
    assert second.spend(100) == 60
    await first.until_remaining(0)
    await third.until_remaining(0)
    assert [node.spend(100) for node in trio] == [0, 0, 0]


async def test_at_worst_each_admits_its_quota_before_it_hears_and_then_nobody_any_more(trio, time):
    in_one_beat = [node.spend(1_000) for node in trio]  # nobody lets the loop run in between
    assert in_one_beat == [100, 100, 100]
    await all_have_heard(trio)
    assert [node.spend(1_000) for node in trio] == [0, 0, 0]
    time.advance(59.999_999)
    assert [node.spend(1) for node in trio] == [0, 0, 0]
    time.advance(0.000_001)
    assert trio[0].spend(1) == 1


async def all_have_heard(nodes) -> None:
    """Until a new key of each node, which travels behind everything it told before, is known to all."""
    markers = [f"marker {number} {uuid4()}" for number in range(len(nodes))]
    for node, marker in zip(nodes, markers, strict=True):
        node.spend(1, marker)
    for node in nodes:
        for marker in markers:
            await node.until_remaining(99, marker)


async def test_nobody_counts_what_it_hears_from_itself(trio):
    first, second, _ = trio
    first.spend(10)
    await second.until_remaining(90)
    await all_have_heard(trio)
    assert [node.remaining() for node in trio] == [90, 90, 90]


async def test_a_steady_client_over_three_processes_gets_its_quota_and_little_more(trio):
    admitted = 0
    for number in range(60):
        for _ in range(5):
            admitted += trio[number % 3].spend(1)
        await all_have_heard(trio)  # a beat and a delivery
    assert 100 <= admitted <= 100 + 5
    assert [node.remaining() for node in trio] == [0, 0, 0]


async def test_only_the_named_limits_are_told(trio, redis_database, time):
    first, second, _ = trio
    private = Limit("private", 5, 60)
    first.limiter.admit(private, "ann")
    first.spend(1)
    await second.until_remaining(99)
    assert second.limiter.peek_now([Claim(private, "ann")])[0].remaining == 5


async def test_many_keys_travel_in_messages_of_a_bounded_size(trio):
    first, second, _ = trio
    keys = [f"10.0.{i // 256}.{i % 256}" for i in range(2 * MOST_KEYS + 1)]
    sizes = []
    listener = second.client.pubsub(ignore_subscribe_messages=True)
    await listener.subscribe(CHANNEL)
    for key in keys:
        first.spend(1, key)
    async with asyncio.timeout(PATIENT):
        while sum(sizes) < len(keys):
            message = await listener.get_message(timeout=1)
            if message is not None:
                sizes.append(len(json.loads(message["data"])[2]))
    await listener.aclose()
    assert sizes == [MOST_KEYS, MOST_KEYS, 1]
    await second.until_remaining(99, keys[-1])
    assert all(second.remaining(key) == 99 for key in keys)


@pytest.mark.parametrize(
    "garbled",
    [
        b"",
        b"\xff",
        b"null",
        b"[1,2]",
        b'["x","unknown",{"ann":1}]',
        b'["x",["username_check"],{"ann":1}]',
        b'["x","username_check",["ann"]]',
        b'["x","username_check",{"ann":0}]',
        b'["x","username_check",{"ann":-5}]',
        b'["x","username_check",{"ann":true}]',
        b'["x","username_check",{"ann":1.5}]',
        b'["x","username_check",{"ann":"1"}]',
        b'["x","username_check",{"ann":1,"bob":null}]',
        b'["x","username_check",{"ann":1e999}]',
        b'["x","username_check",{"ann":' + b"9" * 5_000 + b"}]",
        b'["x","username_check",{"ann":1,"' + b"b" * 201 + b'":1}]',
        b"[" * 100_000,
    ],
    ids=range(17),
)
async def test_messages_that_are_none_of_ours_are_passed_over(trio, garbled):
    first, second, _ = trio
    await second.client.publish(CHANNEL, garbled)
    second.spend(1, "marker")
    await first.until_remaining(99, "marker")
    assert first.remaining() == 100


async def test_a_count_beyond_the_quota_counts_as_the_quota(trio):
    first, second, _ = trio
    await second.client.publish(CHANNEL, b'["x","username_check",{"ann":250}]')
    await first.until_remaining(0)


async def test_sharing_goes_on_after_an_outage(server, time, caplog):
    nodes = await running(server.url, time, 2)
    try:
        nodes[0].spend(10)
        await nodes[1].until_remaining(90)
        server.stop()
        assert nodes[0].spend(5) == 5  # each counts for itself
        await asyncio.sleep(0.1)
        server.start()
        async with asyncio.timeout(PATIENT):
            while nodes[1].remaining("again") == 100:
                nodes[0].spend(1, "again")
                await asyncio.sleep(0.05)
    finally:
        await ended(nodes)
    own = [record.message for record in caplog.records if record.name.startswith("multiproduct")]
    assert (
        len([message for message in own if "interrupted" in message]) <= 4
    )  # telling and hearing, two nodes


async def test_it_starts_without_redis_and_joins_when_it_is_there(server, time):
    server.stop()
    nodes = await running(server.url, time, 2)
    try:
        assert nodes[0].spend(1_000) == 100
        server.start()
        async with asyncio.timeout(PATIENT):
            while nodes[1].remaining("late") == 100:
                nodes[0].spend(1, "late")
                await asyncio.sleep(0.05)
    finally:
        await ended(nodes)


async def test_starting_and_stopping_twice_is_once(redis_database, time):
    node, *others = nodes = await running(redis_database, time, 2)
    await node.counts.start()
    node.spend(1)
    await others[0].until_remaining(99)
    await node.counts.stop()
    await node.counts.stop()
    node.spend(1)
    assert node.limiter.drain_admitted() == {}
    await node.counts.start()
    node.spend(1)
    await others[0].until_remaining(98)  # not the one in between
    await ended(nodes)


PROCESS = """
import asyncio, sys, time
from datetime import UTC, datetime
from multiproduct.adapters.memory.rate_limiter import MemoryRateLimiter
from multiproduct.adapters.redis.connection import connect
from multiproduct.adapters.redis.shared_counts import SharedCounts
from multiproduct.application.ports.rate_limiter import Limit

class Now:
    monotonic = staticmethod(time.monotonic)
    def now(self):
        return datetime.now(UTC)

CHECK = Limit("username_check", 100, 3600)

async def main():
    client = connect(sys.argv[1], timeout_seconds=30, queue_seconds=30)
    limiter = MemoryRateLimiter(real_time=Now())
    counts = SharedCounts(client=client, log=limiter, limits=[CHECK])
    await counts.start()
    loop = asyncio.get_running_loop()
    print("ready", flush=True)
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).split():
        if line[0] == "spend":
            print(sum(limiter.admit(CHECK, "ann")[0] for _ in range(int(line[1]))), flush=True)
        elif line[0] == "mark":
            limiter.admit(CHECK, line[1])
        elif line[0] == "hear":
            while any(key not in limiter._logs[CHECK]._entries for key in line[1:]):
                await asyncio.sleep(0.01)
            print("heard", flush=True)
    await counts.stop()
    await client.aclose()

asyncio.run(main())
"""


async def test_three_real_processes_keep_the_bound(redis_database):
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", PROCESS, redis_database, stdin=pipe, stdout=pipe
        )
        for _ in range(3)
    ]

    async def say(process, words: str) -> None:
        process.stdin.write(f"{words}\n".encode())
        await process.stdin.drain()

    async def answers() -> list[str]:
        async with asyncio.timeout(PATIENT):
            return [(await process.stdout.readline()).decode().strip() for process in processes]

    async def all_know(word: str) -> None:
        for number, process in enumerate(processes):
            await say(process, f"mark {word}-{number}")
        for process in processes:
            await say(process, f"hear {word}-0 {word}-1 {word}-2")
        assert await answers() == ["heard"] * 3

    assert await answers() == ["ready"] * 3
    await say(processes[0], "spend 70")
    assert (await processes[0].stdout.readline()) == b"70\n"
    await all_know("a")
    for process in processes:
        await say(process, "spend 1000")
    together = sum(int(answer) for answer in await answers())
    assert 30 <= together <= 90  # 30 are left, and each may spend them before it hears of the others
    await all_know("b")
    for process in processes:
        await say(process, "spend 1000")
    assert await answers() == ["0", "0", "0"]
    for process in processes:
        await process.communicate(b"")
        assert process.returncode == 0


async def test_a_task_is_ended_also_when_a_cancellation_is_lost_on_it():
    async def stubborn() -> None:
        for _ in range(2):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(PATIENT):
        await end(task)
    assert task.cancelled()


async def test_a_task_that_failed_tells_so_when_it_is_ended():
    async def broken() -> None:
        raise ValueError("broken")

    task = asyncio.create_task(broken())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="broken"):
        await end(task)
