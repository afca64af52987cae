"""The live stream, frame by frame, as a server speaks to it: who is let in, and for what it is closed."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.unit.application.notifications.inboxes import Owner, an_owner
from tests.unit.entrypoints.http_service import Service, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.domain.identity import EndReason
from multiproduct.entrypoints.http.addresses import is_secure
from multiproduct.entrypoints.http.live_stream import LiveStream, StreamLimits

PATIENCE = 30.0
QUICK = StreamLimits(heartbeat_seconds=0.1, silence_seconds=0.3, send_seconds=0.2, close_seconds=0.2)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(
        rate_limit_profile="unlimited", cors_origins="https://shop.example"
    ) as running:
        yield running


class Connection:
    """A client on the other side of ASGI. `is_stuck` takes no more frames, `takes_the_end` the end."""

    def __init__(self) -> None:
        self.to_service: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.from_service: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.is_stuck = asyncio.Event()
        self.takes_the_end = asyncio.Event()
        self.takes_the_end.set()
        self.to_service.put_nowait({"type": "websocket.connect"})

    async def send(self, message: dict[str, Any]) -> None:
        if self.is_stuck.is_set() and message["type"] == "websocket.send":
            await asyncio.Event().wait()
        if message["type"] == "websocket.close":
            await self.takes_the_end.wait()
        await self.from_service.put(message)

    async def receive(self) -> dict[str, Any]:
        return await self.to_service.get()

    def says(self, text: str | None = None, data: bytes | None = None) -> None:
        self.to_service.put_nowait({"type": "websocket.receive", "text": text, "bytes": data})

    async def message(self) -> dict[str, Any]:
        return await asyncio.wait_for(self.from_service.get(), PATIENCE)

    async def frame(self) -> dict[str, Any]:
        message = await self.message()
        assert message["type"] == "websocket.send", message
        return json.loads(message["text"])

    async def until(self, kind: str) -> dict[str, Any]:
        """The next frame of that type."""
        while True:
            frame = await self.frame()
            if frame["type"] == kind:
                return frame

    async def closed(self) -> int:
        """The code by which it is closed, after whatever comes before that."""
        while True:
            message = await self.message()
            if message["type"] == "websocket.close":
                return int(message.get("code", 1000))


@asynccontextmanager
async def connected(
    service: Service,
    query: str = "",
    *,
    limits: StreamLimits | None = None,
    streams: LiveStream | None = None,
    headers: dict[str, str] | None = None,
    path: str = "/ws/notifications/",
) -> AsyncIterator[Connection]:
    if limits is not None:
        streams = LiveStream(container=service.container, limits=limits)
    app = service.app if streams is None else streams.routes()[1]
    scope = {
        "type": "websocket",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "ws",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in (headers or {}).items()],
        "client": ("192.0.2.1", 5000),
        "server": ("service", 80),
        "subprotocols": [],
    }
    connection = Connection()
    task = asyncio.create_task(app(scope, connection.receive, connection.send))
    try:
        yield connection
        connection.to_service.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(task, PATIENCE)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def a_ticket(owner: Owner) -> str:
    return (await owner.container.inbox.ticketing.issue(owner.caller)).ticket


async def entered(connection: Connection) -> dict[str, Any]:
    assert (await connection.message())["type"] == "websocket.accept"
    return await connection.frame()


async def test_a_ticket_opens_the_stream_once(service: Service) -> None:
    owner = await an_owner(service.container)
    ticket = await a_ticket(owner)
    async with connected(service, f"ticket={ticket}") as connection:
        assert (await entered(connection))["type"] == "welcome"
        assert (await connection.frame())["version"] == 0
        await owner.gets(1)
        frame = await connection.frame()
        assert (frame["type"], frame["notification"]["title"]) == ("notification", "Invoice 1")
        counted = await connection.frame()
        assert counted == {"type": "unread", "position": "1", "unread": 1, "version": 1}
        async with connected(service, f"ticket={ticket}") as second:
            assert (await second.message())["type"] == "websocket.accept"
            assert await second.closed() == 4401


@pytest.mark.parametrize("path", ["/ws/notifications", "/ws/notifications/"])
async def test_an_access_token_opens_it_in_a_header_and_never_in_the_address(
    service: Service, path: str
) -> None:
    owner = await an_owner(service.container)
    bearer = {"authorization": f"Bearer {owner.holder.token}"}
    async with connected(service, headers=bearer, path=path) as connection:
        assert (await entered(connection))["type"] == "welcome"
    for query in (f"token={owner.holder.token}", f"ticket={owner.holder.token}", ""):
        async with connected(service, query, path=path) as connection:
            assert (await connection.message())["type"] == "websocket.accept"
            assert await connection.closed() == 4401


@pytest.mark.parametrize(
    ("origin", "is_welcome"),
    [
        ("https://shop.example", True),
        ("http://127.0.0.1:8000", True),
        ("https://evil.example", False),
        ("https://shop.example.evil.example", False),
        ("null", False),
    ],
)
async def test_pages_of_other_origins_are_refused_before_the_ticket_is_used(
    service: Service, origin: str, *, is_welcome: bool
) -> None:
    owner = await an_owner(service.container)
    ticket = await a_ticket(owner)
    async with connected(service, f"ticket={ticket}", headers={"origin": origin}) as connection:
        first = (await connection.message())["type"]
        assert first == ("websocket.accept" if is_welcome else "websocket.close")
    if not is_welcome:
        await service.container.inbox.following.by_ticket(ticket)


async def test_who_shows_one_made_up_ticket_after_another_has_to_wait() -> None:
    async with running_service() as service:
        owner = await an_owner(service.container)
        for number in range(300):
            async with connected(service, f"ticket=guess{number}") as connection:
                assert await connection.closed() == 4401
        ticket = await a_ticket(owner)
        async with connected(service, f"ticket={ticket}") as connection:
            assert await connection.closed() == 1013
        await service.container.inbox.following.by_ticket(ticket)  # it was not used up


@pytest.mark.parametrize(
    ("proto", "is_tls"), [("https", True), ("wss", True), ("ws", False), ("http", False)]
)
def test_of_a_websocket_over_tls_a_proxy_may_say_wss(proto: str, *, is_tls: bool) -> None:
    scope = {"type": "websocket", "scheme": "ws", "headers": [(b"x-forwarded-proto", proto.encode())]}
    assert is_secure(scope, trusted_proxies=1) is is_tls


async def test_a_stream_goes_on_from_a_position(service: Service) -> None:
    owner = await an_owner(service.container)
    await owner.gets(1, 2, 3)
    async with connected(service, f"after=2&ticket={await a_ticket(owner)}") as connection:
        assert (await entered(connection))["position"] == "2"
        assert (await connection.frame())["notification"]["title"] == "Invoice 3"
    async with connected(service, f"after=nonsense&ticket={await a_ticket(owner)}") as connection:
        assert (await connection.message())["type"] == "websocket.accept"
        assert await connection.closed() == 4400


async def test_a_client_that_answers_no_ping_is_closed_and_one_that_does_stays(service: Service) -> None:
    owner = await an_owner(service.container)
    async with connected(service, f"ticket={await a_ticket(owner)}", limits=QUICK) as silent:
        await entered(silent)
        assert await silent.closed() == 4408
    async with connected(service, f"ticket={await a_ticket(owner)}", limits=QUICK) as connection:
        await entered(connection)
        for _ in range(8):
            await connection.until("ping")
            connection.says('{"type": "pong"}')
        await owner.gets(1)
        assert (await connection.until("notification"))["position"] == "1"


async def test_a_client_that_takes_no_frame_is_closed_and_misses_nothing(service: Service) -> None:
    owner = await an_owner(service.container)
    patient = StreamLimits(heartbeat_seconds=20, send_seconds=0.2, close_seconds=0.2)
    async with connected(service, f"ticket={await a_ticket(owner)}", limits=patient) as slow:
        position = (await entered(slow))["position"]
        await slow.until("unread")
        slow.is_stuck.set()
        await owner.gets(1, 2, 3)
        assert await slow.closed() == 4408
    async with connected(service, f"after={position}&ticket={await a_ticket(owner)}") as again:
        await entered(again)
        titles = [(await again.frame())["notification"]["title"] for _ in range(3)]
    assert titles == ["Invoice 1", "Invoice 2", "Invoice 3"]
    assert service.container.inbox.following.watch.streams == 0


@pytest.mark.parametrize(
    ("text", "data", "code"),
    [
        ("x" * 1_025, None, 1009),
        ("not json", None, 1003),
        ("[1]", None, 1003),
        ('{"type": 1}', None, 1003),
        (None, b"\x00", 1003),
        ("[" * 1_000, None, 1003),
    ],
)
async def test_a_frame_that_is_too_long_or_unreadable_ends_the_stream(
    service: Service, text: str | None, data: bytes | None, code: int
) -> None:
    owner = await an_owner(service.container)
    async with connected(service, f"ticket={await a_ticket(owner)}") as connection:
        await entered(connection)
        connection.says('{"type": "of a later version"}')
        connection.says(text, data)
        assert await connection.closed() == code


async def test_a_client_that_talks_without_end_is_closed(service: Service) -> None:
    owner = await an_owner(service.container)
    async with connected(service, f"ticket={await a_ticket(owner)}") as connection:
        await entered(connection)
        for _ in range(61):
            connection.says('{"type": "pong"}')
        assert await connection.closed() == 1008


async def test_more_connections_than_one_may_have_are_closed(service: Service) -> None:
    owner = await an_owner(service.container)
    watch = service.container.inbox.following.watch
    held = [watch.following(owner.user_id) for _ in range(10)]
    for each in held:
        each.__enter__()
    async with connected(service, f"ticket={await a_ticket(owner)}") as connection:
        assert (await connection.message())["type"] == "websocket.accept"
        assert await connection.closed() == 4429
    held.pop().__exit__(None, None, None)
    async with connected(service, f"ticket={await a_ticket(owner)}") as connection:
        assert (await entered(connection))["type"] == "welcome"
    assert watch.streams == 9


async def test_a_server_that_stops_closes_every_stream_and_those_that_come_late(service: Service) -> None:
    owner = await an_owner(service.container)
    streams = LiveStream(container=service.container)
    async with (
        connected(service, f"ticket={await a_ticket(owner)}", streams=streams) as one,
        connected(service, f"ticket={await a_ticket(owner)}", streams=streams) as two,
    ):
        for each in (one, two):
            assert (await entered(each))["type"] == "welcome"
        await asyncio.wait_for(streams.end(), PATIENCE)
        for each in (one, two):
            assert await each.closed() == 1001
        async with connected(service, f"ticket={await a_ticket(owner)}", streams=streams) as late:
            assert (await late.message())["type"] == "websocket.accept"
            assert await late.closed() == 1001
    await asyncio.wait_for(streams.end(), PATIENCE)


async def test_a_client_that_takes_nothing_does_not_keep_a_server_from_stopping(service: Service) -> None:
    owner = await an_owner(service.container)
    limits = StreamLimits(ending_seconds=0.05, close_seconds=3_600)
    streams = LiveStream(container=service.container, limits=limits)
    async with connected(service, f"ticket={await a_ticket(owner)}", streams=streams) as connection:
        assert (await entered(connection))["type"] == "welcome"
        connection.takes_the_end.clear()
        await asyncio.wait_for(streams.end(), PATIENCE)
        connection.takes_the_end.set()
        assert await connection.closed() == 1001


async def test_a_session_that_ends_ends_the_stream(service: Service) -> None:
    owner = await an_owner(service.container)
    async with connected(service, f"ticket={await a_ticket(owner)}", limits=QUICK) as connection:
        await entered(connection)
        async with service.container.units.open(SYSTEM) as unit:
            now = service.container.clock.now()
            await unit.sessions.end_all(owner.user_id, reason=EndReason.SIGNED_OUT, now=now)
            await unit.commit()
        assert await connection.closed() == 4401


async def test_no_other_path_speaks_websocket(service: Service) -> None:
    async with connected(service, path="/ws/other/") as connection:
        assert (await connection.message())["type"] == "websocket.close"
