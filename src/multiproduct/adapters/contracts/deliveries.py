"""What every store of deliveries must do: one for each event, recipient, type and channel."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from multiproduct.adapters.contracts.builders import (
    MINUTE,
    NOW,
    UNUSUAL_TEXT,
    a_delivery,
    a_user,
    a_uuid,
)
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.notifications.deliveries import Delivery, DeliveryFilter, DeliveryStatus
from multiproduct.application.ports.unit_of_work import Units


async def _begin(units: Units[StoreUnit], delivery: Delivery) -> Delivery:
    return await in_one_unit(units, lambda unit: unit.deliveries.begin(delivery))


async def _a_user_id(units: Units[StoreUnit]) -> UUID:
    user = a_user()
    await in_one_unit(units, lambda unit: unit.users.add(user))
    return user.id


class DeliveriesContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`. The events that the deliveries speak of are not kept.
    """

    async def test_the_first_delivery_owed_to_somebody_is_kept_with_every_field(
        self, units: Units[StoreUnit]
    ) -> None:
        delivery = Delivery(
            id=a_uuid(),
            event_position=2**40,
            type_key="identity.security",
            channel="sms",
            user_id=await _a_user_id(units),
            recipient=UNUSUAL_TEXT,
            status=DeliveryStatus.SKIPPED,
            reason="known_person",
            created_at=NOW,
            settled_at=NOW + timedelta(microseconds=1),
            layer="user_category",
        )
        for each in (delivery, a_delivery(event_position=2)):
            assert await _begin(units, each) == each
            assert await _begin(units, replace(each, id=a_uuid(), reason="other")) == each

    async def test_another_channel_event_type_or_person_has_a_delivery_of_its_own(
        self, units: Units[StoreUnit]
    ) -> None:
        others = (
            a_delivery(),
            a_delivery(channel="sms"),
            a_delivery(event_position=2),
            replace(a_delivery(), type_key="other"),
            a_delivery(user_id=await _a_user_id(units)),
            a_delivery(user_id=await _a_user_id(units)),
            replace(a_delivery(), recipient="p***@stark.com"),
        )
        for delivery in others:
            assert await _begin(units, delivery) == delivery

    async def test_several_are_begun_at_once_and_what_is_kept_stays(self, units: Units[StoreUnit]) -> None:
        kept = await _begin(units, a_delivery(channel="sms"))
        wanted = [
            replace(a_delivery(), id=a_uuid(), channel=channel, status=DeliveryStatus.PLANNED)
            for channel in ("in_app", "email", "sms", "push")
        ]
        wanted[2] = replace(kept, id=a_uuid(), reason="other")
        begun = await in_one_unit(units, lambda unit: unit.deliveries.begin_all(wanted))
        assert list(begun) == [wanted[0], wanted[1], kept, wanted[3]]
        again = [replace(each, id=a_uuid(), reason="other") for each in wanted]
        assert list(await in_one_unit(units, lambda unit: unit.deliveries.begin_all(again))) == list(begun)
        assert list(await in_one_unit(units, lambda unit: unit.deliveries.begin_all([]))) == []

    async def test_of_rivals_that_begin_several_one_has_them_all(self, units: Units[StoreUnit]) -> None:
        async def begin(unit: StoreUnit) -> frozenset[UUID]:
            mine = [
                replace(a_delivery(), id=a_uuid(), channel=channel) for channel in ("email", "sms", "push")
            ]
            begun = await unit.deliveries.begin_all(mine)
            await unit.commit()
            return frozenset(each.id for each in begun)

        assert len(set(await race(units, 8, begin))) == 1

    async def test_a_step_is_noted_once_and_only_from_where_the_delivery_stands(
        self, units: Units[StoreUnit]
    ) -> None:
        delivery = replace(a_delivery(), status=DeliveryStatus.PLANNED, layer="type_default")
        await _begin(units, delivery)
        begun = await race(units, 10, lambda unit: _move(unit, delivery, DeliveryStatus.SENDING))
        assert begun.count(True) == 1
        assert await in_view(units, lambda unit: unit.deliveries.find(delivery.id)) == replace(
            delivery, status=DeliveryStatus.SENDING
        )
        assert not await in_one_unit(units, lambda unit: _unsaved_move(unit, delivery, DeliveryStatus.SENT))
        assert await in_view(units, lambda unit: unit.deliveries.find(a_uuid())) is None

    async def test_the_log_is_paged_the_newest_first_and_by_what_is_wanted(
        self, units: Units[StoreUnit]
    ) -> None:
        mine = await _a_user_id(units)
        kept = [
            replace(
                a_delivery(event_position=n, user_id=mine if n % 2 else None, now=NOW + n // 3 * MINUTE),
                status=DeliveryStatus.SENT if n % 3 else DeliveryStatus.SKIPPED,
            )
            for n in range(1, 13)
        ]
        for delivery in kept:
            await _begin(units, delivery)
        newest = sorted(kept, key=lambda each: (each.created_at, each.id), reverse=True)
        assert await _every_page(units, DeliveryFilter()) == newest
        for wanted, does_match in (
            (DeliveryFilter(user_id=mine), lambda each: each.user_id == mine),
            (DeliveryFilter(status=DeliveryStatus.SKIPPED), lambda each: each.event_position % 3 == 0),
            (DeliveryFilter(channel="push"), lambda _each: False),
            (DeliveryFilter(type_key=kept[0].type_key, channel="email"), lambda _each: True),
        ):
            assert await _every_page(units, wanted) == [each for each in newest if does_match(each)]

    async def test_of_many_rivals_one_is_kept_and_all_hear_of_it(self, units: Units[StoreUnit]) -> None:
        async def begin(unit: StoreUnit) -> UUID:
            kept = await unit.deliveries.begin(a_delivery())
            await asyncio.sleep(0)
            await unit.commit()
            return kept.id

        assert len(set(await race(units, 10, begin))) == 1

    async def test_how_a_delivery_ended_is_noted(self, units: Units[StoreUnit]) -> None:
        delivery = a_delivery()
        await _begin(units, delivery)
        await _settle(units, delivery, DeliveryStatus.FAILED, "refused")
        assert await _begin(units, delivery) == replace(
            delivery, status=DeliveryStatus.FAILED, reason="refused", settled_at=NOW + MINUTE
        )

    async def test_a_delivery_settled_without_a_reason_keeps_the_one_it_began_with(
        self, units: Units[StoreUnit]
    ) -> None:
        delivery = a_delivery(reason="known_person")
        await _begin(units, delivery)
        await _settle(units, delivery, DeliveryStatus.SENT, None)
        assert await _begin(units, delivery) == replace(
            delivery, status=DeliveryStatus.SENT, settled_at=NOW + MINUTE
        )

    async def test_what_one_person_was_sent_is_told_the_newest_first(self, units: Units[StoreUnit]) -> None:
        mine, others = await _a_user_id(units), await _a_user_id(units)
        sent = [a_delivery(event_position=n, user_id=mine, now=NOW + n * MINUTE) for n in range(1, 5)]
        for delivery in (*sent, a_delivery(event_position=9, user_id=others)):
            await _begin(units, delivery)
        found = await in_view(units, lambda unit: unit.deliveries.of_user(mine, limit=3))
        assert [each.id for each in found] == [each.id for each in sent[:0:-1]]

    async def test_purging_removes_what_was_begun_before(self, units: Units[StoreUnit]) -> None:
        old = [a_delivery(event_position=n, now=NOW - n * MINUTE) for n in (1, 2, 3)]
        young = a_delivery(event_position=4, now=NOW)
        for delivery in (*old, young):
            await _begin(units, delivery)
        removed = [
            await in_one_unit(units, lambda unit: unit.deliveries.purge(before=NOW, limit=2))
            for _ in range(3)
        ]
        assert removed == [2, 1, 0]
        assert await _begin(units, replace(young, id=a_uuid())) == young


async def _settle(
    units: Units[StoreUnit], delivery: Delivery, status: DeliveryStatus, reason: str | None
) -> None:
    await in_one_unit(
        units,
        lambda unit: unit.deliveries.settle(delivery.id, status=status, reason=reason, now=NOW + MINUTE),
    )


async def _unsaved_move(unit: StoreUnit, delivery: Delivery, after: DeliveryStatus) -> bool:
    return await unit.deliveries.move(
        delivery.id, before=DeliveryStatus.PLANNED, after=after, reason=None, now=NOW
    )


async def _move(unit: StoreUnit, delivery: Delivery, after: DeliveryStatus) -> bool:
    moved = await _unsaved_move(unit, delivery, after)
    await asyncio.sleep(0)
    await unit.commit()
    return moved


async def _every_page(units: Units[StoreUnit], wanted: DeliveryFilter) -> list[Delivery]:
    found: list[Delivery] = []
    while True:
        before = (found[-1].created_at, found[-1].id) if found else None
        page = await in_view(units, partial(_page, wanted, before))
        found += page
        if len(page) < 5:
            return found


async def _page(
    wanted: DeliveryFilter, before: tuple[datetime, UUID] | None, unit: StoreUnit
) -> Sequence[Delivery]:
    return await unit.deliveries.page(wanted, before=before, limit=5)
