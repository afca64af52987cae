"""The mailbox, previews and the test clock: aids for development, which do not exist elsewhere."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from multiproduct.bootstrap import Container
from multiproduct.domain.shared import NotFound
from multiproduct.entrypoints.http.answering import Answering
from multiproduct.entrypoints.http.endpoints import Call, Endpoint, Visit
from multiproduct.entrypoints.http.mailbox_page import MAILBOX, MailboxPage
from multiproduct.entrypoints.http.media_types import prefers
from multiproduct.entrypoints.http.notification_previews import PREVIEWS, NotificationPreviews
from multiproduct.entrypoints.http.routing import PathTable
from multiproduct.settings import Settings

_TAG = "Development"
_MOST_MESSAGES = 1_000
_LONGEST_STEP = timedelta(days=3_660)


class ReadMailbox(BaseModel):
    """Which messages to show, the newest first."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    to: str | None = None
    limit: Annotated[int, Field(ge=1, le=_MOST_MESSAGES)] = 50


class Message(BaseModel):
    """A mail, or a short message, which has neither subject nor HTML."""

    channel: str
    to: str
    subject: str
    text: str
    html: str
    created_at: datetime


class Messages(BaseModel):
    """Messages, the newest first."""

    items: list[Message]
    next_cursor: None = None


class AdvanceClock(BaseModel):
    """How far to move business time, as an ISO 8601 duration like `P1D`."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")

    advance: Annotated[timedelta, Field(ge=timedelta(0), le=_LONGEST_STEP)]


class ClockReading(BaseModel):
    """Business time, and how far it is ahead of real time."""

    now: datetime
    offset: timedelta


async def _messages(container: Container, command: ReadMailbox, _call: Call) -> Messages:
    if container.mailbox is None:
        raise NotFound
    found = await container.mailbox.messages(command.to, limit=command.limit)
    return Messages(
        items=[
            Message(
                channel=each.channel,
                to=each.to,
                subject=each.subject,
                text=each.text,
                html=each.html,
                created_at=each.created_at,
            )
            for each in found
        ]
    )


async def _clock(container: Container, _command: None, _call: Call) -> ClockReading:
    return ClockReading(now=container.clock.now(), offset=await container.clock_offset.read())


async def _advance(container: Container, command: AdvanceClock, _call: Call) -> ClockReading:
    await container.clock_offset.advance(command.advance)
    await container.refresh_clock()
    return await _clock(container, None, _call)


_MAILBOX = Endpoint(
    method="GET",
    path=MAILBOX,
    name="dev.mailbox",
    tag=_TAG,
    summary="What was sent to people",
    handler=_messages,
    command=ReadMailbox,
    result=Messages,
    errors=(NotFound,),
)
_CLOCK = (
    Endpoint(
        method="GET",
        path="/dev/clock",
        name="dev.clock",
        tag=_TAG,
        summary="Read business time",
        handler=_clock,
        result=ClockReading,
    ),
    Endpoint(
        method="POST",
        path="/dev/clock",
        name="dev.clock.advance",
        tag=_TAG,
        summary="Move business time forward, in every process",
        handler=_advance,
        command=AdvanceClock,
        result=ClockReading,
    ),
)


def development_endpoints(settings: Settings) -> Sequence[Endpoint]:
    """The aids that the settings allow."""
    if not settings.is_development:
        return ()
    return (_MAILBOX, *_CLOCK) if settings.test_clock else (_MAILBOX,)


class Development:
    """Adds the aids to the paths; people get the mailbox as a page."""

    def __init__(self, *, container: Container) -> None:
        self._container = container
        self._mailbox = Answering(container=container, endpoint=_MAILBOX)
        self._page = MailboxPage(container=container)
        self._previews = NotificationPreviews(container=container)

    def add_to(self, paths: PathTable) -> None:
        """Adds the paths that the settings allow."""
        if self._container.settings.is_development:
            paths.add("GET", PREVIEWS, self._previews.show_all)
            paths.add("GET", f"{PREVIEWS}/{{type}}", self._previews.show)
            paths.add("GET", f"{PREVIEWS}/{{type}}/mail", self._previews.show_mail)
        for endpoint in development_endpoints(self._container.settings):
            if endpoint is _MAILBOX:
                paths.add("GET", endpoint.path, self.mailbox)
                paths.add("GET", f"{MAILBOX}/{{message}}", self._page.show_html)
            else:
                paths.add(
                    endpoint.method, endpoint.path, Answering(container=self._container, endpoint=endpoint)
                )

    async def mailbox(self, visit: Visit) -> Response:
        """JSON, or a page where that is preferred."""
        accept = visit.request.headers.get("accept")
        if prefers(accept, "text/html", over="application/json"):
            return await self._page.show(visit)
        return await self._mailbox(visit)
