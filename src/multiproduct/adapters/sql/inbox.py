"""Inboxes, their unread counters and tickets for the live stream, in tables."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, bindparam, delete, insert, literal, or_, select, update
from sqlalchemy.types import BigInteger

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.identity import users
from multiproduct.adapters.sql.tables.inbox import inbox_counters, inbox_entries, stream_tickets
from multiproduct.adapters.sql.types import ID
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.application.notifications.inbox_ports import StreamTicket
from multiproduct.domain.identity import UserStatus
from multiproduct.domain.notifications.inbox import InboxCounter, InboxEntry, InboxPosition

_e, _c, _t = inbox_entries.c, inbox_counters.c, stream_tickets.c
_OF_USER = _e.user_id == bindparam("of_user", type_=ID)
_ONE = (_e.id == bindparam("of_id", type_=ID), _OF_USER)
_MOST = bindparam("most", type_=Integer)
_VERSION = bindparam("new_version", type_=BigInteger)

# A share of the user's row: of this and an erasure, which writes it, one waits for the other.
_PRESENT = (
    select(users.c.id, literal(1, Integer), literal(1, BigInteger))
    .where(users.c.id == bindparam("of_user", type_=ID), users.c.status != UserStatus.DELETED.value)
    .with_for_update(read=True)
)
_COUNT_UP = in_each_dialect(  # pk_users, pk_inbox_counters
    lambda inserting: (
        inserting(inbox_counters)
        .from_select(["user_id", "unread", "version"], _PRESENT)
        .on_conflict_do_update(
            index_elements=[_c.user_id], set_={"unread": _c.unread + 1, "version": _c.version + 1}
        )
        .returning(_c.unread, _c.version)
    )
)
_COUNTER = select(inbox_counters).where(_c.user_id == bindparam("of_user", type_=ID))  # pk_inbox_counters
_HOLD = _COUNTER.with_for_update()
_WRITE = (  # pk_inbox_counters
    update(inbox_counters)
    .where(_c.user_id == bindparam("of_user", type_=ID))
    .values(unread=bindparam("new_unread"), version=_VERSION)
)
_ADD = in_each_dialect(  # uq_inbox_entries_owed
    lambda inserting: inserting(inbox_entries).on_conflict_do_nothing(
        index_elements=[_e.user_id, _e.event_position, _e.type_key]
    )
)
_KEPT = select(inbox_entries).where(  # uq_inbox_entries_owed
    _OF_USER,
    _e.event_position == bindparam("of_position"),
    _e.type_key == bindparam("of_type"),
)
_FIND = select(inbox_entries).where(*_ONE)  # pk_inbox_entries
_PAGE = (  # uq_inbox_entries_sequence
    select(inbox_entries)
    .where(_OF_USER, _e.sequence < bindparam("before", type_=BigInteger))
    .order_by(_e.sequence.desc())
    .limit(_MOST)
)
_UNREAD_PAGE = _PAGE.where(_e.read_at.is_(None))  # ix_inbox_entries_unread
_CHANGES = (  # ix_inbox_entries_changed
    select(inbox_entries)
    .where(
        _OF_USER,
        _e.changed >= bindparam("after_version", type_=BigInteger),
        or_(
            _e.changed > bindparam("after_version", type_=BigInteger),
            _e.sequence > bindparam("after_sequence", type_=BigInteger),
        ),
    )
    .order_by(_e.changed, _e.sequence)
    .limit(_MOST)
)
_MARK_READ = (  # pk_inbox_entries
    update(inbox_entries)
    .where(*_ONE, _e.read_at.is_(None))
    .values(read_at=bindparam("at", type_=_e.read_at.type), changed=_VERSION)
)
_MARK_UNREAD = (  # pk_inbox_entries
    update(inbox_entries).where(*_ONE, _e.read_at.is_not(None)).values(read_at=None, changed=_VERSION)
)
_MARK_ALL = (  # ix_inbox_entries_unread
    update(inbox_entries)
    .where(_OF_USER, _e.read_at.is_(None), _e.sequence <= bindparam("up_to", type_=BigInteger))
    .values(read_at=bindparam("at", type_=_e.read_at.type), changed=_VERSION)
)
_OLD = (  # ix_inbox_entries_created_at
    select(_e.user_id)
    .where(_e.created_at < bindparam("before", type_=_e.created_at.type))
    .order_by(_e.created_at)
    .limit(_MOST)
)
_doomed = (
    select(_e.id)
    .where(_OF_USER, _e.created_at < bindparam("before", type_=_e.created_at.type))
    .order_by(_e.sequence)
    .limit(_MOST)
    .cte("doomed")
)
_DROP_OLD = (  # uq_inbox_entries_sequence, pk_inbox_entries
    delete(inbox_entries).where(_e.id.in_(select(_doomed.c.id))).returning(_e.read_at)
)
_ADD_TICKET = insert(stream_tickets)
_TAKE_TICKET = (  # pk_stream_tickets
    delete(stream_tickets)
    .where(_t.hash == bindparam("of_hash"), _t.expires_at > bindparam("at", type_=_t.expires_at.type))
    .returning(*_t)
)
_PURGE_TICKETS = purge_of(  # ix_stream_tickets_expires_at
    stream_tickets, _t.expires_at < bindparam("before")
)
_LARGEST = 2**63 - 1


class SqlInboxEntries:
    """The `InboxEntries` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def count_up(self, user_id: UUID) -> InboxCounter | None:
        """One more unread and the next version, by one statement."""
        row = (await self._lane.run(_COUNT_UP[self._lane.dialect], {"of_user": user_id})).first()
        return None if row is None else InboxCounter(user_id=user_id, unread=row.unread, version=row.version)

    async def hold(self, user_id: UUID) -> InboxCounter | None:
        """The counter, with its row locked; on SQLite the unit is the only writer."""
        row = (await self._lane.run(_HOLD, {"of_user": user_id})).first()
        return None if row is None else _counter(row)

    async def write(self, counter: InboxCounter) -> None:
        """Writes a counter that this unit holds."""
        await self._lane.run(
            _WRITE,
            {"of_user": counter.user_id, "new_unread": counter.unread, "new_version": counter.version},
        )

    async def counter(self, user_id: UUID) -> InboxCounter:
        """The counter as it stands."""
        row = (await self._lane.run(_COUNTER, {"of_user": user_id})).first()
        return InboxCounter(user_id=user_id) if row is None else _counter(row)

    async def add(self, entry: InboxEntry) -> InboxEntry:
        """Keeps the entry if its user, event position and type have none, else answers the kept one."""
        added = await self._lane.run(_ADD[self._lane.dialect], _entry_row(entry))
        if added.rowcount == 1:
            return entry
        owed = {
            "of_user": entry.user_id,
            "of_position": entry.event_position,
            "of_type": entry.type_key,
        }
        return _entry((await self._lane.run(_KEPT, owed)).one())

    async def find(self, user_id: UUID, id: UUID) -> InboxEntry | None:
        """An entry of this person."""
        row = (await self._lane.run(_FIND, {"of_user": user_id, "of_id": id})).first()
        return None if row is None else _entry(row)

    async def page(
        self, user_id: UUID, *, before: int | None, unread_only: bool, limit: int
    ) -> Sequence[InboxEntry]:
        """The newest first."""
        statement = _UNREAD_PAGE if unread_only else _PAGE
        place = {"of_user": user_id, "before": _LARGEST if before is None else before, "most": limit}
        return [_entry(row) for row in await self._lane.run(statement, place)]

    async def changes(self, user_id: UUID, *, after: InboxPosition, limit: int) -> Sequence[InboxEntry]:
        """In the order of the changes."""
        place = {
            "of_user": user_id,
            "after_version": after.changed,
            "after_sequence": after.sequence,
            "most": limit,
        }
        return [_entry(row) for row in await self._lane.run(_CHANGES, place)]

    async def mark_read(self, user_id: UUID, id: UUID, *, version: int, now: datetime) -> bool:
        """Marks an unread entry."""
        mark = {"of_user": user_id, "of_id": id, "new_version": version, "at": now}
        return (await self._lane.run(_MARK_READ, mark)).rowcount == 1

    async def mark_unread(self, user_id: UUID, id: UUID, *, version: int) -> bool:
        """Marks a read entry."""
        mark = {"of_user": user_id, "of_id": id, "new_version": version}
        return (await self._lane.run(_MARK_UNREAD, mark)).rowcount == 1

    async def mark_all_read(self, user_id: UUID, *, up_to: int, version: int, now: datetime) -> int:
        """Marks what is unread of what came up to a version."""
        mark = {"of_user": user_id, "up_to": up_to, "new_version": version, "at": now}
        return (await self._lane.run(_MARK_ALL, mark)).rowcount

    async def whose_are_old(self, *, before: datetime, limit: int) -> Sequence[UUID]:
        """Whose the oldest entries are, each person once."""
        rows = await self._lane.run(_OLD, {"before": before, "most": limit})
        return list(dict.fromkeys(rows.scalars()))

    async def drop_old(self, user_id: UUID, *, before: datetime, limit: int) -> tuple[int, int]:
        """Removes the first that came; answers how many, and how many of them were unread."""
        rows = await self._lane.run(_DROP_OLD, {"of_user": user_id, "before": before, "most": limit})
        gone = list(rows.scalars())
        return len(gone), sum(read_at is None for read_at in gone)


class SqlStreamTickets:
    """The `StreamTickets` port."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane

    async def add(self, ticket: StreamTicket) -> None:
        """Keeps a new one."""
        row = {
            "hash": ticket.hash,
            "user_id": ticket.user_id,
            "session_id": ticket.session_id,
            "expires_at": ticket.expires_at,
        }
        await self._lane.run(_ADD_TICKET, row)

    async def take(self, hash: str, *, now: datetime) -> StreamTicket | None:
        """Removes a ticket that has not expired and answers it."""
        row = (await self._lane.run(_TAKE_TICKET, {"of_hash": hash, "at": now})).first()
        if row is None:
            return None
        return StreamTicket(
            hash=hash, user_id=row.user_id, session_id=row.session_id, expires_at=row.expires_at
        )

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE_TICKETS, before=before, limit=limit)


def _counter(row: Row[Any]) -> InboxCounter:
    return InboxCounter(user_id=row.user_id, unread=row.unread, version=row.version)


def _entry_row(entry: InboxEntry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "user_id": entry.user_id,
        "event_position": entry.event_position,
        "type_key": entry.type_key,
        "category": entry.category,
        "title": entry.title,
        "body": entry.body,
        "data": dict(entry.data),
        "locale": entry.locale,
        "created_at": entry.created_at,
        "sequence": entry.sequence,
        "changed": entry.changed,
        "read_at": entry.read_at,
    }


def _entry(row: Row[Any]) -> InboxEntry:
    return InboxEntry(**row._mapping)  # noqa: SLF001 - the columns are the fields; this is how rows tell them
