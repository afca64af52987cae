"""Changes of address in a table."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text, update

from multiproduct.adapters.sql.lanes import Lane
from multiproduct.adapters.sql.purging import purge, purge_of
from multiproduct.adapters.sql.tables.account import contact_changes
from multiproduct.adapters.sql.upserting import in_each_dialect
from multiproduct.domain.identity import (
    ContactChange,
    ContactChangeOutcome,
    ContactKind,
    EmailAddress,
    PhoneNumber,
)
from multiproduct.domain.shared import Aggregate, StaleAggregate

_c = contact_changes.c

_ADD = in_each_dialect(  # uq_contact_changes_open
    lambda inserting: inserting(contact_changes).on_conflict_do_nothing(
        index_elements=["user_id", "kind"], index_where=text("closed_at IS NULL")
    )
)
_REPLACE_OPEN = (  # uq_contact_changes_open
    update(contact_changes)
    .where(_c.user_id == bindparam("of_user"), _c.kind == bindparam("of_kind"), _c.closed_at.is_(None))
    .values(closed_at=bindparam("at"), outcome=ContactChangeOutcome.REPLACED.value)
)
_FIND = select(contact_changes).where(_c.id == bindparam("of_id"))  # pk_contact_changes
_OPEN_OF = select(contact_changes).where(  # uq_contact_changes_open
    _c.user_id == bindparam("of_user"), _c.kind == bindparam("of_kind"), _c.closed_at.is_(None)
)
_CLOSE = (  # pk_contact_changes
    update(contact_changes)
    .where(_c.id == bindparam("of_id"), _c.closed_at.is_(None))
    .values(closed_at=bindparam("at"), outcome=bindparam("how"))
)
_PURGE = purge_of(contact_changes, _c.expires_at < bindparam("before"))  # ix_contact_changes_expires_at


class SqlContactChanges:
    """The `ContactChanges` port."""

    def __init__(self, lane: Lane, track: Callable[[Aggregate], None]) -> None:
        self._lane = lane
        self._track = track

    async def add(self, change: ContactChange) -> None:
        """Keeps a new one. Raises StaleAggregate where a rival opened another in the meantime."""
        added = await self._lane.run(_ADD[self._lane.dialect], _change_row(change))
        if added.rowcount != 1:
            raise StaleAggregate
        self._track(change)

    async def replace_open(self, user_id: UUID, kind: ContactKind, *, now: datetime) -> None:
        """Closes the user's open one of that kind, if there is one, as replaced."""
        await self._lane.run(_REPLACE_OPEN, {"of_user": user_id, "of_kind": kind.value, "at": now})

    async def find(self, id: UUID) -> ContactChange | None:
        """By the id of its challenge."""
        return _first((await self._lane.run(_FIND, {"of_id": id})).first())

    async def open_of(self, user_id: UUID, kind: ContactKind) -> ContactChange | None:
        """The user's open one of that kind."""
        found = await self._lane.run(_OPEN_OF, {"of_user": user_id, "of_kind": kind.value})
        return _first(found.first())

    async def close(self, change: ContactChange) -> bool:
        """Writes that it is closed, unless it is already."""
        outcome = change.outcome and change.outcome.value
        closed = await self._lane.run(_CLOSE, {"of_id": change.id, "at": change.closed_at, "how": outcome})
        if closed.rowcount != 1:
            return False
        self._track(change)
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return await purge(self._lane, _PURGE, before=before, limit=limit)


def _change_row(change: ContactChange) -> dict[str, Any]:
    return {
        "id": change.id,
        "user_id": change.user_id,
        "session_id": change.session_id,
        "kind": change.kind.value,
        "email": change.email and change.email.display,
        "email_key": change.email and change.email.key,
        "phone": change.phone and change.phone.e164,
        "old_email": change.old_email and change.old_email.display,
        "old_email_key": change.old_email and change.old_email.key,
        "old_phone": change.old_phone and change.old_phone.e164,
        "created_at": change.created_at,
        "expires_at": change.expires_at,
        "closed_at": change.closed_at,
        "outcome": change.outcome and change.outcome.value,
    }


def _first(row: Row[Any] | None) -> ContactChange | None:
    if row is None:
        return None
    return ContactChange(
        id=row.id,
        user_id=row.user_id,
        session_id=row.session_id,
        kind=ContactKind(row.kind),
        email=EmailAddress(display=row.email, key=row.email_key) if row.email else None,
        phone=PhoneNumber(e164=row.phone) if row.phone else None,
        old_email=EmailAddress(display=row.old_email, key=row.old_email_key) if row.old_email else None,
        old_phone=PhoneNumber(e164=row.old_phone) if row.old_phone else None,
        created_at=row.created_at,
        expires_at=row.expires_at,
        closed_at=row.closed_at,
        outcome=row.outcome and ContactChangeOutcome(row.outcome),
    )
