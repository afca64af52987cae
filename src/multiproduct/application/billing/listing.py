"""What lists of documents have in common: whose they are, and where a page begins."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.billing.commands import ListCreditNotes
from multiproduct.application.billing.ports import Place, Wanted
from multiproduct.application.caller import Caller
from multiproduct.application.moments import EARLIEST, LATEST
from multiproduct.application.paging import decode_cursor, encode_cursor
from multiproduct.domain.shared import FieldProblem, InvalidInput

NOBODYS = UUID(int=0)
"""The id that no customer has."""


def wanted_by(command: ListCreditNotes, caller: Caller, permission: str) -> Wanted:
    """With the permission everybody's, or those of whom is named; without it one's own, and nothing where
    somebody else is named. Raises Unauthenticated."""
    customer_id = command.customer_id
    if not caller.principal.may(permission):
        own = caller.require_user()
        customer_id = own if customer_id in {None, own} else NOBODYS
    return Wanted(customer_id=customer_id, status=getattr(command, "status", None), order_id=command.order_id)


def is_visible(customer_id: UUID, caller: Caller, permission: str) -> bool:
    """Whether the caller may see what is this customer's."""
    return customer_id == caller.principal.user_id or caller.principal.may(permission)


def cursor_of(moment: datetime, id: UUID) -> str:
    """Where the page after this row begins."""
    return encode_cursor(moment.isoformat(), str(id))


def place_of(cursor: str | None) -> Place | None:
    """The row in a cursor. Raises InvalidInput."""
    if cursor is None:
        return None
    moment, row_id = decode_cursor(cursor, length=2)
    try:
        place = Place(at=datetime.fromisoformat(moment), id=UUID(row_id))
        if place.at.tzinfo is None or not EARLIEST <= place.at <= LATEST:
            raise ValueError
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
    return place
