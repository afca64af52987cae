"""The step by which something comes into a person's inbox, within the unit that told them of it."""

from typing import Protocol
from uuid import UUID

from multiproduct.application.notifications.inbox_ports import InboxEntries
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.domain.notifications.inbox import InboxEntry, NewInboxEntry

INBOX = "inbox"
"""The name under which every process is told, after the commit, whose inbox has changed."""


class PuttingUnit(UnitOfWork, Protocol):
    """The slice in which something is put into an inbox."""

    @property
    def inbox(self) -> InboxEntries: ...


class Inbox:
    """Opens and commits nothing. Who follows their inbox live hears of it once the unit is committed."""

    def __init__(self, *, ids: Ids) -> None:
        self._ids = ids

    async def put(self, unit: PuttingUnit, new: NewInboxEntry) -> InboxEntry | None:
        """Puts an unread entry, and moves the person's unread count and version with it.

        There is one entry for each person, event position and type: a second put answers the first one's
        entry and changes nothing. None where the person is not there, or was erased meanwhile.
        """
        counter = await unit.inbox.count_up(new.user_id)
        if counter is None:
            return None
        entry = InboxEntry.of(new, id=self._ids.next(), sequence=counter.version)
        kept = await unit.inbox.add(entry)
        if kept.id != entry.id:
            await unit.inbox.write(counter.before_put())
            return kept
        unit.forget(changed_key(new.user_id))
        return entry


def changed_key(user_id: UUID) -> str:
    """What a unit forgets when it changes somebody's inbox."""
    return f"{INBOX}:{user_id}"
