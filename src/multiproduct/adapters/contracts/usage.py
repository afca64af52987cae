"""What every store of usage must do."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from uuid import UUID

from multiproduct.adapters.contracts.builders import HOUR, MINUTE, NOW, UNUSUAL_TEXT, a_uuid
from multiproduct.application.caller import ANYBODY
from multiproduct.application.ports.unit_of_work import UnitOfWork, Units
from multiproduct.application.subscriptions.ports import UsageEvents, UsagePlace
from multiproduct.application.units import in_unit
from multiproduct.domain.subscriptions import UsageEvent

T = TypeVar("T")
RIVALS = 16


class UsageUnit(UnitOfWork, Protocol):
    """The repository under contract."""

    @property
    def usage_events(self) -> UsageEvents: ...


def a_usage(subscription_id: UUID, event_id: str, minutes: int = 0) -> UsageEvent:
    """One that happened so many minutes after NOW."""
    return UsageEvent(
        subscription_id=subscription_id,
        event_id=event_id,
        meter="calls",
        value=Decimal("1.000000000000000000001"),
        happened_at=NOW + minutes * MINUTE,
        recorded_at=NOW,
    )


async def _do(units: Units[UsageUnit], body: Callable[[UsageUnit], Awaitable[T]]) -> T:
    async def whole(unit: UsageUnit) -> T:
        answer = await body(unit)
        await unit.commit()
        return answer

    return await in_unit(lambda: units.open(ANYBODY), whole)


async def _claim(
    unit: UsageUnit,
    subscription_id: UUID,
    order_id: UUID,
    *,
    before: datetime = NOW + HOUR,
    after: UsagePlace | None = None,
    limit: int = 9,
) -> list[UsageEvent]:
    return list(
        await unit.usage_events.claim(
            subscription_id, before=before, after=after, limit=limit, order_id=order_id
        )
    )


class UsageContract:
    """Needs `units` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_usage_is_kept_once_for_an_event_id(self, units: Units[UsageUnit]) -> None:
        key, other = a_uuid(), a_uuid()
        events = [a_usage(key, "a"), a_usage(key, "b"), a_usage(key, "a", 5)]
        new = await _do(units, lambda unit: unit.usage_events.record(events))
        assert new == {(key, "a"), (key, "b")}
        again = [a_usage(key, "a", 9), a_usage(other, "a"), a_usage(key, "c", -1)]
        assert await _do(units, lambda unit: unit.usage_events.record(again)) == {(other, "a"), (key, "c")}
        assert await _do(units, lambda unit: unit.usage_events.record([])) == frozenset()
        order = a_uuid()
        kept = await _do(units, lambda unit: _claim(unit, key, order))
        assert kept == [replace(each, billed_in=order) for each in (again[2], events[0], events[1])]

    async def test_usage_is_billed_in_one_order_and_may_be_billed_anew(self, units: Units[UsageUnit]) -> None:
        subscription, order = a_uuid(), a_uuid()
        events = [a_usage(subscription, f"e{minutes}", minutes) for minutes in range(5)]
        await _do(units, lambda unit: unit.usage_events.record(events))
        before = NOW + 3 * MINUTE

        async def claimed(order_id: UUID, **asked: Any) -> list[str]:
            found = await _do(units, lambda unit: _claim(unit, subscription, order_id, **asked))
            assert all(event.billed_in == order_id for event in found)
            return [event.event_id for event in found]

        async with units.open(ANYBODY) as unit:
            # Whoever does not commit has claimed nothing.
            assert len(await _claim(unit, subscription, a_uuid())) == 5
        assert await claimed(order, before=before, limit=2) == ["e0", "e1"]
        assert await claimed(order, before=before, limit=2) == ["e2"]
        assert await claimed(order, before=before) == []
        other, place = a_uuid(), UsagePlace(happened_at=NOW + 3 * MINUTE, event_id="e3")
        assert await claimed(other, after=place) == ["e4"]
        assert await claimed(a_uuid()) == ["e3"]
        await _do(units, lambda unit: unit.usage_events.unbill(order))
        assert await claimed(a_uuid()) == ["e0", "e1", "e2"]

    async def test_of_the_same_moment_usage_is_claimed_by_event_id_page_by_page(
        self, units: Units[UsageUnit]
    ) -> None:
        subscription, order = a_uuid(), a_uuid()
        names = ["Z", "a", "é", "10", "9", UNUSUAL_TEXT]
        await _do(
            units, lambda unit: unit.usage_events.record([a_usage(subscription, name) for name in names])
        )
        places = list[UsagePlace]()

        def claim_next(unit: UsageUnit) -> Awaitable[list[UsageEvent]]:
            return _claim(unit, subscription, order, after=places[-1] if places else None, limit=1)

        for _ in names:
            (event,) = await _do(units, claim_next)
            places.append(UsagePlace(happened_at=event.happened_at, event_id=event.event_id))
        assert [place.event_id for place in places] == sorted(names)

    async def test_usage_told_while_it_is_claimed_is_claimed_or_left_and_never_both_or_neither(
        self, units: Units[UsageUnit]
    ) -> None:
        subscription = a_uuid()
        told, answered = set[str](), list[str]()

        async def tell(number: int) -> None:
            events = [a_usage(subscription, f"e{number}-{each}", each) for each in range(3)]
            new = await _do(units, lambda unit: unit.usage_events.record(events))
            told.update(event_id for _, event_id in new)

        async def claim() -> None:
            found = await _do(units, lambda unit: _claim(unit, subscription, a_uuid(), limit=1_000))
            answered.extend(event.event_id for event in found)

        acts = [act for number in range(RIVALS) for act in (tell(number), claim())]
        await asyncio.gather(*acts)
        assert len(told) == 3 * RIVALS
        await claim()
        assert sorted(answered) == sorted(told)
