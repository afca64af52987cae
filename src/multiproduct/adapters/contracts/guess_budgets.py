"""What every store of guess budgets must do: nothing that was counted is lost among rivals."""

import asyncio

from multiproduct.adapters.contracts.builders import DAY, HOUR, NOW, a_guess_budget, an_unusual_guess_budget
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    race,
)
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.otp import GuessBudget, Purpose


async def _keep(units: Units[StoreUnit], *budgets: GuessBudget) -> None:
    async with units.open(ANYBODY) as unit:
        for budget in budgets:
            await unit.guess_budgets.hold(budget.key)
            await unit.guess_budgets.save(budget)
        await unit.commit()


async def _stored(units: Units[StoreUnit], key: str) -> GuessBudget:
    return await in_one_unit(units, lambda unit: unit.guess_budgets.hold(key))


class GuessBudgetsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.

    When a budget was last touched is told by the moments in it: failures, resends, last voided, last sent.
    """

    async def test_an_unknown_address_has_an_unused_budget(self, units: Units[StoreUnit]) -> None:
        assert await _stored(units, "nobody") == GuessBudget(key="nobody")

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        budget = an_unusual_guess_budget()
        await _keep(units, budget)
        assert await _stored(units, budget.key) == budget
        budget.failures, budget.last_sent_at, budget.last_voided_at = (), None, None
        await _keep(units, budget)
        assert await _stored(units, budget.key) == budget

    async def test_a_budget_that_is_changed_and_not_saved_stays_as_it_was(
        self, units: Units[StoreUnit]
    ) -> None:
        budget = an_unusual_guess_budget()
        await _keep(units, budget)
        async with units.open(ANYBODY) as unit:
            held = await unit.guess_budgets.hold(budget.key)
            held.voids = 99
            await unit.commit()
        assert (await _stored(units, budget.key)).voids == budget.voids

    async def test_rivals_wait_for_whoever_holds_a_budget(self, units: Units[StoreUnit]) -> None:
        key = a_guess_budget().key
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                held = await unit.guess_budgets.hold(key)
                rival = asyncio.create_task(_stored(units, key))
                assert await has_to_wait(rival)
                held.voided(now=NOW)
                await unit.guess_budgets.save(held)
                await unit.commit()
            assert (await rival).voids == 1

    async def test_of_many_rivals_none_loses_what_it_counted(self, units: Units[StoreUnit]) -> None:
        key = a_guess_budget().key

        async def count(unit: StoreUnit) -> None:
            held = await unit.guess_budgets.hold(key)
            await asyncio.sleep(0)
            held.voids += 1
            await unit.guess_budgets.save(held)
            await unit.commit()

        await race(units, 30, count)
        assert (await _stored(units, key)).voids == 30

    async def test_purging_removes_idle_budgets_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        idle = [a_guess_budget() for _ in range(5)]
        for budget in idle:
            budget.voided(now=NOW - 2 * DAY)
        sent_lately, guessed_lately = a_guess_budget(), a_guess_budget()
        sent_lately.voided(now=NOW - 2 * DAY)
        sent_lately.sent(Purpose.LOGIN, now=NOW - HOUR)
        guessed_lately.guessed_wrong(now=NOW - HOUR)
        await _keep(units, *idle, sent_lately, guessed_lately)
        removed = [
            await in_one_unit(units, lambda unit: unit.guess_budgets.purge(idle_since=NOW - DAY, limit=2))
            for _ in range(4)
        ]
        assert removed == [2, 2, 1, 0]
        assert (await _stored(units, idle[0].key)).voids == 0
        assert await _stored(units, sent_lately.key) == sent_lately
        assert await _stored(units, guessed_lately.key) == guessed_lately
