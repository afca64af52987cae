"""What every store of push devices must do: one device for each token, one slot for each device."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import DAY, HOUR, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.notifications.push_device import PushDevice, PushKind, SealedToken
from multiproduct.domain.shared import StaleAggregate

RIVALS = 20


def a_token() -> SealedToken:
    """Of nobody else."""
    return SealedToken(digest=a_uuid().hex * 2, sealed=b"\x00sealed\xff")


def a_device(
    *,
    user_id: UUID | None = None,
    slot: int = 0,
    token: SealedToken | None = None,
    refreshed_at: datetime = NOW,
) -> PushDevice:
    """One of FCM."""
    return PushDevice(
        id=a_uuid(),
        user_id=user_id or a_user_id(),
        slot=slot,
        kind=PushKind.FCM,
        token=token or a_token(),
        name="",
        locale="en",
        session_id=None,
        registered_at=NOW - HOUR,
        refreshed_at=refreshed_at,
    )


def an_unusual_device() -> PushDevice:
    """One with every field at a value of its own."""
    return PushDevice(
        id=a_uuid(),
        version=3,
        user_id=a_user_id(),
        slot=19,
        kind=PushKind.WEB,
        token=a_token(),
        name=UNUSUAL_TEXT,
        locale="zh-Hant",
        session_id=a_uuid(),
        registered_at=NOW - DAY,
        refreshed_at=NOW + HOUR,
    )


class PushDevicesContract:
    """Needs the fixture `units`: units of a fresh store."""

    @pytest.fixture
    def units(self) -> Units[StoreUnit]:
        raise NotImplementedError

    async def _kept(self, units: Units[StoreUnit], *devices: PushDevice) -> None:
        async def body(unit: StoreUnit) -> None:
            for device in devices:
                await unit.push_devices.add(device)

        await in_one_unit(units, body)

    async def _found(self, units: Units[StoreUnit], id: UUID) -> PushDevice | None:
        return await in_view(units, lambda view: view.push_devices.find(id))

    async def _of(self, units: Units[StoreUnit], user_id: UUID) -> Sequence[UUID]:
        found = await in_view(units, lambda view: view.push_devices.of_user(user_id))
        return [each.id for each in found]

    @pytest.mark.parametrize("make", [a_device, an_unusual_device])
    async def test_what_is_kept_comes_back_as_it_was(
        self, units: Units[StoreUnit], make: Callable[[], PushDevice]
    ) -> None:
        device = make()
        await self._kept(units, device)
        assert await self._found(units, device.id) == device
        found = await in_view(units, lambda view: view.push_devices.with_token(device.token.digest))
        assert found == device

    async def test_what_is_not_there_is_not_found(self, units: Units[StoreUnit]) -> None:
        assert await self._found(units, a_uuid()) is None
        assert await in_view(units, lambda view: view.push_devices.with_token("0")) is None
        assert await self._of(units, a_user_id()) == []

    async def test_a_persons_devices_come_with_those_refreshed_last_first(
        self, units: Units[StoreUnit]
    ) -> None:
        user_id = a_user_id()
        oldest, newest, middle = (
            a_device(user_id=user_id, slot=slot, refreshed_at=at)
            for slot, at in enumerate([NOW - DAY, NOW, NOW - HOUR])
        )
        await self._kept(units, oldest, newest, middle, a_device())
        assert await self._of(units, user_id) == [newest.id, middle.id, oldest.id]

    async def test_a_token_that_is_taken_is_refused(self, units: Units[StoreUnit]) -> None:
        device = a_device()
        await self._kept(units, device)
        with pytest.raises(StaleAggregate):
            await self._kept(units, a_device(token=device.token))

    async def test_a_slot_that_is_taken_is_refused(self, units: Units[StoreUnit]) -> None:
        device = a_device(slot=4)
        await self._kept(units, device)
        with pytest.raises(StaleAggregate):
            await self._kept(units, a_device(user_id=device.user_id, slot=4))

    async def test_a_change_is_kept_and_counts_the_version(self, units: Units[StoreUnit]) -> None:
        device, token = a_device(), a_token()
        await self._kept(units, device)
        device.refresh(token=token, name=UNUSUAL_TEXT, locale="fa", session_id=a_uuid(), now=NOW + HOUR)
        await in_one_unit(units, lambda unit: unit.push_devices.save(device))
        kept = await self._found(units, device.id)
        assert kept == device
        assert kept is not None
        assert (kept.version, kept.token, kept.refreshed_at) == (1, token, NOW + HOUR)

    async def test_a_stale_one_is_neither_written_nor_removed(self, units: Units[StoreUnit]) -> None:
        device = a_device()
        await self._kept(units, device)
        stale = await self._found(units, device.id)
        assert stale is not None
        await in_one_unit(units, lambda unit: unit.push_devices.save(device))
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.push_devices.save(stale))
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.push_devices.remove(stale))
        assert await self._found(units, device.id) == device

    async def test_a_change_to_a_token_that_is_taken_is_refused(self, units: Units[StoreUnit]) -> None:
        device, other = a_device(), a_device()
        await self._kept(units, device, other)
        device.token = other.token
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.push_devices.save(device))

    async def test_what_is_removed_is_gone_and_its_token_free_at_once(self, units: Units[StoreUnit]) -> None:
        device = a_device()
        await self._kept(units, device)
        successor = a_device(token=device.token)

        async def move(unit: StoreUnit) -> None:
            await unit.push_devices.remove(device)
            await unit.push_devices.add(successor)

        await in_one_unit(units, move)
        assert await self._found(units, device.id) is None
        assert await self._of(units, successor.user_id) == [successor.id]

    async def test_of_rivals_for_one_token_one_has_it(self, units: Units[StoreUnit]) -> None:
        token = a_token()

        async def body(unit: StoreUnit) -> UUID:
            kept = await unit.push_devices.with_token(token.digest)
            if kept is not None:
                await unit.push_devices.remove(kept)
            device = a_device(token=token)
            await unit.push_devices.add(device)
            await unit.commit()
            return device.id

        ids = await race(units, RIVALS, body)
        found = [each for each in ids if await self._found(units, each) is not None]
        assert len(found) == 1

    async def test_those_not_refreshed_for_long_are_purged_a_few_at_a_time(
        self, units: Units[StoreUnit]
    ) -> None:
        old = [a_device(refreshed_at=NOW - DAY) for _ in range(3)]
        young = a_device(refreshed_at=NOW - HOUR)
        await self._kept(units, *old, young)
        removed = [
            await in_one_unit(units, lambda unit: unit.push_devices.purge(before=NOW - HOUR, limit=2))
            for _ in range(3)
        ]
        assert removed == [2, 1, 0]
        assert await self._found(units, young.id) == young
