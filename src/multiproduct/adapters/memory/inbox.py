"""Inboxes, their unread counters and tickets for the live stream, in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Table, as_it_is, copied_but
from multiproduct.application.notifications.inbox_ports import StreamTicket
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.notifications.inbox import InboxCounter, InboxEntry, InboxPosition

if TYPE_CHECKING:
    from multiproduct.adapters.memory.store import Stage


class InboxTables:
    """What is kept of inboxes."""

    def __init__(self) -> None:
        self.entries: Table[UUID, InboxEntry] = Table(
            key=lambda row: row.id,
            copy=copied_but("data", dict),
            indexes={
                "owed": lambda row: (row.user_id, row.event_position, row.type_key),
                "user": lambda row: row.user_id,
            },
        )
        self.counters: Table[UUID, InboxCounter] = Table(key=lambda row: row.user_id, copy=as_it_is)
        self.tickets: Table[str, StreamTicket] = Table(key=lambda row: row.hash, copy=as_it_is)


class InboxStage(OpenedTables):
    """Inboxes as one unit sees them."""

    entries = OnStage(InboxTables, lambda tables: tables.entries)
    counters = OnStage(InboxTables, lambda tables: tables.counters)
    tickets = OnStage(InboxTables, lambda tables: tables.tickets)


class MemoryInboxEntries:
    """Nothing needs to be held: there is one writer at a time."""

    def __init__(self, *, stage: "Stage") -> None:
        self._users = stage.identity.users
        self._rows = stage.inbox.entries
        self._counters = stage.inbox.counters

    async def count_up(self, user_id: UUID) -> InboxCounter | None:
        """One more unread and the next version."""
        user = self._users.get(user_id)
        if user is None or user.status is UserStatus.DELETED:
            return None
        counter = (await self.counter(user_id)).moved(unread_by=1)
        self._counters.put(counter)
        return counter

    async def hold(self, user_id: UUID) -> InboxCounter | None:
        """The counter, if anything ever came."""
        return self._counters.get(user_id)

    async def write(self, counter: InboxCounter) -> None:
        """Writes a counter."""
        self._counters.put(counter)

    async def counter(self, user_id: UUID) -> InboxCounter:
        """The counter as it stands."""
        return self._counters.get(user_id) or InboxCounter(user_id=user_id)

    async def add(self, entry: InboxEntry) -> InboxEntry:
        """Keeps the entry if its user, event position and type have none, else answers the kept one."""
        kept = self._rows.one_under("owed", (entry.user_id, entry.event_position, entry.type_key))
        if kept is not None:
            return kept
        self._rows.put(entry)
        return entry

    async def find(self, user_id: UUID, id: UUID) -> InboxEntry | None:
        """An entry of this person."""
        entry = self._rows.get(id)
        return entry if entry is not None and entry.user_id == user_id else None

    async def page(
        self, user_id: UUID, *, before: int | None, unread_only: bool, limit: int
    ) -> Sequence[InboxEntry]:
        """The newest first."""
        found = [
            entry
            for entry in self._rows.under("user", user_id)
            if (before is None or entry.sequence < before) and not (unread_only and entry.is_read)
        ]
        return sorted(found, key=lambda entry: entry.sequence, reverse=True)[:limit]

    async def changes(self, user_id: UUID, *, after: InboxPosition, limit: int) -> Sequence[InboxEntry]:
        """In the order of the changes."""
        found = [entry for entry in self._rows.under("user", user_id) if InboxPosition.of(entry) > after]
        return sorted(found, key=InboxPosition.of)[:limit]

    async def mark_read(self, user_id: UUID, id: UUID, *, version: int, now: datetime) -> bool:
        """Marks an unread entry."""
        entry = await self.find(user_id, id)
        if entry is None or entry.is_read:
            return False
        self._rows.put(replace(entry, read_at=now, changed=version))
        return True

    async def mark_unread(self, user_id: UUID, id: UUID, *, version: int) -> bool:
        """Marks a read entry."""
        entry = await self.find(user_id, id)
        if entry is None or not entry.is_read:
            return False
        self._rows.put(replace(entry, read_at=None, changed=version))
        return True

    async def mark_all_read(self, user_id: UUID, *, up_to: int, version: int, now: datetime) -> int:
        """Marks what is unread of what came up to a version."""
        unread = [
            entry
            for entry in self._rows.under("user", user_id)
            if entry.sequence <= up_to and not entry.is_read
        ]
        for entry in unread:
            self._rows.put(replace(entry, read_at=now, changed=version))
        return len(unread)

    async def whose_are_old(self, *, before: datetime, limit: int) -> Sequence[UUID]:
        """Whose the oldest entries are, each person once."""
        old = sorted(self._rows.where(lambda row: row.created_at < before), key=lambda row: row.created_at)
        return list(dict.fromkeys(row.user_id for row in old[:limit]))

    async def drop_old(self, user_id: UUID, *, before: datetime, limit: int) -> tuple[int, int]:
        """Removes the first that came; answers how many, and how many of them were unread."""
        old = [entry for entry in self._rows.under("user", user_id) if entry.created_at < before]
        gone = sorted(old, key=lambda entry: entry.sequence)[:limit]
        for entry in gone:
            self._rows.remove(entry.id)
        return len(gone), sum(not entry.is_read for entry in gone)


class MemoryStreamTickets:
    """By a hash of theirs."""

    def __init__(self, *, stage: InboxStage) -> None:
        self._rows = stage.tickets

    async def add(self, ticket: StreamTicket) -> None:
        """Keeps a new one."""
        self._rows.put(ticket)

    async def take(self, hash: str, *, now: datetime) -> StreamTicket | None:
        """Removes a ticket that has not expired and answers it."""
        ticket = self._rows.get(hash)
        if ticket is None or ticket.expires_at <= now:
            return None
        self._rows.remove(hash)
        return ticket

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)
