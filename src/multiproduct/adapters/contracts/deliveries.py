"""What every store of deliveries must do: one for each event and channel."""

import asyncio
from dataclasses import replace
from datetime import timedelta
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
from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus
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

    async def test_the_first_delivery_of_an_event_and_channel_is_kept_with_every_field(
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
        )
        for each in (delivery, a_delivery(event_position=2)):
            assert await _begin(units, each) == each
            assert await _begin(units, replace(each, id=a_uuid(), type_key="other")) == each

    async def test_another_channel_or_event_has_a_delivery_of_its_own(self, units: Units[StoreUnit]) -> None:
        for delivery in (a_delivery(), a_delivery(channel="sms"), a_delivery(event_position=2)):
            assert await _begin(units, delivery) == delivery

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
