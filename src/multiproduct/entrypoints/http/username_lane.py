"""The fast lane of the user name check: the ordinary answer, remembered as bytes, without a framework object.

It decides nothing by itself. Whether a name can be had is what the use case remembers (`peek`), the limit is
the throttle's own, and the answer is made by the same functions as on the ordinary path, which takes every
request that the lane does not.
"""

import logging
from typing import Any, NamedTuple

from starlette.types import Scope

from multiproduct.application.identity import Availability, CheckUsername
from multiproduct.application.throttling import network_of
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError
from multiproduct.entrypoints.http.addresses import forwarded_network, is_secure
from multiproduct.entrypoints.http.answering import command_of, render
from multiproduct.entrypoints.http.dialects import Alias, to_canonical
from multiproduct.entrypoints.http.documents import Sent, read_query
from multiproduct.entrypoints.http.endpoints import Endpoint
from multiproduct.entrypoints.http.limit_headers import POLICY, STANDING, policy_item
from multiproduct.entrypoints.http.middleware import (
    ACCESS_LOG,
    RawHeaders,
    RequestIdSource,
    accepted_request_id,
    fixed_headers,
    log_access,
    varying,
)
from multiproduct.entrypoints.http.routing import REQUEST_ID, TEMPLATE, wished_language
from multiproduct.settings import Environment

ENDPOINT_NAME = "username.check"
MAX_ANSWERS = 50_000
MAX_LANGUAGE_HEADERS = 1_000

Messages = tuple[dict[str, Any], dict[str, Any]]
"""The two ASGI messages of an answer."""


class _Remembered(NamedTuple):
    """An answer that holds as long as the use case remembers this very availability for the key."""

    key: str
    availability: Availability
    head: RawHeaders
    body: dict[str, Any]


class _Answers:
    """The answers of one path in one language, by raw query."""

    __slots__ = ("alias", "by_query", "locale")

    def __init__(self, alias: Alias | None, locale: str) -> None:
        self.alias = alias
        self.locale = locale
        self.by_query: dict[bytes, _Remembered] = {}


class UsernameLane:
    """Answers GET requests of the user name check that this process knows the answer to."""

    def __init__(
        self,
        *,
        container: Container,
        endpoint: Endpoint,
        paths: dict[str, Alias | None],
        request_ids: RequestIdSource,
    ) -> None:
        """`paths` are every writing of the endpoint's paths, with the alias that each belongs to."""
        settings = container.settings
        limit = container.throttle.rule("username_check").limit
        self._translator = container.translator
        self._endpoint = endpoint
        self._key_of = container.identity.usernames.remembered_as
        self._peek = container.identity.usernames.peek
        self._admit = container.local_limiter.lane(limit)
        self._next_id = request_ids.next
        self._trusted_proxies = settings.trusted_proxies
        self._shares_origins = bool(settings.origins)
        self._redirects = settings.environment is Environment.PRODUCTION
        self._is_guarded = self._shares_origins or self._redirects
        self._logs = ACCESS_LOG.isEnabledFor
        self._policy = (POLICY, policy_item(limit).encode())
        self._standing = f'"{limit.name}"'.encode() + b";r=%d;t=%d"
        self._tail = fixed_headers(settings)
        self._told: dict[tuple[bytes, bytes], tuple[bytes, bytes]] = {}
        self._aliases = paths
        self._languages: dict[str, dict[bytes, _Answers]] = {path: {} for path in paths}
        self._tables: dict[tuple[str, str], _Answers] = {}

    def answer(self, scope: Scope) -> Messages | None:
        """The answer, or None where the ordinary path has to answer. Takes the limit only with an answer."""
        languages = self._languages.get(scope["path"])
        if languages is None or scope["method"] != "GET":
            return None
        headers = dict(scope["headers"])
        if b"authorization" in headers or (self._is_guarded and self._needs_more(scope, headers)):
            return None
        language = headers.get(b"accept-language", b"")
        answers = languages.get(language)
        if answers is None:
            answers = self._learn_language(scope["path"], language)
        query = scope["query_string"]
        remembered = answers.by_query.get(query)
        if remembered is None or self._peek(remembered[0]) is not remembered[1]:
            remembered = self._remember(answers, query)
            if remembered is None:
                return None
        network = self._network(scope, headers)
        if network is None:
            return None
        admitted, remaining, reset = self._admit(network)
        if not admitted:
            return None  # a refusal takes nothing, so the ordinary path may ask again
        wished = headers.get(b"x-request-id")
        request_id = (accepted_request_id(wished) if wished else None) or self._next_id()
        if self._logs(logging.DEBUG):
            self._log(scope, request_id)
        shown = [
            *remembered[2],
            (STANDING, self._standing % (remaining, reset)),
            (b"x-request-id", request_id),
        ]
        return {"type": "http.response.start", "status": 200, "headers": shown}, remembered[3]

    def _needs_more(self, scope: Scope, headers: dict[bytes, bytes]) -> bool:
        """Whether the answer is a redirect to TLS, or depends on the page's origin."""
        if self._redirects and not is_secure(scope, trusted_proxies=self._trusted_proxies):
            return True
        return self._shares_origins and b"origin" in headers

    def _network(self, scope: Scope, headers: dict[bytes, bytes]) -> str | None:
        """What the client is counted as, or None for one without an address."""
        line = headers.get(b"x-forwarded-for") if self._trusted_proxies else None
        if line is not None:
            network = forwarded_network(line, scope["headers"], self._trusted_proxies)
            if network is not None:
                return network
        peer = scope.get("client")
        return network_of(peer[0]) if peer else None

    def _learn_language(self, path: str, header: bytes) -> _Answers:
        locale = self._translator.negotiate(header.decode("latin-1"))
        answers = self._tables.get((path, locale))
        if answers is None:
            answers = self._tables[path, locale] = _Answers(self._aliases[path], locale)
        languages = self._languages[path]
        if len(languages) >= MAX_LANGUAGE_HEADERS:
            languages.clear()
        languages[header] = answers
        return answers

    def _remember(self, answers: _Answers, query: bytes) -> _Remembered | None:
        text = self._text(answers.alias, query)
        key = self._key_of(text) if text is not None else None
        availability = self._peek(key) if key is not None else None
        if text is None or key is None or availability is None:
            return None
        response = render(
            self._endpoint,
            availability.model_copy(update={"username": text}),
            alias=answers.alias,
            locale=self._locale(answers, query),
            translator=self._translator,
        )
        body = {"type": "http.response.body", "body": bytes(response.body)}
        head = self._varying([*response.raw_headers, self._policy, *self._tail])
        # Equal headers of all answers are one object, so that they stay in the processor's cache.
        head = [self._told.setdefault(header, header) for header in head]
        if len(answers.by_query) >= MAX_ANSWERS:
            answers.by_query.clear()
        remembered = _Remembered(key, availability, head, body)
        answers.by_query[query] = remembered
        return remembered

    def _text(self, alias: Alias | None, query: bytes) -> str | None:
        """The name asked about, or None for a query that the ordinary path will refuse."""
        try:
            sent = read_query(query)
            if alias is not None:
                sent = Sent(to_canonical(sent.document, alias)[0], is_text=True)
            command = command_of(self._endpoint, sent, ignores_unknown=alias is not None)
        except MultiproductError:
            return None
        return command.username if isinstance(command, CheckUsername) else None

    def _locale(self, answers: _Answers, query: bytes) -> str:
        wished = wished_language(query)
        if wished is None:
            return answers.locale
        return self._translator.negotiate(answers.locale, preferred=wished)

    def _varying(self, head: RawHeaders) -> RawHeaders:
        return varying(head) if self._shares_origins else head

    def _log(self, scope: Scope, request_id: bytes) -> None:
        scope[REQUEST_ID], scope[TEMPLATE] = request_id.decode(), scope["path"]
        log_access(scope, 200, 0.0)
