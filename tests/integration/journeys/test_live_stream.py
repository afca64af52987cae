"""The live stream from real servers to a real client: cut off again and again, between two processes, killed,
and too slow, it misses nothing and hears nothing twice."""

import asyncio
import itertools
import random
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx2
import pytest
from tests.campaigns import proof_scale
from tests.integration.journeys.inbox_client import InboxClient, listed
from tests.integration.journeys.installation import Installation
from tests.unit.application.identity.role_holders import a_holder
from websockets.exceptions import ConnectionClosed

from multiproduct.adapters.contracts.inbox import a_new_entry
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.identity import AccessClaims
from multiproduct.application.notifications.inbox_commands import ReadAll
from multiproduct.domain.notifications.inbox import MAX_BODY, NewInboxEntry
from multiproduct.entrypoints.library import Multiproduct
from multiproduct.settings import Settings

GOING_AWAY = 1001
TOO_BIG = 1009
LAGGING = 4408
PATIENCE_SECONDS = 120.0
OFTEN = 10


def _installation(folder: Path, **environment: str) -> Installation:
    """Its servers run no reactions, so that nothing comes into an inbox but what the test puts there."""
    return Installation(folder, MULTIPRODUCT_INLINE_WORKER="false", **environment)


@asynccontextmanager
async def a_house(installation: Installation) -> AsyncIterator[Multiproduct]:
    """A process besides the servers, as a worker is one, in which this test itself puts and marks."""
    given = {
        name.removeprefix("MULTIPRODUCT_").lower(): value
        for name, value in installation.environment.items()
        if name.startswith("MULTIPRODUCT_")
    }
    settings = Settings(_env_file=None, **given)  # type: ignore[arg-type] # as an environment has it
    async with Multiproduct.from_settings(settings) as house:
        yield house


async def a_person(house: Multiproduct) -> Caller:
    return await (await a_holder(house.container, "standard_user")).caller()


async def put(house: Multiproduct, *entries: NewInboxEntry) -> None:
    async with house.container.units.open(SYSTEM) as unit:
        for entry in entries:
            assert await house.container.inbox.entries.put(unit, entry) is not None
        await unit.commit()


async def version_of(house: Multiproduct, caller: Caller) -> int:
    return (await house.container.inbox.reading.unread_count(caller)).version


async def sees_everything(client: InboxClient) -> bool:
    """Whether what the client put together is the inbox as it is."""
    counted = await client.house.container.inbox.reading.unread_count(client.caller)
    there = {each["id"]: each for each in await listed(client.house, client.caller)}
    assert client.entries == there
    return (client.unread, client.version) == (counted.unread, counted.version)


async def _lives(house: Multiproduct, caller: Caller, times: int, cut_off_often: asyncio.Event) -> None:
    """What happens in an inbox over a while, at least so many times, in a random but repeatable order."""
    chance, marking = random.Random(7), house.container.inbox.marking
    for number in itertools.count(1):
        if number > times and cut_off_often.is_set():
            break
        await put(house, a_new_entry(caller.require_user(), number))
        entries = await listed(house, caller) if number % 5 == 0 else []
        if entries and number % 25 == 0:
            await marking.read_all(ReadAll(up_to=chance.choice(entries)["id"]), caller)
        elif entries:
            entry = chance.choice(entries)
            await (marking.unread if entry["is_read"] else marking.read)(UUID(entry["id"]), caller)


async def _cut_off_again_and_again(
    client: InboxClient, urls: list[str], life: "asyncio.Task[None]", often: asyncio.Event
) -> int:
    """Connects now here, now there, and is gone after some frames, often without a word."""
    chance, times = random.Random(3), 0
    while not life.done():
        times += 1
        if times > OFTEN:
            often.set()
        async with client.connected(chance.choice(urls)) as connection:
            for _ in range(chance.randint(1, 8)):
                try:
                    async with asyncio.timeout(0.5):
                        await client.take(connection)
                except TimeoutError:
                    break
            if chance.random() < 0.5:
                connection.transport.abort()
    await life
    return times


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/shared.db"
    return str(request.getfixturevalue("postgres_database"))


async def test_cut_off_amid_two_servers_a_client_misses_nothing(
    database_url: str, tmp_path: Path, redis_database: str
) -> None:
    environment = {
        "MULTIPRODUCT_DATABASE_URL": database_url,
        "MULTIPRODUCT_REDIS_URL": redis_database,
    }
    with (
        _installation(tmp_path / "one", **environment) as one,
        _installation(tmp_path / "two", **environment) as two,
    ):
        one.start_server()
        two.start_server()
        async with a_house(one) as house:
            caller = await a_person(house)
            client = InboxClient(house, caller)
            often = asyncio.Event()
            life = asyncio.create_task(_lives(house, caller, proof_scale(150, 1_500), often))
            times = await _cut_off_again_and_again(client, [one.base_url, two.base_url], life, often)
            async with client.connected(two.base_url) as connection:
                await client.follow_until(connection, await version_of(house, caller))
            assert await sees_everything(client)
    print(f"{times} connections, {len(client.told)} changes told, {client.resets} resets")
    assert client.told == sorted(set(client.told)), "in order, and none twice"


async def test_without_redis_a_server_wakes_its_own_streams(tmp_path: Path) -> None:
    with _installation(tmp_path) as installation:
        installation.start_server()
        async with a_house(installation) as house:
            caller = await a_person(house)
            client = InboxClient(house, caller)
            await put(house, a_new_entry(caller.require_user()))
            async with client.connected(installation.base_url) as first:
                await client.follow_until(first, 1)
                (entry,) = client.entries.values()
                await _marks_over_http(installation, house, caller, entry["id"])
                await client.follow_until(first, 2, seconds=20.0)  # less than a heartbeat
            assert await sees_everything(client)


async def _marks_over_http(
    installation: Installation, house: Multiproduct, caller: Caller, entry_id: str
) -> None:
    now = house.container.clock.now()
    assert caller.principal.session_id is not None
    claims = AccessClaims(
        user_id=caller.require_user(),
        session_id=caller.principal.session_id,
        expires_at=now + timedelta(minutes=1),
    )
    token = house.container.access_tokens.issue(claims, now=now)
    async with httpx2.AsyncClient(base_url=installation.base_url) as browser:
        answer = await browser.post(
            f"/api/v1/notifications/{entry_id}/read/", headers={"authorization": f"Bearer {token}"}
        )
    assert answer.status_code == 200, answer.text


async def test_a_server_that_is_stopped_or_killed_costs_a_client_nothing(tmp_path: Path) -> None:
    with _installation(tmp_path) as installation:
        async with a_house(installation) as house:
            caller = await a_person(house)
            client = InboxClient(house, caller)
            for number in range(1, 4):
                installation.start_server()
                async with client.connected(installation.base_url) as connection:
                    await client.follow_until(connection, number - 1)
                    await put(house, a_new_entry(caller.require_user(), number))
                    if number % 2:
                        installation.kill("server")
                    else:
                        assert await asyncio.to_thread(installation.stop, "server") == 0
                    with pytest.raises(ConnectionClosed) as closed:
                        await client.follow_until(connection, 1_000)
                    said = closed.value.rcvd
                    assert (said is None) is bool(number % 2), "a server that is stopped says so"
                    assert said is None or (said.code, said.reason) == (GOING_AWAY, "going_away")
            installation.start_server()
            async with client.connected(installation.base_url) as connection:
                await client.follow_until(connection, 3)
            assert await sees_everything(client)
    assert client.told == sorted(set(client.told))
    assert client.resets == 0


async def test_a_server_of_several_processes_says_to_every_client_that_it_stops(tmp_path: Path) -> None:
    clients = 6
    with _installation(tmp_path) as installation:
        installation.start_server(workers=2)
        async with a_house(installation) as house, AsyncExitStack() as stack:
            people = [InboxClient(house, await a_person(house)) for _ in range(clients)]
            connections = [
                await stack.enter_async_context(each.connected(installation.base_url)) for each in people
            ]
            for each, connection in zip(people, connections, strict=True):
                await each.follow_until(connection, 0)
            assert await asyncio.to_thread(installation.stop, "server") == 0
            for connection in connections:
                await asyncio.wait_for(connection.wait_closed(), PATIENCE_SECONDS)
    assert [connection.close_code for connection in connections] == [GOING_AWAY] * clients


async def test_the_first_message_that_is_too_large_ends_its_stream_and_no_other(tmp_path: Path) -> None:
    too_large = (["x" * 1_025], ["x" * 2**20], ["x" * 2**20] * 8)  # each one message, in so many frames
    with _installation(tmp_path) as installation:
        installation.start_server()
        async with a_house(installation) as house:
            client = InboxClient(house, await a_person(house))
            async with client.connected(installation.base_url) as other:
                await client.follow_until(other, 0)
                for frames in too_large:
                    async with client.connected(installation.base_url) as connection:
                        await connection.send(frames)
                        with pytest.raises(ConnectionClosed) as closed:
                            await client.follow_until(connection, 1_000)
                    assert closed.value.rcvd is not None
                    assert closed.value.rcvd.code == TOO_BIG
                await asyncio.wait_for(await other.ping(), PATIENCE_SECONDS)


async def test_a_client_that_reads_too_slowly_is_closed_and_goes_on_later(
    tmp_path: Path, redis_database: str
) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await _reads_too_slowly(tmp_path, redis_database)


async def _reads_too_slowly(tmp_path: Path, redis_database: str) -> None:
    rounds, each = 14, 60
    with _installation(tmp_path, MULTIPRODUCT_REDIS_URL=redis_database) as installation:
        installation.start_server()
        async with a_house(installation) as house:
            caller = await a_person(house)
            client = InboxClient(house, caller)
            async with client.connected(installation.base_url, sock=_narrow(installation.port)) as slow:
                await client.take(slow)
                for number in range(rounds):
                    await put(house, *_long(caller, first=1 + number * each, count=each))
                    await asyncio.sleep(0.3)
                while "closed 4408" not in installation.log("server"):
                    await asyncio.sleep(0.2)
                with pytest.raises(ConnectionClosed) as closed:
                    await client.follow_until(slow, 1_000_000)
            assert closed.value.rcvd is not None
            assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (LAGGING, "lagging")
            assert 0 < len(client.told) < rounds * each
            async with client.connected(installation.base_url) as connection:
                await client.follow_until(connection, rounds * each)
            assert await sees_everything(client)
    assert client.told == sorted(set(client.told))


def _long(caller: Caller, *, first: int, count: int) -> list[NewInboxEntry]:
    user_id = caller.require_user()
    return [
        replace(a_new_entry(user_id, number), body="🎉" * MAX_BODY) for number in range(first, first + count)
    ]


def _narrow(port: int) -> socket.socket:
    """A connection that takes little before it is read."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    narrow.connect(("127.0.0.1", port))
    narrow.setblocking(False)
    return narrow
