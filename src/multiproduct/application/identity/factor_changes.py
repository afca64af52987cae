"""What goes with every change of somebody's factors: recovery codes come and go, and other sessions end."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.identity.factor_kinds import FactorKinds
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.recovery_code_keeping import RecoveryCodeKeeping
from multiproduct.domain.identity import EndReason


class FactorChanges:
    """Steps within the unit that changes the factors."""

    def __init__(self, *, kinds: FactorKinds, recovery: RecoveryCodeKeeping) -> None:
        self._kinds = kinds
        self._recovery = recovery

    async def added(self, unit: IdentityUnit, user_id: UUID, *, now: datetime) -> list[str]:
        """For a second factor that was, or is about to be, added. Answers recovery codes for somebody who
        had none left."""
        codes = await self._recovery.ensure(unit, user_id, now=now)
        await end_other_sessions(unit, user_id, now=now)
        return codes

    async def removed(self, unit: IdentityUnit, user_id: UUID, *, now: datetime) -> None:
        """For a second factor that was removed. With the last one the recovery codes go."""
        if not await self._kinds.enrolled(unit, user_id):
            await unit.recovery_codes.replace(user_id, [])
        await end_other_sessions(unit, user_id, now=now)


async def end_other_sessions(unit: IdentityUnit, user_id: UUID, *, now: datetime) -> None:
    """Ends all but the one in which the factors were changed: whoever else is in may be why they were."""
    kept = unit.caller.principal.session_id
    await unit.sessions.end_all(user_id, reason=EndReason.FACTOR_CHANGED, now=now, besides=kept)
