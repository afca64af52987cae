"""The limiter in Redis: decides like the memory twin and the brute-force log, exactly between processes."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from bisect import bisect_right

import pytest
from tests.campaigns import proof_scale
from tests.oracles.rate_log import SECOND, most_in_any_window
from tests.oracles.rate_traces import large_times, small_trace
from tests.servers import RedisServer, ServerUnavailableError

from multiproduct.adapters.contracts.rate_limiter import HandTime, RateLimiterContract
from multiproduct.adapters.memory.rate_limiter import MemoryRateLimiter
from multiproduct.adapters.redis.connection import connect
from multiproduct.adapters.redis.rate_limiter import RedisRateLimiter
from multiproduct.application.limiting import FallbackRateLimiter
from multiproduct.application.ports.rate_limiter import Claim, Limit, Window
from multiproduct.domain.shared import Unavailable

PATIENT = 30.0
"""Seconds that a busy machine may take for one answer."""


@pytest.fixture
async def client(redis_database):
    client = connect(redis_database, timeout_seconds=PATIENT, queue_seconds=PATIENT)
    yield client
    await client.aclose()


@pytest.fixture
def time() -> HandTime:
    return HandTime()


@pytest.fixture
def limiter(client, time) -> RedisRateLimiter:
    return RedisRateLimiter(client=client, test_time=lambda: time.micros)


class TestRedisRateLimiter(RateLimiterContract):
    pass


async def test_it_decides_like_the_brute_force_log_in_generated_stories(limiter, time):
    async def story(seed: int) -> int:
        own_time = HandTime()
        own = RedisRateLimiter(client=limiter._client, test_time=lambda: own_time.micros)
        refused = 0
        for number, step in enumerate(small_trace(seed)):
            own_time.micros = step.now
            standings = await (own.take if step.takes else own.peek)(step.claims)
            assert standings == step.expected, f"seed {seed}, step {number}"
            refused += step.takes and not all(standing.admitted for standing in standings)
        return refused

    refused = 0
    for first in range(0, proof_scale(500, 10_000), 10):
        refused += sum(await asyncio.gather(*(story(seed) for seed in range(first, first + 10))))
    assert refused > 200


@pytest.mark.parametrize("quota", [301, 500, 1_000])
async def test_a_large_quota_is_decided_like_in_memory_and_within_its_bounds(limiter, time, quota):
    twin = MemoryRateLimiter(real_time=time)
    refused = 0
    for seed in range(proof_scale(1, 20)):
        claim = Claim(Limit("large", quota, 60), f"ann {seed}")
        admitted: list[int] = []
        for now in large_times(seed, claim.limit, 5 * quota):
            time.micros = now
            [standing] = await limiter.take([claim])
            assert [standing] == twin.take_now([claim]), f"seed {seed}"
            if standing.admitted:
                admitted.append(now)
            else:
                refused += 1
                assert len(admitted) - bisect_right(admitted, now - 60 * SECOND) + 1 > 0.98 * quota
        assert most_in_any_window(admitted, 60) <= quota, f"seed {seed}"
    assert refused > 100


async def test_many_limits_of_all_kinds_are_decided_like_in_memory(limiter, time):
    """Also where an exact, a grouped and a daily limit meet in one call."""
    limits = [Limit("a", 7, 60), Limit("b", 310, 90), Limit("c", 400, 86_400, Window.UTC_DAY)]
    for seed in range(proof_scale(10, 200)):
        dice = random.Random(seed)
        twin = MemoryRateLimiter(real_time=time)
        for number in range(150):
            time.advance(dice.choice((0, 0, 0.000_001, 1, 8, 15)))
            names = [f"{seed} {dice.choice('xy')}" for _ in range(dice.randint(1, 5))]
            claims = [Claim(dice.choice(limits), name) for name in names]
            assert await limiter.take(claims) == twin.take_now(claims), f"seed {seed}, step {number}"
        time.advance(2 * 86_400)


async def test_by_its_own_time_exactly_a_hundred_of_a_thousand_are_admitted(client):
    limiter = RedisRateLimiter(client=client)
    claims = [Claim(Limit("username_check", 100, 600), "198.51.100.7")]
    standings = await asyncio.gather(*(limiter.take(claims) for _ in range(1_000)))
    assert sum(standing.admitted for [standing] in standings) == 100
    assert {standing.reset for [standing] in standings} <= set(range(500, 601))


async def test_its_own_time_goes_on(client):
    limiter = RedisRateLimiter(client=client)
    claims = [Claim(Limit("short", 1, 1), "ann")]
    assert (await limiter.take(claims))[0].admitted
    async with asyncio.timeout(PATIENT):
        while not (await limiter.peek(claims))[0].admitted:
            await asyncio.sleep(0.02)


async def test_competing_calls_with_several_claims_take_all_or_none(client):
    limiter = RedisRateLimiter(client=client)
    narrow, wide = Limit("narrow", 30, 600), Limit("wide", 1_000, 600)
    calls = [limiter.take([Claim(wide, "all"), Claim(narrow, f"key {i % 3}")]) for i in range(300)]
    admitted = sum(all(s.admitted for s in standings) for standings in await asyncio.gather(*calls))
    assert admitted == 90
    [standing] = await limiter.peek([Claim(wide, "all")])
    assert standing.remaining == 910


HAMMER = """
import asyncio, sys
from multiproduct.adapters.redis.connection import connect
from multiproduct.adapters.redis.rate_limiter import RedisRateLimiter
from multiproduct.application.ports.rate_limiter import Claim, Limit

async def main():
    client = connect(sys.argv[1], timeout_seconds=30, queue_seconds=30, connections=4)
    limiter = RedisRateLimiter(client=client)
    claims = [Claim(Limit("hammered", 100, 3600), "ann"), Claim(Limit("large", 640, 3600), "ann")]
    print("ready", flush=True)
    sys.stdin.readline()
    answers = await asyncio.gather(*(limiter.take(claims) for _ in range(100)))
    print(sum(all(standing.admitted for standing in answer) for answer in answers))
    await client.aclose()

asyncio.run(main())
"""


async def test_eight_processes_that_hammer_one_key_get_exactly_the_quota(redis_database):
    pipe = asyncio.subprocess.PIPE
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", HAMMER, redis_database, stdin=pipe, stdout=pipe
        )
        for _ in range(8)
    ]
    for process in processes:
        assert await process.stdout.readline() == b"ready\n"
    answers = await asyncio.gather(*(process.communicate(b"go\n") for process in processes))
    counts = [int(out) for out, _ in answers]
    assert sum(counts) == 100
    assert all(process.returncode == 0 for process in processes)


async def test_the_script_is_loaded_again_into_a_redis_that_lost_it(limiter, client):
    claims = [Claim(Limit("minute", 5, 60), "ann")]
    await limiter.take(claims)
    await client.script_flush()
    [standing] = await limiter.take(claims)
    assert standing.remaining == 3


async def test_keys_expire_and_share_one_slot(client):
    limiter = RedisRateLimiter(client=client, prefix="shop")
    limits = [Limit("a", 5, 60), Limit("b", 1_000, 3_600), Limit("c", 5, 86_400, Window.UTC_DAY)]
    await limiter.take([Claim(limit, "{ann}") for limit in limits])
    keys = [key async for key in client.scan_iter()]
    assert len(keys) == 3
    assert all(key.startswith(b"{shop:limits}:") for key in keys)
    lifetimes = [await client.pttl(key) for key in keys]
    assert all(0 < lifetime <= 86_410_000 for lifetime in lifetimes)
    assert any(60_000 < lifetime <= 70_000 for lifetime in lifetimes)


async def test_a_grouped_log_in_redis_stays_short(limiter, client, time):
    for _ in range(2_000):
        await limiter.take([Claim(Limit("large", 1_500, 60), "ann")])
        time.advance(0.01)
    [key] = [key async for key in client.scan_iter()]
    assert await client.llen(key) <= 66


async def test_a_server_clock_that_steps_back_gives_no_second_quota(limiter, time):
    rolling, daily = Claim(Limit("r", 2, 60), "ann"), Claim(Limit("d", 2, 86_400, Window.UTC_DAY), "ann")
    time.advance(16 * 3600)
    await limiter.take([rolling, daily])
    time.advance(-30)
    await limiter.take([rolling, daily])
    verdicts = await limiter.take([rolling, daily])
    assert [(standing.admitted, standing.reset) for standing in verdicts] == [(False, 60), (False, 86_430)]


@pytest.fixture
def server():
    """A Redis of this test's own, to be stopped and frozen."""
    try:
        with RedisServer() as server:
            yield server
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


@contextlib.asynccontextmanager
async def connected(server, timeout_seconds):
    client = connect(server.url, timeout_seconds=timeout_seconds)
    try:
        yield RedisRateLimiter(client=client)
    finally:
        await client.aclose()


CLAIMS = [Claim(Limit("sign_in", 5, 3600), "ann")]


async def test_a_redis_that_is_away_is_unavailable_and_then_back(server):
    async with connected(server, PATIENT) as limiter:
        await limiter.take(CLAIMS)
        server.stop()
        for _ in range(3):
            with pytest.raises(Unavailable):
                await limiter.take(CLAIMS)
        server.start()
        assert (await limiter.take(CLAIMS))[0].admitted


async def test_a_redis_that_hangs_is_unavailable(server):
    async with connected(server, 0.1) as limiter:
        os.kill(server.pid, signal.SIGSTOP)
        try:
            with pytest.raises(Unavailable):
                await limiter.take(CLAIMS)
            with pytest.raises(Unavailable):
                await limiter.peek(CLAIMS)
        finally:
            os.kill(server.pid, signal.SIGCONT)


async def test_an_outage_is_logged_once_however_many_calls_notice_it(server, caplog):
    async with connected(server, PATIENT) as limiter:
        server.stop()
        for _ in range(20):
            with pytest.raises(Unavailable):
                await limiter.take(CLAIMS)
        server.start()
        for _ in range(3):
            await limiter.take(CLAIMS)
    own = [record.message for record in caplog.records if record.name.startswith("multiproduct")]
    assert len(own) == 2
    assert "rate limiting is interrupted" in own[0]
    assert "rate limiting works again" in own[1]


async def test_a_flapping_redis_never_opens_the_gates(server):
    """Its counts go with each restart, so each of its lives may admit the quota; the local one only once."""
    time = HandTime()
    admitted = []
    async with connected(server, PATIENT) as shared:
        limiter = FallbackRateLimiter(
            shared=shared, local=MemoryRateLimiter(real_time=time), real_time=time, pause_seconds=1
        )
        for _ in range(3):
            for is_up in (True, False):
                if not is_up:
                    server.stop()
                counted = 0
                for _ in range(20):
                    counted += (await limiter.take(CLAIMS))[0].admitted
                admitted.append(counted)
                assert limiter.degraded is not is_up
            server.start()
            time.advance(1)
    assert admitted == [5, 5, 5, 0, 5, 0]
