"""The limit of the user name check holds for all ways together, also where Redis is used for the others."""

from contextlib import asynccontextmanager

import pytest

from multiproduct.application.caller import Caller
from multiproduct.application.throttling import USERNAME_CHECK
from multiproduct.bootstrap import build
from multiproduct.domain.shared import TooManyRequests
from multiproduct.settings import Settings

SOMEBODY = "192.0.2.7"


@asynccontextmanager
async def a_server(redis_url):
    settings = Settings(database_url="memory://", redis_url=redis_url, inline_worker=False)
    container = build(settings)
    await container.start()
    try:
        yield container
    finally:
        await container.stop()


async def test_the_fast_lane_and_the_use_case_share_one_quota(redis_database):
    async with a_server(redis_database) as server:
        lane = server.local_limiter.lane(USERNAME_CHECK)
        for _ in range(USERNAME_CHECK.quota // 2):
            assert lane(SOMEBODY)[0]
            await server.throttle.admit("username_check", Caller(ip=SOMEBODY))
        assert not lane(SOMEBODY)[0]
        with pytest.raises(TooManyRequests):
            await server.throttle.admit("username_check", Caller(ip=SOMEBODY))


async def test_other_limits_are_still_counted_in_redis_for_all_servers(redis_database):
    async with a_server(redis_database) as one, a_server(redis_database) as other:
        for server in (one, other):
            caller = Caller(ip=SOMEBODY, standings=[])
            await server.throttle.admit("token", caller)
        assert caller.standings[0].remaining == caller.standings[0].limit.quota - 2
