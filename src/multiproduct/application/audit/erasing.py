"""Erasing a person's data from the audit log, which stays provable."""

from uuid import UUID

from multiproduct.application.audit.ports import AuditUnit, ErasedStretch
from multiproduct.application.audit.sealing import AuditSealing
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.shared import Unavailable

BATCH = 500
MAX_RUNS = 100
"""Of sealing, before an erasure gives up for this time."""


class AuditErasing:
    """What stays of an entry is that something of a kind happened to somebody with that id, and when."""

    def __init__(self, *, units: Units[AuditUnit], sealing: AuditSealing) -> None:
        self._units = units
        self._sealing = sealing

    async def run(self, user_id: UUID) -> int:
        """Takes what tells of the person out of every entry about them, and of what they did; answers how
        many. Seals first, as only sealed entries stay provable. Running it again changes nothing.

        Raises HeadNotGenuine; Unavailable where an entry about them cannot be sealed.
        """
        await self._seal_all_about(user_id)

        erased, place = 0, None
        while True:
            stretch = await self._erase_stretch(user_id, place)
            erased, place = erased + stretch.changed, stretch.place
            if place is None:
                return erased

    async def _erase_stretch(self, user_id: UUID, after: object | None) -> ErasedStretch:
        async def body(unit: AuditUnit) -> ErasedStretch:
            stretch = await unit.audit_chain.erase(user_id, limit=BATCH, after=after)
            await unit.commit()
            return stretch

        return await in_unit(lambda: self._units.open(SYSTEM), body)

    async def _seal_all_about(self, user_id: UUID) -> None:
        # A run may leave the rest to a rival: what counts is that nothing is left.
        for _ in range(MAX_RUNS):
            await self._sealing.run()
            async with self._units.view(SYSTEM) as view:
                if not await view.audit_chain.has_unsealed(user_id):
                    return
        raise Unavailable(what="audit log")
