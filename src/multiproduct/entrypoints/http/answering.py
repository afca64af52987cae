"""Answering one endpoint: who asks, what they ask, the use case, and the answer, maybe in a dialect."""

import json
from typing import Any, Literal

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from multiproduct.application.caller import NOBODY, Principal
from multiproduct.application.idempotency import MAX_KEY_LENGTH
from multiproduct.application.ports.translator import Translator
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import TokenInvalid
from multiproduct.domain.shared import FieldProblem, InvalidInput, Unauthenticated
from multiproduct.entrypoints.http.dialects import Alias, problems_in_theirs, to_canonical, to_theirs
from multiproduct.entrypoints.http.documents import Document, Sent, read_document, read_query
from multiproduct.entrypoints.http.endpoints import Access, Call, Either, Endpoint, Visit
from multiproduct.entrypoints.http.problems import invalid_input, readable_path

IDEMPOTENCY_KEY = "Idempotency-Key"
JSON_TYPE = "application/json"


class Answering:
    """One endpoint, in canonical names or in those of an alias."""

    def __init__(self, *, container: Container, endpoint: Endpoint, alias: Alias | None = None) -> None:
        self._container = container
        self._endpoint = endpoint
        self._alias = alias

    async def __call__(self, visit: Visit) -> Response:
        """Raises MultiproductError."""
        endpoint = self._endpoint
        principal = await self._principal(visit)
        call = Call(caller=visit.caller(principal), idempotency_key=self._idempotency_key(visit.request))
        if endpoint.scope is not None:
            await self._container.throttle.admit(endpoint.scope, call.caller)
        if endpoint.command is None:
            result = await endpoint.handler(self._container, None, call)
        else:
            result = await self._ask(await self._sent(visit.request), call)
        return render(
            endpoint, result, alias=self._alias, locale=visit.locale, translator=self._container.translator
        )

    async def _ask(self, sent: Sent, call: Call) -> BaseModel:
        if self._alias is None:
            command = command_of(self._endpoint, sent)
            return await self._endpoint.handler(self._container, command, call)
        document, sent_as = to_canonical(sent.document, self._alias)
        try:
            command = command_of(self._endpoint, Sent(document, sent.is_text), ignores_unknown=True)
            return await self._endpoint.handler(self._container, command, call)
        except InvalidInput as error:
            raise problems_in_theirs(error, sent_as, self._alias) from None

    async def _principal(self, visit: Visit) -> Principal:
        access = self._endpoint.access
        if access is Access.PUBLIC:
            return NOBODY
        try:
            token = bearer_token(visit.request)
            if token is not None:
                return await self._container.identity.authenticating.principal(token)
        except TokenInvalid:
            if access is not Access.IF_GOOD:
                raise
        if access is Access.SIGNED_IN:
            raise Unauthenticated
        return NOBODY

    def _idempotency_key(self, request: Request) -> str | None:
        key = request.headers.get(IDEMPOTENCY_KEY) if self._endpoint.idempotent else None
        if key is None:
            return None
        if not 1 <= len(key) <= MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
            raise InvalidInput(FieldProblem(IDEMPOTENCY_KEY, "invalid"))
        return key

    async def _sent(self, request: Request) -> Sent:
        if not self._endpoint.has_body:
            return read_query(request.scope["query_string"])
        return await read_document(
            request,
            max_bytes=self._container.settings.max_body_bytes,
            takes_forms=self._alias is not None,
        )


def command_of(endpoint: Endpoint, sent: Sent, *, ignores_unknown: bool = False) -> BaseModel:
    """The endpoint's command, from a document under canonical names. Raises InvalidInput."""
    wanted = endpoint.command
    if isinstance(wanted, Either):
        wanted = wanted.present if wanted.field in sent.document else wanted.absent
    assert wanted is not None
    extra: Literal["ignore"] | None = "ignore" if ignores_unknown else None
    try:
        if sent.is_text:
            return wanted.model_validate_strings(_once_each(sent.document, wanted, extra), extra=extra)
        # Pydantic reads JSON more strictly than Python objects: dates and ids are strings, never numbers.
        return wanted.model_validate_json(json.dumps(sent.document), strict=True, extra=extra)
    except ValidationError as error:
        raise invalid_input(error) from None


def _once_each(document: Document, wanted: type[BaseModel], extra: str | None) -> Document:
    """The fields of a query or a form that are given once. Raises InvalidInput for others that matter."""
    repeated = {name for name, value in document.items() if isinstance(value, list)}
    matter = sorted(name for name in repeated if extra is None or name in wanted.model_fields)
    if matter:
        raise InvalidInput(*(FieldProblem(readable_path(name), "wrong_type") for name in matter))
    return {name: value for name, value in document.items() if name not in repeated}


def render(
    endpoint: Endpoint, result: BaseModel, *, alias: Alias | None, locale: str, translator: Translator
) -> Response:
    """The answer that tells the result."""
    document: dict[str, Any] = result.model_dump(mode="json")
    if endpoint.message is not None:
        key = endpoint.message if isinstance(endpoint.message, str) else endpoint.message(result)
        document["message"] = translator.text(key, locale=locale)
    if alias is not None:
        document = to_theirs(document, alias.answers)
    headers = {
        "content-language": locale,
        "vary": "Accept-Language",
        "cache-control": endpoint.cache_control,
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status_code=endpoint.status, headers=headers, media_type=JSON_TYPE)


def bearer_token(request: Request) -> str | None:
    """The token of an Authorization header. Raises TokenInvalid for a header without a bearer token."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenInvalid
    return token.strip()
