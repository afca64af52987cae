"""What every store must do for the administration of people: find them, decide about invitations once,
remember names given up, and forget a person's rows."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import (
    DAY,
    HOUR,
    NOW,
    UNUSUAL_TEXT,
    a_ceremony_challenge,
    a_challenge,
    a_device_key,
    a_passkey,
    a_pending_registration,
    a_phone,
    a_session,
    a_user,
    a_user_id,
    a_uuid,
    an_email,
)
from multiproduct.adapters.contracts.contact_changes import a_contact_change
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.idempotency import IdempotencyRecord
from multiproduct.application.identity.administration_ports import PeopleFilter, PersonPrefix, SealedRecord
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import EmailAddress, Invitation, RoleAssignment, User, UserStatus
from multiproduct.domain.identity.role import built_in_roles
from multiproduct.domain.identity.search_keys import search_key
from multiproduct.domain.otp import Challenge
from multiproduct.domain.shared import StaleAggregate

_EVERYBODY = PeopleFilter()


def an_invitation(
    *, email: EmailAddress | None = None, user_id: UUID | None = None, roles: frozenset[str] = frozenset()
) -> Invitation:
    """An open invitation to an address of its own, unless one is given."""
    return Invitation.send(
        id=a_uuid(),
        email=email or an_email(),
        first_name="Ada",
        last_name=UNUSUAL_TEXT,
        locale="zh-Hant",
        roles=roles,
        invited_by=a_user_id(),
        user_id=user_id,
        key_id="0a1b2c3d",
        now=NOW,
    )


def a_sealed_record(user_id: UUID) -> SealedRecord:
    """Bytes that mean nothing."""
    return SealedRecord(id=a_uuid(), user_id=user_id, sealed=bytes(range(256)), updated_at=NOW)


def beginning(text: str, *, phone: str | None = None) -> PeopleFilter:
    """A search for a text in plain writing."""
    key = search_key(text)
    return PeopleFilter(prefix=PersonPrefix(username=key, email=key, name=key, phone=phone))


async def _keep(units: Units[StoreUnit], *users: User) -> None:
    async def body(unit: StoreUnit) -> None:
        for user in users:
            await unit.users.add(user)

    await in_one_unit(units, body)


async def _found(units: Units[StoreUnit], wanted: PeopleFilter, limit: int = 50) -> list[UUID]:
    users = await in_view(units, lambda unit: unit.people.find(wanted, now=NOW, limit=limit))
    return [user.id for user in users]


async def _page(units: Units[StoreUnit], after: tuple[datetime, UUID] | None) -> Sequence[User]:
    return await in_view(units, lambda unit: unit.people.find(_EVERYBODY, now=NOW, limit=3, after=after))


async def _keep_invitations(units: Units[StoreUnit], *invitations: Invitation) -> None:
    async def body(unit: StoreUnit) -> None:
        for invitation in invitations:
            await unit.invitations.add(invitation)

    await in_one_unit(units, body)


async def _invitation(units: Units[StoreUnit], id: UUID) -> Invitation | None:
    return await in_view(units, lambda unit: unit.invitations.find(id))


async def _accepts(units: Units[StoreUnit], invitation: Invitation) -> bool:
    return await in_one_unit(units, lambda unit: unit.invitations.accept(invitation, now=NOW))


async def _put_tombstone(units: Units[StoreUnit], key: str, until: datetime | None) -> None:
    await in_one_unit(units, lambda unit: unit.username_tombstones.put(key, until=until))


async def _standing(units: Units[StoreUnit], keys: list[str], moment: datetime) -> frozenset[str]:
    return await in_view(units, lambda unit: unit.username_tombstones.standing(keys, now=moment))


async def _put_record(units: Units[StoreUnit], record: SealedRecord) -> None:
    await in_one_unit(units, lambda unit: unit.bank_details.put(record))


async def _purge_farewells(units: Units[StoreUnit], before: datetime) -> int:
    return await in_one_unit(units, lambda unit: unit.farewells.purge(before=before, limit=9))


async def _give(units: Units[StoreUnit], user: User) -> None:
    await in_one_unit(units, lambda unit: _give_rows(unit, user))


class PeopleContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_the_newest_come_first_with_all_their_fields(self, units: Units[StoreUnit]) -> None:
        users = [a_user(now=NOW + number * HOUR) for number in range(3)]
        await _keep(units, *users)
        found = await in_view(units, lambda unit: unit.people.find(_EVERYBODY, now=NOW + DAY, limit=9))
        assert list(found) == users[::-1]

    async def test_pages_have_everybody_once_also_where_many_came_at_the_same_moment(
        self, units: Units[StoreUnit]
    ) -> None:
        users = [a_user(now=NOW + (number // 4) * HOUR) for number in range(11)]
        await _keep(units, *users)
        seen: list[UUID] = []
        after: tuple[datetime, UUID] | None = None
        while True:
            page = await _page(units, after)
            if not page:
                break
            seen += [user.id for user in page]
            after = (page[-1].created_at, page[-1].id)
        expected = sorted(users, key=lambda user: (user.created_at, user.id), reverse=True)
        assert seen == [user.id for user in expected]

    async def test_erased_people_are_found_by_their_status_alone(self, units: Units[StoreUnit]) -> None:
        active, suspended, erased = a_user(), a_user(), a_user()
        suspended.status, erased.status = UserStatus.SUSPENDED, UserStatus.DELETED
        await _keep(units, active, suspended, erased)
        assert set(await _found(units, _EVERYBODY)) == {active.id, suspended.id}
        for user in (active, suspended, erased):
            assert await _found(units, PeopleFilter(status=user.status)) == [user.id]

    async def test_people_are_told_apart_by_whether_an_address_is_proved(
        self, units: Units[StoreUnit]
    ) -> None:
        by_mail, by_phone, unproved = a_user(), a_user(phone=a_phone()), a_user()
        by_phone.email_verified, by_phone.phone_verified = False, True
        unproved.email_verified = False
        await _keep(units, by_mail, by_phone, unproved)
        assert set(await _found(units, PeopleFilter(is_verified=True))) == {by_mail.id, by_phone.id}
        assert await _found(units, PeopleFilter(is_verified=False)) == [unproved.id]

    async def test_a_range_of_moments_has_its_beginning_and_not_its_end(
        self, units: Units[StoreUnit]
    ) -> None:
        users = [a_user(now=NOW + number * HOUR) for number in range(4)]
        await _keep(units, *users)
        wanted = PeopleFilter(created_from=NOW + HOUR, created_before=NOW + 3 * HOUR)
        assert await _found(units, wanted) == [users[2].id, users[1].id]

    async def test_a_role_is_found_in_any_scope_until_it_expires(self, units: Units[StoreUnit]) -> None:
        plain, admin, scoped, former = a_user(), a_user(), a_user(), a_user()
        admin.roles |= {"admin"}
        await _keep(units, plain, admin, scoped, former)
        role = next(each for each in built_in_roles() if each.key == "admin")

        async def give(unit: StoreUnit, user: User, scope: str, days: int) -> None:
            await unit.role_assignments.put(
                RoleAssignment(
                    user_id=user.id,
                    role_id=role.id,
                    role=role.key,
                    scope=scope,
                    granted_at=NOW - 2 * DAY,
                    expires_at=NOW + days * DAY,
                )
            )

        await in_one_unit(units, lambda unit: give(unit, scoped, f"market:{a_uuid()}", 1))
        await in_one_unit(units, lambda unit: give(unit, former, "platform", -1))
        assert set(await _found(units, PeopleFilter(role="admin"))) == {admin.id, scoped.id}
        assert await _found(units, PeopleFilter(role="nobody_has_it")) == []

    @pytest.mark.parametrize("text", ["iron", "IRON", "tony@st", "élo", "E\u0301LO", "\uff33tark", "o'ne"])
    async def test_a_person_is_found_by_the_beginning_of_any_name(
        self, units: Units[StoreUnit], text: str
    ) -> None:
        tony = replace(
            a_user(username="Iron.Man", email="Tony@stark.com"), first_name="Éloïse", last_name="Stark"
        )
        assert tony.email is not None
        tony.email = EmailAddress(display="Tony@stark.com", key="tony@stark.com")
        other = replace(a_user(), first_name="Xena", last_name="O'Neill")
        await _keep(units, tony, other, *(replace(a_user(), first_name="Y") for _ in range(3)))
        found = await _found(units, beginning(text))
        assert found == [other.id if text == "o'ne" else tony.id]

    async def test_a_number_is_found_by_its_first_digits(self, units: Units[StoreUnit]) -> None:
        users = [a_user(phone=a_phone()) for _ in range(3)]
        await _keep(units, *users)
        assert users[1].phone is not None
        assert await _found(units, beginning("\x01", phone=users[1].phone.e164)) == [users[1].id]
        assert len(await _found(units, beginning("\x01", phone="+8869"))) == 3

    async def test_signs_that_patterns_are_made_of_mean_themselves(self, units: Units[StoreUnit]) -> None:
        odd = replace(a_user(), first_name="100%_a")
        await _keep(units, odd, replace(a_user(), first_name="100xya"))
        assert await _found(units, beginning("100%")) == [odd.id]
        assert await _found(units, beginning("100%_")) == [odd.id]
        assert await _found(units, beginning("%")) == []

    async def test_a_name_is_found_as_it_is_now(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await _keep(units, user)
        user.first_name = "Zoë"
        await in_one_unit(units, lambda unit: unit.users.save(user))
        assert await _found(units, beginning("zo")) == [user.id]
        assert await _found(units, beginning("ada")) == []


class InvitationsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for invitation in (an_invitation(), an_invitation(user_id=a_user_id(), roles=frozenset({"admin"}))):
            await _keep_invitations(units, invitation)
            invitation.collect_events()
            found = await _invitation(units, invitation.id)
            assert found == invitation
        assert await in_view(units, lambda unit: unit.invitations.find(a_uuid())) is None

    async def test_a_changed_one_is_saved_and_a_stale_one_refused(self, units: Units[StoreUnit]) -> None:
        invitation = an_invitation()
        await in_one_unit(units, lambda unit: unit.invitations.add(invitation))
        stale = replace(invitation)
        invitation.send_again(key_id="99999999", now=NOW + DAY)
        await in_one_unit(units, lambda unit: unit.invitations.save(invitation))
        found = await in_view(units, lambda unit: unit.invitations.find(invitation.id))
        assert found == invitation
        assert found is not None
        assert (found.generation, found.version, found.expires_at) == (2, 1, NOW + 8 * DAY)
        stale.revoke(now=NOW)
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.invitations.save(stale))

    async def test_of_many_who_accept_one_does(self, units: Units[StoreUnit]) -> None:
        invitation = an_invitation()
        await in_one_unit(units, lambda unit: unit.invitations.add(invitation))

        async def accept(unit: StoreUnit) -> bool:
            mine = await unit.invitations.find(invitation.id)
            assert mine is not None
            mine.accepted(a_user_id(), now=NOW)
            accepted = await unit.invitations.accept(mine, now=NOW)
            await unit.commit()
            return accepted

        assert sorted(await race(units, 20, accept)) == [False] * 19 + [True]
        found = await in_view(units, lambda unit: unit.invitations.find(invitation.id))
        assert found is not None
        assert found.accepted_at == NOW
        assert found.user_id is not None

    async def test_one_that_is_not_open_or_of_an_older_mail_is_not_accepted(
        self, units: Units[StoreUnit]
    ) -> None:
        revoked, expired, older = an_invitation(), an_invitation(), an_invitation()
        revoked.revoke(now=NOW)
        expired.expires_at = NOW
        for each in (revoked, expired, older):
            await _keep_invitations(units, each)
        first_mail = replace(older)
        older.send_again(key_id=older.key_id, now=NOW)
        await in_one_unit(units, lambda unit: unit.invitations.save(older))
        for each in (revoked, expired, first_mail, an_invitation()):
            each.user_id = a_user_id()
            assert not await _accepts(units, each)

    async def test_older_ones_of_the_address_are_superseded_and_no_others(
        self, units: Units[StoreUnit]
    ) -> None:
        email = an_email()
        older, newer, others = an_invitation(email=email), an_invitation(email=email), an_invitation()
        accepted = an_invitation(email=email)
        accepted.accepted(a_user_id(), now=NOW)
        for each in (older, newer, others, accepted):
            await _keep_invitations(units, each)
        count = await in_one_unit(
            units, lambda unit: unit.invitations.supersede(email.key, now=NOW, besides=newer.id)
        )
        assert count == 1
        states = {}
        for each in (older, newer, others, accepted):
            found = await _invitation(units, each.id)
            assert found is not None
            states[each.id] = found.state(now=NOW).value
        assert list(states.values()) == ["revoked", "open", "open", "accepted"]

    async def test_those_of_an_address_are_found_while_they_are_open(self, units: Units[StoreUnit]) -> None:
        email = an_email()
        opened, accepted, revoked = (an_invitation(email=email) for _ in range(3))
        accepted.accepted(a_user_id(), now=NOW)
        revoked.revoke(now=NOW)
        await _keep_invitations(units, opened, accepted, revoked, an_invitation())

        async def found(now: datetime) -> list[UUID]:
            kept = await in_view(units, lambda unit: unit.invitations.open_of(email.key, now=now))
            return [each.id for each in kept]

        assert await found(NOW) == [opened.id]
        assert await found(opened.expires_at) == []

    async def test_pages_follow_one_another(self, units: Units[StoreUnit]) -> None:
        kept = [replace(an_invitation(), created_at=NOW + (number // 2) * HOUR) for number in range(5)]
        for each in kept:
            await _keep_invitations(units, each)
        first = await in_view(units, lambda unit: unit.invitations.newest(limit=3))
        place = (first[-1].created_at, first[-1].id)
        rest = await in_view(units, lambda unit: unit.invitations.newest(limit=3, after=place))
        expected = sorted(kept, key=lambda row: (row.created_at, row.id), reverse=True)
        assert [row.id for row in (*first, *rest)] == [row.id for row in expected]

    async def test_what_expired_is_purged(self, units: Units[StoreUnit]) -> None:
        old, young = an_invitation(), replace(an_invitation(), expires_at=NOW + 30 * DAY)
        for each in (old, young):
            await _keep_invitations(units, each)
        before = NOW + 8 * DAY
        assert await in_one_unit(units, lambda unit: unit.invitations.purge(before=before, limit=9)) == 1
        assert [row.id for row in await in_view(units, lambda unit: unit.invitations.newest(limit=9))] == [
            young.id
        ]


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


class SealedRecordsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_each_person_has_one_record(self, units: Units[StoreUnit]) -> None:
        user, other = a_user(), a_user()
        await _keep(units, user, other)
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
        await _keep(units, user)
        await in_one_unit(units, lambda unit: unit.farewells.put(a_sealed_record(user.id)))
        for before, gone in ((NOW, 0), (NOW + DAY, 1)):
            assert await _purge_farewells(units, before) == gone


class PersonalRowsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_an_erasure_takes_the_rows_of_one_person_and_of_nobody_else(
        self, units: Units[StoreUnit]
    ) -> None:
        gone, other = a_user(phone=a_phone()), a_user(phone=a_phone())
        await _keep(units, gone, other)
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
        await _keep(units, taken, other)
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
        await _keep(units, gone, other)
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
        await _keep(units, gone)
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
        await _keep(units, gone, other)
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
        await _keep(units, user)
        await in_one_unit(units, lambda unit: unit.personal_rows.erase(user.id, address_keys=[]))


_COUNTED = ("sessions", "passkeys", "device_keys", "roles", "bank", "registrations", "codes", "invitations")


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
