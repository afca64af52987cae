"""Messages that somebody asks for: one to try an endpoint, and those that are to be sent once more."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from pydantic import BaseModel

from multiproduct.application.caller import Caller
from multiproduct.application.idempotency import Idempotency, KeyedRequest
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.application.webhooks.commands import Command, ReplayMessages
from multiproduct.application.webhooks.event_types import TEST
from multiproduct.application.webhooks.message_bodies import body_of
from multiproduct.application.webhooks.ports import WebhooksUnit
from multiproduct.application.webhooks.reach import reached
from multiproduct.application.webhooks.results import MessageView, Replayed
from multiproduct.domain.shared import NotFound
from multiproduct.domain.webhooks import (
    ENDPOINTS_MANAGE,
    Endpoint,
    EndpointDisabled,
    Message,
    MessagesReplayed,
    MessageState,
    MessageUnderWay,
)

MAX_REPLAYED = 1_000
"""By one request."""
_STATES = {
    "failed": (MessageState.FAILED,),
    "all": (MessageState.FAILED, MessageState.DELIVERED),
}
A = TypeVar("A", bound=BaseModel)


class _Nothing(Command):
    """What is asked where nothing can be said."""


class MessageKeeping:
    """A message that is sent once more keeps its id, its bytes and its place; its series of attempts begins
    anew."""

    def __init__(
        self,
        *,
        units: Units[WebhooksUnit],
        idempotency: Idempotency,
        clock: Clock,
        real_time: RealTime,
        ids: Ids,
        wake: Callable[[], None],
    ) -> None:
        self._units = units
        self._idempotency = idempotency
        self._clock = clock
        self._real_time = real_time
        self._ids = ids
        self._wake = wake

    async def test(
        self, endpoint_id: UUID, caller: Caller, *, idempotency_key: str | None = None
    ) -> MessageView:
        """Has a message of the type `webhooks.test.v1` sent. Raises Unauthenticated, StepUpRequired,
        NotFound, EndpointDisabled, IdempotencyMismatch, IdempotencyUnfinished."""

        async def work(unit: WebhooksUnit) -> MessageView:
            await self._enabled(unit, endpoint_id, caller)
            now, id_ = self._real_time.now(), self._ids.next()
            message = Message(
                id=id_,
                endpoint_id=endpoint_id,
                event_key=f"test:{id_}",
                event_type=TEST,
                order_key=None,
                sequence=0,
                body=body_of(TEST, self._clock.now(), {"endpoint_id": str(endpoint_id)}, sequence=None),
                created_at=now,
                next_attempt_at=now,
            )
            await unit.webhook_messages.add([message])
            return MessageView.of(message)

        activity = f"webhooks.test/{endpoint_id}"
        request = self._idempotency.keyed(
            key=idempotency_key,
            activity=activity,
            caller=caller,
            command=_Nothing(),
            answer_type=MessageView,
        )
        return await self._once(request, caller, work)

    async def replay(
        self, message_id: UUID, caller: Caller, *, idempotency_key: str | None = None
    ) -> MessageView:
        """Has one message sent once more, or at once where it waits. Raises Unauthenticated, StepUpRequired,
        NotFound, EndpointDisabled, MessageUnderWay, IdempotencyMismatch, IdempotencyUnfinished."""

        async def work(unit: WebhooksUnit) -> MessageView:
            message = await unit.webhook_messages.find(message_id)
            if message is None:
                if not caller.principal.is_system:
                    caller.require_user()
                raise NotFound
            endpoint = await self._enabled(unit, message.endpoint_id, caller)
            if not await unit.webhook_messages.replay(message_id, now=self._real_time.now()):
                raise MessageUnderWay
            self._note(unit, endpoint, 1)
            found = await unit.webhook_messages.find(message_id)
            return MessageView.of(found or message)

        activity = f"webhooks.replay/{message_id}"
        request = self._idempotency.keyed(
            key=idempotency_key,
            activity=activity,
            caller=caller,
            command=_Nothing(),
            answer_type=MessageView,
        )
        return await self._once(request, caller, work)

    async def replay_range(
        self,
        endpoint_id: UUID,
        command: ReplayMessages,
        caller: Caller,
        *,
        idempotency_key: str | None = None,
    ) -> Replayed:
        """Has the messages of a range of time sent once more, at most 1,000, the oldest first. Raises
        Unauthenticated, StepUpRequired, NotFound, EndpointDisabled, IdempotencyMismatch,
        IdempotencyUnfinished."""

        async def work(unit: WebhooksUnit) -> Replayed:
            endpoint, now = await self._enabled(unit, endpoint_id, caller), self._real_time.now()
            count = await unit.webhook_messages.replay_range(
                endpoint_id,
                since=command.since,
                until=command.until or now,
                states=_STATES[command.states],
                now=now,
                limit=MAX_REPLAYED,
            )
            self._note(unit, endpoint, count)
            return Replayed(count=count, more=count == MAX_REPLAYED)

        activity = f"webhooks.replay_range/{endpoint_id}"
        request = self._idempotency.keyed(
            key=idempotency_key,
            activity=activity,
            caller=caller,
            command=command,
            answer_type=Replayed,
        )
        return await self._once(request, caller, work)

    async def _once(
        self, request: KeyedRequest[A], caller: Caller, work: Callable[[WebhooksUnit], Awaitable[A]]
    ) -> A:
        async def body(unit: WebhooksUnit) -> A:
            answer = await request.once(unit, lambda: work(unit), now=self._clock.now())
            await unit.commit()
            return answer

        answer = await in_unit(lambda: self._units.open(caller), body)
        self._wake()
        return answer

    @staticmethod
    async def _enabled(unit: WebhooksUnit, endpoint_id: UUID, caller: Caller) -> Endpoint:
        endpoint = await reached(unit, endpoint_id, caller, permission=ENDPOINTS_MANAGE)
        if not endpoint.is_enabled:
            raise EndpointDisabled
        return endpoint

    def _note(self, unit: WebhooksUnit, endpoint: Endpoint, count: int) -> None:
        if count:
            unit.record(
                MessagesReplayed(
                    occurred_at=self._clock.now(),
                    endpoint_id=endpoint.id,
                    owner_id=endpoint.owner_id,
                    count=count,
                )
            )
