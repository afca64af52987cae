"""Reading what a request carries: JSON bodies, forms and queries, bounded and checked before use."""

import asyncio
import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request

from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.entrypoints.http.json_syntax import break_of
from multiproduct.entrypoints.http.problems import readable_path
from multiproduct.entrypoints.http.refusals import BodyTooLarge, Malformed, MalformedJson, UnsupportedType

MAX_DEPTH = 32
MAX_FIELDS = 1_000
MAX_PROBLEMS = 50
PATIENCE_SECONDS = 30.0
SLOWEST_BYTES_A_SECOND = 16_384
"""A body may take so long as the largest one that is taken would at this pace, and the patience besides."""
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

    Raises BodyTooLarge, UnsupportedType, Malformed, and InvalidInput naming the fields.
    """
    readable = f"{JSON_TYPE}, {FORM_TYPE}" if takes_forms else JSON_TYPE
    raw = await read_body(request, max_bytes=max_bytes)
    if not raw and "content-type" not in request.headers:
        return Sent({})
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if parameters.strip().lower().startswith("charset=") and charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedType(expected=readable)
    match media_type.strip().lower():
        case found if found == JSON_TYPE:
            sent = Sent(_parse_json(raw))
        case found if found == FORM_TYPE and takes_forms:
            sent = Sent(parse_pairs(raw), is_text=True)
        case _:
            raise UnsupportedType(expected=readable)
    check_values(sent.document)
    return sent


def read_query(raw: bytes) -> Sent:
    """The query's fields, less `lang`, which every address takes. Raises Malformed, InvalidInput."""
    document = parse_pairs(raw)
    document.pop("lang", None)
    check_values(document)
    return Sent(document, is_text=True)


async def read_body(request: Request, *, max_bytes: int) -> bytes:
    """The whole body. Raises BodyTooLarge as soon as it is known to be longer; Malformed if it breaks off, or
    does not come to an end."""
    announced = request.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > max_bytes:
        raise BodyTooLarge(max=max_bytes)
    chunks, size = [], 0
    try:
        async with asyncio.timeout(PATIENCE_SECONDS + max_bytes / SLOWEST_BYTES_A_SECOND):
            async for chunk in request.stream():
                size += len(chunk)
                if size > max_bytes:
                    raise BodyTooLarge(max=max_bytes)
                chunks.append(chunk)
    except (ClientDisconnect, TimeoutError):
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
    have a NUL character (which PostgreSQL refuses), numbers that are not finite. Names 50 fields at most."""
    problems: list[FieldProblem] = []
    remaining: list[tuple[str, Any, int]] = [("", document, 1)]
    while remaining and len(problems) < MAX_PROBLEMS:
        path, value, depth = remaining.pop()
        if isinstance(value, dict | list) and depth <= MAX_DEPTH:
            inner = [(_joined(path, name), name, member) for name, member in _members(value)]
            problems += [
                FieldProblem(readable_path(place), "unknown")
                for place, name, _ in inner
                if not _is_name(name)
            ]
            remaining += [(place, member, depth + 1) for place, name, member in inner[::-1] if _is_name(name)]
        elif (code := _problem_of(value)) is not None:
            problems.append(FieldProblem(readable_path(path), code))
    if problems:
        raise InvalidInput(*problems)


def _members(value: dict[str, Any] | list[Any]) -> Iterable[tuple[str | int, Any]]:
    return value.items() if isinstance(value, dict) else enumerate(value)


def _joined(path: str, name: str | int) -> str:
    return f"{path}.{name}" if path else str(name)


def _is_name(name: str | int) -> bool:
    return isinstance(name, int) or _is_text(name)


def _problem_of(value: Any) -> str | None:
    if isinstance(value, str):
        return None if _is_text(value) else "invalid"
    if isinstance(value, dict | list):
        return "too_deep"
    return "invalid" if isinstance(value, float) and not math.isfinite(value) else None


def _parse_json(raw: bytes) -> Document:
    if not raw.strip():
        return {}
    repeated: dict[str, int] = {}

    def as_object(pairs: list[tuple[str, Any]]) -> Document:
        document = dict(pairs)
        if len(document) < len(pairs):
            counted = Counter(name for name, _ in pairs)
            repeated.update((name, count) for name, count in counted.items() if count > 1)
        return document

    try:
        document = json.loads(
            raw.decode("utf-8"), object_pairs_hook=as_object, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise InvalidInput(FieldProblem("body", "too_deep")) from None
    except ValueError as error:  # of JSON, of UTF-8, and of integers with thousands of digits
        raise _malformed(raw, error) from None
    if repeated:
        told = list(repeated.items())[:MAX_PROBLEMS]
        raise InvalidInput(
            *(FieldProblem(readable_path(name), "invalid", (("times", count),)) for name, count in told)
        )
    if not isinstance(document, dict):
        raise InvalidInput(FieldProblem("body", "wrong_type"))
    return document


def _malformed(raw: bytes, error: ValueError) -> Malformed:
    found = break_of(raw)
    if found is not None:
        return MalformedJson(line=found.line, column=found.column, expected=found.expected)
    if isinstance(error, json.JSONDecodeError):
        return MalformedJson(line=error.lineno, column=error.colno)
    return Malformed()


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
