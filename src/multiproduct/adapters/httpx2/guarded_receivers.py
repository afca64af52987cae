"""The `Receivers` port: calls whom nobody vouches for, and connects to no address that was not checked.

It stands on httpcore2, the transport that httpx2 itself stands on, since that lets one say who resolves names
and who connects. The pool is this adapter's own and shared with nobody.
"""

import asyncio
import socket
import ssl
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from multiproduct.application.webhooks import Answer, Delivery, HostNames, NotDelivered
from multiproduct.domain.shared import InvalidInput
from multiproduct.domain.webhooks import Destination, DestinationPolicy
from multiproduct.domain.webhooks.addresses import parse_address

if TYPE_CHECKING:
    import httpcore2

TIMEOUT_SECONDS = 15.0
"""Until the status is there: looking the name up, connecting, sending and waiting."""
BODY_SECONDS = 2.0
"""For the body after that. A receiver that drips has told its status, which is what counts."""
MAX_BODY = 16_384
_MAX_CONNECTIONS = 96
_MAX_IDLE = 32
_IDLE_SECONDS = 10.0
_MOST_ADDRESSES = 4
"""Tried one after the other where a host has several."""


class AddressRefused(Exception):
    """The host leads to an address that must not be called."""


class GuardedReceivers:
    """Each new connection looks the name up once, checks every address that comes back, and connects to those
    very addresses; TLS is for the name. A name that leads anywhere else by the next moment changes nothing
    for it. A connection that is kept open for the next message is one that was checked. No proxy is used: it
    would do the looking up."""

    def __init__(
        self,
        *,
        policy: DestinationPolicy,
        names: HostNames,
        tls: ssl.SSLContext | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        """`tls` is for receivers whose certificates are of an authority of one's own. `timeout` is in
        seconds."""
        self._policy = policy
        self._names = names
        self._tls = tls
        self._timeout = timeout
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def post(self, delivery: Delivery) -> Answer:
        """See the port."""
        try:
            destination = self._policy.read(delivery.url)
        except InvalidInput:
            raise NotDelivered("address_refused") from None
        import httpcore2  # noqa: PLC0415 - only where it is used

        try:
            return await self._post(destination, delivery)
        except AddressRefused:
            raise NotDelivered("address_refused") from None
        except socket.gaierror:
            raise NotDelivered("no_such_host", unsent=True) from None
        except (TimeoutError, httpcore2.TimeoutException) as error:
            unsent = isinstance(error, (httpcore2.ConnectTimeout, httpcore2.PoolTimeout))
            raise NotDelivered("timeout", unsent=unsent) from None
        except ssl.SSLError:
            raise NotDelivered("tls") from None
        except httpcore2.ProtocolError:
            raise NotDelivered("protocol") from None
        except (httpcore2.NetworkError, OSError) as error:
            is_tls = isinstance(error.__cause__ or error.__context__, ssl.SSLError)
            unsent = isinstance(error, httpcore2.ConnectError)
            raise NotDelivered("tls" if is_tls else "connection", unsent=unsent) from None

    async def close(self) -> None:
        """Closes every connection."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await pool.aclose()

    async def _post(self, destination: Destination, delivery: Delivery) -> Answer:
        loop, told = asyncio.get_running_loop(), None
        body = bytearray()
        calling = self._opened().stream(
            "POST",
            _url(destination),
            headers=[("host", _host_header(destination)), *delivery.headers.items()],
            content=delivery.body,
            extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self._timeout)},
        )
        try:
            async with asyncio.timeout(self._timeout) as limit, calling as response:
                told = response
                limit.reschedule(loop.time() + BODY_SECONDS)
                async for chunk in response.aiter_stream():
                    body += chunk
                    if len(body) >= MAX_BODY:
                        break
        except _cut_off():
            if told is None:
                raise
        return _answer(told, body)

    def _opened(self) -> "httpcore2.AsyncConnectionPool":
        if self._pool is None:
            import httpcore2  # noqa: PLC0415 - only where it is used

            from multiproduct.adapters.httpx2.guarded_network import guarded_network  # noqa: PLC0415

            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=self._tls or httpcore2.default_ssl_context(),
                max_connections=_MAX_CONNECTIONS,
                max_keepalive_connections=_MAX_IDLE,
                keepalive_expiry=_IDLE_SECONDS,
                network_backend=guarded_network(self._addresses),
            )
        return self._pool

    async def _addresses(self, host: str, port: int) -> Iterable[str]:
        """Those to connect to. One that must not be called spoils them all: a name for both is a trap."""
        literal = parse_address(host)
        found = [host] if literal is not None else list(await self._names.addresses(host, port))
        addresses = [parse_address(each) for each in found]
        if not addresses or any(each is None or not self._policy.admits(each, host) for each in addresses):
            raise AddressRefused
        return list(dict.fromkeys(str(each) for each in addresses))[:_MOST_ADDRESSES]


def _answer(response: "httpcore2.Response", body: bytearray) -> Answer:
    headers = {name.lower(): value for name, value in response.headers}
    later = headers.get(b"retry-after")
    return Answer(
        status=response.status,
        retry_after=None if later is None else later.decode("latin-1"),
        body=bytes(body[:MAX_BODY]),
    )


def _cut_off() -> tuple[type[Exception], ...]:
    import httpcore2  # noqa: PLC0415 - only where it is used

    return (
        TimeoutError,
        OSError,
        httpcore2.TimeoutException,
        httpcore2.NetworkError,
        httpcore2.RemoteProtocolError,
    )


def _url(destination: Destination) -> "httpcore2.URL":
    import httpcore2  # noqa: PLC0415 - only where it is used

    parts = urlsplit(destination.url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return httpcore2.URL(
        scheme=destination.scheme.encode(),
        host=destination.host.encode(),
        port=destination.port,
        target=target.encode(),
    )


def _host_header(destination: Destination) -> str:
    host = f"[{destination.host}]" if ":" in destination.host else destination.host
    usual = {"https": 443, "http": 80}[destination.scheme]
    return host if destination.port == usual else f"{host}:{destination.port}"
