"""Putting webhooks' use cases together from their parts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from multiproduct.application.idempotency import Idempotency
from multiproduct.application.ports.clock import Clock, RealTime
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.webhooks.delivering import Delivering
from multiproduct.application.webhooks.endpoint_keeping import EndpointKeeping
from multiproduct.application.webhooks.event_types import PublicEvents
from multiproduct.application.webhooks.facade import Webhooks
from multiproduct.application.webhooks.fanning_out import FanningOut
from multiproduct.application.webhooks.message_keeping import MessageKeeping
from multiproduct.application.webhooks.ports import OwnerNotices, Receivers, WebhooksUnit
from multiproduct.application.webhooks.purging import MessagePurging
from multiproduct.application.webhooks.reactions import WebhookReactions
from multiproduct.application.webhooks.reading import WebhookReading
from multiproduct.application.webhooks.sending import LEASE, MessageSending
from multiproduct.domain.webhooks import DestinationPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhooksParts:
    """What webhooks are put together from. `wake` is called where messages were made by other units than
    those of the sender's own; None wakes the sender itself."""

    units: Units[WebhooksUnit]
    events: PublicEvents
    policy: DestinationPolicy
    receivers: Receivers
    notices: OwnerNotices
    sealing: Sealing
    idempotency: Idempotency
    clock: Clock
    real_time: RealTime
    ids: Ids
    randomness: Randomness
    wake: Callable[[], None] | None = None
    lease: timedelta = LEASE


def wire_webhooks(parts: WebhooksParts) -> Webhooks:
    """The use cases of webhooks, the reactions, and the loop that sends."""
    units, events, clock, real_time, ids = (
        parts.units,
        parts.events,
        parts.clock,
        parts.real_time,
        parts.ids,
    )
    delivering = Delivering(
        receivers=parts.receivers,
        sealing=parts.sealing,
        real_time=real_time,
        ids=ids,
        randomness=parts.randomness,
    )
    sending = MessageSending(
        units=units, delivering=delivering, clock=clock, real_time=real_time, lease=parts.lease
    )
    wake = parts.wake or sending.wake
    fanning_out = FanningOut(units=units, events=events, real_time=real_time, ids=ids, wake=wake)
    return Webhooks(
        endpoints=EndpointKeeping(
            units=units,
            policy=parts.policy,
            events=events,
            sealing=parts.sealing,
            randomness=parts.randomness,
            idempotency=parts.idempotency,
            clock=clock,
            real_time=real_time,
            ids=ids,
        ),
        messages=MessageKeeping(
            units=units,
            idempotency=parts.idempotency,
            clock=clock,
            real_time=real_time,
            ids=ids,
            wake=wake,
        ),
        reading=WebhookReading(units=units, events=events),
        sending=sending,
        purging=MessagePurging(units=units, real_time=real_time),
        reactions=WebhookReactions(
            units=units,
            events=events,
            fanning_out=fanning_out,
            notices=parts.notices,
            policy=parts.policy,
        ),
    )
