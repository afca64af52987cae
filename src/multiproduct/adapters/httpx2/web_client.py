"""The `WebClient` port: one pooled client, made when the first call is."""

import asyncio
import logging
import ssl
from contextvars import ContextVar
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from multiproduct.application.ports.web_client import WebAnswer, WebRequest, WebUnreachable

if TYPE_CHECKING:
    import httpx2

_THIS_MACHINE = ("127.0.0.1", "localhost", "[::1]")
_USER_AGENT = "multiproduct"

_is_own_call: ContextVar[bool] = ContextVar("is_own_call", default=False)


def _is_anothers(record: logging.LogRecord) -> bool:
    """The library logs every address at INFO, and providers want tokens in theirs. What a host calls with the
    same library is logged as before."""
    del record
    return not _is_own_call.get()


class Httpx2WebClient:
    """Reads no more than was asked for, and nothing that is compressed: a few bytes could become millions.

    No address is logged.

    A proxy named by the environment (HTTPS_PROXY) is used, except for this machine's own addresses.
    """

    def __init__(self, *, http2: bool = False, tls: ssl.SSLContext | None = None) -> None:
        """With `http2` that is spoken wherever a server offers it (ALPN), with many calls on one connection.
        `tls` is for servers whose certificates are of an authority of one's own."""
        self._http2 = http2
        self._tls = tls
        self._client: httpx2.AsyncClient | None = None

    async def send(self, request: WebRequest) -> WebAnswer:
        """See the port."""
        if not _is_permitted(request.url):
            raise WebUnreachable("the address is neither https nor of this machine", unsent=True)
        import httpx2  # noqa: PLC0415 - only where it is used

        marked = _is_own_call.set(True)
        try:
            async with asyncio.timeout(request.timeout):
                return await self._send(request)
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, TimeoutError) as error:
            # The kind of error alone: what it says may repeat an address with a token in its query.
            unsent = isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout))
            raise WebUnreachable(type(error).__name__, unsent=unsent) from None
        finally:
            _is_own_call.reset(marked)

    async def close(self) -> None:
        """Closes every connection."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _send(self, request: WebRequest) -> WebAnswer:
        import httpx2  # noqa: PLC0415 - only where it is used

        headers = {"user-agent": _USER_AGENT, **request.headers, "accept-encoding": "identity"}
        calling = self._opened().stream(
            request.method,
            request.url,
            headers=headers,
            content=request.body or None,
            # Half of the time is for having a connection: one that is not there by then was told nothing.
            timeout=httpx2.Timeout(request.timeout, connect=request.timeout / 2, pool=request.timeout / 2),
        )
        async with calling as response:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise WebUnreachable("the answer is compressed, which was not asked for")
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > request.max_bytes:
                    raise WebUnreachable(f"the answer is longer than {request.max_bytes} bytes")
            return WebAnswer(
                status=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                body=bytes(body),
            )

    def _opened(self) -> "httpx2.AsyncClient":
        if self._client is None:
            import httpx2  # noqa: PLC0415 - only where it is used

            logging.getLogger("httpx2").addFilter(_is_anothers)
            self._client = httpx2.AsyncClient(
                http2=self._http2,
                verify=True if self._tls is None else self._tls,
                follow_redirects=False,
                cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
                limits=httpx2.Limits(max_connections=20, max_keepalive_connections=5, keepalive_expiry=30),
                # Without TLS, as it is only for http; certificates would be loaded again for each.
                mounts={f"http://{host}": httpx2.AsyncHTTPTransport(verify=False) for host in _THIS_MACHINE},
            )
        return self._client


def _is_permitted(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    if parts.scheme == "https" and host:
        return True
    return parts.scheme == "http" and host in {"127.0.0.1", "localhost", "::1"}
