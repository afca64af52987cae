"""The delivery log, as the staff reads it: what was sent to whom, or why it was not."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.notifications.deliveries import (
    Delivery,
    DeliveryFilter,
    DeliveryStatus,
    NotificationUnit,
)
from multiproduct.application.notifications.preference_commands import ListDeliveries
from multiproduct.application.notifications.preference_results import DeliveryList, DeliveryView
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.notifications.permissions import DELIVERIES_READ
from multiproduct.domain.shared import FieldProblem, InvalidInput


class DeliveryReading:
    """A use case of the staff."""

    def __init__(self, *, units: Units[NotificationUnit]) -> None:
        self._units = units

    async def page(self, query: ListDeliveries, caller: Caller) -> DeliveryList:
        """A page, the newest first. Raises Unauthenticated, Forbidden, StepUpRequired, InvalidInput."""
        caller.require(DELIVERIES_READ)
        before = None if query.cursor is None else _place(query.cursor)
        wanted = DeliveryFilter(
            user_id=query.user_id,
            type_key=query.type,
            channel=query.channel,
            status=None if query.status is None else DeliveryStatus(query.status),
        )
        async with self._units.view(caller) as view:
            found = await view.deliveries.page(wanted, before=before, limit=query.limit + 1)
        page = page_of(list(found), limit=query.limit, cursor_of=_cursor)
        items = [DeliveryView.of(each) for each in page.items]
        return DeliveryList(items=items, next_cursor=page.next_cursor)


def _cursor(delivery: Delivery) -> str:
    return encode_cursor(delivery.created_at.isoformat(), str(delivery.id))


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, id_ = decode_cursor(cursor, length=2)
    try:
        place = datetime.fromisoformat(at), UUID(id_)
        if place[0].tzinfo is None:
            raise ValueError
    except (AttributeError, TypeError, ValueError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
    return place
