"""What stands around every answer, as plain ASGI middleware: request id, log, security headers, CORS."""

import itertools
import logging
import os
import time
from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from multiproduct.entrypoints.http.addresses import is_secure
from multiproduct.entrypoints.http.routing import REQUEST_ID, TEMPLATE, path_of
from multiproduct.settings import Environment, Settings

RawHeaders = list[tuple[bytes, bytes]]

ACCESS_LOG = logging.getLogger("multiproduct.access")
HEALTH_PATHS = frozenset({"/livez", "/readyz", "/health", "/livez/", "/readyz/", "/health/"})
_MAX_REQUEST_ID = 64
_ID_CHARACTERS = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")

EXPOSED_HEADERS = "RateLimit, RateLimit-Policy, Retry-After, X-Request-ID, Content-Language, X-Translation"
ACCEPTED_HEADERS = "Accept, Accept-Language, Authorization, Content-Type, Idempotency-Key, X-Request-ID"
ACCEPTED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
_PREFLIGHT_SECONDS = 600

_CSP = b"content-security-policy"
JSON_POLICY = b"default-src 'none'; frame-ancestors 'none'"
_ALWAYS: Sequence[tuple[bytes, bytes]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def security_headers(settings: Settings) -> RawHeaders:
    """The headers that every answer has, besides the content security policy."""
    if settings.environment is Environment.PRODUCTION:
        return [*_ALWAYS, _STRICT_TRANSPORT]
    return list(_ALWAYS)


def fixed_headers(settings: Settings) -> RawHeaders:
    """What SecurityHeaders adds to an answer without a policy of its own."""
    return [(_CSP, JSON_POLICY), *security_headers(settings)]


class RequestIdSource:
    """Makes ids that no other process makes: a random prefix and a count."""

    def __init__(self) -> None:
        self._prefix = os.urandom(8).hex().encode()
        self._count = itertools.count(1).__next__

    def next(self) -> bytes:
        """A fresh id."""
        return b"%s-%x" % (self._prefix, self._count())


def accepted_request_id(value: bytes | None) -> bytes | None:
    """A client's own request id, if it is 1 to 64 letters, digits, `_` or `-`."""
    if value and len(value) <= _MAX_REQUEST_ID and _ID_CHARACTERS.issuperset(value):
        return value
    return None


class RequestIds:
    """Every request has an id, which every answer tells."""

    def __init__(self, app: ASGIApp, *, source: RequestIdSource) -> None:
        self._app = app
        self._source = source

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follows ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wished = dict(scope["headers"]).get(b"x-request-id")
        request_id = accepted_request_id(wished) or self._source.next()
        scope[REQUEST_ID] = request_id.decode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-request-id", request_id))
            await send(message)

        await self._app(scope, receive, send_with_id)


class AccessLog:
    """A line a request: method, path template, status, milliseconds, request id; never a query or a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follows ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watching_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watching_send)
        finally:
            log_access(scope, status, (time.perf_counter() - started) * 1000)


def log_access(scope: Scope, status: int, milliseconds: float) -> None:
    """Writes the line; the same facts are attributes of the log record."""
    facts = {
        "http_method": scope["method"],
        "http_path": scope.get(TEMPLATE, "-"),
        "http_status": status,
        "http_milliseconds": round(milliseconds, 2),
        "request_id": scope.get(REQUEST_ID, "-"),
    }
    ACCESS_LOG.info("%s %s %d %.2f ms %s", *facts.values(), extra=facts)


class SecurityHeaders:
    """Headers that keep browsers from doing what an answer does not mean. In production, TLS only."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        self._headers = security_headers(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follows ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                if not any(name == _CSP for name, _ in headers):
                    headers.append((_CSP, JSON_POLICY))
                headers.extend(self._headers)
            await send(message)

        if self._must_redirect(scope):
            scope[TEMPLATE] = "(redirect)"
            await RedirectResponse(self._secure_url(scope), 308)(scope, receive, send_secured)
            return
        await self._app(scope, receive, send_secured)

    def _must_redirect(self, scope: Scope) -> bool:
        return (
            self._settings.environment is Environment.PRODUCTION
            and not is_secure(scope, trusted_proxies=self._settings.trusted_proxies)
            and path_of(scope) not in HEALTH_PATHS
        )

    def _secure_url(self, scope: Scope) -> str:
        # The configured address, never the Host header: anybody can write that.
        base = self._settings.base_url.rstrip("/").replace("http://", "https://", 1)
        query = scope["query_string"].decode("latin-1")
        return base + path_of(scope) + (f"?{query}" if query else "")


class CrossOrigin:
    """CORS for the configured origins; `*` allows every one. Bearer tokens need no credentials mode."""

    def __init__(self, app: ASGIApp, *, origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follows ASGI."""
        if scope["type"] != "http" or not self._origins:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        is_allowed = origin is not None and (origin in self._origins or "*" in self._origins)

        async def send_shared(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = varying(message["headers"])
                if is_allowed and origin is not None:
                    message["headers"] += [
                        (b"access-control-allow-origin", origin.encode("latin-1")),
                        (b"access-control-expose-headers", EXPOSED_HEADERS.encode()),
                    ]
            await send(message)

        if is_allowed and scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            scope[TEMPLATE] = "(preflight)"
            await _preflight()(scope, receive, send_shared)
            return
        await self._app(scope, receive, send_shared)


def _preflight() -> Response:
    return Response(
        status_code=204,
        headers={
            "access-control-allow-methods": ACCEPTED_METHODS,
            "access-control-allow-headers": ACCEPTED_HEADERS,
            "access-control-max-age": str(_PREFLIGHT_SECONDS),
        },
    )


def varying(headers: RawHeaders) -> RawHeaders:
    """The headers, with Origin among what the answer depends on, in place."""
    varied = [(name, value + b", Origin" if name == b"vary" else value) for name, value in headers]
    return varied if varied != headers else [*headers, (b"vary", b"Origin")]
