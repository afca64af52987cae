"""The hourly purge of what nobody needs any more."""

from datetime import timedelta

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.otp import OtpPurging
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units

BATCH = 1_000
MAX_BATCHES = 100
_DEAD_SESSIONS_KEPT = timedelta(days=30)
_REGISTRATIONS_KEPT = timedelta(hours=1)


class Purging:
    """Removes expired challenges, pending registrations, dead sessions and old idempotency records in
    batches, each a transaction of its own; at most 100,000 rows of each a run."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, otp: OtpPurging) -> None:
        self._units = units
        self._clock = clock
        self._otp = otp

    async def run(self) -> int:
        """Purges; answers how many rows went."""
        total = 0
        for _ in range(MAX_BATCHES):
            removed = await self._purge_batch()
            total += removed
            if removed == 0:
                break
        return total

    async def _purge_batch(self) -> int:
        now = self._clock.now()
        async with self._units.open(SYSTEM) as unit:
            removed = await self._otp.purge(unit, now=now, limit=BATCH)
            removed += await unit.pending_registrations.purge(before=now - _REGISTRATIONS_KEPT, limit=BATCH)
            removed += await unit.sessions.purge(before=now - _DEAD_SESSIONS_KEPT, limit=BATCH)
            removed += await unit.idempotency.purge(before=now, limit=BATCH)
            await unit.commit()
        return removed
