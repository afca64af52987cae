"""A proxy before PostgreSQL that counts what clients send, and can cut them off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit


class CountingProxy:
    """A client that waits for each answer sends one piece for each round trip."""

    def __init__(self, server_url: str) -> None:
        self._server = urlsplit(server_url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.round_trips = 0
        self.connections = 0
        self.cut_before: bytes | None = None
        self.url = ""

    def cut(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        self.connections += 1
        server_reader, server_writer = await asyncio.open_connection(
            self._server.hostname, self._server.port or 5432
        )
        ours = {writer, server_writer}
        self._writers |= ours
        back = asyncio.create_task(self._pass_on(server_reader, writer))
        self._tasks.add(back)
        await self._pass_on(reader, server_writer, counted=True)
        await back
        self._writers -= ours

    async def _pass_on(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool = False
    ) -> None:
        try:
            while piece := await reader.read(65536):
                if counted:
                    self.round_trips += 1
                    if self.cut_before is not None and self.cut_before in piece:
                        self.cut()
                        return
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def finish(self) -> None:
        self.cut()
        await asyncio.wait(self._tasks or {asyncio.create_task(asyncio.sleep(0))}, timeout=5)


@asynccontextmanager
async def counting_proxy(server_url: str) -> AsyncIterator[CountingProxy]:
    proxy = CountingProxy(server_url)
    listening = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    parts = urlsplit(server_url)
    user, at, _ = parts.netloc.rpartition("@")
    proxy.url = urlunsplit(parts._replace(netloc=f"{user}{at}127.0.0.1:{port}"))
    try:
        yield proxy
    finally:
        listening.close()
        await proxy.finish()
