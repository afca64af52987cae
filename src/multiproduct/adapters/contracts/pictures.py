"""What every store of pictures must do: a file is taken up once, and forgotten only when nobody has it."""

from datetime import datetime
from uuid import UUID

from multiproduct.adapters.contracts.builders import HOUR, MINUTE, NOW, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import Picture


async def _a_picture(units: Units[StoreUnit], *, since: datetime = NOW) -> UUID:
    picture = Picture(id=a_uuid(), user_id=a_user_id(), created_at=since, unused_since=since)
    await in_one_unit(units, lambda unit: unit.pictures.add(picture))
    return picture.id


async def _take_up(units: Units[StoreUnit], id: UUID, *, made_after: datetime) -> bool:
    return await in_one_unit(units, lambda unit: unit.pictures.take_up(id, made_after=made_after))


async def _is_used(units: Units[StoreUnit], id: UUID) -> bool:
    return await in_view(units, lambda unit: unit.pictures.is_used(id))


class PicturesContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_a_picture_is_used_from_when_it_is_taken_up_until_it_is_dropped(
        self, units: Units[StoreUnit]
    ) -> None:
        mine = await _a_picture(units)
        assert not await _is_used(units, mine)
        assert await _take_up(units, mine, made_after=NOW - MINUTE)
        assert await _is_used(units, mine)
        await in_one_unit(units, lambda unit: unit.pictures.drop(mine, now=NOW + HOUR))
        assert not await _is_used(units, mine)
        assert not await _is_used(units, a_uuid())

    async def test_an_old_one_cannot_be_taken_up_any_more(self, units: Units[StoreUnit]) -> None:
        mine = await _a_picture(units)
        assert not await _take_up(units, mine, made_after=NOW)
        assert not await _is_used(units, mine)
        assert not await _take_up(units, a_uuid(), made_after=NOW - MINUTE)

    async def test_of_many_who_take_it_up_one_does(self, units: Units[StoreUnit]) -> None:
        mine = await _a_picture(units)

        async def body(unit: StoreUnit) -> bool:
            taken = await unit.pictures.take_up(mine, made_after=NOW - MINUTE)
            await unit.commit()
            return taken

        assert sorted(await race(units, 5, body)) == [False] * 4 + [True]

    async def test_the_unused_are_found_and_removed_and_nothing_else_is(
        self, units: Units[StoreUnit]
    ) -> None:
        oldest, older, young, used = [
            await _a_picture(units, since=NOW - age) for age in (2 * HOUR, HOUR, MINUTE, 3 * HOUR)
        ]
        await _take_up(units, used, made_after=NOW - 4 * HOUR)
        found = await in_view(units, lambda unit: unit.pictures.unused(before=NOW - MINUTE, limit=9))
        assert list(found) == [oldest, older]
        few = await in_view(units, lambda unit: unit.pictures.unused(before=NOW, limit=1))
        assert list(few) == [oldest]
        assert await in_one_unit(units, lambda unit: unit.pictures.remove([oldest, used, a_uuid()])) == 1
        assert await in_one_unit(units, lambda unit: unit.pictures.remove([oldest])) == 0
        assert await _is_used(units, used)
        left = await in_view(units, lambda unit: unit.pictures.unused(before=NOW, limit=9))
        assert list(left) == [older, young]
