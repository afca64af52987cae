"""What every store of device keys must do: give each key one owner, lock it after exactly five failures."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import (
    HOUR,
    MINUTE,
    NOW,
    UNUSUAL_TEXT,
    a_device_key,
    a_session,
    a_user,
    a_user_id,
    a_uuid,
)
from multiproduct.adapters.contracts.store_unit import (
    PATIENCE_SECONDS,
    StoreUnit,
    has_to_wait,
    in_one_unit,
    in_view,
    race,
)
from multiproduct.application.caller import ANYBODY
from multiproduct.application.identity.ports import SessionStanding
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    CredentialTaken,
    DeviceKey,
    DeviceKeyState,
    EndReason,
    KeyStorage,
    Session,
    User,
    UserVerification,
)

RIVALS = 50


async def _a_kept_user(units: Units[StoreUnit]) -> User:
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user


async def _kept(units: Units[StoreUnit], **changed: object) -> DeviceKey:
    key = replace(a_device_key(user_id=(await _a_kept_user(units)).id), **changed)  # type: ignore[arg-type] # fields by name
    await _keep(units, key)
    return key


async def _keep(units: Units[StoreUnit], key: DeviceKey) -> None:
    await in_one_unit(units, lambda unit: unit.device_keys.add(key))


async def _of_key_id(units: Units[StoreUnit], key: DeviceKey) -> DeviceKey | None:
    return await in_view(units, lambda unit: unit.device_keys.find_by_key_id(key.key_id))


async def _standing(units: Units[StoreUnit], session: Session) -> SessionStanding | None:
    return await in_view(units, lambda unit: unit.sessions.standing(session.id, now=NOW))


async def _stored(units: Units[StoreUnit], key: DeviceKey) -> DeviceKey | None:
    return await in_view(units, lambda unit: unit.device_keys.find(key.id))


async def _events(units: Units[StoreUnit], resource: str, id: object) -> list[str]:
    wanted = AuditFilter(resource_type=resource, resource_id=str(id))
    entries = await in_view(units, lambda unit: unit.audit_trail.find(wanted, limit=200))
    return [entry.event for entry in reversed(entries)]


async def _a_session_of(units: Units[StoreUnit], user_id: UUID, key: DeviceKey | None) -> Session:
    session = a_session(user_id=user_id)
    async with units.open(ANYBODY) as unit:
        await unit.sessions.add(session)
        if key is not None:
            await unit.device_keys.began(key.id, session.id)
        await unit.commit()
    return session


class DeviceKeysContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.
    """

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        plain = await _kept(units)
        unusual = await _kept(
            units,
            spki=b"\0\xff" * 45,
            name=UNUSUAL_TEXT,
            user_verification=UserVerification.PIN,
            storage=KeyStorage.SOFTWARE,
            state=DeviceKeyState.LOCKED,
            failures=5,
            last_used_at=NOW + timedelta(microseconds=1),
            locked_at=NOW + timedelta(microseconds=2),
            revoked_at=NOW + timedelta(microseconds=3),
        )
        for key in (plain, unusual):
            assert await _stored(units, key) == key
            found = await _of_key_id(units, key)
            assert found == key

    async def test_what_is_not_there_is_not_found(self, units: Units[StoreUnit]) -> None:
        await _kept(units)
        assert await in_view(units, lambda unit: unit.device_keys.find(a_uuid())) is None
        assert await in_view(units, lambda unit: unit.device_keys.find_by_key_id("ab" * 32)) is None
        assert list(await in_view(units, lambda unit: unit.device_keys.of_user(a_user_id()))) == []

    async def test_those_of_a_user_that_are_not_revoked_come_in_order(self, units: Units[StoreUnit]) -> None:
        first = await _kept(units)
        later, latest, gone = (
            replace(a_device_key(user_id=first.user_id), created_at=NOW + MINUTE * n) for n in (1, 2, 3)
        )
        gone.state = DeviceKeyState.REVOKED
        later.state = DeviceKeyState.LOCKED
        for key in (latest, gone, later):
            await _keep(units, key)
        found = await in_view(units, lambda unit: unit.device_keys.of_user(first.user_id))
        assert [each.id for each in found] == [first.id, later.id, latest.id]

    async def test_a_key_has_one_owner_also_when_revoked_and_the_unit_goes_on(
        self, units: Units[StoreUnit]
    ) -> None:
        mine = await _kept(units, state=DeviceKeyState.REVOKED)
        theirs = replace(a_device_key(user_id=(await _a_kept_user(units)).id), key_id=mine.key_id)
        theirs.confirm(now=NOW)
        other = a_device_key(user_id=theirs.user_id)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(CredentialTaken):
                await unit.device_keys.add(theirs)
            await unit.device_keys.add(other)
            await unit.commit()
        assert await _stored(units, mine) == mine
        assert await _stored(units, other) == other
        assert await _events(units, "device_key", theirs.id) == []

    async def test_of_many_wrong_signatures_exactly_five_are_counted_and_the_key_is_locked_once(
        self, units: Units[StoreUnit]
    ) -> None:
        key = await _kept(units)

        async def refuse(unit: StoreUnit) -> int | None:
            counted = await unit.device_keys.refuse(key.id, now=NOW)
            await asyncio.sleep(0)
            if counted is not None:
                counted.note_refusal(now=NOW)
                await unit.device_keys.note(counted)
            await unit.commit()
            return counted.failures if counted else None

        counted = [number for number in await race(units, RIVALS, refuse) if number is not None]
        assert sorted(counted) == [1, 2, 3, 4, 5]
        stored = await _stored(units, key)
        assert stored == replace(key, failures=5, state=DeviceKeyState.LOCKED, locked_at=NOW)
        assert await _events(units, "device_key", key.id) == (
            ["identity.device_key_refused"] * 5 + ["identity.device_key_locked"]
        )

    async def test_a_good_signature_begins_the_count_anew(self, units: Units[StoreUnit]) -> None:
        key = await _kept(units, failures=4)
        key.used(now=NOW + MINUTE)
        assert await in_one_unit(units, lambda unit: unit.device_keys.use(key))
        assert await _stored(units, key) == key
        counted = await in_one_unit(units, lambda unit: unit.device_keys.refuse(key.id, now=NOW))
        assert counted == replace(key, failures=1)

    @pytest.mark.parametrize("state", [DeviceKeyState.INITIAL, DeviceKeyState.LOCKED, DeviceKeyState.REVOKED])
    async def test_only_a_confirmed_key_is_used_and_counted(
        self, units: Units[StoreUnit], state: DeviceKeyState
    ) -> None:
        key = await _kept(units, state=state)
        used = replace(key)
        used.used(now=NOW)
        assert not await in_one_unit(units, lambda unit: unit.device_keys.use(used))
        assert await in_one_unit(units, lambda unit: unit.device_keys.refuse(key.id, now=NOW)) is None
        assert await _stored(units, key) == key

    async def test_it_is_renamed_until_it_is_revoked_and_revoked_once(self, units: Units[StoreUnit]) -> None:
        key = await _kept(units)
        key.rename(UNUSUAL_TEXT, now=NOW)
        assert await in_one_unit(units, lambda unit: unit.device_keys.rename(key))
        assert await _stored(units, key) == key

        async def revoke(unit: StoreUnit) -> bool:
            mine = replace(key)
            mine.revoke(now=NOW + HOUR)
            was_first = await unit.device_keys.revoke(mine)
            await unit.commit()
            return was_first

        assert sorted(await race(units, 10, revoke)) == [False] * 9 + [True]
        assert await _events(units, "device_key", key.id) == [
            "identity.device_key_renamed",
            "identity.device_key_revoked",
        ]
        assert await _stored(units, key) == replace(key, state=DeviceKeyState.REVOKED, revoked_at=NOW + HOUR)
        assert not await in_one_unit(units, lambda unit: unit.device_keys.rename(key))

    async def test_the_live_sessions_that_a_key_began_end_and_no_others(
        self, units: Units[StoreUnit]
    ) -> None:
        key = await _kept(units)
        other = a_device_key(user_id=key.user_id)
        await in_one_unit(units, lambda unit: unit.device_keys.add(other))
        mine = [await _a_session_of(units, key.user_id, key) for _ in range(2)]
        over = await _a_session_of(units, key.user_id, key)
        elsewhere = await _a_session_of(units, key.user_id, other)
        by_password = await _a_session_of(units, key.user_id, None)
        over.end(EndReason.SIGNED_OUT, now=NOW)
        await in_one_unit(units, lambda unit: unit.sessions.save(over))

        async def end(unit: StoreUnit) -> object:
            return await unit.device_keys.end_sessions(key.id, reason=EndReason.REVOKED, now=NOW)

        assert await in_one_unit(units, end) == sorted(each.id for each in mine)
        assert await in_one_unit(units, end) == []
        for session in mine:
            assert await _events(units, "session", session.id) == [
                "identity.signed_in",
                "identity.session_ended",
            ]
        for session in (elsewhere, by_password):
            standing = await _standing(units, session)
            assert standing is not None
            assert standing.is_live

    async def test_a_key_in_use_is_held_so_that_revoking_it_waits_and_finds_the_session(
        self, units: Units[StoreUnit]
    ) -> None:
        key = await _kept(units)
        session = a_session(user_id=key.user_id)

        async def revoke(unit: StoreUnit) -> object:
            mine = replace(key)
            mine.revoke(now=NOW)
            assert await unit.device_keys.revoke(mine)
            return await unit.device_keys.end_sessions(key.id, reason=EndReason.REVOKED, now=NOW)

        async with asyncio.timeout(PATIENCE_SECONDS):
            async with units.open(ANYBODY) as unit:
                used = replace(key)
                used.used(now=NOW)
                assert await unit.device_keys.use(used)
                rival = asyncio.create_task(in_one_unit(units, revoke))
                assert await has_to_wait(rival)
                await unit.sessions.add(session)
                await unit.device_keys.began(key.id, session.id)
                await unit.commit()
            assert await rival == [session.id]
