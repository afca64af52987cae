"""The live stream of one's notifications over WebSocket: who may follow, what is sent, and when it ends."""

import asyncio
import json
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from multiproduct.application.caller import Caller
from multiproduct.application.notifications.inbox_following import Follower, InboxStream
from multiproduct.application.notifications.inbox_results import Frame, Ping
from multiproduct.application.notifications.inbox_watching import TooManyStreams
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import SessionOver, TokenInvalid
from multiproduct.domain.notifications.inbox import InboxPosition
from multiproduct.domain.shared import TooManyRequests, Unauthenticated, Unavailable
from multiproduct.entrypoints.http.addresses import client_ip, is_secure
from multiproduct.entrypoints.http.answering import bearer_token
from multiproduct.settings import Environment

PATH = "/ws/notifications"
_LOG = logging.getLogger("multiproduct.http")
_ACCESS_LOG = logging.getLogger("multiproduct.access")
_MOST_POSITION = 40


class Close(IntEnum):
    """Why a stream was closed. Those from 4000 on are our own; the others are of RFC 6455 and IANA."""

    GOING_AWAY = 1001
    UNREADABLE = 1003
    POLICY = 1008
    TOO_BIG = 1009
    BROKEN = 1011
    TRY_AGAIN_LATER = 1013
    BAD_POSITION = 4400
    UNAUTHENTICATED = 4401
    LAGGING = 4408
    TOO_MANY = 4429


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamLimits:
    """How long and how much. A client that answers no ping within `silence_seconds`, or that takes no frame
    within `send_seconds`, is closed as lagging. It may send `most_characters` in a frame, and `most_frames`
    between two pings. A server that stops waits `ending_seconds` for all of them."""

    heartbeat_seconds: float = 25.0
    silence_seconds: float = 60.0
    send_seconds: float = 10.0
    close_seconds: float = 20.0
    ending_seconds: float = 5.0
    most_characters: int = 1_024
    most_frames: int = 60


class LiveStream:
    """Accepts connections. One from a web page of an origin that may not call us is refused before that."""

    def __init__(self, *, container: Container, limits: StreamLimits | None = None) -> None:
        self._container = container
        self._limits = limits or StreamLimits()
        self._endings: set[asyncio.Event] = set()
        self._is_ending = False
        self._all_ended: asyncio.Event | None = None

    def routes(self) -> Sequence[BaseRoute]:
        """The path, with and without a slash at its end."""
        return [WebSocketRoute(path, self.follow) for path in (PATH, f"{PATH}/")]

    def begin(self) -> None:
        """Takes connections, also where it was ended before."""
        self._is_ending = False
        self._all_ended = None

    async def end(self) -> None:
        """Closes every connection as going away, also those that come after it. Waits for clients to take
        that, within bounds."""
        self._is_ending = True
        for ending in self._endings:
            ending.set()
        if self._endings:
            self._all_ended = self._all_ended or asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(self._limits.ending_seconds):
                    await self._all_ended.wait()

    async def follow(self, socket: WebSocket) -> None:
        """Serves one connection until it ends."""
        if not self._is_welcome(socket):
            await socket.close()  # before it is accepted: answered by 403
            return
        await socket.accept()
        ending = asyncio.Event()
        self._endings.add(ending)
        try:
            await self._follow(socket, ending)
        finally:
            self._endings.discard(ending)
            if self._all_ended is not None and not self._endings:
                self._all_ended.set()

    async def _follow(self, socket: WebSocket, ending: asyncio.Event) -> None:
        code: Close | None
        try:
            code = Close.GOING_AWAY if self._is_ending else await self._serve(socket, ending)
        except WebSocketDisconnect:
            return
        except (TooManyRequests, Unavailable, TransientFailure):
            code = Close.TRY_AGAIN_LATER
        except Exception:  # noqa: BLE001 - it is closed with a code that says so; the log has the rest
            _LOG.exception("a live stream failed")
            code = Close.BROKEN
        if code is not None:
            _ACCESS_LOG.info("WS %s closed %d %s", PATH, code, code.name.lower())
            await self._close(socket, code)

    async def _serve(self, socket: WebSocket, ending: asyncio.Event) -> Close | None:
        after = socket.query_params.get("after")
        try:
            position = None if not after else InboxPosition.parse(after[:_MOST_POSITION])
        except ValueError:
            return Close.BAD_POSITION
        if self._container.settings.test_clock:
            await self._container.refresh_clock()
        await self._admit(socket)
        try:
            follower = await self._follower(socket)
            with self._container.inbox.following.watch.following(follower.user_id) as changed:
                stream = self._container.inbox.following.stream(follower, changed)
                conversation = _Conversation(socket=socket, stream=stream, limits=self._limits, ending=ending)
                return await conversation.run(position)
        except (Unauthenticated, TokenInvalid, SessionOver):
            return Close.UNAUTHENTICATED
        except TooManyStreams:
            return Close.TOO_MANY

    async def _admit(self, socket: WebSocket) -> None:
        """Every ticket that is shown costs a write, also one that is none. Raises TooManyRequests."""
        proxies = self._container.settings.trusted_proxies
        caller = Caller(ip=client_ip(socket.scope, trusted_proxies=proxies))
        await self._container.throttle.admit("live_stream", caller)

    async def _follower(self, socket: WebSocket) -> Follower:
        """By a ticket in the address, or by an access token in a header, never by that in the address."""
        ticket = socket.query_params.get("ticket")
        if ticket:
            return await self._container.inbox.following.by_ticket(ticket)
        token = bearer_token(socket)
        if token is None:
            raise Unauthenticated
        principal = await self._container.identity.authenticating.principal(token)
        return self._container.inbox.following.by_session(principal)

    def _is_welcome(self, socket: HTTPConnection) -> bool:
        """Browsers say which origin a page has, and let every page connect; other programs say nothing."""
        settings = self._container.settings
        if settings.environment is Environment.PRODUCTION and not is_secure(
            socket.scope, trusted_proxies=settings.trusted_proxies
        ):
            return False
        origin = socket.headers.get("origin")
        if origin is None:
            return True
        own = "/".join(settings.base_url.split("/")[:3])
        return origin in (own, *settings.origins) or "*" in settings.origins

    async def _close(self, socket: WebSocket, code: Close) -> None:
        """A client that takes nothing may take this late, or never."""
        try:
            async with asyncio.timeout(self._limits.close_seconds):
                await socket.close(code, code.name.lower())
        except (TimeoutError, RuntimeError, WebSocketDisconnect):  # it is gone
            return


class _Conversation:
    """One accepted connection: a task that tells, one that listens, one that waits for the server's end."""

    def __init__(
        self, *, socket: WebSocket, stream: InboxStream, limits: StreamLimits, ending: asyncio.Event
    ) -> None:
        self._socket = socket
        self._stream = stream
        self._limits = limits
        self._ending = ending
        self._heard_at = asyncio.get_running_loop().time()
        self._frames = 0

    async def run(self, after: InboxPosition | None) -> Close | None:
        """Until one of them ends; the code to close with, or None where the client closed."""
        tasks: set[asyncio.Task[Close | None]] = {
            asyncio.create_task(each) for each in (self._tell(after), self._listen(), self._end())
        }
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return done.pop().result()

    async def _end(self) -> Close:
        await self._ending.wait()
        return Close.GOING_AWAY

    async def _tell(self, after: InboxPosition | None) -> Close:
        heartbeat = self._limits.heartbeat_seconds
        loop = asyncio.get_running_loop()
        try:
            await self._send(await self._stream.begin(after, heartbeat_seconds=heartbeat))
            ping_at = loop.time() + heartbeat
            while loop.time() - self._heard_at < self._limits.silence_seconds:
                await self._send(await self._stream.next(within_seconds=max(0.0, ping_at - loop.time())))
                if loop.time() >= ping_at:
                    self._frames = 0
                    await self._send([Ping()])
                    ping_at = loop.time() + heartbeat
        except TimeoutError:
            pass
        return Close.LAGGING

    async def _send(self, frames: Sequence[Frame]) -> None:
        """Raises TimeoutError where one is not taken in time."""
        for frame in frames:
            async with asyncio.timeout(self._limits.send_seconds):
                await self._socket.send_text(frame.model_dump_json())

    async def _listen(self) -> Close | None:
        """Pongs are expected; frames of a type that nobody knows are passed over."""
        while True:
            message = await self._socket.receive()
            if message["type"] == "websocket.disconnect":
                return None
            self._frames += 1
            text = message.get("text")
            if self._frames > self._limits.most_frames:
                return Close.POLICY
            if text is None:
                return Close.UNREADABLE
            if len(text) > self._limits.most_characters:
                return Close.TOO_BIG
            if not _is_frame(text):
                return Close.UNREADABLE
            self._heard_at = asyncio.get_running_loop().time()


def _is_frame(text: str) -> bool:
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(frame, dict) and isinstance(frame.get("type"), str)
