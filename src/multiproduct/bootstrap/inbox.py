"""Putting inboxes together: the use cases, and the one watch of the process that live streams wait on."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.application.notifications.inbox_wiring import InboxUseCases, wire_inbox
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def inbox_of(assembly: "Assembly", units: Units[Any]) -> InboxUseCases:
    """The use cases of inboxes on these units."""
    return wire_inbox(
        units=units,
        clock=assembly.clock,
        ids=assembly.ids,
        randomness=assembly.randomness,
        watch=assembly.inbox_watch,
    )


def inbox_jobs(inbox: InboxUseCases) -> Sequence[Job]:
    """Entries go by themselves after half a year."""
    return (Job("notifications.purge_inboxes", timedelta(hours=1), inbox.purging.run),)
