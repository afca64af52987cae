"""Cursor paging: a page of items and an opaque cursor to the next."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from multiproduct.domain.shared import FieldProblem, InvalidInput

DEFAULT_LIMIT = 50
MAX_LIMIT = 200
_MAX_CURSOR = 512

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items, and where the next page begins (None on the last)."""

    items: list[Item]
    next_cursor: str | None = None


def encode_cursor(*position: str | int) -> str:
    """An opaque, URL-safe cursor from the sort key of a page's last item."""
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int) -> tuple[Any, ...]:
    """The sort key in a cursor. Raises InvalidInput for one that was not made by `encode_cursor`."""
    try:
        if len(cursor) > _MAX_CURSOR:
            raise ValueError
        position = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(position, list) or len(position) != length:
            raise ValueError
    except (ValueError, binascii.Error):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
    return tuple(position)


def page_of(found: list[Item], *, limit: int, cursor_of: Callable[[Item], str]) -> Page[Item]:
    """Makes a page from `limit + 1` fetched items."""
    items = found[:limit]
    more = len(found) > limit
    return Page(items, cursor_of(items[-1]) if more else None)
