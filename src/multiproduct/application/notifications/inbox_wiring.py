"""Putting the inbox's use cases together from their parts."""

from dataclasses import dataclass

from multiproduct.application.notifications.inbox import Inbox
from multiproduct.application.notifications.inbox_following import InboxFollowing
from multiproduct.application.notifications.inbox_marking import InboxMarking
from multiproduct.application.notifications.inbox_ports import InboxUnit
from multiproduct.application.notifications.inbox_purging import InboxPurging
from multiproduct.application.notifications.inbox_reading import InboxReading
from multiproduct.application.notifications.inbox_watching import InboxWatch
from multiproduct.application.notifications.stream_ticketing import StreamTicketing
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.unit_of_work import Units


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxUseCases:
    """Everything about inboxes. `entries` is a step, which takes the caller's unit."""

    entries: Inbox
    reading: InboxReading
    marking: InboxMarking
    ticketing: StreamTicketing
    following: InboxFollowing
    purging: InboxPurging


def wire_inbox(
    *, units: Units[InboxUnit], clock: Clock, ids: Ids, randomness: Randomness, watch: InboxWatch
) -> InboxUseCases:
    """The use cases on these units. There is one `watch` for a process."""
    ticketing = StreamTicketing(units=units, clock=clock, randomness=randomness)
    return InboxUseCases(
        entries=Inbox(ids=ids),
        reading=InboxReading(units=units),
        marking=InboxMarking(units=units, clock=clock),
        ticketing=ticketing,
        following=InboxFollowing(units=units, clock=clock, watch=watch, ticketing=ticketing),
        purging=InboxPurging(units=units, clock=clock),
    )
