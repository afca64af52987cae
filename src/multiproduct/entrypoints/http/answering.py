"""Answering one endpoint: who asks, what they ask, the use case, and the answer, maybe in a dialect."""

import json
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ValidationError
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from multiproduct.application.caller import NOBODY, Principal
from multiproduct.application.idempotency import MAX_KEY_LENGTH
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.translator import Translator
from multiproduct.application.translation import Translated, marks_of
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import TokenInvalid
from multiproduct.domain.shared import (
    FieldProblem,
    Forbidden,
    InvalidInput,
    MultiproductError,
    NotFound,
    StepUpRequired,
    Unauthenticated,
)
from multiproduct.entrypoints.http.dialect_money import flattened
from multiproduct.entrypoints.http.dialects import (
    Alias,
    canonical_names,
    problems_in_theirs,
    repetition_problems,
    to_theirs,
)
from multiproduct.entrypoints.http.documents import Document, Sent, read_document, read_query
from multiproduct.entrypoints.http.endpoints import Access, Call, Either, Endpoint, Upload, Visit
from multiproduct.entrypoints.http.field_places import naming_its_field
from multiproduct.entrypoints.http.files import FileView, file_response, read_upload
from multiproduct.entrypoints.http.partial_commands import partial_command
from multiproduct.entrypoints.http.problems import invalid_input, readable_path
from multiproduct.entrypoints.http.routing import wished_language
from multiproduct.entrypoints.http.validators import validated

IDEMPOTENCY_KEY = "Idempotency-Key"
X_TRANSLATION = "x-translation"
JSON_TYPE = "application/json"

Carried = Sent | bytes | MultiproductError | None
"""What a request carries for its use case: a document, a file or nothing; or why that cannot be read."""


class Answering:
    """One endpoint, in canonical names or in those of an alias."""

    def __init__(self, *, container: Container, endpoint: Endpoint, alias: Alias | None = None) -> None:
        self._container = container
        self._endpoint = endpoint
        self._alias = alias

    async def __call__(self, visit: Visit) -> Response:
        """Raises MultiproductError."""
        endpoint = self._endpoint
        token = self._signed_token(visit.request)
        carried = await self._carried(visit.request)
        # Only now, as a body may take its time: a session that ended while it came is over.
        principal = await self._principal(token)
        self._speak(visit, principal)
        call = Call(
            caller=visit.caller(principal),
            idempotency_key=self._idempotency_key(visit.request),
            ids=self._ids(visit.request),
            cookies=visit.request.cookies,
        )
        if endpoint.scope is not None:
            await self._container.throttle.admit(endpoint.scope, call.caller)
        try:
            result = await self._result(carried, call)
        except Forbidden as refusal:
            await self._container.identity.refusals.record(refusal, asked=endpoint.name, caller=call.caller)
            raise
        except StepUpRequired as refusal:
            raise await self._container.identity.step_up.explained(refusal, call.caller) from None
        shown = await self._translated(result, visit)
        response = render(
            endpoint,
            shown.result,
            alias=self._alias,
            locale=visit.locale,
            translator=self._container.translator,
        )
        for cookie in call.new_cookies:
            response.headers.append("set-cookie", cookie)
        if shown.is_partial:
            # The next one who asks may be answered in full.
            response.headers[X_TRANSLATION] = "partial"
            response.headers["cache-control"] = "no-store"
            return response
        return validated(visit.request, response) if self._is_kept else response

    def _speak(self, visit: Visit, principal: Principal) -> None:
        """In the language that whoever asks has set, unless the request wishes another."""
        if principal.locale is not None:
            visit.locale = self._container.translator.negotiate(
                visit.request.headers.get("accept-language"),
                preferred=wished_language(visit.request.scope["query_string"]),
                setting=principal.locale,
            )

    async def _translated(self, result: BaseModel, visit: Visit) -> Translated[BaseModel]:
        """What is marked in the result in the visitor's language. Who writes does not wait for it."""
        if not marks_of(type(result)):
            return Translated(result)
        reads = visit.request.method in ("GET", "HEAD")
        milliseconds = self._container.settings.translation_patience_ms if reads else 0
        return await self._container.translation.translating.result(
            result, locale=visit.locale, patience=milliseconds / 1_000
        )

    @property
    def _is_kept(self) -> bool:
        """Whether whoever asked may keep the answer and ask whether it is still that."""
        return self._endpoint.cache_control.startswith("public") and not self._endpoint.file_types

    async def _result(self, carried: Carried, call: Call) -> BaseModel:
        if isinstance(carried, MultiproductError):
            raise carried
        if isinstance(carried, Sent):
            return await self._ask(carried, call)
        return await self._endpoint.handler(self._container, carried, call)

    async def _ask(self, sent: Sent, call: Call) -> BaseModel:
        if self._alias is None:
            command = self._command(sent, InputFindings())
            with naming_its_field(sent.document):
                return await self._endpoint.handler(self._container, command, call)
        document, sent_as = canonical_names(sent.document, self._alias)
        findings = InputFindings(repetition_problems(sent.document, document))
        try:
            command = self._command(Sent(document, sent.is_text), findings)
            with naming_its_field(document, sent_as):
                return await self._endpoint.handler(self._container, command, call)
        except InvalidInput as error:
            raise problems_in_theirs(error, sent_as, self._alias) from None

    def _command(self, sent: Sent, findings: InputFindings) -> BaseModel:
        """Raises InvalidInput with everything that is wrong with the document, whoever finds it."""
        ignores_unknown = self._alias is not None
        wrong: InvalidInput | None = None
        try:
            command = command_of(self._endpoint, sent, ignores_unknown=ignores_unknown)
            if not findings.problems:
                return command
        except InvalidInput as error:
            wrong = error
        found = InputFindings((*findings.problems, *(wrong.problems if wrong else ())))
        if self._endpoint.check is not None:
            wanted = wanted_of(self._endpoint, sent)
            partial = partial_command(wanted, sent, without=[each.field for each in found.problems])
            self._endpoint.check(self._container, partial, found)
        raise found.refusal()

    def _signed_token(self, request: Request) -> str | None:
        """The token that counts here; none of its session is known yet. Raises TokenInvalid, TokenExpired
        and Unauthenticated, so that nobody has a body read with a token that was never good."""
        access = self._endpoint.access
        if access is Access.PUBLIC:
            return None
        try:
            token = bearer_token(request)
            if token is not None:
                self._container.identity.authenticating.require_signed(token)
                return token
        except TokenInvalid:
            if access is not Access.IF_GOOD:
                raise
        if access is Access.SIGNED_IN:
            raise Unauthenticated
        return None

    async def _principal(self, token: str | None) -> Principal:
        if token is None:
            return NOBODY
        try:
            return await self._container.identity.authenticating.principal(token)
        except TokenInvalid:
            if self._endpoint.access is not Access.IF_GOOD:
                raise
        return NOBODY

    def _idempotency_key(self, request: Request) -> str | None:
        key = request.headers.get(IDEMPOTENCY_KEY) if self._endpoint.idempotent else None
        if key is None:
            return None
        if not 1 <= len(key) <= MAX_KEY_LENGTH or not all("!" <= character <= "~" for character in key):
            raise InvalidInput(FieldProblem(IDEMPOTENCY_KEY, "invalid"))
        return key

    def _ids(self, request: Request) -> Mapping[str, UUID]:
        """The ids of the path. An alias whose path has no place for one has it in the query."""
        names = self._endpoint.parameters
        if not names:
            return {}
        given: dict[str, Any] = request.path_params
        if any(name not in given for name in names):
            given = read_query(request.scope["query_string"]).document | given
        missing = [name for name in names if name not in given]
        if missing:
            raise InvalidInput(*(FieldProblem(name, "required") for name in missing))
        return {name: read_id(given[name]) for name in names}

    async def _carried(self, request: Request) -> Carried:
        """What is asked, or what is wrong with it, which is told to nobody whose session is over."""
        try:
            if self._endpoint.upload is not None:
                return await self._file(request, self._endpoint.upload)
            return None if self._endpoint.command is None else await self._sent(request)
        except MultiproductError as error:
            return error

    async def _file(self, request: Request, upload: Upload) -> bytes:
        return await read_upload(request, upload, max_bytes=upload.max_bytes(self._container.settings))

    async def _sent(self, request: Request) -> Sent:
        if not self._endpoint.has_body:
            return read_query(request.scope["query_string"])
        return await read_document(
            request,
            max_bytes=self._container.settings.max_body_bytes,
            takes_forms=self._alias is not None or self._endpoint.takes_forms,
        )


def read_id(text: object) -> UUID:
    """An id in its canonical form (RFC 9562, 4). Raises NotFound for anything else: nothing has such an
    id."""
    try:
        found = UUID(str(text))
    except ValueError:
        raise NotFound from None
    if str(found) != str(text).lower():
        raise NotFound
    return found


def command_of(endpoint: Endpoint, sent: Sent, *, ignores_unknown: bool = False) -> BaseModel:
    """The endpoint's command, from a document under canonical names. Raises InvalidInput."""
    wanted = wanted_of(endpoint, sent)
    extra: Literal["ignore"] | None = "ignore" if ignores_unknown else None
    try:
        if sent.is_text:
            return wanted.model_validate_strings(_once_each(sent.document, wanted, extra), extra=extra)
        # Pydantic reads JSON more strictly than Python objects: dates and ids are strings, never numbers.
        return wanted.model_validate_json(json.dumps(sent.document), strict=True, extra=extra)
    except ValidationError as error:
        raise invalid_input(error, wanted) from None


def wanted_of(endpoint: Endpoint, sent: Sent) -> type[BaseModel]:
    """Which command of an endpoint that has one the document stands for."""
    wanted = endpoint.command
    if isinstance(wanted, Either):
        return wanted.present if wanted.field in sent.document else wanted.absent
    assert wanted is not None
    return wanted


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
    if isinstance(result, FileView):
        return file_response(result, status=endpoint.status, cache_control=endpoint.cache_control)
    document: dict[str, Any] = result.model_dump(mode="json")
    if endpoint.message is not None:
        key = endpoint.message if isinstance(endpoint.message, str) else endpoint.message(result)
        document["message"] = translator.text(key, locale=locale)
    if alias is not None:
        document = to_theirs(flattened(document, alias.dialect), alias.answers)
    headers = {
        "content-language": locale,
        "vary": "Accept-Language",
        "cache-control": endpoint.cache_control,
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status_code=endpoint.status, headers=headers, media_type=JSON_TYPE)


def bearer_token(request: HTTPConnection) -> str | None:
    """The token of an Authorization header. Raises TokenInvalid for a header without a bearer token."""
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenInvalid
    return token.strip()
