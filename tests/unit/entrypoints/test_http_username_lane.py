"""The fast lane answers byte for byte what the ordinary path answers, and takes the same limit once."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import BASE, RawAnswer, Service, ask, running_service

from multiproduct.domain.shared import Unavailable

PATHS = [
    f"{BASE}/usernames/check",
    f"{BASE}/usernames/check/",
    "/auth/kn/check-username/",
    "/api/v1/auth/kn/check-username",
]
ID = (b"x-request-id", b"trace-1")


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service() as running:
        await running.signed_up()
        yield running


async def both(service: Service, path: str, query: bytes, headers=()) -> tuple[RawAnswer, RawAnswer]:
    """The ordinary answer, and that of the whole application, which is the lane's where it has one."""
    ordinary = await ask(service.app._service, path, query=query, headers=[ID, *headers])
    return ordinary, await ask(service.app, path, query=query, headers=[ID, *headers])


def without_standing(answer: RawAnswer) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    headers = [(name, b"" if name == b"ratelimit" else value) for name, value in answer.headers]
    return answer.status, sorted(headers), answer.body  # no two have one name: their order means nothing


def takes_the_lane(service: Service, path: str, query: bytes, headers=()) -> bool:
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "query_string": query,
        "headers": list(headers),
        "client": ("192.0.2.200", 1),
    }
    return service.app._answer_at_once(scope) is not None


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (b"username=peter.p", []),
        (b"username=Peter.P", []),
        (b"username=tony.s", []),
        (b"username=admin", []),
        (b"username=a", []),
        (b"username=peter+p", []),
        (b"username=peter.p&lang=fa", []),
        (b"lang=nonsense&username=peter.p", [(b"accept-language", b"ta")]),
        (b"username=tony.s", [(b"accept-language", b"zh-TW, en;q=0.3")]),
        (b"username=tony.s", [(b"accept-language", b"xx")]),
    ],
)
async def test_both_answers_are_equal(service, path, query, headers) -> None:
    await ask(service.app, path, query=query, headers=headers)
    ordinary, lane = await both(service, path, query, headers)
    assert takes_the_lane(service, path, query, headers)
    assert without_standing(lane) == without_standing(ordinary)
    assert ordinary.status == 200


async def test_both_answers_are_equal_where_origins_are_shared() -> None:
    async with running_service(cors_origins="https://shop.example") as service:
        for headers in ([], [(b"origin", b"https://shop.example")], [(b"origin", b"https://evil.example")]):
            await ask(service.app, PATHS[0], query=b"username=peter.p", headers=headers)
            ordinary, lane = await both(service, PATHS[0], b"username=peter.p", headers)
            assert without_standing(lane) == without_standing(ordinary)
        assert takes_the_lane(service, PATHS[0], b"username=peter.p")


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        (b"", []),
        (b"username=", []),
        (b"username=%ff", []),
        (b"username=peter.p&other=1", []),
        (b"username=never.asked.before", []),
        (b"username=peter.p", [(b"authorization", b"Bearer x")]),
    ],
)
async def test_the_lane_leaves_what_it_cannot_know(service, query, headers) -> None:
    await ask(service.app, PATHS[0], query=b"username=peter.p")
    assert not takes_the_lane(service, PATHS[0], query, headers)


async def test_each_request_takes_the_limit_once_whoever_answers(service) -> None:
    remaining = []
    for _ in range(100):
        answer = await ask(service.app, PATHS[0], query=b"username=peter.p")
        assert answer.status == 200
        remaining.append((answer.header("ratelimit") or "").split(";")[1])
    assert remaining == [f"r={count}" for count in reversed(range(100))]
    ordinary, lane = await both(service, PATHS[0], b"username=peter.p")
    assert (lane.status, ordinary.status) == (429, 429)
    assert lane.header("content-type") == "application/problem+json"


def without_ordinary_path(service: Service) -> Service:
    async def nobody(*_) -> None:
        raise AssertionError("the ordinary path was asked")

    service.app._service = nobody
    return service


@pytest.mark.parametrize("path", PATHS)
async def test_names_that_nobody_asked_about_are_found_out_on_the_lane(service, path) -> None:
    names = [f"new.name{number % 10}" for number in range(80)]
    ordinary = [await ask(service.app._service, path, query=b"username=new.name0", headers=[ID])]
    service.container.identity.usernames._cached.flush_local()
    lane = without_ordinary_path(service)
    answers = await asyncio.gather(
        *(
            ask(lane.app, path, query=f"username={name}".encode(), headers=[ID], client=("192.0.2.7", 1))
            for name in names
        )
    )
    assert without_standing(answers[0]) == without_standing(ordinary[0])
    assert [answer.status for answer in answers] == [200] * 80
    told = sorted(
        int((answer.header("ratelimit") or "").split(";")[1].removeprefix("r=")) for answer in answers
    )
    assert told == list(range(20, 100))


async def test_many_names_missed_at_once_are_loaded_together(service) -> None:
    loaded = []
    answers = service.container.identity.usernames._cached
    load = answers._load

    async def counting_load(keys):
        loaded.append(len(keys))
        return await load(keys)

    answers._load = counting_load
    await asyncio.gather(
        *(ask(service.app, PATHS[0], query=f"username=name.{number}".encode()) for number in range(60))
    )
    assert loaded == [60]


async def test_the_lane_finds_nothing_out_for_a_client_beyond_the_limit(service) -> None:
    for _ in range(100):
        await ask(service.app, PATHS[0], query=b"username=peter.p")
    loads = service.container.identity.usernames._cached.loads
    refused = await ask(service.app, PATHS[0], query=b"username=something.new")
    assert refused.status == 429
    assert service.container.identity.usernames._cached.loads == loads


async def test_a_failure_on_the_lane_is_the_ordinary_problem(service) -> None:
    async def failing_load(_keys):
        raise Unavailable(what="database")

    service.container.identity.usernames._cached._load = failing_load
    ordinary, lane = await both(service, PATHS[0], b"username=some.one&lang=es")
    assert lane.status == 503
    assert without_standing(lane) == without_standing(ordinary)


async def test_addresses_of_one_network_share_the_limit(service) -> None:
    told = []
    for address in ("2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"):
        answer = await ask(service.app, PATHS[0], query=b"username=peter.p", client=(address, 1))
        told.append((answer.header("ratelimit") or "").split(";")[1])
    assert told == ["r=99", "r=98", "r=99"]


async def test_a_claim_is_seen_by_the_next_check(service) -> None:
    for _ in range(2):
        before = await ask(service.app, PATHS[0], query=b"username=peter.p")
        assert b'"available":true' in before.body
    await service.signed_up("peter@bugle.com", "Peter.P")
    after = await ask(service.app, PATHS[0], query=b"username=peter.p")
    assert b'"available":false' in after.body


async def test_an_id_is_made_where_the_client_sends_none(service) -> None:
    answers = [await ask(service.app, PATHS[0], query=b"username=peter.p") for _ in range(3)]
    assert len({answer.header("x-request-id") for answer in answers}) == 3


async def test_a_caller_without_an_address_goes_the_ordinary_way(service) -> None:
    for _ in range(2):
        answer = await ask(service.app, PATHS[0], query=b"username=peter.p", client=None)
        assert (answer.status, answer.header("ratelimit")) == (200, None)


async def test_the_lane_writes_to_the_log_only_when_asked_for_detail(service, caplog) -> None:
    await ask(service.app, PATHS[0], query=b"username=peter.p")
    for level, expected in ((logging.INFO, 0), (logging.DEBUG, 1)):
        caplog.clear()
        caplog.set_level(level, "multiproduct.access")
        await ask(service.app, PATHS[0], query=b"username=peter.p", headers=[ID])
        lines = [record for record in caplog.records if record.name == "multiproduct.access"]
        assert len(lines) == expected
    assert (lines[0].http_path, lines[0].request_id) == (PATHS[0], "trace-1")
