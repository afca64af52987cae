"""What every store of wrong passwords in a row must do: none that was counted is lost among rivals."""

import asyncio

from multiproduct.adapters.contracts.builders import DAY, NOW
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    in_view,
    race,
)
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import SignInFailures


async def _keep(units: Units[StoreUnit], *kept: SignInFailures) -> None:
    async with units.open(ANYBODY) as unit:
        for failures in kept:
            await unit.sign_in_failures.hold(failures.key)
            await unit.sign_in_failures.save(failures)
        await unit.commit()


async def _found(units: Units[StoreUnit], key: str) -> SignInFailures | None:
    return await in_view(units, lambda unit: unit.sign_in_failures.find(key))


class SignInFailuresContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_of_an_unknown_name_nothing_is_counted(self, units: Units[StoreUnit]) -> None:
        assert await _found(units, "nobody") is None
        held = await in_one_unit(units, lambda unit: unit.sign_in_failures.hold("nobody"))
        assert held == SignInFailures(key="nobody")

    async def test_a_count_comes_back_as_it_was_and_goes_when_it_is_forgotten(
        self, units: Units[StoreUnit]
    ) -> None:
        kept = [SignInFailures(key=f"name{number}", count=number, last_failed_at=NOW) for number in (1, 2, 3)]
        await _keep(units, *kept)
        assert await _found(units, "name2") == kept[1]
        await in_one_unit(units, lambda unit: unit.sign_in_failures.forget(["name1", "name2", "name9"]))
        assert [await _found(units, each.key) for each in kept] == [None, None, kept[2]]

    async def test_rivals_wait_for_whoever_holds_a_count(self, units: Units[StoreUnit]) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                held = await unit.sign_in_failures.hold("tony")
                rival = asyncio.create_task(
                    in_one_unit(units, lambda other: other.sign_in_failures.hold("tony"))
                )
                assert await has_to_wait(rival)
                held.failed(now=NOW)
                await unit.sign_in_failures.save(held)
                await unit.commit()
            assert (await rival).count == 1

    async def test_of_many_rivals_none_loses_what_it_counted(self, units: Units[StoreUnit]) -> None:
        async def count(unit: StoreUnit) -> None:
            held = await unit.sign_in_failures.hold("tony")
            await asyncio.sleep(0)
            held.failed(now=NOW)
            await unit.sign_in_failures.save(held)
            await unit.commit()

        await race(units, 30, count)
        found = await _found(units, "tony")
        assert found is not None
        assert found.count == 30

    async def test_purging_removes_old_counts_and_no_more_than_the_limit(
        self, units: Units[StoreUnit]
    ) -> None:
        old = [SignInFailures(key=f"old{n}", count=1, last_failed_at=NOW - 2 * DAY) for n in range(3)]
        late = SignInFailures(key="late", count=1, last_failed_at=NOW - DAY)
        await _keep(units, *old, late)
        removed = [
            await in_one_unit(units, lambda unit: unit.sign_in_failures.purge(before=NOW - DAY, limit=2))
            for _ in range(3)
        ]
        assert removed == [2, 1, 0]
        assert await _found(units, "late") == late
