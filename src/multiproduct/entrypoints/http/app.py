"""The HTTP application: everything that answers, put together around one container."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from multiproduct.bootstrap import Container
from multiproduct.entrypoints.http.account_pages import AccountPages
from multiproduct.entrypoints.http.answering import Answering
from multiproduct.entrypoints.http.contact_pages import ContactPages
from multiproduct.entrypoints.http.development import Development
from multiproduct.entrypoints.http.dialects import ALIASES, Alias
from multiproduct.entrypoints.http.documentation import Documentation
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS
from multiproduct.entrypoints.http.endpoints import Endpoint
from multiproduct.entrypoints.http.health import Health
from multiproduct.entrypoints.http.invitation_pages import InvitationPages
from multiproduct.entrypoints.http.link_pages import LinkPages
from multiproduct.entrypoints.http.live_stream import LiveStream
from multiproduct.entrypoints.http.middleware import (
    AccessLog,
    CrossOrigin,
    RequestIds,
    RequestIdSource,
    SecurityHeaders,
)
from multiproduct.entrypoints.http.missing_page import MissingPage
from multiproduct.entrypoints.http.page_writing import PageWriter
from multiproduct.entrypoints.http.payment_callbacks import PaymentCallbacks
from multiproduct.entrypoints.http.routing import Answerer, PathTable
from multiproduct.entrypoints.http.unsubscribe_pages import UnsubscribePages
from multiproduct.entrypoints.http.username_lane import ENDPOINT_NAME, UsernameLane


class HttpApplication:
    """The outermost ASGI callable. `service` is the Starlette application behind it."""

    def __init__(self, *, service: ASGIApp, lane: UsernameLane) -> None:
        self._service = service
        self._answer_at_once = lane.answer
        self._find_out = lane.find_out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Follows ASGI."""
        if scope["type"] == "http":
            answer = self._answer_at_once(scope) or await self._find_out(scope)
            if answer is not None:
                await send(answer[0])
                await send(answer[1])
                return
        await self._service(scope, receive, send)


def http_app(
    container: Container,
    *,
    owns_container: bool = False,
    on_start: Callable[[LiveStream], None] | None = None,
) -> HttpApplication:
    """The application. With `owns_container` its lifespan starts and stops the container. `on_start` is
    called on the loop that serves, with what has to end before the server stops."""
    streams = LiveStream(container=container)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        if owns_container:
            await container.start()
        streams.begin()
        try:
            if on_start is not None:
                on_start(streams)
            yield
        finally:
            try:
                await streams.end()
            finally:
                if owns_container:
                    await container.stop()

    settings = container.settings
    request_ids = RequestIdSource()
    missing = MissingPage(writer=PageWriter(container=container))
    service = Starlette(
        routes=[
            Answerer(container=container, paths=path_table(container), missing=missing.answer),
            *streams.routes(),
        ],
        middleware=[
            Middleware(RequestIds, source=request_ids),
            Middleware(AccessLog),
            Middleware(SecurityHeaders, settings=settings),
            Middleware(CrossOrigin, origins=settings.origins),
        ],
        lifespan=lifespan,
    )
    return HttpApplication(service=service, lane=username_lane(container, request_ids))


def username_lane(container: Container, request_ids: RequestIdSource) -> UsernameLane:
    """The fast lane, on every path of the user name check."""
    endpoint = next(each for each in ENDPOINTS if each.name == ENDPOINT_NAME)
    aliases = {alias.path: alias for alias in ALIASES if ENDPOINT_NAME in alias.endpoints}
    paths: dict[str, Alias | None] = {}
    for path, alias in ((endpoint.path, None), *aliases.items()):
        paths[path.rstrip("/")] = paths[path.rstrip("/") + "/"] = alias
    return UsernameLane(container=container, endpoint=endpoint, paths=paths, request_ids=request_ids)


def path_table(container: Container) -> PathTable:
    """Every path of the service."""
    paths = PathTable()
    by_name: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
    for endpoint in ENDPOINTS:
        paths.add(endpoint.method, endpoint.path, Answering(container=container, endpoint=endpoint))
    for alias in ALIASES:
        for name in alias.endpoints:
            endpoint = by_name[name]
            answering = Answering(container=container, endpoint=endpoint, alias=alias)
            paths.add(endpoint.method, alias.path, answering)
    Health(container=container).add_to(paths)
    writer = PageWriter(container=container)
    LinkPages(container=container, writer=writer).add_to(paths)
    InvitationPages(container=container, writer=writer).add_to(paths)
    ContactPages(container=container, writer=writer).add_to(paths)
    UnsubscribePages(container=container, writer=writer).add_to(paths)
    AccountPages(container=container, writer=writer).add_to(paths)
    PaymentCallbacks(container=container).add_to(paths)
    Development(container=container).add_to(paths)
    Documentation(container=container).add_to(paths)
    return paths
