"""What every store must do when somebody goes: remember the name given up, and forget the rows."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from multiproduct.adapters.contracts.builders import (
    DAY,
    NOW,
    a_ceremony_challenge,
    a_challenge,
    a_device_key,
    a_passkey,
    a_pending_registration,
    a_phone,
    a_session,
    a_user,
    a_uuid,
)
from multiproduct.adapters.contracts.contact_changes import a_contact_change
from multiproduct.adapters.contracts.invitations import an_invitation
from multiproduct.adapters.contracts.people import keep_users
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.application.idempotency import IdempotencyRecord
from multiproduct.application.identity.administration_ports import SealedRecord
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import User
from multiproduct.domain.otp import Challenge

_COUNTED = ("sessions", "passkeys", "device_keys", "roles", "bank", "registrations", "codes", "invitations")


def a_sealed_record(user_id: UUID) -> SealedRecord:
    """Bytes that mean nothing."""
    return SealedRecord(id=a_uuid(), user_id=user_id, sealed=bytes(range(256)), updated_at=NOW)


async def _put_tombstone(units: Units[StoreUnit], key: str, until: datetime | None) -> None:
    await in_one_unit(units, lambda unit: unit.username_tombstones.put(key, until=until))


async def _standing(units: Units[StoreUnit], keys: list[str], moment: datetime) -> frozenset[str]:
    return await in_view(units, lambda unit: unit.username_tombstones.standing(keys, now=moment))


class UsernameTombstonesContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_a_name_stands_until_its_time_is_over(self, units: Units[StoreUnit]) -> None:
        async def body(unit: StoreUnit) -> None:
            await unit.username_tombstones.put("ada", until=NOW + DAY)
            await unit.username_tombstones.put("for.ever", until=None)

        await in_one_unit(units, body)
        asked = ["ada", "for.ever", "free"]
        for moment, standing in (
            (NOW, {"ada", "for.ever"}),
            (NOW + DAY - timedelta(microseconds=1), {"ada", "for.ever"}),
            (NOW + DAY, {"for.ever"}),
        ):
            found = await _standing(units, asked, moment)
            assert found == standing
        assert await in_view(units, lambda unit: unit.username_tombstones.standing([], now=NOW)) == set()

    async def test_of_two_marks_the_later_one_holds(self, units: Units[StoreUnit]) -> None:
        ends = [NOW + DAY, NOW + 3 * DAY, NOW + 2 * DAY]
        for until in ends:
            await _put_tombstone(units, "ada", until)
        for mark in (NOW + DAY, None, NOW + DAY):
            await _put_tombstone(units, "bob", mark)

        async def standing(unit: StoreUnit) -> frozenset[str]:
            return await unit.username_tombstones.standing(["ada", "bob"], now=NOW + 2.5 * DAY)

        assert await in_view(units, standing) == {"ada", "bob"}
        assert (
            await in_one_unit(
                units, lambda unit: unit.username_tombstones.purge(before=NOW + 900 * DAY, limit=9)
            )
            == 1
        )
        assert await in_view(units, standing) == {"bob"}


async def _put_record(units: Units[StoreUnit], record: SealedRecord) -> None:
    await in_one_unit(units, lambda unit: unit.bank_details.put(record))


async def _purge_farewells(units: Units[StoreUnit], before: datetime) -> int:
    return await in_one_unit(units, lambda unit: unit.farewells.purge(before=before, limit=9))


class SealedRecordsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_each_person_has_one_record(self, units: Units[StoreUnit]) -> None:
        user, other = a_user(), a_user()
        await keep_users(units, user, other)
        first, second = a_sealed_record(user.id), replace(a_sealed_record(user.id), sealed=b"\0\xff")
        for record in (first, a_sealed_record(other.id), second):
            await _put_record(units, record)
        assert await in_view(units, lambda unit: unit.bank_details.find(user.id)) == second
        assert await in_view(units, lambda unit: unit.farewells.find(user.id)) is None
        assert await in_one_unit(units, lambda unit: unit.bank_details.remove(user.id))
        assert not await in_one_unit(units, lambda unit: unit.bank_details.remove(user.id))
        assert await in_view(units, lambda unit: unit.bank_details.find(other.id)) is not None

    async def test_old_ones_are_purged(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await keep_users(units, user)
        await in_one_unit(units, lambda unit: unit.farewells.put(a_sealed_record(user.id)))
        for before, gone in ((NOW, 0), (NOW + DAY, 1)):
            assert await _purge_farewells(units, before) == gone


async def _give(units: Units[StoreUnit], user: User) -> None:
    await in_one_unit(units, lambda unit: _give_rows(unit, user))


class PersonalRowsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_an_erasure_takes_the_rows_of_one_person_and_of_nobody_else(
        self, units: Units[StoreUnit]
    ) -> None:
        gone, other = a_user(phone=a_phone()), a_user(phone=a_phone())
        await keep_users(units, gone, other)
        for user in (gone, other):
            await _give(units, user)
        assert gone.email is not None
        assert gone.phone is not None
        keys = [gone.email.key, gone.phone.e164]
        await in_one_unit(units, lambda unit: unit.personal_rows.erase(gone.id, address_keys=keys))
        assert await in_view(units, lambda unit: _rows_of(unit, gone)) == dict.fromkeys(_COUNTED, 0)
        assert await in_view(units, lambda unit: _rows_of(unit, other)) == dict.fromkeys(_COUNTED, 1)
        assert await in_view(units, lambda unit: unit.users.find(gone.id)) is not None

    async def test_taking_possession_removes_ways_in_and_leaves_sessions_roles_and_others(
        self, units: Units[StoreUnit]
    ) -> None:
        taken, other = a_user(), a_user()
        await keep_users(units, taken, other)
        for user in (taken, other):
            await _give(units, user)
        before = await in_view(units, lambda unit: _rows_of(unit, taken))
        await in_one_unit(units, lambda unit: unit.personal_rows.dispossess(taken.id))
        left = {**before, "passkeys": 0, "device_keys": 0, "bank": 0}
        assert await in_view(units, lambda unit: _rows_of(unit, taken)) == left
        assert await in_view(units, lambda unit: _rows_of(unit, other)) == before

    async def test_an_erasure_takes_the_first_answers_that_tell_of_the_person(
        self, units: Units[StoreUnit]
    ) -> None:
        gone, other = a_user(), a_user()
        await keep_users(units, gone, other)
        assert gone.email is not None
        keys = [gone.email.key]
        told_of = {"id": str(gone.id), "address": gone.email.key, "other": str(other.id), "nobody": None}

        async def answer_all(unit: StoreUnit) -> None:
            for key, about in told_of.items():
                await _answer_first(unit, key, about)

        async def left(unit: StoreUnit) -> set[str]:
            return {key for key in told_of if await unit.idempotency.find("scope", key, now=NOW)}

        await in_one_unit(units, answer_all)
        await in_one_unit(units, lambda unit: unit.personal_rows.erase(gone.id, address_keys=keys))
        assert await in_view(units, left) == {"other", "nobody"}

    async def test_an_erasure_takes_the_codes_of_changes_of_address_and_leaves_those_of_their_owners(
        self, units: Units[StoreUnit]
    ) -> None:
        gone = a_user()
        await keep_users(units, gone)
        change = a_contact_change(user_id=gone.id)
        own, others = (a_challenge(subject=change.address.key) for _ in range(2))
        own = replace(own, id=change.id)
        await in_one_unit(units, lambda unit: unit.contact_changes.add(change))
        for challenge in (own, others):
            await in_one_unit(units, partial(_add_challenge, challenge=challenge))
        await in_one_unit(units, lambda unit: unit.personal_rows.erase(gone.id, address_keys=[]))
        assert await in_view(units, lambda unit: unit.challenges.find(own.id)) is None
        assert await in_view(units, lambda unit: unit.challenges.find(others.id)) is not None

    async def test_an_erasure_takes_the_first_answers_that_the_person_got(
        self, units: Units[StoreUnit]
    ) -> None:
        gone, other = a_user(), a_user()
        await keep_users(units, gone, other)
        scopes = [f"identity.do/{user.id}" for user in (gone, other)]
        for scope in scopes:
            record = IdempotencyRecord(
                scope=scope, key="key", fingerprint="f" * 64, answer=None, expires_at=NOW + DAY
            )
            await in_one_unit(units, partial(_claim, record=record))
        await in_one_unit(units, lambda unit: unit.personal_rows.erase(gone.id, address_keys=[]))
        left = [await in_view(units, partial(_find_answer, scope=scope)) for scope in scopes]
        assert [found is not None for found in left] == [False, True]

    async def test_a_person_without_addresses_can_be_erased(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await keep_users(units, user)
        await in_one_unit(units, lambda unit: unit.personal_rows.erase(user.id, address_keys=[]))


async def _add_challenge(unit: StoreUnit, *, challenge: Challenge) -> None:
    await unit.challenges.add(challenge)


async def _claim(unit: StoreUnit, *, record: IdempotencyRecord) -> None:
    await unit.idempotency.claim(record, now=NOW)


async def _find_answer(unit: StoreUnit, *, scope: str) -> IdempotencyRecord | None:
    return await unit.idempotency.find(scope, "key", now=NOW)


async def _answer_first(unit: StoreUnit, key: str, about: str | None) -> None:
    record = IdempotencyRecord(
        scope="scope", key=key, fingerprint="f" * 64, answer=None, expires_at=NOW + DAY
    )
    await unit.idempotency.claim(record, now=NOW)
    await unit.idempotency.answer("scope", key, {"of": key}, about=about)


async def _give_rows(unit: StoreUnit, user: User) -> None:
    assert user.email is not None
    await unit.sessions.add(a_session(user_id=user.id))
    await unit.passkeys.add(a_passkey(user_id=user.id))
    await unit.device_keys.add(a_device_key(user_id=user.id))
    await unit.ceremony_challenges.add(a_ceremony_challenge())
    await unit.bank_details.put(a_sealed_record(user.id))
    await unit.pending_registrations.add(a_pending_registration(id=user.id, email=user.email))
    await unit.challenges.add(a_challenge(subject=user.email.key))
    await unit.invitations.add(replace(an_invitation(email=user.email), id=user.id))


async def _rows_of(unit: StoreUnit, user: User) -> dict[str, int]:
    assert user.email is not None
    challenge = a_challenge(subject=user.email.key)
    return {
        "sessions": len(await unit.sessions.of_user(user.id, now=NOW, limit=9)),
        "passkeys": len(await unit.passkeys.of_user(user.id)),
        "device_keys": len(await unit.device_keys.of_user(user.id)),
        "roles": len(await unit.role_assignments.of_user(user.id, now=NOW)),
        "bank": int(await unit.bank_details.find(user.id) is not None),
        "registrations": int(await unit.pending_registrations.find(user.id) is not None),
        "codes": len(await unit.challenges.live(challenge.purpose, challenge.subject, now=NOW)),
        "invitations": int(await unit.invitations.find(user.id) is not None),
    }
