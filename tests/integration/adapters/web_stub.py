"""A small HTTP server of a test's own, on this machine: it notes what it is asked, and answers as told."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Asked:
    """One request, as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class WebStub:
    """Answers `status`, `headers` and `body` to everything, or takes it and hangs up without a word."""

    url: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    hangs_up: bool = False
    asked: list[Asked] = field(default_factory=list)
    server: asyncio.Server | None = None

    def stop(self) -> None:
        """From now on nobody listens there."""
        assert self.server is not None
        self.server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {
            name.strip().lower(): value.strip()
            for name, mark, value in (line.partition(":") for line in lines)
            if mark
        }
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.asked.append(Asked(method, path, headers, body))
        if self.hangs_up:
            writer.close()
            return
        extra = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
        answer = f"HTTP/1.1 {self.status} Said\r\ncontent-length: {len(self.body)}\r\nconnection: close\r\n"
        writer.write(f"{answer}{extra}\r\n".encode() + self.body)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def web_stub() -> AsyncIterator[WebStub]:
    """One that is served on a free port until the test is done with it."""
    stub = WebStub()
    server = await asyncio.start_server(stub.serve, "127.0.0.1", 0)
    stub.server = server
    async with server:
        stub.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield stub
