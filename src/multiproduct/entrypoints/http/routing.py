"""Finding who answers a path: by a dictionary, or for paths with a parameter by their segments."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError, NotFound, Unavailable
from multiproduct.entrypoints.http.addresses import client_ip
from multiproduct.entrypoints.http.endpoints import Visit
from multiproduct.entrypoints.http.limit_headers import limit_headers
from multiproduct.entrypoints.http.problems import problem_response
from multiproduct.entrypoints.http.refusals import MethodNotAllowed

REQUEST_ID = "multiproduct.request_id"
TEMPLATE = "multiproduct.template"
_UNKNOWN_PATH = "(unknown)"
_LOG = logging.getLogger("multiproduct.http")

Responder = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Path:
    """A path template and who answers which method there. GET answers HEAD, and every path OPTIONS."""

    template: str
    responders: Mapping[str, Responder]

    @property
    def allowed(self) -> str:
        """The value of the Allow header."""
        head = ("HEAD",) if "GET" in self.responders else ()
        return ", ".join(sorted((*self.responders, *head, "OPTIONS")))


@dataclass(slots=True)
class PathTable:
    """Every path there is. Each is found with and without a slash at its end."""

    _static: dict[str, Path] = field(default_factory=dict)
    _with_parameters: dict[int, list[Path]] = field(default_factory=dict)

    def add(self, method: str, template: str, responder: Responder) -> None:
        """Adds one method at one path. Raises ValueError if it is there already."""
        known = self._known(template)
        responders = dict(known.responders) if known else {}
        if method in responders:
            raise ValueError(f"{method} {template} is answered twice")
        responders[method] = responder
        self._put(Path(template, MappingProxyType(responders)))

    def find(self, path: str) -> tuple[Path, dict[str, str]] | None:
        """The path's entry, and its parameters by name."""
        stripped = _without_slash(path)
        found = self._static.get(stripped)
        if found is not None:
            return found, {}
        segments = stripped.split("/")
        for candidate in self._with_parameters.get(len(segments), ()):
            parameters = _parameters(candidate.template, segments)
            if parameters is not None:
                return candidate, parameters
        return None

    def _known(self, template: str) -> Path | None:
        if "{" not in template:
            return self._static.get(_without_slash(template))
        count = len(_without_slash(template).split("/"))
        return next(
            (each for each in self._with_parameters.get(count, ()) if each.template == template), None
        )

    def _put(self, path: Path) -> None:
        stripped = _without_slash(path.template)
        if "{" not in stripped:
            self._static[stripped] = path
            return
        among = self._with_parameters.setdefault(len(stripped.split("/")), [])
        among[:] = [each for each in among if each.template != path.template] + [path]


class Answerer(BaseRoute):
    """The only route of the application: finds who answers, and words what goes wrong."""

    def __init__(
        self, *, container: Container, paths: PathTable, missing: Callable[[Visit], Response | None]
    ) -> None:
        """`missing` answers a path that is not there, or None to have it answered as a problem."""
        self._container = container
        self._paths = paths
        self._missing = missing

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Every HTTP request."""
        return (Match.FULL if scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers the request. What nobody foresaw is logged and answered without details."""
        visit = self._visit(scope, receive, send)
        try:
            response = await self._respond(visit)
        except MultiproductError as error:
            response = self._problem(error, visit)
        except TransientFailure:
            response = self._problem(Unavailable(what="database"), visit)
        except Exception:  # noqa: BLE001 - it is answered as a problem; nothing may reach the server's own page
            _LOG.exception("request %s failed", visit.request_id)
            response = self._problem(MultiproductError(), visit)
        response.raw_headers.extend(limit_headers(visit.standings))
        await response(scope, receive, _without_body(send) if scope["method"] == "HEAD" else send)

    async def _respond(self, visit: Visit) -> Response:
        scope = visit.request.scope
        found = self._paths.find(path_of(scope))
        scope[TEMPLATE] = found[0].template if found else _UNKNOWN_PATH
        if found is None:
            return self._nowhere(visit)
        path, scope["path_params"] = found
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if method == "OPTIONS":
            return Response(status_code=204, headers={"allow": path.allowed})
        responder = path.responders.get(method)
        if responder is None:
            raise MethodNotAllowed(allowed=path.allowed)
        if self._container.settings.test_clock:
            await self._container.refresh_clock()
        return await responder(visit)

    def _nowhere(self, visit: Visit) -> Response:
        page = self._missing(visit)
        if page is None:
            raise NotFound
        return page

    def _visit(self, scope: Scope, receive: Receive, send: Send) -> Visit:
        request = Request(scope, receive, send)
        translator = self._container.translator
        return Visit(
            request=request,
            request_id=scope[REQUEST_ID],
            locale=translator.negotiate(
                request.headers.get("accept-language"), preferred=wished_language(scope["query_string"])
            ),
            ip=client_ip(scope, trusted_proxies=self._container.settings.trusted_proxies),
        )

    def _problem(self, error: MultiproductError, visit: Visit) -> Response:
        return problem_response(error, locale=visit.locale, translator=self._container.translator)


def path_of(scope: Scope) -> str:
    """The path below the place where the application is mounted."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/"):
        return path[len(root) :] or "/"
    return path


def wished_language(query: bytes) -> str | None:
    """The value of `lang` in a query, as far as it can be a language tag."""
    if b"lang=" not in query:
        return None
    for pair in query.split(b"&"):
        if pair.startswith(b"lang="):
            return pair[5:].decode("latin-1")
    return None


def _without_slash(path: str) -> str:
    return path[:-1] if len(path) > 1 and path.endswith("/") else path


def _parameters(template: str, segments: Sequence[str]) -> dict[str, str] | None:
    parameters = {}
    for wanted, given in zip(_without_slash(template).split("/"), segments, strict=True):
        if wanted.startswith("{"):
            if not given:
                return None
            parameters[wanted[1:-1]] = given
        elif wanted != given:
            return None
    return parameters


def _without_body(send: Send) -> Send:
    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head
