"""A copy of everything that is kept about somebody, for that person."""

from multiproduct.application.caller import Caller
from multiproduct.application.identity.administration_results import PersonalData
from multiproduct.application.identity.personal_data import PersonalDataRegistry
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import PersonalDataExported, UserStatus
from multiproduct.domain.shared import Unauthenticated


class DataExport:
    """Answered at once: each part is bounded. That it was taken is of record, and told to the owner."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        registry: PersonalDataRegistry,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._registry = registry
        self._throttle = throttle

    async def export(self, caller: Caller) -> PersonalData:
        """Everything, for somebody who signed in recently. Raises Unauthenticated, StepUpRequired,
        TooManyRequests."""
        user_id = caller.require_user()
        now = self._clock.now()
        caller.require_recent(now)
        await self._throttle.admit("data_export", caller)
        async with self._units.view(caller) as view:
            user = await view.users.find(user_id)
            if user is None or user.status is UserStatus.DELETED:
                raise Unauthenticated
            data = await self._registry.export(view, user_id)

        async def body(unit: IdentityUnit) -> None:
            unit.record(PersonalDataExported(occurred_at=now, user_id=user_id))
            await unit.commit()

        await in_unit(lambda: self._units.open(caller), body)
        return PersonalData(user_id=user_id, exported_at=now, data=dict(data))
