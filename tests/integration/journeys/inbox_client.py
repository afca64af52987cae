"""A client of the live stream as the guide describes it: it remembers its position, reads the list anew where
it is told to, and keeps what it was told, so that a test sees what was missed or heard twice."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from multiproduct.application.caller import Caller
from multiproduct.application.notifications.inbox_commands import ListNotifications
from multiproduct.domain.notifications.inbox import InboxPosition
from multiproduct.entrypoints.library import Multiproduct


class InboxClient:
    """What one person sees. Tickets and lists come from `house`, which is another process than the server."""

    def __init__(self, house: Multiproduct, caller: Caller) -> None:
        self.house = house
        self.caller = caller
        self.entries: dict[str, dict[str, Any]] = {}
        self.position: str | None = None
        self.unread = -1
        self.version = -1
        self.resets = 0
        self.told: list[InboxPosition] = []

    @asynccontextmanager
    async def connected(self, base_url: str, **options: Any) -> AsyncIterator[ClientConnection]:
        """A connection that goes on from where the last one ended."""
        issued = await self.house.container.inbox.ticketing.issue(self.caller)
        after = "" if self.position is None else f"&after={self.position}"
        url = f"{base_url.replace('http', 'ws', 1)}/ws/notifications/?ticket={issued.ticket}{after}"
        async with connect(url, **options) as socket:
            yield socket

    async def take(self, socket: ClientConnection) -> dict[str, Any]:
        """Takes the next frame and does what it asks for."""
        frame: dict[str, Any] = json.loads(await socket.recv())
        match frame["type"]:
            case "ping":
                await socket.send('{"type": "pong"}')
            case "welcome":
                if self.position is None:
                    await self._read_anew()
            case "notification":
                self.told.append(InboxPosition.parse(frame["position"]))
                self.entries[frame["notification"]["id"]] = frame["notification"]
            case "unread":
                self._count(frame)
            case "reset":
                self.resets += 1
                await self._read_anew()
        self.position = frame.get("position", self.position)
        return frame

    async def follow_until(self, socket: ClientConnection, version: int, seconds: float = 60.0) -> None:
        """Takes frames until the count of that version came."""
        async with asyncio.timeout(seconds):
            while self.version < version:
                await self.take(socket)

    async def _read_anew(self) -> None:
        self.entries = {str(each["id"]): each for each in await listed(self.house, self.caller)}
        counted = await self.house.container.inbox.reading.unread_count(self.caller)
        self._count(counted.model_dump())

    def _count(self, counted: dict[str, Any]) -> None:
        if counted["version"] > self.version:  # an older one is out of date
            self.version, self.unread = counted["version"], counted["unread"]


async def listed(house: Multiproduct, caller: Caller) -> list[dict[str, Any]]:
    """The whole inbox, as HTTP answers it."""
    found: list[dict[str, Any]] = []
    cursor = None
    while True:
        query = ListNotifications(limit=200, cursor=cursor)
        page = await house.container.inbox.reading.notifications(query, caller)
        found += [each.model_dump(mode="json") for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found
