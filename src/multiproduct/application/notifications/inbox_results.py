"""What the inbox answers, and what its live stream tells."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.domain.notifications.inbox import InboxCounter, InboxEntry, InboxPosition

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_AT = "2026-11-21T06:31:00Z"
_TICKET = "q0m1v5bq4a7W2k9XbQpYAZmk0nwee5qfDjsfaiyNEJ3"
_POSITION = "How far the stream has come. Whoever connects with it as `after` gets what came since."
_VERSION = "Grows with every change of the inbox: a count with a smaller one is out of date."


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class NotificationView(Result):
    """An entry of somebody's inbox, in the language in which it was written."""

    id: UUID = Field(description="The id of the notification.", examples=[_ID])
    type: str = Field(description="What kind of notification it is.", examples=["billing.invoice_paid"])
    category: str = Field(description="The group that its kind belongs to.", examples=["billing"])
    title: str = Field(description="What it says, in a line.", examples=["Your invoice is paid"])
    body: str = Field(description="What it says.", examples=["We received 19.99 USD. Thank you."])
    data: dict[str, str | int | bool | None] = Field(
        description="What it is about, for programs.", examples=[{"invoice_id": _ID}]
    )
    locale: str = Field(description="The language it is written in.", examples=["en"])
    is_read: bool = Field(description="Whether it was read.", examples=[False])
    read_at: datetime | None = Field(
        description="When it was read (RFC 3339, UTC), or null.", examples=[None]
    )
    created_at: datetime = Field(description="When it came (RFC 3339, UTC).", examples=[_AT])

    @classmethod
    def of(cls, entry: InboxEntry) -> "NotificationView":
        """The entry as its person sees it."""
        return cls(
            id=entry.id,
            type=entry.type_key,
            category=entry.category,
            title=entry.title,
            body=entry.body,
            data=dict(entry.data),
            locale=entry.locale,
            is_read=entry.is_read,
            read_at=entry.read_at,
            created_at=entry.created_at,
        )


class NotificationList(Result):
    """A page of somebody's inbox."""

    items: list[NotificationView] = Field(description="The entries, the newest first.")
    next_cursor: str | None = Field(description="Where the next page begins, or null.", examples=[None])


class UnreadCount(Result):
    """How much is unread."""

    unread: int = Field(description="How many entries are unread.", examples=[3])
    version: int = Field(description=_VERSION, examples=[17])

    @classmethod
    def of(cls, counter: InboxCounter) -> "UnreadCount":
        """As the counter has it."""
        return cls(unread=counter.unread, version=counter.version)


class AllRead(UnreadCount):
    """What came of marking everything as read."""

    marked: int = Field(description="How many entries were unread before.", examples=[3])


class StreamTicketView(Result):
    """Opens the live stream, once: `GET /ws/notifications/?ticket=...` over WebSocket."""

    ticket: str = Field(description="The ticket; it is good once.", examples=[_TICKET], repr=False)
    expires_at: datetime = Field(description="Until when it is good (RFC 3339, UTC).", examples=[_AT])


class Welcome(Result):
    """The first frame. Whoever gave no `after` reads the list now, and misses nothing. What was missed since
    `after` follows, and then the count."""

    type: Literal["welcome"] = "welcome"
    position: str = Field(description=_POSITION)
    heartbeat_seconds: float


class EntryChanged(Result):
    """An entry came, was read, or was marked as unread."""

    type: Literal["notification"] = "notification"
    position: str = Field(description=_POSITION)
    notification: NotificationView

    @classmethod
    def of(cls, entry: InboxEntry) -> "EntryChanged":
        """The entry as it is now."""
        return cls(position=str(InboxPosition.of(entry)), notification=NotificationView.of(entry))


class CountChanged(Result):
    """How much is unread now; everything up to this version was told."""

    type: Literal["unread"] = "unread"
    position: str = Field(description=_POSITION)
    unread: int
    version: int


class Reset(Result):
    """Too much has changed to be told one by one, or the position is none of this inbox: the list is to be
    read anew. The stream goes on from here."""

    type: Literal["reset"] = "reset"
    position: str = Field(description=_POSITION)


class Ping(Result):
    """To be answered by `{"type": "pong"}`."""

    type: Literal["ping"] = "ping"


Frame = Welcome | EntryChanged | CountChanged | Reset | Ping
