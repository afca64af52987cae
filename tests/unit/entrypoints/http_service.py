"""The HTTP service over a container in memory, and what tests of it ask of it."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from multiproduct.bootstrap import Container, build
from multiproduct.entrypoints.http.app import HttpApplication, http_app
from multiproduct.settings import Settings

PASSWORD = "a long walk in the rain"
BASE = "/api/v1/identity"


@dataclass(frozen=True)
class Service:
    container: Container
    app: HttpApplication
    client: httpx2.AsyncClient

    async def post(self, path: str, **document: Any) -> httpx2.Response:
        return await self.client.post(path, json=document)

    async def latest_mail(self, to: str, count: int = 1) -> Any:
        assert self.container.mailbox is not None
        for _ in range(500):
            found = await self.container.mailbox.messages(to)
            if len(found) >= count:
                return found[0]
            await asyncio.sleep(0.01)
        raise AssertionError(f"no mail number {count} came to {to}")

    async def code(self, to: str, count: int = 1) -> str:
        found = re.search(r"\b[0-9]{6}\b", (await self.latest_mail(to, count)).text)
        assert found is not None
        return found[0]

    async def link(self, to: str, page: str, count: int = 1) -> str:
        found = re.search(rf"/{page}/[A-Za-z0-9_-]+", (await self.latest_mail(to, count)).text)
        assert found is not None
        return found[0]

    async def signed_up(self, email: str = "tony@stark.com", username: str = "tony.s") -> dict[str, Any]:
        await self.post(f"{BASE}/registration", email=email, password=PASSWORD, username=username)
        answer = await self.post(f"{BASE}/registration/verify", email=email, otp=await self.code(email))
        assert answer.status_code == 201, answer.text
        return answer.json()["user"]

    async def signed_in(self, identifier: str = "tony@stark.com") -> dict[str, Any]:
        answer = await self.post(f"{BASE}/sign-in", identifier=identifier, password=PASSWORD)
        assert answer.status_code == 200, answer.text
        return answer.json()


@dataclass(frozen=True)
class RawAnswer:
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    def header(self, name: str) -> str | None:
        return next((value.decode() for key, value in self.headers if key == name.encode()), None)


@asynccontextmanager
async def running_service(**changed: Any) -> AsyncIterator[Service]:
    settings = Settings(_env_file=None, **{"database_url": "memory://", "password_cost": "test", **changed})
    container = build(settings)
    app = http_app(container)
    await container.start()
    try:
        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://service") as client:
            yield Service(container, app, client)
    finally:
        await container.stop()


async def ask(
    app: Any,
    path: str,
    *,
    method: str = "GET",
    query: bytes = b"",
    headers: Sequence[tuple[bytes, bytes]] = (),
    chunks: Sequence[bytes] = (b"",),
    client: tuple[str, int] | None = ("192.0.2.1", 5000),
    scheme: str = "http",
    root_path: str = "",
) -> RawAnswer:
    """One request as a server makes it, for what a well-behaved client cannot send."""
    remaining = list(chunks)
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        chunk = remaining.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(remaining)}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": root_path + path,
        "raw_path": (root_path + path).encode("utf-8", "replace"),
        "root_path": root_path,
        "query_string": query,
        "headers": [(b"host", b"service"), *headers],
        "client": client,
        "server": ("service", 80),
    }
    await app(scope, receive, send)
    start = sent[0]
    return RawAnswer(start["status"], list(start["headers"]), b"".join(each["body"] for each in sent[1:]))
