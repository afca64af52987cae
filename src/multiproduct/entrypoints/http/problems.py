"""Errors as RFC 9457 problem documents: the one table of statuses, and the wording."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import Response

from multiproduct.application.field_wording import field_wording
from multiproduct.application.ports.translator import Translator
from multiproduct.application.reason_wording import worded_params
from multiproduct.domain.identity import TokenInvalid, UsernameTaken
from multiproduct.domain.shared import (
    FieldProblem,
    InvalidInput,
    MultiproductError,
    StepUpRequired,
    TooManyRequests,
    Unavailable,
)
from multiproduct.domain.shared.errors import Kind
from multiproduct.entrypoints.http.field_names import nearest
from multiproduct.entrypoints.http.refusals import MalformedJson, MethodNotAllowed, UnsupportedType

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:multiproduct:problem:"
MAX_FIELD_PROBLEMS = 50
_MAX_FIELD_LENGTH = 200

STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 422,
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.METHOD_NOT_ALLOWED: 405,
    Kind.CONFLICT: 409,
    Kind.GONE: 410,
    Kind.TOO_LARGE: 413,
    Kind.UNSUPPORTED_TYPE: 415,
    Kind.MISMATCH: 422,
    Kind.RATE_LIMITED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.INTERNAL: 500,
}
assert STATUS.keys() == set(Kind)

# What is said of a code that has no words of its own.
_GENERAL_CODE: Mapping[Kind, str] = {
    Kind.INVALID: "invalid_input",
    Kind.MISMATCH: "invalid_input",
    Kind.RATE_LIMITED: "too_many_requests",
    Kind.INTERNAL: "error",
}

_FIELD_CODES: Mapping[str, str] = {
    "missing": "required",
    "enum": "not_allowed",
    "literal_error": "not_allowed",
    "greater_than": "value_too_small",
    "less_than": "value_too_large",
    "date_parsing": "invalid_date",
    "date_from_datetime_parsing": "invalid_date",
}
_NO_MOMENT = frozenset(
    {"datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid", "timezone_aware"}
)
_MOMENT = "2026-11-21T06:30:00Z"
_LIMITS = {
    "string_too_long": ("too_long", "max", "max_length"),
    "string_too_short": ("too_short", "min", "min_length"),
    "greater_than_equal": ("value_too_small", "min", "ge"),
    "less_than_equal": ("value_too_large", "max", "le"),
}


def status_of(error: type[MultiproductError] | MultiproductError) -> int:
    """The status an error is answered with."""
    return STATUS[error.kind]


def problem_document(error: MultiproductError, *, locale: str, translator: Translator) -> dict[str, Any]:
    """The document, worded in the locale."""
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code,
        "title": _wording(error, "title", locale, translator),
        "status": status_of(error),
        "detail": _wording(error, "detail", locale, translator),
        "code": error.code,
    }
    if isinstance(error, InvalidInput):
        document["errors"] = [
            _field(problem, locale, translator) for problem in error.problems[:MAX_FIELD_PROBLEMS]
        ]
    elif isinstance(field := error.params.get("field"), str):
        named = {"field": readable_path(field), "code": error.code, "message": document["detail"]}
        document["errors"] = [named]
    if error.kind is Kind.CONFLICT and error.params.get("reason") is not None:
        document["reason"] = error.params["reason"]
    if isinstance(error, UsernameTaken):
        document["suggestions"] = list(error.suggestions)
    if isinstance(error, StepUpRequired):
        document["methods"] = list(error.methods)
    if isinstance(error, TooManyRequests | Unavailable):
        document["retry_after"] = error.retry_after
    if isinstance(error, MalformedJson):
        document |= _place(error, document["detail"], locale, translator)
    return document


def problem_response(error: MultiproductError, *, locale: str, translator: Translator) -> Response:
    """The answer to a request that failed with the error."""
    document = problem_document(error, locale=locale, translator=translator)
    headers = {"content-language": locale, "vary": "Accept-Language", "cache-control": "no-store"}
    if error.kind is Kind.UNAUTHENTICATED:
        # RFC 6750, 3.1: no error is named to whoever showed no token.
        is_token = isinstance(error, TokenInvalid)
        headers["www-authenticate"] = 'Bearer error="invalid_token"' if is_token else "Bearer"
    if isinstance(error, TooManyRequests | Unavailable):
        headers["retry-after"] = str(error.retry_after)
    if isinstance(error, MethodNotAllowed):
        headers["allow"] = error.allowed
    if isinstance(error, UnsupportedType):
        headers["accept"] = error.expected  # RFC 9110, 15.5.16
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status_code=document["status"], headers=headers, media_type=MEDIA_TYPE)


def invalid_input(error: ValidationError, command: type[BaseModel] | None = None) -> InvalidInput:
    """What pydantic found, in the words of the domain; with the command, also which field an unknown one is
    like."""
    found = error.errors(include_url=False, include_context=True, include_input=False)
    return InvalidInput(*(_field_problem(each, command) for each in found[:MAX_FIELD_PROBLEMS]))


def _field_problem(found: ErrorDetails, command: type[BaseModel] | None) -> FieldProblem:
    location, kind, context = found["loc"], found["type"], found.get("ctx", {})
    field = readable_path(".".join(str(part) for part in location)) or "body"
    if kind == "extra_forbidden":
        known = nearest(location, command) if command is not None else None
        return FieldProblem(field, "unknown", (("nearest", known),) if known else ())
    if kind == "string_too_short" and context["min_length"] == 1:
        return FieldProblem(field, "required")
    if kind in _LIMITS:
        code, name, bound = _LIMITS[kind]
        limit = context[bound]
        return FieldProblem(field, code, ((name, limit if isinstance(limit, int) else str(limit)),))
    if kind in _NO_MOMENT:
        return FieldProblem(field, "invalid_date", (("example", _MOMENT),))
    if kind.endswith("_type"):
        return FieldProblem(field, "wrong_type")
    return FieldProblem(field, _FIELD_CODES.get(kind, "invalid"))


def readable_path(field: str) -> str:
    """A field's path as it can be written into an answer, whatever the client made of it."""
    return field[:_MAX_FIELD_LENGTH].encode("utf-8", "replace").decode().replace("\0", "?")


def _field(problem: FieldProblem, locale: str, translator: Translator) -> dict[str, str]:
    params = dict(problem.params)
    message = translator.text(field_wording(problem), locale=locale, params=params)
    return {"field": problem.field, "code": problem.code, "message": message}


def _place(error: MalformedJson, detail: str, locale: str, translator: Translator) -> dict[str, Any]:
    """Where the body breaks off being JSON; nothing of its content."""
    place = {"line": error.line, "column": error.column}
    told = [detail, translator.text("json.place", locale=locale, params=place)]
    if error.expected is not None:
        told.append(translator.text(f"json.expected.{error.expected}", locale=locale))
    return {"detail": " ".join(told), **place, **({"expected": error.expected} if error.expected else {})}


def _wording(error: MultiproductError, part: str, locale: str, translator: Translator) -> str:
    key = f"error.{error.code}.{part}"
    params = worded_params(error, locale=locale, translator=translator)
    wording = translator.text(key, locale=locale, params=params)
    if wording != key:
        return wording
    general = _GENERAL_CODE.get(error.kind, error.kind.value)
    return translator.text(f"error.{general}.{part}", locale=locale, params=error.params)
