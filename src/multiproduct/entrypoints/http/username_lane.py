"""The fast lane of the user name check: the ordinary answer, remembered as bytes, without a framework object.

It decides nothing by itself. Whether a name can be had is what the use case says (`peek`, `answer`), the
limit is the throttle's own, and the answer is made by the same functions as on the ordinary path, which takes
every request that the lane does not.
"""

import logging
from typing import Any, NamedTuple

from starlette.responses import Response
from starlette.types import Scope

from multiproduct.application.identity import Availability, CheckUsername
from multiproduct.application.ports.unit_of_work import TransientFailure
from multiproduct.application.throttling import network_of
from multiproduct.bootstrap import Container
from multiproduct.domain.shared import MultiproductError, Unavailable
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
from multiproduct.entrypoints.http.problems import problem_response
from multiproduct.entrypoints.http.routing import REQUEST_ID, TEMPLATE, wished_language
from multiproduct.settings import Environment

ENDPOINT_NAME = "username.check"
MAX_ANSWERS = 50_000
MAX_LANGUAGE_HEADERS = 1_000

Messages = tuple[dict[str, Any], dict[str, Any]]
"""The two ASGI messages of an answer."""


class _Remembered(NamedTuple):
    """An answer, less what is each request's own. It holds as long as the use case remembers this very
    availability for the key."""

    key: str
    availability: Availability | None
    status: int
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
    """Answers GET requests of the user name check."""

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
        usernames = container.identity.usernames
        self._translator = container.translator
        self._endpoint = endpoint
        self._key_of, self._peek, self._work_out = usernames.remembered_as, usernames.peek, usernames.answer
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
        """The answer that this process remembers, or None. Takes the limit only with an answer."""
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
        verdict = self._admit(network)
        if not verdict[0]:
            return None  # a refusal takes nothing, so the ordinary path may ask again
        return self._messages(remembered, verdict, scope, headers)

    async def find_out(self, scope: Scope) -> Messages | None:
        """After `answer` had none: what the use case finds out, or None where the ordinary path has to
        answer. Without a framework object too, as a surge of checks comes before anything is remembered."""
        languages = self._languages.get(scope["path"])
        if languages is None or scope["method"] != "GET":
            return None
        headers = dict(scope["headers"])
        answers = languages.get(headers.get(b"accept-language", b""))
        network = self._network(scope, headers)
        if answers is None or network is None or b"authorization" in headers:
            return None
        query = scope["query_string"]
        text = self._text(answers.alias, query)
        key = self._key_of(text) if text is not None else None
        if text is None or key is None or self._peek(key) is not None or self._needs_more(scope, headers):
            return None
        verdict = self._admit(network)
        if not verdict[0]:
            return None
        found = await self._found_out(answers, query, text, key)
        return self._messages(found, verdict, scope, headers)

    async def _found_out(self, answers: _Answers, query: bytes, text: str, key: str) -> _Remembered:
        try:
            availability = await self._work_out(text)
        except (MultiproductError, TransientFailure) as error:
            told = error if isinstance(error, MultiproductError) else Unavailable(what="database")
            locale = self._locale(answers, query)
            refusal = problem_response(told, locale=locale, translator=self._translator)
            return self._made(key, None, refusal)
        return self._remember(answers, query) or self._made(
            key, None, self._render(answers, query, availability)
        )

    def _messages(
        self,
        answer: _Remembered,
        verdict: tuple[bool, int, int],
        scope: Scope,
        headers: dict[bytes, bytes],
    ) -> Messages:
        wished = headers.get(b"x-request-id")
        request_id = (accepted_request_id(wished) if wished else None) or self._next_id()
        _, _, status, head, body = answer
        if self._logs(logging.DEBUG):
            self._log(scope, status, request_id)
        _, remaining, reset = verdict
        shown = [*head, (STANDING, self._standing % (remaining, reset)), (b"x-request-id", request_id)]
        return {"type": "http.response.start", "status": status, "headers": shown}, body

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
        shown = availability.model_copy(update={"username": text})
        remembered = self._made(key, availability, self._render(answers, query, shown))
        if len(answers.by_query) >= MAX_ANSWERS:
            answers.by_query.clear()
        answers.by_query[query] = remembered
        return remembered

    def _render(self, answers: _Answers, query: bytes, shown: Availability) -> Response:
        locale = self._locale(answers, query)
        return render(self._endpoint, shown, alias=answers.alias, locale=locale, translator=self._translator)

    def _made(self, key: str, availability: Availability | None, response: Response) -> _Remembered:
        head = [*response.raw_headers, self._policy, *self._tail]
        if self._shares_origins:
            head = varying(head)
        # Equal headers of all answers are one object, so that they stay in the processor's cache.
        head = [self._told.setdefault(header, header) for header in head]
        body = {"type": "http.response.body", "body": bytes(response.body)}
        return _Remembered(key, availability, response.status_code, head, body)

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

    def _log(self, scope: Scope, status: int, request_id: bytes) -> None:
        scope[REQUEST_ID], scope[TEMPLATE] = request_id.decode(), scope["path"]
        log_access(scope, status, 0.0)
