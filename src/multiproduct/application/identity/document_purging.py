"""Removing the files of documents that nobody may read."""

from multiproduct.application.caller import SYSTEM
from multiproduct.application.files import ObjectStorage
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity.document import KEPT_UNUSED, file_key

BATCH = 100
MAX_BATCHES = 100


class DocumentPurging:
    """First the files go, then the rows that tell of them: whatever happens in between, none is forgotten."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, storage: ObjectStorage | None) -> None:
        self._units = units
        self._clock = clock
        self._storage = storage

    async def run(self) -> int:
        """Removes what was unused for an hour; answers how many documents went. At most 10,000 a run."""
        total = 0
        for _ in range(MAX_BATCHES):
            removed = await self._batch() if self._storage is not None else 0
            total += removed
            if removed == 0:
                break
        return total

    async def _batch(self) -> int:
        before = self._clock.now() - KEPT_UNUSED
        async with self._units.view(SYSTEM) as view:
            unused = await view.documents.unused(before=before, limit=BATCH)
        if not unused or self._storage is None:
            return 0
        for document in unused:
            if document.format is not None:
                await self._storage.delete(file_key(document))

        async def body(unit: IdentityUnit) -> int:
            removed = await unit.documents.forget([each.id for each in unused], before=before)
            await unit.commit()
            return removed

        return await in_unit(lambda: self._units.open(SYSTEM), body)
