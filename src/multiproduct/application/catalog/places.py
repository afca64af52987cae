"""Where a page of the catalog begins."""

from typing import Any
from uuid import UUID

from multiproduct.application.paging import decode_cursor, encode_cursor
from multiproduct.domain.shared import FieldProblem, InvalidInput

_MAX_ORDER = 2_000_000


def id_cursor(row: Any) -> str:
    """The cursor of something that pages are sorted by the id of."""
    return encode_cursor(str(row.id))


def id_place(cursor: str | None) -> UUID | None:
    """The id in a cursor. Raises InvalidInput."""
    return None if cursor is None else _id(decode_cursor(cursor, length=1)[0])


def order_place(cursor: str | None) -> tuple[int, UUID] | None:
    """The sort order and the id in a cursor. Raises InvalidInput."""
    if cursor is None:
        return None
    order, text = decode_cursor(cursor, length=2)
    if not isinstance(order, int) or isinstance(order, bool) or abs(order) > _MAX_ORDER:
        raise InvalidInput(FieldProblem("cursor", "invalid"))
    return order, _id(text)


def _id(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
