"""Reading what a request carries: JSON bodies, forms and queries, bounded and checked before use."""

import json
import math
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.entrypoints.http.problems import readable_path
from multiproduct.entrypoints.http.refusals import BodyTooLarge, Malformed, UnsupportedType

MAX_DEPTH = 32
MAX_FIELDS = 1_000
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """What a request carried. In a query or form (`is_text`) numbers and the like are written as texts."""

    document: Document
    is_text: bool = False


async def read_document(request: Request, *, max_bytes: int, takes_forms: bool) -> Sent:
    """The body as an object; an empty body is an empty object.

    Raises BodyTooLarge, UnsupportedType, Malformed, and InvalidInput naming the field.
    """
    raw = await read_body(request, max_bytes=max_bytes)
    if not raw and "content-type" not in request.headers:
        return Sent({})
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if parameters.strip().lower().startswith("charset=") and charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedType
    match media_type.strip().lower():
        case "application/json":
            sent = Sent(_parse_json(raw))
        case "application/x-www-form-urlencoded" if takes_forms:
            sent = Sent(parse_pairs(raw), is_text=True)
        case _:
            raise UnsupportedType
    check_values(sent.document)
    return sent


def read_query(raw: bytes) -> Sent:
    """The query's fields, less `lang`, which every address takes. Raises Malformed, InvalidInput."""
    document = parse_pairs(raw)
    document.pop("lang", None)
    check_values(document)
    return Sent(document, is_text=True)


async def read_body(request: Request, *, max_bytes: int) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is known to be longer; Malformed if it breaks off."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > max_bytes:
        raise BodyTooLarge(max=max_bytes)
    chunks, size = [], 0
    try:
        async for chunk in request.stream():
            size += len(chunk)
            if size > max_bytes:
                raise BodyTooLarge(max=max_bytes)
            chunks.append(chunk)
    except ClientDisconnect:
        raise Malformed from None
    return b"".join(chunks)


def parse_pairs(raw: bytes) -> Document:
    """Fields of a query or a form; one given twice is a list, which no field takes. Raises Malformed."""
    try:
        text = raw.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise Malformed from None
    document: Document = {}
    for name, value in pairs:
        document.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in document.items()}


def check_values(document: Document) -> None:
    """Raises InvalidInput for what no field may hold: nesting deeper than 32, texts that are not Unicode or
    have a NUL character (which PostgreSQL refuses), numbers that are not finite."""
    remaining: list[tuple[str, Any, int]] = [("", document, 1)]
    while remaining:
        path, value, depth = remaining.pop()
        if isinstance(value, str):
            if not _is_text(value):
                raise InvalidInput(FieldProblem(readable_path(path), "invalid"))
        elif isinstance(value, dict | list):
            if depth > MAX_DEPTH:
                raise InvalidInput(FieldProblem(readable_path(path), "too_deep"))
            members = value.items() if isinstance(value, dict) else enumerate(value)
            for name, member in members:
                inner = f"{path}.{name}" if path else str(name)
                if isinstance(name, str) and not _is_text(name):
                    raise InvalidInput(FieldProblem(readable_path(inner), "unknown"))
                remaining.append((inner, member, depth + 1))
        elif isinstance(value, float) and not math.isfinite(value):
            raise InvalidInput(FieldProblem(readable_path(path), "invalid"))


def _parse_json(raw: bytes) -> Document:
    if not raw.strip():
        return {}
    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse_constant)
    except RecursionError:
        raise InvalidInput(FieldProblem("body", "too_deep")) from None
    except ValueError:  # of JSON, of UTF-8, and of integers with thousands of digits
        raise Malformed from None
    if not isinstance(document, dict):
        raise InvalidInput(FieldProblem("body", "wrong_type"))
    return document


def _object(pairs: list[tuple[str, Any]]) -> Document:
    document: Document = {}
    for name, value in pairs:
        if name in document:
            raise InvalidInput(FieldProblem(readable_path(name), "invalid"))
        document[name] = value
    return document


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _is_text(value: str) -> bool:
    if value.isascii():
        return "\0" not in value
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value
