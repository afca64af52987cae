"""Devices that notifications are pushed to, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.memory.tables import Staged, Table
from multiproduct.domain.notifications.push_device import PushDevice
from multiproduct.domain.shared import Aggregate, StaleAggregate


def push_device_table() -> Table[UUID, PushDevice]:
    """An empty one."""
    return Table(
        key=lambda row: row.id,
        copy=replace,
        indexes={"user": lambda row: row.user_id, "token": lambda row: row.token.digest},
    )


class MemoryPushDevices:
    """The `PushDevices` port. Whoever writes is alone."""

    def __init__(self, *, rows: Staged[UUID, PushDevice], track: Callable[[Aggregate], None]) -> None:
        self._rows = rows
        self._track = track

    async def add(self, device: PushDevice) -> None:
        """Keeps a new one, unless its token or slot is taken."""
        slots = {row.slot for row in self._rows.under("user", device.user_id)}
        if device.slot in slots or self._rows.has("token", device.token.digest):
            raise StaleAggregate(id=str(device.id))
        self._rows.put(device)
        self._track(device)

    async def save(self, device: PushDevice) -> None:
        """Writes one, unless it is stale or its token is taken."""
        self._require_present(device)
        other = await self.with_token(device.token.digest)
        if other is not None and other.id != device.id:
            raise StaleAggregate(id=str(device.id))
        device.version += 1
        self._rows.put(device)
        self._track(device)

    async def remove(self, device: PushDevice) -> None:
        """Removes one, unless it is stale."""
        self._require_present(device)
        self._rows.remove(device.id)
        self._track(device)

    async def find(self, id: UUID) -> PushDevice | None:
        """One by id."""
        return self._rows.get(id)

    async def with_token(self, digest: str) -> PushDevice | None:
        """The one that has the token."""
        return self._rows.one_under("token", digest)

    async def of_user(self, user_id: UUID) -> Sequence[PushDevice]:
        """All of a person, those refreshed last first."""
        found = self._rows.under("user", user_id)
        return sorted(found, key=lambda row: (row.refreshed_at, row.id), reverse=True)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes those last refreshed before the moment."""
        return self._rows.purge(lambda row: row.refreshed_at < before, limit=limit)

    def _require_present(self, device: PushDevice) -> None:
        stored = self._rows.get(device.id)
        if stored is None or stored.version != device.version:
            raise StaleAggregate(id=str(device.id))
