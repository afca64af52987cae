"""What every store of users must do: one owner for each user name and address, and no lost change."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from multiproduct.adapters.contracts.builders import (
    MINUTE,
    NOW,
    a_phone,
    a_user,
    a_user_id,
    a_username,
    an_email,
    an_unusual_user,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import (
    BuiltInRole,
    EmailTaken,
    PhoneTaken,
    User,
    Username,
    UsernameTaken,
    UserStatus,
)
from multiproduct.domain.shared import StaleAggregate


async def _keep(units: Units[StoreUnit], *users: User) -> None:
    async with units.open(ANYBODY) as unit:
        for user in users:
            await unit.users.add(user)
        await unit.commit()


async def _stored(units: Units[StoreUnit], user: User) -> User:
    found = await in_view(units, lambda unit: unit.users.find(user.id))
    assert found is not None
    return found


class UsersContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`.
    """

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for user in (a_user(), an_unusual_user(), replace(a_user(), email=None, phone=a_phone())):
            await _keep(units, user)
            assert await _stored(units, user) == user

    async def test_every_field_is_saved(self, units: Units[StoreUnit]) -> None:
        user, unusual = a_user(), an_unusual_user()
        await _keep(units, user)
        changed = replace(unusual, id=user.id, roles=user.roles)
        await in_one_unit(units, lambda unit: unit.users.save(changed))
        assert await _stored(units, user) == replace(unusual, id=user.id, roles=user.roles, version=1)
        bare = replace(user, version=1, phone=a_phone(), email=None)
        await in_one_unit(units, lambda unit: unit.users.save(bare))
        assert await _stored(units, user) == replace(bare, version=2)

    async def test_a_user_is_found_by_id_and_by_each_key_whatever_its_status(
        self, units: Units[StoreUnit]
    ) -> None:
        user = replace(an_unusual_user(), status=UserStatus.DELETED)
        await _keep(units, user, a_user())
        assert user.email is not None
        assert user.phone is not None
        email_key, phone_key = user.email.key, user.phone.e164
        async with units.view(ANYBODY) as unit:
            assert await unit.users.find(user.id) == user
            assert await unit.users.find_by_username(user.username.key) == user
            assert await unit.users.find_by_email(email_key) == user
            assert await unit.users.find_by_phone(phone_key) == user

    async def test_nobody_is_found_under_unknown_keys(self, units: Units[StoreUnit]) -> None:
        await _keep(units, a_user())
        async with units.view(ANYBODY) as unit:
            assert await unit.users.find(a_user_id()) is None
            assert await unit.users.find_by_username("nobody") is None
            assert await unit.users.find_by_email("nobody@example.com") is None
            assert await unit.users.find_by_phone("+12025550100") is None

    async def test_each_taken_key_is_refused_by_its_own_name(self, units: Units[StoreUnit]) -> None:
        first = a_user(username="Ada", email="ada", phone=a_phone())
        await _keep(units, first)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(UsernameTaken) as refused:
                await unit.users.add(a_user(username="ADA"))
            assert refused.value.params == {"username": "ADA"}
            with pytest.raises(EmailTaken):
                await unit.users.add(a_user(email="Ada"))
            with pytest.raises(PhoneTaken):
                await unit.users.add(a_user(phone=first.phone))
            await unit.users.add(a_user())
            await unit.commit()

    async def test_two_people_without_a_telephone_do_not_clash(self, units: Units[StoreUnit]) -> None:
        phone_only = [replace(a_user(), email=None, phone=a_phone()) for _ in range(2)]
        await _keep(units, a_user(), a_user(), *phone_only)
        assert await _stored(units, phone_only[1]) == phone_only[1]

    async def test_a_rival_within_the_same_unit_is_refused_too(self, units: Units[StoreUnit]) -> None:
        async with units.open(ANYBODY) as unit:
            await unit.users.add(a_user(username="Ada"))
            with pytest.raises(UsernameTaken):
                await unit.users.add(a_user(username="ada"))
            await unit.commit()

    async def test_saving_refuses_taken_keys_and_the_unit_goes_on(self, units: Units[StoreUnit]) -> None:
        first, second = a_user(username="Ada", email="ada", phone=a_phone()), a_user()
        await _keep(units, first, second)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(UsernameTaken):
                await unit.users.save(replace(second, username=a_username("aDa")))
            with pytest.raises(EmailTaken):
                await unit.users.save(replace(second, email=an_email("ada")))
            with pytest.raises(PhoneTaken):
                await unit.users.save(replace(second, phone=first.phone))
            mine = await unit.users.find(second.id)
            assert mine == second
            mine.first_name = "Grace"
            await unit.users.save(mine)
            await unit.commit()
        stored = await _stored(units, second)
        assert (stored.first_name, stored.username, stored.version) == ("Grace", second.username, 1)

    async def test_a_key_that_was_given_up_is_free_again(self, units: Units[StoreUnit]) -> None:
        first = a_user(username="Ada")
        await _keep(units, first)
        async with units.open(ANYBODY) as unit:
            mine = await unit.users.find(first.id)
            assert mine is not None
            mine.username = a_username("Grace")
            await unit.users.save(mine)
            await unit.users.add(a_user(username="Ada"))
            await unit.commit()
        async with units.view(ANYBODY) as view:
            assert await view.users.usernames_taken(["ada", "grace"]) == {"ada", "grace"}
            renamed = await view.users.find_by_username("grace")
            assert renamed is not None
            assert renamed.id == first.id

    async def test_of_many_rivals_for_a_user_name_one_has_it_and_all_go_on(
        self, units: Units[StoreUnit]
    ) -> None:
        async def claim(unit: StoreUnit) -> bool:
            await asyncio.sleep(0)
            try:
                await unit.users.add(a_user(username="Wanted"))
            except UsernameTaken:
                await unit.users.add(a_user())
                await unit.commit()
                return False
            await unit.commit()
            return True

        assert sorted(await race(units, 20, claim)) == [False] * 19 + [True]
        assert await in_view(units, lambda unit: unit.users.find_by_username("wanted")) is not None

    async def test_the_version_grows_by_one_with_every_save(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await _keep(units, user)
        assert user.version == 0
        for version in (1, 2, 3):
            async with units.open(ANYBODY) as unit:
                mine = await unit.users.find(user.id)
                assert mine is not None
                await unit.users.save(mine)
                assert mine.version == version
                await unit.commit()
            assert (await _stored(units, user)).version == version

    async def test_a_user_can_be_saved_twice_in_one_unit(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        async with units.open(ANYBODY) as unit:
            await unit.users.add(user)
            for _ in range(2):
                await unit.users.save(user)
            await unit.commit()
        assert (await _stored(units, user)).version == 2

    async def test_a_stale_save_is_refused(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await _keep(units, user)
        stale = await _stored(units, user)
        await in_one_unit(units, lambda unit: unit.users.save(user))
        stale.grant(BuiltInRole.ADMIN, now=NOW)
        async with units.open(ANYBODY) as unit:
            with pytest.raises(StaleAggregate):
                await unit.users.save(stale)
        assert (await _stored(units, user)).roles == user.roles

    async def test_signing_in_is_noted_and_stands_in_nobodys_way(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await _keep(units, user)
        first, second = await _stored(units, user), await _stored(units, user)
        await in_one_unit(units, lambda unit: unit.users.signed_in(first, now=NOW))
        await in_one_unit(units, lambda unit: unit.users.signed_in(second, now=NOW + timedelta(minutes=1)))
        stored = await _stored(units, user)
        assert (stored.last_login_at, stored.version) == (NOW + timedelta(minutes=1), user.version)
        assert second.last_login_at == NOW + timedelta(minutes=1)
        await in_one_unit(units, lambda unit: unit.users.save(stored))

    async def test_nobody_signs_in_as_who_was_saved_meanwhile(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await _keep(units, user)
        stale = await _stored(units, user)
        await in_one_unit(units, lambda unit: unit.users.save(user))
        for nobody in (stale, a_user()):
            async with units.open(ANYBODY) as unit:
                with pytest.raises(StaleAggregate):
                    await unit.users.signed_in(nobody, now=NOW)
        assert (await _stored(units, user)).last_login_at == user.last_login_at

    async def test_an_unknown_user_cannot_be_saved(self, units: Units[StoreUnit]) -> None:
        async with units.open(ANYBODY) as unit:
            with pytest.raises(StaleAggregate):
                await unit.users.save(a_user())

    async def test_of_many_rivals_none_loses_a_change(self, units: Units[StoreUnit]) -> None:
        user = replace(a_user(), first_name="0")
        await _keep(units, user)

        async def count(unit: StoreUnit) -> None:
            mine = await unit.users.find(user.id)
            assert mine is not None
            await asyncio.sleep(0)
            mine.first_name = str(int(mine.first_name) + 1)
            await unit.users.save(mine)
            await unit.commit()

        # Few, because rivals of one version may each need as many tries as there are rivals.
        await race(units, 6, count)
        assert (await _stored(units, user)).first_name == "6"

    async def test_the_events_of_a_saved_user_are_logged_and_those_of_a_refused_one_are_not(
        self, units: Units[StoreUnit]
    ) -> None:
        user, taken = a_user(), a_user()
        await _keep(units, user, taken)
        async with units.open(ANYBODY) as unit:
            refused = await unit.users.find(user.id)
            assert refused is not None
            refused.username_generated = True
            refused.change_profile({"username": taken.username}, now=NOW)
            with pytest.raises(UsernameTaken):
                await unit.users.save(refused)
            mine = await unit.users.find(user.id)
            assert mine is not None
            mine.change_profile({"first_name": "Grace"}, now=NOW + MINUTE)
            await unit.users.save(mine)
            await unit.commit()
        entries = await in_view(units, lambda unit: unit.audit_trail.find(AuditFilter(), limit=10))
        assert [(entry.event, entry.user_id, entry.changes) for entry in entries] == [
            ("identity.user_updated", str(user.id), {"first_name": ["Ada", "Grace"]})
        ]

    async def test_which_of_many_user_names_are_taken_is_told_at_once(self, units: Units[StoreUnit]) -> None:
        imported = replace(a_user(), username=Username(display="夢 見る", key="夢見る"))
        await _keep(units, a_user(username="Ada"), imported)
        asked = ["ada", "夢見る", *(f"free{number}" for number in range(98))]
        async with units.view(ANYBODY) as unit:
            assert await unit.users.usernames_taken(asked) == frozenset({"ada", "夢見る"})
            assert await unit.users.usernames_taken([]) == frozenset()
            assert await unit.users.usernames_taken(["ad", "Ada", "a%", "ada "]) == frozenset()

    async def test_moments_keep_their_microseconds_and_come_back_in_utc(
        self, units: Units[StoreUnit]
    ) -> None:
        user = replace(a_user(), last_login_at=NOW.replace(microsecond=1))
        await _keep(units, user)
        stored = await _stored(units, user)
        assert stored.last_login_at == NOW.replace(microsecond=1)
        assert stored.created_at.utcoffset() == timedelta()
