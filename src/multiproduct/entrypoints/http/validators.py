"""Answers that a client may keep: each has an ETag, and whoever has it already is not sent it again."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

_KEPT_HEADERS = ("cache-control", "content-language", "vary", "etag")


def validated(request: Request, response: Response) -> Response:
    """The answer with a weak ETag over its language and bytes (RFC 9110, 8.8.3), or 304 without them where
    the client has this one. Weak, as a compressed answer has other bytes and means the same."""
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    language = response.headers.get("content-language", "").encode()
    digest = hashlib.sha256(language + b"\0" + bytes(response.body)).hexdigest()[:32]
    response.headers["etag"] = f'W/"{digest}"'
    if not _has_it(request.headers.get("if-none-match"), digest):
        return response
    kept = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Response(status_code=304, headers=kept)


def _has_it(header: str | None, digest: str) -> bool:
    """By weak comparison (RFC 9110, 13.1.2)."""
    if header is None:
        return False
    given = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in given or f'"{digest}"' in given
