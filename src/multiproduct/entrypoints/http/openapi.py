"""The OpenAPI 3.1 document, made from the endpoint tables and the dialects' data."""

import json
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from openapi_pydantic import OpenAPI

from multiproduct.application.idempotency import MAX_KEY_LENGTH
from multiproduct.application.translation import marks_of
from multiproduct.domain.shared import MultiproductError, TooManyRequests
from multiproduct.entrypoints.http import openapi_schemas as schemas
from multiproduct.entrypoints.http.answering import IDEMPOTENCY_KEY
from multiproduct.entrypoints.http.dialects import Alias
from multiproduct.entrypoints.http.endpoints import Access, Either, Endpoint, Upload, parameters_of
from multiproduct.entrypoints.http.files import FORM_TYPE
from multiproduct.entrypoints.http.openapi_answers import (
    ANSWER_HEADERS,
    LIMIT_HEADERS,
    TRANSLATION_HEADERS,
    problem_name,
    problem_responses,
)
from multiproduct.entrypoints.http.problems import status_of

Json = dict[str, Any]

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_BEARER = "bearer"
_BINARY: Mapping[str, Any] = {"type": "string", "format": "binary"}
_DESCRIPTION = (
    "Canonical paths are `/api/v1/<context>/...`. The documented paths of the source systems are aliases of "
    "them, tagged by system. Errors are `application/problem+json` (RFC 9457). Every path is found with and "
    "without a slash at its end."
)
_PARAMETERS: Mapping[str, Json] = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The languages that messages are wished in (RFC 9110).",
        "example": "es, en;q=0.8",
        "schema": {"type": "string"},
    },
    "Language": {
        "name": "lang",
        "in": "query",
        "description": "A language that goes before Accept-Language.",
        "example": "es",
        "schema": {"type": "string"},
    },
    "IdempotencyKey": {
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "description": "Make one at random for each request, and send it again with a repetition: for a day "
        "the same key and input are answered with the first answer. The same key with other input is refused "
        "with `idempotency_mismatch`.",
        "example": "5b0d6f0e-6a43-4d0a-9a53-0d7f0a4b1c11",
        "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY_LENGTH, "pattern": "^[!-~]+$"},
    },
}


def openapi_document(
    *,
    title: str,
    root: str,
    endpoints: Sequence[Endpoint],
    aliases: Sequence[Alias],
    problem: Callable[[MultiproductError], Json],
) -> Json:
    """The whole document. `problem` words an error, for the examples.

    Raises pydantic's ValidationError if it were no OpenAPI document.
    """
    components = schemas.canonical_schemas(endpoints)
    for dialect in sorted({alias.dialect for alias in aliases}):
        components |= schemas.dialect_schemas(schemas.canonical_schemas(endpoints), dialect)
    by_name = {endpoint.name: endpoint for endpoint in endpoints}
    paths: dict[str, Json] = {}
    for endpoint in endpoints:
        operation = _operation(endpoint, None)
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = operation
    for alias in aliases:
        for name in alias.endpoints:
            operation = _operation(by_name[name], alias)
            paths.setdefault(alias.path, {})[by_name[name].method.lower()] = operation
    document = {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version("multiproduct"), "description": _DESCRIPTION},
        "servers": [{"url": root or "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas.referenced(components, json.dumps(paths), '"#/components/schemas/Problem"'),
            "parameters": dict(_PARAMETERS),
            "responses": problem_responses(problem),
            "securitySchemes": {_BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }
    checked = OpenAPI.model_validate(document)
    written: Json = checked.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return written


def _operation(endpoint: Endpoint, alias: Alias | None) -> Json:
    operation: Json = {
        "operationId": _operation_id(endpoint, alias),
        "tags": [alias.dialect if alias else endpoint.tag],
        "summary": endpoint.summary,
        "description": _description(endpoint, alias),
        "parameters": _parameters(endpoint, alias),
        "responses": _responses(endpoint, alias),
    }
    if endpoint.has_body:
        operation["requestBody"] = _body(endpoint, alias)
    if endpoint.access is Access.SIGNED_IN:
        operation["security"] = [{_BEARER: []}]
    elif endpoint.access is not Access.PUBLIC:
        operation["security"] = [{}, {_BEARER: []}]
    return operation


def _operation_id(endpoint: Endpoint, alias: Alias | None) -> str:
    if alias is None:
        return endpoint.name.replace(".", "_")
    place = alias.path.strip("/").translate(str.maketrans("/-", "__", "{}"))
    return f"{alias.dialect}_{place}_{endpoint.method.lower()}"


def _description(endpoint: Endpoint, alias: Alias | None) -> str:
    sentences = [endpoint.description] if endpoint.description else []
    if endpoint.permission:
        sentences.append(f"Needs the permission `{endpoint.permission}`.")
    if alias:
        sentences.append(f"The same as `{endpoint.method} {endpoint.path}`; unknown fields are ignored.")
    return " ".join(sentences) or endpoint.summary


def _parameters(endpoint: Endpoint, alias: Alias | None) -> list[Json]:
    names = ("AcceptLanguage", "Language", *(("IdempotencyKey",) if endpoint.idempotent else ()))
    parameters: list[Json] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    in_path = parameters_of(alias.path if alias else endpoint.path)
    places = {name: "path" if name in in_path else "query" for name in endpoint.parameters}
    parameters += [schemas.id_parameter(name, place=place) for name, place in places.items()]
    if endpoint.command is not None and not endpoint.has_body:
        parameters += schemas.query_parameters(endpoint.commands[0], alias)
    return parameters


def _body(endpoint: Endpoint, alias: Alias | None) -> Json:
    if endpoint.upload is not None:
        return _file_body(endpoint.upload)
    names = [command.__name__ for command in endpoint.commands]
    references = [schemas.reference(name, alias) for name in names]
    schema = {"anyOf": references} if isinstance(endpoint.command, Either) else references[0]
    media_types = (_JSON, _FORM) if alias or endpoint.takes_forms else (_JSON,)
    is_required = all(command.model_json_schema().get("required") for command in endpoint.commands)
    return {
        "required": is_required,
        "content": {media_type: {"schema": schema} for media_type in media_types},
    }


def _file_body(upload: Upload) -> Json:
    part = {"type": "string", "contentMediaType": "application/octet-stream"}
    form = {"type": "object", "properties": {upload.field: part}, "required": [upload.field]}
    content: Json = {media_type: {"schema": dict(_BINARY)} for media_type in upload.media_types}
    return {"required": True, "content": {**content, FORM_TYPE: {"schema": form}}}


def _answer_content(endpoint: Endpoint, alias: Alias | None) -> Json:
    if endpoint.file_types:
        return {media_type: {"schema": dict(_BINARY)} for media_type in endpoint.file_types}
    references = [schemas.reference(name, alias) for name in schemas.answer_names(endpoint)]
    return {_JSON: {"schema": {"anyOf": references} if endpoint.other_results else references[0]}}


def _responses(endpoint: Endpoint, alias: Alias | None) -> dict[str, Json]:
    headers = {**ANSWER_HEADERS, **(LIMIT_HEADERS if _is_counted(endpoint) else {})}
    if endpoint.file_types:
        headers = {name: header for name, header in headers.items() if name != "Content-Language"}
    if any(marks_of(each) for each in (endpoint.result, *endpoint.other_results)):
        headers |= TRANSLATION_HEADERS
    responses = {
        str(endpoint.status): {
            "description": "Done.",
            "headers": headers,
            "content": _answer_content(endpoint, alias),
        }
    }
    for status in sorted(_problem_statuses(endpoint)):
        name = problem_name(status, is_counted=_is_counted(endpoint))
        responses[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return responses


def _problem_statuses(endpoint: Endpoint) -> set[int]:
    statuses = {status_of(error) for error in endpoint.errors} | {503}
    if endpoint.access in (Access.SIGNED_IN, Access.IF_GIVEN):
        statuses.add(401)
    if endpoint.permission:
        statuses.add(403)
    if endpoint.command is not None or endpoint.upload is not None:
        statuses |= {400, 422}
    if endpoint.parameters:
        statuses.add(404)
    if endpoint.has_body:
        statuses |= {413, 415}
    if _is_counted(endpoint):
        statuses.add(429)
    return statuses


def _is_counted(endpoint: Endpoint) -> bool:
    return endpoint.scope is not None or TooManyRequests in endpoint.errors
