"""What every store of people's wishes must do: choices, settings, digests, suppressed addresses."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from functools import partial
from uuid import UUID

from multiproduct.adapters.contracts.builders import MINUTE, NOW, UNUSUAL_TEXT, a_user, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.notifications.digest import Digest, DigestItem, PutOff
from multiproduct.domain.notifications.preference import Category, Channel, Target
from multiproduct.domain.notifications.quiet_hours import QuietHours
from multiproduct.domain.notifications.settings import NotificationSettings
from multiproduct.domain.notifications.suppression import Suppression, SuppressionReason

TARGETS = (
    Target(type_key="billing.invoice_issued", channel=Channel.EMAIL),
    Target(type_key="billing.invoice_issued"),
    Target(category=Category.BILLING),
    Target(channel=Channel.EMAIL),
)


def a_digest(**changed: object) -> Digest:
    """One that is open."""
    usual = Digest(
        id=a_uuid(),
        user_id=UUID(int=7),
        why=PutOff.DAILY,
        channel=Channel.EMAIL,
        type_key="notifications.digest",
        key="email",
        due_at=NOW + MINUTE,
        created_at=NOW,
    )
    return replace(usual, **changed)  # type: ignore[arg-type]  # a test names fields of it


def an_item(digest: Digest, **changed: object) -> DigestItem:
    """One item of a digest."""
    usual = DigestItem(
        delivery_id=a_uuid(),
        digest_id=digest.id,
        type_key="billing.invoice_issued",
        params={"number": UNUSUAL_TEXT, "count": 7},
        created_at=NOW,
    )
    return replace(usual, **changed)  # type: ignore[arg-type]  # a test names fields of it


def a_suppression(**changed: object) -> Suppression:
    """One of a mailbox that is not there."""
    usual = Suppression(
        channel=Channel.EMAIL,
        address_digest="00" * 32,
        masked="t***@stark.com",
        reason=SuppressionReason.BOUNCE,
        detail="550 5.1.1",
        created_at=NOW,
    )
    return replace(usual, **changed)  # type: ignore[arg-type]  # a test names fields of it


class NotificationKeepingContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_a_choice_takes_the_place_of_the_one_before(self, units: Units[StoreUnit]) -> None:
        mine, others = a_uuid(), a_uuid()

        async def choose(unit: StoreUnit) -> None:
            for target in TARGETS:
                await unit.notification_preferences.put(mine, target, is_on=False, now=NOW)
            await unit.notification_preferences.put(mine, TARGETS[2], is_on=True, now=NOW + MINUTE)
            await unit.notification_preferences.put(others, TARGETS[0], is_on=True, now=NOW)

        await in_one_unit(units, choose)
        chosen = await in_view(units, lambda unit: unit.notification_preferences.of_user(mine))
        assert chosen.chosen == dict.fromkeys(TARGETS, False) | {TARGETS[2]: True}

    async def test_a_choice_is_forgotten_once_and_all_of_one_person_at_once(
        self, units: Units[StoreUnit]
    ) -> None:
        mine, others = a_uuid(), a_uuid()
        for user_id in (mine, others):
            for target in TARGETS:
                await in_one_unit(
                    units,
                    partial(_choose, user_id, target),
                )
        removed = [
            await in_one_unit(units, lambda unit: unit.notification_preferences.remove(mine, TARGETS[1]))
            for _ in range(2)
        ]
        assert removed == [True, False]
        await in_one_unit(units, lambda unit: unit.notification_preferences.erase(mine))
        assert not (await in_view(units, lambda unit: unit.notification_preferences.of_user(mine))).chosen
        theirs = await in_view(units, lambda unit: unit.notification_preferences.of_user(others))
        assert set(theirs.chosen) == set(TARGETS)

    async def test_settings_are_kept_whole_and_the_usual_ones_need_no_keeping(
        self, units: Units[StoreUnit]
    ) -> None:
        mine = a_uuid()
        assert await _settings(units, mine) == NotificationSettings(user_id=mine)
        full = NotificationSettings(
            user_id=mine,
            quiet_hours=QuietHours(start=time(22, 30), end=time(0)),
            digest_at=time(0),
            digest_categories=frozenset({Category.BILLING, Category.ACCOUNT}),
            unsubscribed_at=NOW,
        )
        for settings in (full, NotificationSettings(user_id=mine), full):
            await in_one_unit(units, partial(_set, settings))
            assert await _settings(units, mine) == settings
        await in_one_unit(units, lambda unit: unit.notification_settings.erase(mine))
        assert await _settings(units, mine) == NotificationSettings(user_id=mine)

    async def test_unsubscribing_changes_nothing_else_and_counts_from_the_first_time(
        self, units: Units[StoreUnit]
    ) -> None:
        mine, new = a_uuid(), a_uuid()
        quiet = NotificationSettings(user_id=mine, quiet_hours=QuietHours(start=time(22), end=time(7)))
        await in_one_unit(units, lambda unit: unit.notification_settings.put(quiet, now=NOW))
        for user_id, before in ((mine, quiet), (new, NotificationSettings(user_id=new))):
            first = [
                await in_one_unit(
                    units,
                    partial(_unsubscribe, user_id, NOW + n * MINUTE),
                )
                for n in range(2)
            ]
            assert first == [True, False]
            assert await _settings(units, user_id) == replace(before, unsubscribed_at=NOW)

    async def test_of_rival_digests_one_is_open_and_another_key_has_its_own(
        self, units: Units[StoreUnit]
    ) -> None:
        await _people(units)

        async def open_one(unit: StoreUnit) -> UUID:
            kept = await unit.notification_digests.open(a_digest())
            assert kept is not None
            await asyncio.sleep(0)
            await unit.commit()
            return kept.id

        opened = set(await race(units, 10, open_one))
        assert len(opened) == 1
        others = (a_digest(key="sms"), a_digest(user_id=UUID(int=8)), a_digest(type_key="x"))
        for other in others:
            assert await _open(units, other) == other
        kept = await _open(units, a_digest(due_at=NOW + 9 * MINUTE))
        assert {kept.id} == opened
        assert kept.due_at == NOW + MINUTE

    async def test_a_digest_is_closed_by_one_and_what_comes_late_opens_the_next(
        self, units: Units[StoreUnit]
    ) -> None:
        await _people(units)
        first = await _open(units, a_digest())

        async def close(unit: StoreUnit) -> bool:
            is_ours = await unit.notification_digests.close(first.id, now=NOW + MINUTE)
            await asyncio.sleep(0)
            await unit.commit()
            return is_ours

        assert (await race(units, 10, close)).count(True) == 1
        late = a_digest()
        assert await _open(units, late) == late
        closed = await in_view(units, lambda unit: unit.notification_digests.find(first.id))
        assert closed == replace(first, closed_at=NOW + MINUTE)

    async def test_no_item_is_lost_or_doubled_while_digests_are_closed(self, units: Units[StoreUnit]) -> None:
        await _people(units)
        deliveries = [a_uuid() for _ in range(20)]

        async def put_off(unit: StoreUnit, delivery_id: UUID) -> UUID:
            digest = await unit.notification_digests.open(a_digest())
            assert digest is not None
            await asyncio.sleep(0)
            await unit.notification_digests.add(an_item(digest, delivery_id=delivery_id))
            await unit.commit()
            return digest.id

        async def close(unit: StoreUnit) -> None:
            for digest in await unit.notification_digests.due(now=NOW + MINUTE, limit=5):
                await unit.notification_digests.close(digest.id, now=NOW + MINUTE)
            await unit.commit()

        rivals = [race(units, 1, partial(put_off, delivery_id=one)) for one in (*deliveries, *deliveries[:5])]
        closing = asyncio.create_task(race(units, 5, close))
        used = {id_ for found in await asyncio.gather(*rivals) for id_ in found}
        await closing
        told = [item.delivery_id for id_ in used for item in await in_view(units, partial(_items, id_))]
        assert sorted(told) == sorted(deliveries)

    async def test_items_come_back_in_their_order_with_every_field(self, units: Units[StoreUnit]) -> None:
        await _people(units)
        digest = await _open(units, a_digest())
        items = [an_item(digest, created_at=NOW - n * MINUTE) for n in range(3)]
        for item in items:
            assert await in_one_unit(units, partial(_add, item))
        assert not await in_one_unit(units, lambda unit: unit.notification_digests.add(items[0]))
        found = await in_view(units, lambda unit: unit.notification_digests.items(digest.id))
        assert list(found) == items[::-1]

    async def test_due_are_open_ones_whose_time_has_come_the_oldest_first(
        self, units: Units[StoreUnit]
    ) -> None:
        await _people(units)
        digests = [a_digest(key=str(n), due_at=NOW - n * MINUTE) for n in range(5)]
        for digest in (*digests, a_digest(key="later", due_at=NOW + timedelta(microseconds=1))):
            await _open(units, digest)
        await in_one_unit(units, lambda unit: unit.notification_digests.close(digests[2].id, now=NOW))
        due = await in_view(units, lambda unit: unit.notification_digests.due(now=NOW, limit=3))
        assert [each.id for each in due] == [digests[n].id for n in (4, 3, 1)]

    async def test_digests_go_with_their_items_when_they_are_old_or_their_person_is_erased(
        self, units: Units[StoreUnit]
    ) -> None:
        await _people(units)
        closed, still_open, others = a_digest(), a_digest(key="sms"), a_digest(user_id=UUID(int=8))
        for digest in (closed, still_open, others):
            await _open(units, digest)
            await in_one_unit(units, partial(_add, an_item(digest)))
        await in_one_unit(units, lambda unit: unit.notification_digests.close(closed.id, now=NOW))
        purged = [
            await in_one_unit(
                units, lambda unit: unit.notification_digests.purge(before=NOW + MINUTE, limit=5)
            )
            for _ in range(2)
        ]
        assert purged == [1, 0]
        await in_one_unit(units, lambda unit: unit.notification_digests.erase(UUID(int=7)))
        for digest, count in ((closed, 0), (still_open, 0), (others, 1)):
            found = await in_view(units, partial(_items, digest.id))
            assert len(found) == count

    async def test_nothing_is_put_off_for_somebody_who_is_not_there_or_was_erased(
        self, units: Units[StoreUnit]
    ) -> None:
        await _people(units)

        async def erase(unit: StoreUnit) -> None:
            user = await unit.users.find(UUID(int=7))
            assert user is not None
            user.erase(now=NOW)
            await unit.users.save(user)

        await in_one_unit(units, erase)
        for user_id in (UUID(int=7), UUID(int=9)):
            digest = a_digest(user_id=user_id)
            assert await in_one_unit(units, partial(_opened, digest)) is None
            assert await in_view(units, partial(_found, digest.id)) is None

    async def test_an_address_is_suppressed_once_and_found_under_any_of_its_digests(
        self, units: Units[StoreUnit]
    ) -> None:
        first = a_suppression(detail=UNUSUAL_TEXT)
        again = a_suppression(reason=SuppressionReason.COMPLAINT)
        put = [await in_one_unit(units, partial(_suppress, each)) for each in (first, again)]
        assert put == [True, False]
        known = ("11" * 32, first.address_digest)
        assert await in_view(units, lambda unit: unit.suppressions.find(Channel.EMAIL, known)) == first
        assert await in_view(units, lambda unit: unit.suppressions.find(Channel.SMS, known)) is None
        assert await in_view(units, lambda unit: unit.suppressions.find(Channel.EMAIL, ["11" * 32])) is None
        lifted = [
            await in_one_unit(units, lambda unit: unit.suppressions.remove(Channel.EMAIL, known))
            for _ in range(2)
        ]
        assert lifted == [first, None]

    async def test_the_list_is_paged_the_newest_first(self, units: Units[StoreUnit]) -> None:
        kept = [a_suppression(address_digest=f"{n:064x}", created_at=NOW + n // 2 * MINUTE) for n in range(7)]
        for each in kept:
            await in_one_unit(units, partial(_suppress, each))
        found: list[Suppression] = []
        for _ in range(4):
            before = (found[-1].created_at, found[-1].address_digest) if found else None
            found += await in_view(units, partial(_page, before))
        assert found == kept[::-1]


async def _settings(units: Units[StoreUnit], user_id: UUID) -> NotificationSettings:
    return await in_view(units, lambda unit: unit.notification_settings.of_user(user_id))


async def _people(units: Units[StoreUnit]) -> None:
    """Those whom digests of this contract are for."""

    async def body(unit: StoreUnit) -> None:
        for number in (7, 8):
            await unit.users.add(a_user(id=UUID(int=number)))

    await in_one_unit(units, body)


async def _open(units: Units[StoreUnit], digest: Digest) -> Digest:
    opened = await in_one_unit(units, lambda unit: unit.notification_digests.open(digest))
    assert opened is not None
    return opened


async def _opened(digest: Digest, unit: StoreUnit) -> Digest | None:
    return await unit.notification_digests.open(digest)


async def _found(digest_id: UUID, unit: StoreUnit) -> Digest | None:
    return await unit.notification_digests.find(digest_id)


async def _choose(user_id: UUID, target: Target, unit: StoreUnit) -> None:
    await unit.notification_preferences.put(user_id, target, is_on=True, now=NOW)


async def _set(settings: NotificationSettings, unit: StoreUnit) -> None:
    await unit.notification_settings.put(settings, now=NOW)


async def _unsubscribe(user_id: UUID, now: datetime, unit: StoreUnit) -> bool:
    return await unit.notification_settings.unsubscribe(user_id, now=now)


async def _items(digest_id: UUID, unit: StoreUnit) -> Sequence[DigestItem]:
    return await unit.notification_digests.items(digest_id)


async def _add(item: DigestItem, unit: StoreUnit) -> bool:
    return await unit.notification_digests.add(item)


async def _suppress(suppression: Suppression, unit: StoreUnit) -> bool:
    return await unit.suppressions.put(suppression)


async def _page(before: tuple[datetime, str] | None, unit: StoreUnit) -> Sequence[Suppression]:
    return await unit.suppressions.page(before=before, limit=2)
