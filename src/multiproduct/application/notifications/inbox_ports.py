"""What the inbox needs from a store: entries, unread counters, and tickets for the live stream."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.identity.ports import Sessions
from multiproduct.application.ports.unit_of_work import UnitOfWork
from multiproduct.domain.notifications.inbox import InboxCounter, InboxEntry, InboxPosition


class InboxEntries(Protocol):
    """Keeps inboxes. Whoever changes one takes its counter first (`count_up`, `hold`) and so has it alone
    until the commit: versions follow the order of the commits, and counts are exact."""

    async def count_up(self, user_id: UUID) -> InboxCounter | None:
        """One more unread and the next version, by one statement; the counter is held from then on. None
        for somebody who is not there or was erased: of this and an erasure one waits for the other."""
        ...

    async def hold(self, user_id: UUID) -> InboxCounter | None:
        """The counter, held until the end of the unit. None where nothing ever came."""
        ...

    async def write(self, counter: InboxCounter) -> None:
        """Writes a counter that this unit holds."""
        ...

    async def counter(self, user_id: UUID) -> InboxCounter:
        """The counter as it stands; zeros where nothing ever came."""
        ...

    async def add(self, entry: InboxEntry) -> InboxEntry:
        """Keeps the entry if its user, event position and type have none, else answers the one that is
        kept."""
        ...

    async def find(self, user_id: UUID, id: UUID) -> InboxEntry | None:
        """An entry of this person."""
        ...

    async def page(
        self, user_id: UUID, *, before: int | None, unread_only: bool, limit: int
    ) -> Sequence[InboxEntry]:
        """Entries that came before that version, the newest first, at most `limit`."""
        ...

    async def changes(self, user_id: UUID, *, after: InboxPosition, limit: int) -> Sequence[InboxEntry]:
        """Entries changed after the position, in the order of the changes, at most `limit`."""
        ...

    async def mark_read(self, user_id: UUID, id: UUID, *, version: int, now: datetime) -> bool:
        """Marks an unread entry as changed by this version; false where it is read, or not there."""
        ...

    async def mark_unread(self, user_id: UUID, id: UUID, *, version: int) -> bool:
        """Marks a read entry as changed by this version; false where it is unread, or not there."""
        ...

    async def mark_all_read(self, user_id: UUID, *, up_to: int, version: int, now: datetime) -> int:
        """Marks what is unread of what came up to a version; answers how many."""
        ...

    async def whose_are_old(self, *, before: datetime, limit: int) -> Sequence[UUID]:
        """Some people who have entries made before the moment, at most `limit`."""
        ...

    async def drop_old(self, user_id: UUID, *, before: datetime, limit: int) -> tuple[int, int]:
        """Removes entries of a person made before the moment, at most `limit`; answers how many, and how
        many of them were unread. The unit holds the counter."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamTicket:
    """Lets a session follow its person's live stream, once."""

    hash: str
    user_id: UUID
    session_id: UUID
    expires_at: datetime


class StreamTickets(Protocol):
    """Keeps tickets by a hash of theirs."""

    async def add(self, ticket: StreamTicket) -> None:
        """Keeps a new one."""
        ...

    async def take(self, hash: str, *, now: datetime) -> StreamTicket | None:
        """Removes a ticket that has not expired and answers it; one statement decides who gets it."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        ...


class InboxUnit(UnitOfWork, Protocol):
    """The inbox's slice of a unit of work."""

    @property
    def inbox(self) -> InboxEntries: ...
    @property
    def stream_tickets(self) -> StreamTickets: ...
    @property
    def sessions(self) -> Sessions: ...
