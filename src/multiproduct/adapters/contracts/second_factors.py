"""What every store of second factors must do: use each step and code once, whoever else tries."""

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, UNUSUAL_TEXT, a_user, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    RecoveryCode,
    TotpFactor,
    User,
)

RIVALS = 50


def a_totp_factor(*, user_id: UUID, now: datetime = NOW) -> TotpFactor:
    """An authenticator app that is not confirmed yet."""
    return TotpFactor(
        id=a_uuid(), user_id=user_id, name="Phone", sealed_secret=b"\x01\x00\xff", created_at=now
    )


def an_unusual_totp_factor(*, user_id: UUID) -> TotpFactor:
    """One with every field at a value of its own."""
    return TotpFactor(
        id=a_uuid(),
        user_id=user_id,
        name=UNUSUAL_TEXT,
        sealed_secret=bytes(range(256)),
        created_at=NOW,
        confirmed_at=NOW + MINUTE,
        last_step=2**40 + 1,
        failures=9,
        locked_until=NOW + HOUR,
    )


def a_recovery_code(*, user_id: UUID) -> RecoveryCode:
    """An unused one."""
    return RecoveryCode(id=a_uuid(), user_id=user_id, sealed_digest=a_uuid().bytes, created_at=NOW)


def recovery_codes_of(user: User, count: int) -> list[RecoveryCode]:
    """In the order of their ids, which ids of one millisecond need not have."""
    return sorted((a_recovery_code(user_id=user.id) for _ in range(count)), key=lambda code: code.id)


async def a_kept_user(units: Units[StoreUnit]) -> User:
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user


async def event_names(units: Units[StoreUnit]) -> list[str]:
    entries = await in_view(units, lambda unit: unit.audit_trail.find(AuditFilter(), limit=200))
    return [entry.event for entry in reversed(entries)]


class TotpFactorsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        factors = [an_unusual_totp_factor(user_id=user.id), a_totp_factor(user_id=user.id)]
        for factor in factors:
            await self._keep(units, factor)
        assert await self._of(units, user) == sorted(factors, key=lambda each: each.id)

    async def test_a_new_one_takes_the_place_of_one_that_was_never_confirmed(
        self, units: Units[StoreUnit]
    ) -> None:
        user, other = await a_kept_user(units), await a_kept_user(units)
        confirmed = an_unusual_totp_factor(user_id=user.id)
        old, new = a_totp_factor(user_id=user.id), a_totp_factor(user_id=user.id)
        elses = a_totp_factor(user_id=other.id)
        for factor in (elses, old, confirmed, new):
            await self._keep(units, factor)
        assert await self._of(units, user) == sorted([confirmed, new], key=lambda each: each.id)
        assert await self._of(units, other) == [elses]

    async def test_a_step_is_used_once_and_no_earlier_one_after_it(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        factor = a_totp_factor(user_id=user.id)
        await self._keep(units, factor)
        outcomes = [await self._use(units, factor, step) for step in (5, 5, 4, 6, 0)]
        assert outcomes == [True, False, False, True, False]
        assert (await self._of(units, user))[0].last_step == 6

    async def test_of_many_rivals_one_uses_a_step(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        factor = a_totp_factor(user_id=user.id)
        await self._keep(units, factor)

        async def use(unit: StoreUnit) -> bool:
            is_first = await unit.totp_factors.use_step(factor, 7)
            await asyncio.sleep(0)
            await unit.commit()
            return is_first

        assert sum(await race(units, RIVALS, use)) == 1

    async def test_saving_writes_all_but_the_last_step(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        factor = a_totp_factor(user_id=user.id)
        await self._keep(units, factor)
        await self._use(units, factor, 9)
        changed = replace(
            factor, name="Tablet", sealed_secret=b"anew", failures=3, locked_until=NOW + HOUR, last_step=1
        )
        changed.confirmed(now=NOW)
        await in_one_unit(units, lambda unit: unit.totp_factors.save(changed))
        assert await self._of(units, user) == [replace(changed, last_step=9)]
        assert await event_names(units) == ["identity.totp_confirmed"]

    async def test_of_rivals_that_hold_the_factors_none_loses_a_failure(
        self, units: Units[StoreUnit]
    ) -> None:
        user = await a_kept_user(units)
        await self._keep(units, a_totp_factor(user_id=user.id))

        async def fail(unit: StoreUnit) -> None:
            (held,) = await unit.totp_factors.hold_of_user(user.id)
            await asyncio.sleep(0)
            held.answered_wrong(now=NOW)
            await unit.totp_factors.save(held)
            await unit.commit()

        await race(units, 9, fail)
        assert (await self._of(units, user))[0].failures == 9

    async def test_what_is_removed_is_gone_and_logged_once(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        factor = an_unusual_totp_factor(user_id=user.id)
        await self._keep(units, factor)
        factor.removed(now=NOW)
        outcomes = [
            await in_one_unit(units, lambda unit: unit.totp_factors.remove(each))  # noqa: B023 - awaited at once
            for each in (factor, an_unusual_totp_factor(user_id=user.id))
        ]
        assert outcomes == [True, False]
        assert await self._of(units, user) == []
        assert not await self._use(units, factor, 2**50)
        assert await event_names(units) == ["identity.totp_removed"]

    async def test_purging_removes_old_ones_that_were_never_confirmed(self, units: Units[StoreUnit]) -> None:
        old = [a_totp_factor(user_id=(await a_kept_user(units)).id, now=NOW - DAY) for _ in range(3)]
        kept_user = await a_kept_user(units)
        kept = [
            replace(a_totp_factor(user_id=kept_user.id, now=NOW - DAY), confirmed_at=NOW),
            a_totp_factor(user_id=kept_user.id),
        ]
        for factor in (*old, *kept):
            await self._keep(units, factor)
        removed = [
            await in_one_unit(units, lambda unit: unit.totp_factors.purge(before=NOW - HOUR, limit=2))
            for _ in range(3)
        ]
        assert removed == [2, 1, 0]
        assert await self._of(units, kept_user) == sorted(kept, key=lambda each: each.id)

    async def _keep(self, units: Units[StoreUnit], factor: TotpFactor) -> None:
        await in_one_unit(units, lambda unit: unit.totp_factors.add(factor))

    async def _of(self, units: Units[StoreUnit], user: User) -> list[TotpFactor]:
        return list(await in_view(units, lambda unit: unit.totp_factors.of_user(user.id)))

    async def _use(self, units: Units[StoreUnit], factor: TotpFactor, step: int) -> bool:
        return await in_one_unit(units, lambda unit: unit.totp_factors.use_step(factor, step))


class RecoveryCodesContract:
    """Needs `units`, as `TotpFactorsContract` does."""

    async def test_a_set_takes_the_place_of_the_one_before(self, units: Units[StoreUnit]) -> None:
        user, other = await a_kept_user(units), await a_kept_user(units)
        first, second, elses = (recovery_codes_of(owner, 10) for owner in (user, user, other))
        await self._replace(units, other, elses)
        await self._replace(units, user, first)
        assert await self._unused(units, user) == first
        await self._replace(units, user, second)
        assert await self._unused(units, user) == second
        assert await self._unused(units, other) == elses
        assert not await self._use(units, first[0])
        await self._replace(units, user, [])
        assert await self._unused(units, user) == []

    async def test_of_sets_made_at_once_one_stays(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)

        async def renew(unit: StoreUnit) -> None:
            codes = [a_recovery_code(user_id=user.id) for _ in range(3)]
            await unit.recovery_codes.replace(user.id, codes)
            await asyncio.sleep(0)
            await unit.commit()

        await race(units, 10, renew)
        assert len(await self._unused(units, user)) == 3

    async def test_of_rivals_that_find_none_one_makes_a_set(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)

        async def ensure(unit: StoreUnit) -> bool:
            if await unit.recovery_codes.hold_unused(user.id):
                return False
            await asyncio.sleep(0)
            await unit.recovery_codes.replace(user.id, recovery_codes_of(user, 3))
            await unit.commit()
            return True

        assert sum(await race(units, 10, ensure)) == 1
        assert len(await self._unused(units, user)) == 3

    async def test_a_code_is_used_once(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        codes = recovery_codes_of(user, 3)
        await self._replace(units, user, codes)
        assert [await self._use(units, codes[1]) for _ in range(2)] == [True, False]
        assert await self._unused(units, user) == [codes[0], codes[2]]

    async def test_of_many_rivals_one_uses_a_code(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        code = a_recovery_code(user_id=user.id)
        await self._replace(units, user, [code])

        async def use(unit: StoreUnit) -> bool:
            is_first = await unit.recovery_codes.use(code, now=NOW)
            await asyncio.sleep(0)
            await unit.commit()
            return is_first

        assert sum(await race(units, RIVALS, use)) == 1

    async def _replace(self, units: Units[StoreUnit], user: User, codes: list[RecoveryCode]) -> None:
        await in_one_unit(units, lambda unit: unit.recovery_codes.replace(user.id, codes))

    async def _unused(self, units: Units[StoreUnit], user: User) -> list[RecoveryCode]:
        return list(await in_view(units, lambda unit: unit.recovery_codes.unused(user.id)))

    async def _use(self, units: Units[StoreUnit], code: RecoveryCode) -> bool:
        return await in_one_unit(units, lambda unit: unit.recovery_codes.use(code, now=NOW))
