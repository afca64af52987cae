"""Asking a provider for a JSON object, and telling its refusals from its failures."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from multiproduct.application.ports.web_client import WebClient, WebRequest, WebUnreachable
from multiproduct.domain.identity import EmailAddress, SocialTokenInvalid
from multiproduct.domain.shared import InvalidInput, Unavailable

_MAX_BYTES = 65_536
_MAX_NAME = 150
_FORM = "application/x-www-form-urlencoded"


async def ask(web: WebClient, url: str, query: Mapping[str, str]) -> dict[str, Any]:
    """What GET answers. Raises SocialTokenInvalid where the provider refuses, Unavailable where it fails."""
    asked = WebRequest(
        method="GET",
        url=f"{url}?{urlencode(query)}",
        headers={"accept": "application/json"},
        max_bytes=_MAX_BYTES,
    )
    return await _answer(web, asked)


async def post(web: WebClient, url: str, form: Mapping[str, str]) -> dict[str, Any]:
    """What POST of a form answers. Raises as `ask` does."""
    asked = WebRequest(
        method="POST",
        url=url,
        headers={"accept": "application/json", "content-type": _FORM},
        body=urlencode(form).encode(),
        max_bytes=_MAX_BYTES,
    )
    return await _answer(web, asked)


def read_object(body: bytes) -> dict[str, Any] | None:
    """A JSON object, or None for anything else."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def email_of(value: object) -> EmailAddress | None:
    """An address, if it is one."""
    if not isinstance(value, str):
        return None
    try:
        return EmailAddress.parse(value)
    except InvalidInput:
        return None


def name_of(value: object) -> str:
    """A name as it can be kept; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value.strip() if sign.isprintable())[:_MAX_NAME]


async def _answer(web: WebClient, asked: WebRequest) -> dict[str, Any]:
    try:
        answer = await web.send(asked)
    except WebUnreachable:
        raise Unavailable(what="provider", retry_after=5) from None
    if answer.status >= 500 or answer.status == 429:
        raise Unavailable(what="provider", retry_after=5)
    document = read_object(answer.body) if answer.status == 200 else None
    if document is None:
        raise SocialTokenInvalid
    return document
