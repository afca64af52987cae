"""Removing the files of pictures that nobody has."""

from multiproduct.application.caller import SYSTEM
from multiproduct.application.files import ObjectStorage
from multiproduct.application.identity.avatars import EDGES, file_key
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity.picture import KEPT_UNUSED

BATCH = 100
MAX_BATCHES = 100


class AvatarPurging:
    """First the files go, then the rows that tell of them: whatever happens in between, none is forgotten."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, storage: ObjectStorage | None) -> None:
        self._units = units
        self._clock = clock
        self._storage = storage

    async def run(self) -> int:
        """Removes what was unused for an hour; answers how many pictures went. At most 10,000 a run."""
        total = 0
        for _ in range(MAX_BATCHES):
            removed = await self._batch() if self._storage is not None else 0
            total += removed
            if removed == 0:
                break
        return total

    async def _batch(self) -> int:
        async with self._units.view(SYSTEM) as view:
            unused = await view.pictures.unused(before=self._clock.now() - KEPT_UNUSED, limit=BATCH)
        if not unused or self._storage is None:
            return 0
        for picture_id in unused:
            for edge in EDGES:
                await self._storage.delete(file_key(picture_id, edge))

        async def body(unit: IdentityUnit) -> int:
            removed = await unit.pictures.remove(unused)
            await unit.commit()
            return removed

        return await in_unit(lambda: self._units.open(SYSTEM), body)
