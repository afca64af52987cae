"""What every store of sign-ins that wait for a second factor must do, and of all that is sealed."""

import asyncio
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from multiproduct.adapters.contracts.builders import DAY, MINUTE, NOW, UNUSUAL_TEXT, a_uuid
from multiproduct.adapters.contracts.second_factors import (
    a_kept_user,
    a_totp_factor,
    event_names,
    recovery_codes_of,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.identity.administration_ports import SealedRecord
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    EmailAddress,
    EndReason,
    ForeignIdentity,
    PendingSignIn,
    Provider,
)

RIVALS = 50
_BEGINNING = UUID(int=0)


def a_pending_sign_in(*, user_id: UUID, now: datetime = NOW) -> PendingSignIn:
    """One that has just begun."""
    return PendingSignIn.begin(
        id=a_uuid(), user_id=user_id, key_id="cafebabe", methods=("pwd",), credential_mark="mark", now=now
    )


class PendingSignInsContract:
    """Needs `units`, as `TotpFactorsContract` does."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        plain = a_pending_sign_in(user_id=user.id)
        unusual = replace(
            plain,
            id=a_uuid(),
            methods=(),
            device_key_id=a_uuid(),
            attempts=5,
            completed_at=NOW + MINUTE,
            to_be_linked=ForeignIdentity(
                provider=Provider.GOOGLE,
                issuer="https://accounts.google.com",
                subject=UNUSUAL_TEXT,
                email=EmailAddress.parse("Tony@Stark.com"),
                email_verified=True,
                hosted_domain="stark.com",
            ),
        )
        for pending in (plain, unusual):
            await self._keep(units, pending)
            assert await in_view(units, lambda unit: unit.pending_sign_ins.find(pending.id)) == pending  # noqa: B023 - awaited at once
        assert await in_view(units, lambda unit: unit.pending_sign_ins.find(a_uuid())) is None
        assert await event_names(units) == ["identity.second_factor_asked"]

    async def test_of_many_rivals_five_attempts_are_counted(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        pending = a_pending_sign_in(user_id=user.id)
        await self._keep(units, pending)

        async def attempt(unit: StoreUnit) -> int | None:
            taken = await unit.pending_sign_ins.take_attempt(pending.id, now=NOW)
            await asyncio.sleep(0)
            await unit.commit()
            return taken.attempts if taken else None

        counted = [number for number in await race(units, RIVALS, attempt) if number is not None]
        assert sorted(counted) == [1, 2, 3, 4, 5]

    async def test_no_attempt_is_taken_when_it_is_completed_expired_or_unknown(
        self, units: Units[StoreUnit]
    ) -> None:
        user = await a_kept_user(units)
        completed, expired = (a_pending_sign_in(user_id=user.id) for _ in range(2))
        await self._keep(units, completed)
        await self._keep(units, expired)
        assert await self._complete(units, completed)
        for pending, now in (
            (completed, NOW),
            (expired, expired.expires_at),
            (a_pending_sign_in(user_id=user.id), NOW),
        ):
            taken = await in_one_unit(
                units,
                lambda unit: unit.pending_sign_ins.take_attempt(pending.id, now=now),  # noqa: B023 - likewise
            )
            assert taken is None

    async def test_of_many_rivals_one_completes(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        pending = a_pending_sign_in(user_id=user.id)
        await self._keep(units, pending)

        async def complete(unit: StoreUnit) -> bool:
            is_first = await unit.pending_sign_ins.complete(pending, now=NOW)
            await asyncio.sleep(0)
            await unit.commit()
            return is_first

        assert sum(await race(units, RIVALS, complete)) == 1

    async def test_when_the_sessions_of_its_owner_end_it_is_void(self, units: Units[StoreUnit]) -> None:
        user, other = await a_kept_user(units), await a_kept_user(units)
        mine, elses = a_pending_sign_in(user_id=user.id), a_pending_sign_in(user_id=other.id)
        for pending in (mine, elses):
            await self._keep(units, pending)
        await in_one_unit(
            units, lambda unit: unit.sessions.end_all(user.id, reason=EndReason.REVOKED, now=NOW)
        )
        for pending, expected in ((mine, None), (elses, elses)):
            assert await in_view(units, lambda unit: unit.pending_sign_ins.find(pending.id)) == expected  # noqa: B023 - awaited at once
        assert not await self._complete(units, mine)

    async def test_purging_removes_what_expired_before(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        old = [a_pending_sign_in(user_id=user.id, now=NOW - DAY) for _ in range(3)]
        fresh = a_pending_sign_in(user_id=user.id)
        for pending in (*old, fresh):
            await self._keep(units, pending)
        removed = [
            await in_one_unit(units, lambda unit: unit.pending_sign_ins.purge(before=NOW, limit=2))
            for _ in range(3)
        ]
        assert removed == [2, 1, 0]
        assert await in_view(units, lambda unit: unit.pending_sign_ins.find(fresh.id)) == fresh

    async def _keep(self, units: Units[StoreUnit], pending: PendingSignIn) -> None:
        await in_one_unit(units, lambda unit: unit.pending_sign_ins.add(pending))

    async def _complete(self, units: Units[StoreUnit], pending: PendingSignIn) -> bool:
        return await in_one_unit(units, lambda unit: unit.pending_sign_ins.complete(pending, now=NOW))


class SealedRowsContract:
    """Needs `units`, as `TotpFactorsContract` does."""

    async def test_what_waits_for_the_last_mail_is_sealed_anew_too(self, units: Units[StoreUnit]) -> None:
        user = await a_kept_user(units)
        record = SealedRecord(id=a_uuid(), user_id=user.id, sealed=b"sealed", updated_at=NOW)
        await in_one_unit(units, lambda unit: unit.farewells.put(record))
        (sealed,) = await in_view(
            units, lambda unit: unit.sealed_rows["farewells"].after(_BEGINNING, limit=9)
        )
        assert (sealed.id, sealed.sealed) == (record.id, b"sealed")
        assert sealed.purpose == f"identity.farewell|{user.id}|{record.id}"
        assert await in_one_unit(units, lambda unit: unit.sealed_rows["farewells"].replace(sealed, b"anew"))

    async def test_every_sealed_row_is_reached_in_batches_and_written_anew(
        self, units: Units[StoreUnit]
    ) -> None:
        user = await a_kept_user(units)
        codes = recovery_codes_of(user, 5)
        factor = a_totp_factor(user_id=user.id)
        async with units.open(ANYBODY) as unit:
            await unit.recovery_codes.replace(user.id, codes)
            await unit.totp_factors.add(factor)
            await unit.commit()
        reached = await in_view(
            units, lambda unit: unit.sealed_rows["recovery_codes"].after(_BEGINNING, limit=3)
        )
        rest = await in_view(
            units, lambda unit: unit.sealed_rows["recovery_codes"].after(reached[-1].id, limit=3)
        )
        assert [row.sealed for row in (*reached, *rest)] == [code.sealed_digest for code in codes]
        assert reached[0].purpose == f"identity.recovery|{user.id}|{codes[0].id}"
        (sealed,) = await in_view(
            units, lambda unit: unit.sealed_rows["totp_factors"].after(_BEGINNING, limit=9)
        )
        assert (sealed.id, sealed.sealed) == (factor.id, factor.sealed_secret)
        assert sealed.purpose == f"identity.totp|{user.id}|{factor.id}"
        outcomes = [
            await in_one_unit(units, lambda unit: unit.sealed_rows["totp_factors"].replace(sealed, anew))  # noqa: B023 - awaited at once
            for anew in (b"anew", b"too late")
        ]
        assert outcomes == [True, False]
        (stored,) = await in_view(units, lambda unit: unit.totp_factors.of_user(user.id))
        assert stored.sealed_secret == b"anew"
