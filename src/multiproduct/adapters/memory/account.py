"""Changes of address and pictures in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.store import Stage
from multiproduct.domain.identity import ContactChange, ContactChangeOutcome, ContactKind, Picture
from multiproduct.domain.shared import Aggregate, StaleAggregate


class MemoryContactChanges:
    """Nobody has two of one kind open."""

    def __init__(self, *, stage: Stage, track: Callable[[Aggregate], None]) -> None:
        self._rows = stage.identity.contact_changes
        self._track = track

    async def add(self, change: ContactChange) -> None:
        """Keeps a new one. Raises StaleAggregate where another is open."""
        if change.closed_at is None and await self.open_of(change.user_id, change.kind) is not None:
            raise StaleAggregate
        self._rows.put(change)
        self._track(change)

    async def replace_open(self, user_id: UUID, kind: ContactKind, *, now: datetime) -> None:
        """Closes the user's open one of that kind, if there is one, as replaced."""
        change = await self.open_of(user_id, kind)
        if change is not None:
            change.closed_at, change.outcome = now, ContactChangeOutcome.REPLACED
            self._rows.put(change)

    async def find(self, id: UUID) -> ContactChange | None:
        """By the id of its challenge."""
        return self._rows.get(id)

    async def open_of(self, user_id: UUID, kind: ContactKind) -> ContactChange | None:
        """The user's open one of that kind."""
        return self._rows.one_under("open", (user_id, kind))

    async def close(self, change: ContactChange) -> bool:
        """Writes that it is closed, unless it is already."""
        stored = self._rows.get(change.id)
        if stored is None or stored.closed_at is not None:
            return False
        self._rows.put(change)
        self._track(change)
        return True

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those that expired before the moment."""
        return self._rows.purge(lambda row: row.expires_at < before, limit=limit)


class MemoryPictures:
    """A picture is used while nothing says since when it is not."""

    def __init__(self, *, stage: Stage) -> None:
        self._rows = stage.identity.pictures

    async def add(self, picture: Picture) -> None:
        """Keeps a new one."""
        self._rows.put(picture)

    async def take_up(self, id: UUID, *, made_after: datetime) -> bool:
        """Marks as used an unused one that is not too old."""
        picture = self._rows.get(id)
        if picture is None or picture.unused_since is None or picture.created_at <= made_after:
            return False
        self._rows.put(replace(picture, unused_since=None))
        return True

    async def drop(self, id: UUID, *, now: datetime) -> None:
        """Marks one as unused."""
        picture = self._rows.get(id)
        if picture is not None and picture.unused_since is None:
            self._rows.put(replace(picture, unused_since=now))

    async def is_used(self, id: UUID) -> bool:
        """Whether somebody has it."""
        picture = self._rows.get(id)
        return picture is not None and picture.unused_since is None

    async def unused(self, *, before: datetime, limit: int) -> Sequence[UUID]:
        """Those that were unused before the moment."""
        found = self._rows.where(lambda row: row.unused_since is not None and row.unused_since < before)
        return [row.id for row in sorted(found, key=lambda row: row.unused_since or before)][:limit]

    async def remove(self, ids: Sequence[UUID]) -> int:
        """Removes unused ones; answers how many there were."""
        unused = [row for each in ids if (row := self._rows.get(each)) and row.unused_since is not None]
        return sum(self._rows.remove(row.id) for row in unused)
