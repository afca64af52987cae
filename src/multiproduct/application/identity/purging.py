"""The hourly purge of what nobody needs any more."""

from datetime import timedelta

from multiproduct.application.identity.new_devices import LATELY
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.otp import OtpPurging
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.purging import purged
from multiproduct.domain.identity.sign_in_failures import KEPT_FOR
from multiproduct.domain.identity.totp import ENROLMENT_LIFETIME

BATCH = 1_000
MAX_BATCHES = 100
_CHANGES_KEPT = timedelta(days=7)
_REGISTRATIONS_KEPT = timedelta(hours=1)
_INVITATIONS_KEPT = timedelta(days=90)
_FAREWELLS_KEPT = timedelta(days=7)
"""How long the address of somebody who was erased may wait for the last mail."""


class Purging:
    """Removes expired challenges of every kind, pending registrations and changes of address, dead sessions
    and old idempotency records in batches, each a transaction of its own; at most 100,000 rows of each a
    run."""

    def __init__(self, *, units: Units[IdentityUnit], clock: Clock, otp: OtpPurging) -> None:
        self._units = units
        self._clock = clock
        self._otp = otp

    async def run(self) -> int:
        """Purges; answers how many rows went."""
        # Each kind has a batch of its own: it is over when nothing of any kind was left.
        return await purged(self._units, self._purge_batch, batch=1, most_batches=MAX_BATCHES)

    async def _purge_batch(self, unit: IdentityUnit) -> int:
        now = self._clock.now()
        removed = await self._otp.purge(unit, now=now, limit=BATCH)
        removed += await unit.pending_registrations.purge(before=now - _REGISTRATIONS_KEPT, limit=BATCH)
        removed += await unit.sessions.purge(before=now - LATELY, limit=BATCH)
        removed += await unit.ceremony_challenges.purge(before=now, limit=BATCH)
        removed += await unit.contact_changes.purge(before=now - _CHANGES_KEPT, limit=BATCH)
        removed += await unit.social_states.purge(before=now, limit=BATCH)
        removed += await unit.social_nonces.purge(before=now, limit=BATCH)
        removed += await unit.sign_in_failures.purge(before=now - KEPT_FOR, limit=BATCH)
        removed += await unit.pending_sign_ins.purge(before=now, limit=BATCH)
        removed += await unit.totp_factors.purge(before=now - ENROLMENT_LIFETIME, limit=BATCH)
        removed += await unit.invitations.purge(before=now - _INVITATIONS_KEPT, limit=BATCH)
        removed += await unit.username_tombstones.purge(before=now, limit=BATCH)
        removed += await unit.farewells.purge(before=now - _FAREWELLS_KEPT, limit=BATCH)
        removed += await unit.idempotency.purge(before=now, limit=BATCH)
        return removed
