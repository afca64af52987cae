"""What goes with every change of somebody's factors: recovery codes come and go, and other sessions end."""

from datetime import datetime

from multiproduct.application.identity.contact_changing import close_open_changes
from multiproduct.application.identity.factor_kinds import FactorKinds
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.recovery_code_keeping import RecoveryCodeKeeping
from multiproduct.domain.identity import EndReason, User


class FactorChanges:
    """Steps within the unit that changes the factors."""

    def __init__(self, *, kinds: FactorKinds, recovery: RecoveryCodeKeeping) -> None:
        self._kinds = kinds
        self._recovery = recovery

    async def added(self, unit: IdentityUnit, user: User, *, now: datetime) -> list[str]:
        """For a second factor that was, or is about to be, added. Answers recovery codes for somebody who
        had none left. Raises StaleAggregate."""
        await changed(unit, user, now=now)
        return await self._recovery.ensure(unit, user.id, now=now)

    async def removed(self, unit: IdentityUnit, user: User, *, now: datetime) -> None:
        """For a second factor that was removed. With the last one the recovery codes go. Raises
        StaleAggregate."""
        await changed(unit, user, now=now)
        if not await self._kinds.enrolled(unit, user.id):
            await unit.recovery_codes.replace(user.id, [])


async def changed(unit: IdentityUnit, user: User, *, now: datetime) -> None:
    """Saves the user, and ends every session but the one in which the factors are changed, and the changes of
    address under way: whoever else is in may be why they are. Raises StaleAggregate.

    A sign-in or an erasure that has read the user before is stale by that, and decides again; one that was
    first is waited for, so that its session is among those that end.
    """
    await unit.users.save(user)
    await close_open_changes(unit, user.id, now)
    kept = unit.caller.principal.session_id
    await unit.sessions.end_all(user.id, reason=EndReason.FACTOR_CHANGED, now=now, besides=kept)
