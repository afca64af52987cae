"""A few connections to the server, kept between mails of one burst."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiosmtplib import SMTP, SMTPException, SMTPResponse
from aiosmtplib.typing import Default

from multiproduct.adapters.smtp.server import Server
from multiproduct.application.ports.clock import RealTime

MAX_CONNECTIONS = 4
MAILS_PER_CONNECTION = 100
IDLE_SECONDS = 20.0


class Client(SMTP):
    """Knows whether it has begun to hand over the text of a mail: before that no server can have it."""

    gives_text = False

    async def data(
        self,
        message: str | bytes,
        /,
        *,
        timeout: float | Default | None = Default.token,  # noqa: ASYNC109 - the library's own
    ) -> SMTPResponse:
        """Hands the text over."""
        self.gives_text = True
        return await super().data(message, timeout=timeout)


@dataclass(slots=True)
class _Line:
    client: Client
    mails: int
    free_since: float


class Connections:
    """At most 4 at a time, each for at most 100 mails and let go after 20 idle seconds, when it is next seen.

    Belongs to the event loop it is first used in.
    """

    def __init__(
        self, *, server: Server, greeting: str, tls: ssl.SSLContext, timeout: float, real_time: RealTime
    ) -> None:
        self._server = server
        self._greeting = greeting
        self._tls = tls
        self._timeout = timeout
        self._real_time = real_time
        self._turns = asyncio.Semaphore(MAX_CONNECTIONS)
        self._idle: list[_Line] = []

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Client]:
        """A connection that answers. It is kept for the next mail unless the body raises.

        Raises what aiosmtplib does, and OSError.
        """
        async with self._turns:
            line = await self._kept() or _Line(await self._open(), 0, 0.0)
            try:
                yield line.client
            except BaseException:  # whatever it was, the dialogue may be half-way through a mail
                line.client.close()
                raise
            line.mails += 1
            line.free_since = self._real_time.monotonic()
            if line.mails < MAILS_PER_CONNECTION:
                self._idle.append(line)
            else:
                line.client.close()

    async def close(self) -> None:
        """Takes leave of the server on the idle connections. Using them again opens new ones."""
        while self._idle:
            client = self._idle.pop().client
            with suppress(SMTPException, OSError):  # a server that is gone needs no farewell
                await client.quit(timeout=self._timeout)
            client.close()

    async def _kept(self) -> _Line | None:
        """The one used last, where it still answers; those that rested too long are let go."""
        oldest = self._real_time.monotonic() - IDLE_SECONDS
        for line in [each for each in self._idle if each.free_since < oldest]:
            self._idle.remove(line)
            line.client.close()
        while self._idle:
            line = self._idle.pop()
            try:
                await line.client.rset(timeout=self._timeout)
            except (SMTPException, OSError):  # it went away meanwhile, which is nobody's fault: take the next
                line.client.close()
            except BaseException:
                line.client.close()
                raise
            else:
                return line
        return None

    async def _open(self) -> Client:
        client = Client(
            hostname=self._server.host,
            port=self._server.port,
            username=self._server.username,
            password=self._server.password,
            local_hostname=self._greeting,
            timeout=self._timeout,
            use_tls=self._server.use_tls,
            start_tls=self._server.start_tls,
            tls_context=self._tls,
        )
        await client.connect()
        return client
