"""What every store must do for staff that looks for people: find them by what they are and have."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import (
    DAY,
    HOUR,
    NOW,
    a_phone,
    a_user,
    a_uuid,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.application.identity.administration_ports import PeopleFilter, PersonPrefix
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.identity import EmailAddress, RoleAssignment, User, UserStatus
from multiproduct.domain.identity.role import built_in_roles
from multiproduct.domain.identity.search_keys import search_key

_EVERYBODY = PeopleFilter()


def beginning(text: str, *, phone: str | None = None) -> PeopleFilter:
    """A search for a text in plain writing."""
    key = search_key(text)
    return PeopleFilter(prefix=PersonPrefix(username=key, email=key, name=key, phone=phone))


async def keep_users(units: Units[StoreUnit], *users: User) -> None:
    async def body(unit: StoreUnit) -> None:
        for user in users:
            await unit.users.add(user)

    await in_one_unit(units, body)


async def _found(units: Units[StoreUnit], wanted: PeopleFilter, limit: int = 50) -> list[UUID]:
    users = await in_view(units, lambda unit: unit.people.find(wanted, now=NOW, limit=limit))
    return [user.id for user in users]


async def _page(units: Units[StoreUnit], after: tuple[datetime, UUID] | None) -> Sequence[User]:
    return await in_view(units, lambda unit: unit.people.find(_EVERYBODY, now=NOW, limit=3, after=after))


class PeopleContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins."""

    async def test_the_newest_come_first_with_all_their_fields(self, units: Units[StoreUnit]) -> None:
        users = [a_user(now=NOW + number * HOUR) for number in range(3)]
        await keep_users(units, *users)
        found = await in_view(units, lambda unit: unit.people.find(_EVERYBODY, now=NOW + DAY, limit=9))
        assert list(found) == users[::-1]

    async def test_pages_have_everybody_once_also_where_many_came_at_the_same_moment(
        self, units: Units[StoreUnit]
    ) -> None:
        users = [a_user(now=NOW + (number // 4) * HOUR) for number in range(11)]
        await keep_users(units, *users)
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
        await keep_users(units, active, suspended, erased)
        assert set(await _found(units, _EVERYBODY)) == {active.id, suspended.id}
        for user in (active, suspended, erased):
            assert await _found(units, PeopleFilter(status=user.status)) == [user.id]

    async def test_people_are_told_apart_by_whether_an_address_is_proved(
        self, units: Units[StoreUnit]
    ) -> None:
        by_mail, by_phone, unproved = a_user(), a_user(phone=a_phone()), a_user()
        by_phone.email_verified, by_phone.phone_verified = False, True
        unproved.email_verified = False
        await keep_users(units, by_mail, by_phone, unproved)
        assert set(await _found(units, PeopleFilter(is_verified=True))) == {by_mail.id, by_phone.id}
        assert await _found(units, PeopleFilter(is_verified=False)) == [unproved.id]

    async def test_a_range_of_moments_has_its_beginning_and_not_its_end(
        self, units: Units[StoreUnit]
    ) -> None:
        users = [a_user(now=NOW + number * HOUR) for number in range(4)]
        await keep_users(units, *users)
        wanted = PeopleFilter(created_from=NOW + HOUR, created_before=NOW + 3 * HOUR)
        assert await _found(units, wanted) == [users[2].id, users[1].id]

    async def test_a_role_is_found_in_any_scope_until_it_expires(self, units: Units[StoreUnit]) -> None:
        plain, admin, scoped, former = a_user(), a_user(), a_user(), a_user()
        admin.roles |= {"admin"}
        await keep_users(units, plain, admin, scoped, former)
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
        await keep_users(units, tony, other, *(replace(a_user(), first_name="Y") for _ in range(3)))
        found = await _found(units, beginning(text))
        assert found == [other.id if text == "o'ne" else tony.id]

    async def test_a_number_is_found_by_its_first_digits(self, units: Units[StoreUnit]) -> None:
        users = [a_user(phone=a_phone()) for _ in range(3)]
        await keep_users(units, *users)
        assert users[1].phone is not None
        assert await _found(units, beginning("\x01", phone=users[1].phone.e164)) == [users[1].id]
        assert len(await _found(units, beginning("\x01", phone="+8869"))) == 3

    async def test_signs_that_patterns_are_made_of_mean_themselves(self, units: Units[StoreUnit]) -> None:
        odd = replace(a_user(), first_name="100%_a")
        await keep_users(units, odd, replace(a_user(), first_name="100xya"))
        assert await _found(units, beginning("100%")) == [odd.id]
        assert await _found(units, beginning("100%_")) == [odd.id]
        assert await _found(units, beginning("%")) == []

    async def test_a_name_is_found_as_it_is_now(self, units: Units[StoreUnit]) -> None:
        user = a_user()
        await keep_users(units, user)
        user.first_name = "Zoë"
        await in_one_unit(units, lambda unit: unit.users.save(user))
        assert await _found(units, beginning("zo")) == [user.id]
        assert await _found(units, beginning("ada")) == []
