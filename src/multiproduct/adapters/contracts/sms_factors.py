"""What every store must do of who takes texted codes as a second factor."""

import asyncio

from multiproduct.adapters.contracts.builders import NOW, a_user
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import SmsFactor

RIVALS = 50


class SmsFactorsContract:
    """Needs `units`, as `second_factors.TotpFactorsContract` does."""

    async def test_of_many_rivals_one_adds_it_and_one_removes_it(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await in_one_unit(units, lambda unit: unit.users.add(user))

        async def add(unit: StoreUnit) -> bool:
            is_first = await unit.sms_factors.add(SmsFactor.add(user_id=user.id, now=NOW))
            await asyncio.sleep(0)
            await unit.commit()
            return is_first

        async def remove(unit: StoreUnit) -> bool:
            factor = SmsFactor(user_id=user.id, added_at=NOW)
            factor.removed(now=NOW)
            is_first = await unit.sms_factors.remove(factor)
            await asyncio.sleep(0)
            await unit.commit()
            return is_first

        assert await in_view(units, lambda unit: unit.sms_factors.find(user.id)) is None
        assert sum(await race(units, RIVALS, add)) == 1
        kept = await in_view(units, lambda unit: unit.sms_factors.find(user.id))
        assert kept == SmsFactor(user_id=user.id, added_at=NOW)
        assert sum(await race(units, RIVALS, remove)) == 1
        assert await in_view(units, lambda unit: unit.sms_factors.find(user.id)) is None
        for event in ("identity.sms_factor_added", "identity.sms_factor_removed"):
            logged = AuditFilter(event=event)
            assert await in_view(units, lambda unit: unit.audit_trail.count(logged)) == 1  # noqa: B023 - awaited at once
