"""Forgetting network addresses of people whom the audit log cannot name, as no erasure would find them."""

from multiproduct.application.audit.ports import AuditUnit, ErasedStretch
from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.audit import STRANGERS_KEPT

BATCH = 500
MAX_BATCHES = 40
"""Of one run; the next one goes on."""


class AuditForgetting:
    """Takes what tells of a person out of old entries that name nobody, and leaves the chain provable, as an
    erasure does. What stays is that something of a kind happened, and when."""

    def __init__(self, *, units: Units[AuditUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def run(self) -> int:
        """Empties what is older than 90 days, at most 20,000 entries; answers how many."""
        emptied, place = 0, None
        for _ in range(MAX_BATCHES):
            stretch = await self._empty_stretch(place)
            emptied, place = emptied + stretch.changed, stretch.place
            if place is None:
                break
        return emptied

    async def _empty_stretch(self, after: object | None) -> ErasedStretch:
        before = self._clock.now() - STRANGERS_KEPT

        async def body(unit: AuditUnit) -> ErasedStretch:
            stretch = await unit.audit_chain.forget_strangers(before=before, limit=BATCH, after=after)
            await unit.commit()
            return stretch

        return await in_unit(lambda: self._units.open(SYSTEM), body)
