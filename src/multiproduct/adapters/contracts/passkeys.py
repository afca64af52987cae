"""What every store of passkeys must do: give each credential one owner, and let no count come twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from multiproduct.adapters.contracts.builders import (
    MINUTE,
    NOW,
    UNUSUAL_TEXT,
    a_passkey,
    a_user,
    a_user_id,
    a_uuid,
    an_assertion,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import Assertion, CredentialTaken, Passkey, User

RIVALS = 50


async def _a_kept_user(units: Units[StoreUnit]) -> User:
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user


async def _kept(units: Units[StoreUnit], **changed: object) -> Passkey:
    passkey = replace(a_passkey(user_id=(await _a_kept_user(units)).id), **changed)  # type: ignore[arg-type] # fields by name
    await _keep(units, passkey)
    return passkey


async def _keep(units: Units[StoreUnit], passkey: Passkey) -> None:
    await in_one_unit(units, lambda unit: unit.passkeys.add(passkey))


async def _of_credential(units: Units[StoreUnit], passkey: Passkey) -> Passkey | None:
    return await in_view(units, lambda unit: unit.passkeys.find_by_credential(passkey.credential_id))


async def _stored(units: Units[StoreUnit], passkey: Passkey) -> Passkey | None:
    return await in_view(units, lambda unit: unit.passkeys.find(passkey.id))


async def _use(units: Units[StoreUnit], passkey: Passkey, assertion: Assertion) -> bool:
    later = NOW + MINUTE
    return await in_one_unit(units, lambda unit: unit.passkeys.use(passkey, assertion, now=later))


async def _events(units: Units[StoreUnit], passkey: Passkey) -> list[str]:
    wanted = AuditFilter(resource_type="passkey", resource_id=str(passkey.id))
    entries = await in_view(units, lambda unit: unit.audit_trail.find(wanted, limit=200))
    return [entry.event for entry in reversed(entries)]


class PasskeysContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.
    """

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        plain = await _kept(units)
        unusual = await _kept(
            units,
            credential_id=bytes(range(256)) * 3,
            public_key=b"\0\xff" * 600,
            sign_count=2**32 - 1,
            transports=("hybrid", "internal"),
            name=UNUSUAL_TEXT,
            verifies_user=False,
            is_backup_eligible=True,
            is_backed_up=True,
            last_used_at=NOW + timedelta(microseconds=1),
            suspended_at=NOW + timedelta(microseconds=2),
        )
        for passkey in (plain, unusual):
            assert await _stored(units, passkey) == passkey
            found = await _of_credential(units, passkey)
            assert found == passkey

    async def test_what_is_not_there_is_not_found(self, units: Units[StoreUnit]) -> None:
        await _kept(units)
        assert await in_view(units, lambda unit: unit.passkeys.find(a_uuid())) is None
        assert await in_view(units, lambda unit: unit.passkeys.find_by_credential(b"x")) is None
        assert list(await in_view(units, lambda unit: unit.passkeys.of_user(a_user_id()))) == []

    async def test_those_of_a_user_come_in_the_order_in_which_they_were_made(
        self, units: Units[StoreUnit]
    ) -> None:
        first = await _kept(units)
        others = [replace(a_passkey(user_id=first.user_id), created_at=NOW + MINUTE * n) for n in (2, 1)]
        for other in others:
            await _keep(units, other)
        await _kept(units)
        found = await in_view(units, lambda unit: unit.passkeys.of_user(first.user_id))
        assert [each.id for each in found] == [first.id, others[1].id, others[0].id]

    async def test_a_credential_has_one_owner_and_the_unit_goes_on(self, units: Units[StoreUnit]) -> None:
        mine = await _kept(units)
        theirs = replace(a_passkey(user_id=(await _a_kept_user(units)).id), credential_id=mine.credential_id)
        theirs.added()
        other = a_passkey(user_id=theirs.user_id)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(CredentialTaken):
                await unit.passkeys.add(theirs)
            await unit.passkeys.add(other)
            await unit.commit()
        assert await _stored(units, mine) == mine
        assert await _stored(units, theirs) is None
        assert await _stored(units, other) == other
        assert await _events(units, theirs) == []

    @pytest.mark.parametrize(
        ("kept", "told", "taken"),
        [(0, 0, True), (0, 1, True), (7, 8, True), (7, 2**32 - 1, True), (7, 7, False), (7, 6, False)],
    )
    async def test_a_higher_count_is_taken_and_zero_after_zero(
        self, units: Units[StoreUnit], kept: int, told: int, taken: object
    ) -> None:
        passkey = await _kept(units, sign_count=kept)
        assertion = an_assertion(sign_count=told, is_backed_up=True)
        assert passkey.take_count(told) is taken
        assert await _use(units, passkey, assertion) is taken
        used = replace(passkey, sign_count=told, is_backed_up=True, last_used_at=NOW + MINUTE)
        assert await _stored(units, passkey) == (used if taken else passkey)

    async def test_a_count_falls_back_to_zero_for_nobody(self, units: Units[StoreUnit]) -> None:
        passkey = await _kept(units, sign_count=1)
        assert not await _use(units, passkey, an_assertion(sign_count=0))

    async def test_of_many_rivals_with_one_count_one_is_taken(self, units: Units[StoreUnit]) -> None:
        passkey = await _kept(units, sign_count=4)

        async def use(unit: StoreUnit) -> bool:
            was_first = await unit.passkeys.use(passkey, an_assertion(sign_count=5), now=NOW)
            await asyncio.sleep(0)
            await unit.commit()
            return was_first

        assert sorted(await race(units, RIVALS, use)) == [False] * (RIVALS - 1) + [True]

    async def test_it_is_suspended_once_and_then_proves_nothing(self, units: Units[StoreUnit]) -> None:
        passkey = await _kept(units)

        async def suspend(unit: StoreUnit) -> bool:
            mine = await unit.passkeys.find(passkey.id)
            assert mine is not None
            mine.suspend(now=NOW)
            was_first = await unit.passkeys.suspend(mine)
            await unit.commit()
            return was_first

        assert sorted(await race(units, 10, suspend)) == [False] * 9 + [True]
        assert await _events(units, passkey) == ["identity.passkey_cloned"]
        stored = await _stored(units, passkey)
        assert stored is not None
        assert stored.suspended_at == NOW
        assert not await _use(units, passkey, an_assertion(sign_count=99))

    async def test_it_is_renamed_as_long_as_it_is_there_and_removed_once(
        self, units: Units[StoreUnit]
    ) -> None:
        passkey = await _kept(units)
        passkey.rename(UNUSUAL_TEXT, now=NOW)
        assert await in_one_unit(units, lambda unit: unit.passkeys.rename(passkey))
        assert await _stored(units, passkey) == passkey

        async def remove(unit: StoreUnit) -> bool:
            mine = replace(passkey)
            mine.removed(now=NOW)
            was_first = await unit.passkeys.remove(mine)
            await unit.commit()
            return was_first

        assert sorted(await race(units, 10, remove)) == [False] * 9 + [True]
        assert await _events(units, passkey) == ["identity.passkey_renamed", "identity.passkey_removed"]
        assert await _stored(units, passkey) is None
        assert not await in_one_unit(units, lambda unit: unit.passkeys.rename(passkey))
        assert not await _use(units, passkey, an_assertion(sign_count=99))
