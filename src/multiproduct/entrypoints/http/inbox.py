"""The endpoints of one's inbox: what one was told, what of it is unread, and a ticket to follow it live."""

from collections.abc import Sequence

from multiproduct.application.notifications.inbox_commands import ListNotifications, ReadAll
from multiproduct.application.notifications.inbox_results import (
    AllRead,
    NotificationList,
    NotificationView,
    StreamTicketView,
    UnreadCount,
)
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/notifications"
_TAG = "Notifications"

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=_BASE,
        name="notification.list",
        tag=_TAG,
        summary="List one's notifications",
        description="The newest first.",
        handler=lambda container, command, call: container.inbox.reading.notifications(command, call.caller),
        command=ListNotifications,
        result=NotificationList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/unread-count",
        name="notification.unread_count",
        tag=_TAG,
        summary="Count one's unread notifications",
        description="Of two counts, the one with the larger `version` is the later one.",
        handler=lambda container, _command, call: container.inbox.reading.unread_count(call.caller),
        result=UnreadCount,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/read-all",
        name="notification.read_all",
        tag=_TAG,
        summary="Mark all of one's notifications as read",
        description="With `up_to`, what came after that notification stays unread.",
        handler=lambda container, command, call: container.inbox.marking.read_all(command, call.caller),
        command=ReadAll,
        result=AllRead,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/stream-tickets",
        name="notification.stream_ticket",
        tag=_TAG,
        summary="Get a ticket for the live stream",
        description="It opens `/ws/notifications/?ticket=...` over WebSocket, once and for 30 seconds. With "
        "`&after=` and the position of the last frame, the stream goes on from there.",
        handler=lambda container, _command, call: container.inbox.ticketing.issue(call.caller),
        result=StreamTicketView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/{{notification_id}}",
        name="notification.read",
        tag=_TAG,
        summary="Look at one of one's notifications",
        description="This does not mark it as read.",
        handler=lambda container, _command, call: container.inbox.reading.notification(
            call.ids["notification_id"], call.caller
        ),
        result=NotificationView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/{{notification_id}}/read",
        name="notification.mark_read",
        tag=_TAG,
        summary="Mark a notification as read",
        description="Again changes nothing.",
        handler=lambda container, _command, call: container.inbox.marking.read(
            call.ids["notification_id"], call.caller
        ),
        result=NotificationView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/{{notification_id}}/unread",
        name="notification.mark_unread",
        tag=_TAG,
        summary="Mark a notification as unread",
        description="Again changes nothing.",
        handler=lambda container, _command, call: container.inbox.marking.unread(
            call.ids["notification_id"], call.caller
        ),
        result=NotificationView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound,),
    ),
)
