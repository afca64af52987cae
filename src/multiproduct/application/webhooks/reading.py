"""Reading endpoints, messages to them, and what there is to be told of."""

from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.paging import decode_cursor, encode_cursor, page_of
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.webhooks.commands import ListEndpoints, ListMessages
from multiproduct.application.webhooks.event_types import Audience, PublicEvents
from multiproduct.application.webhooks.message_bodies import payload_of
from multiproduct.application.webhooks.ports import MessageFilter, WebhooksUnit
from multiproduct.application.webhooks.reach import reached
from multiproduct.application.webhooks.results import (
    AttemptView,
    EndpointList,
    EndpointView,
    EventTypeList,
    EventTypeView,
    MessageDetails,
    MessageList,
    MessageView,
)
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound
from multiproduct.domain.webhooks import ENDPOINTS_READ, INSTALLATION, Endpoint, Message, MessageState

MAX_ATTEMPTS_SHOWN = 50


class WebhookReading:
    """Another's is answered as none. Of the installation's messages staff reads what is in them only by the
    permission that the event has."""

    def __init__(self, *, units: Units[WebhooksUnit], events: PublicEvents) -> None:
        self._units = units
        self._events = events

    async def endpoints(self, query: ListEndpoints, caller: Caller) -> EndpointList:
        """One's own, or the installation's. Raises Unauthenticated, Forbidden, StepUpRequired."""
        if query.owner == "installation":
            caller.require(ENDPOINTS_READ)
            owner_id = INSTALLATION
        else:
            owner_id = caller.require_user()
        async with self._units.view(caller) as view:
            return EndpointList.of(await view.webhook_endpoints.of_owners([owner_id]))

    async def endpoint(self, endpoint_id: UUID, caller: Caller) -> EndpointView:
        """One endpoint. Raises Unauthenticated, StepUpRequired, NotFound."""
        async with self._units.view(caller) as view:
            return EndpointView.of(await reached(view, endpoint_id, caller, permission=ENDPOINTS_READ))

    async def messages(self, query: ListMessages, caller: Caller) -> MessageList:
        """Messages to an endpoint, the newest first. Raises Unauthenticated, StepUpRequired, NotFound,
        InvalidInput."""
        before = None if query.cursor is None else _place(query.cursor)
        wanted = MessageFilter(
            endpoint_id=query.endpoint_id,
            state=None if query.state is None else MessageState(query.state),
            event_type=query.event,
        )
        async with self._units.view(caller) as view:
            await reached(view, query.endpoint_id, caller, permission=ENDPOINTS_READ)
            found = await view.webhook_messages.page(wanted, before=before, limit=query.limit + 1)
        page = page_of(list(found), limit=query.limit, cursor_of=lambda each: encode_cursor(str(each.id)))
        return MessageList(items=[MessageView.of(each) for each in page.items], next_cursor=page.next_cursor)

    async def message(self, message_id: UUID, caller: Caller) -> MessageDetails:
        """One with what is sent and what came of it. Raises Unauthenticated, Forbidden, StepUpRequired,
        NotFound."""
        async with self._units.view(caller) as view:
            message = await view.webhook_messages.find(message_id)
            if message is None:
                _require_somebody(caller)
                raise NotFound
            endpoint = await reached(view, message.endpoint_id, caller, permission=ENDPOINTS_READ)
            self._require_content(endpoint, message, caller)
            attempts = await view.webhook_messages.attempts(message_id, limit=MAX_ATTEMPTS_SHOWN)
        return MessageDetails(
            **MessageView.of(message).model_dump(),
            payload=payload_of(message.body),
            attempts=[AttemptView.of(each) for each in attempts],
        )

    async def event_types(self, caller: Caller) -> EventTypeList:
        """What an endpoint can ask for. Raises Unauthenticated."""
        _require_somebody(caller)
        return EventTypeList(
            items=[
                EventTypeView.of(each, for_owners=each.audience is Audience.OWNER_AND_STAFF)
                for each in self._events.all
            ]
        )

    def _require_content(self, endpoint: Endpoint, message: Message, caller: Caller) -> None:
        public = self._events.by_name.get(message.event_type)
        if endpoint.owner_id == INSTALLATION and public is not None:
            caller.require(public.permission)


def _require_somebody(caller: Caller) -> None:
    if not caller.principal.is_system:
        caller.require_user()


def _place(cursor: str) -> UUID:
    (last,) = decode_cursor(cursor, length=1)
    try:
        return UUID(last)
    except (TypeError, ValueError, AttributeError):
        raise InvalidInput(FieldProblem("cursor", "invalid")) from None
