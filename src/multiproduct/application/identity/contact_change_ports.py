"""Where changes of address wait for their proof."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.domain.identity import ContactChange, ContactKind


class ContactChanges(Protocol):
    """Keeps changes of address. Nobody has two of one kind open, which an index decides."""

    async def add(self, change: ContactChange) -> None:
        """Keeps a new one. Raises StaleAggregate where a rival opened another in the meantime."""
        ...

    async def replace_open(self, user_id: UUID, kind: ContactKind, *, now: datetime) -> None:
        """Closes the user's open one of that kind, if there is one, as replaced. Logs nothing."""
        ...

    async def find(self, id: UUID) -> ContactChange | None:
        """By the id of its challenge."""
        ...

    async def open_of(self, user_id: UUID, kind: ContactKind) -> ContactChange | None:
        """The user's open one of that kind, also when its time is over."""
        ...

    async def close(self, change: ContactChange) -> bool:
        """Writes `closed_at` and `outcome`, unless it is closed already; false when a rival was first. Logs
        what the change recorded only where it was written."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment, at most `limit`; answers how many."""
        ...
