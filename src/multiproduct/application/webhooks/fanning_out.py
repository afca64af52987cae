"""Making the messages of an event: one for each endpoint that is to be told of it."""

from collections.abc import Callable, Sequence
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.clock import RealTime
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard
from multiproduct.application.units import in_unit
from multiproduct.application.webhooks.event_types import Audience, PublicEvent, PublicEvents
from multiproduct.application.webhooks.message_bodies import body_of
from multiproduct.application.webhooks.ports import WebhooksUnit
from multiproduct.domain.shared import Event
from multiproduct.domain.webhooks import INSTALLATION, Endpoint, Message, Ordering


class FanningOut:
    """The reaction to every public event. Run again it makes nothing twice: an endpoint has one message for a
    place in the event log. It is told of nothing that happened before it was added, and
    whoever may not sign in is told nothing either."""

    def __init__(
        self,
        *,
        units: Units[WebhooksUnit],
        events: PublicEvents,
        real_time: RealTime,
        ids: Ids,
        wake: Callable[[], None],
    ) -> None:
        self._units = units
        self._events = events
        self._real_time = real_time
        self._ids = ids
        self._wake = wake

    async def fan_out(self, event: Event, heard: Heard) -> None:
        """Makes the messages, and completes the todo with them."""
        public = self._events.of(event)

        async def body(unit: WebhooksUnit) -> int:
            told = await self._told(unit, event, public)
            added = await unit.webhook_messages.add(self._messages(event, public, heard, told)) if told else 0
            await unit.todos.complete(heard.todo)
            await unit.commit()
            return added

        if await in_unit(lambda: self._units.open(SYSTEM), body):
            self._wake()

    async def _told(self, unit: WebhooksUnit, event: Event, public: PublicEvent) -> Sequence[Endpoint]:
        subject = None if event.subject_user_id is None else UUID(event.subject_user_id)
        owners = [INSTALLATION] if subject is None else [INSTALLATION, subject]
        told = [
            each
            for each in await unit.webhook_endpoints.of_owners(owners)
            if each.created_at <= event.occurred_at
            and each.wants(
                public.name,
                permission=public.permission,
                subject_id=subject,
                for_owners=public.audience is Audience.OWNER_AND_STAFF,
            )
        ]
        if subject is not None and any(each.owner_id == subject for each in told):
            user = await unit.users.find(subject)
            if user is None or not user.may_sign_in:
                return [each for each in told if each.owner_id == INSTALLATION]
        return told

    def _messages(
        self, event: Event, public: PublicEvent, heard: Heard, told: Sequence[Endpoint]
    ) -> list[Message]:
        position, data, now = heard.todo.key.position, public.data(event), self._real_time.now()
        key = f"{event.RESOURCE}:{event.resource_id}"
        return [
            Message(
                id=self._ids.next(),
                endpoint_id=each.id,
                event_key=f"event:{position}",
                event_type=public.name,
                order_key=key if each.options.ordering is Ordering.PER_KEY else None,
                sequence=position,
                body=body_of(
                    public.name,
                    event.occurred_at,
                    data,
                    sequence=position if each.owner_id == INSTALLATION else None,
                ),
                created_at=now,
                next_attempt_at=now,
            )
            for each in told
        ]
