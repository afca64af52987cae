"""Reading one's inbox."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.notifications.inbox_commands import ListNotifications
from multiproduct.application.notifications.inbox_ports import InboxUnit
from multiproduct.application.notifications.inbox_results import (
    NotificationList,
    NotificationView,
    UnreadCount,
)
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound

_LARGEST = 2**63 - 1


class InboxReading:
    """Everybody reads their own inbox, and nobody another's, staff neither."""

    def __init__(self, *, units: Units[InboxUnit]) -> None:
        self._units = units

    async def notifications(self, query: ListNotifications, caller: Caller) -> NotificationList:
        """A page, the newest first. Raises Unauthenticated, InvalidInput."""
        user_id = caller.require_user()
        before = None if query.cursor is None else _place(query.cursor)
        async with self._units.view(caller) as view:
            found = await view.inbox.page(
                user_id, before=before, unread_only=query.unread, limit=query.limit + 1
            )
        page = page_of(list(found), limit=query.limit, cursor_of=lambda each: encode_cursor(each.sequence))
        return NotificationList(
            items=[NotificationView.of(each) for each in page.items], next_cursor=page.next_cursor
        )

    async def notification(self, id: UUID, caller: Caller) -> NotificationView:
        """One entry. Reading it so does not mark it as read. Raises Unauthenticated, NotFound."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            entry = await view.inbox.find(user_id, id)
        if entry is None:
            raise NotFound
        return NotificationView.of(entry)

    async def unread_count(self, caller: Caller) -> UnreadCount:
        """How much is unread, by a counter that moves with the entries. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            return UnreadCount.of(await view.inbox.counter(user_id))


def _place(cursor: str) -> int:
    (last,) = decode_cursor(cursor, length=1)
    if not isinstance(last, int) or isinstance(last, bool) or not 0 <= last <= _LARGEST:
        raise InvalidInput(FieldProblem("cursor", "invalid"))
    return last
