"""Recording usage: a batch in which each event is answered by itself, and told again does no harm."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.subscriptions.commands import RecordUsage, UsageItem
from multiproduct.application.subscriptions.ports import SubscriptionsUnit
from multiproduct.application.subscriptions.results import UsageAnswer, UsageRecorded
from multiproduct.application.units import in_unit
from multiproduct.domain.catalog import UnknownMeter
from multiproduct.domain.subscriptions import Subscription, UnknownSubscription, UsageEvent
from multiproduct.domain.subscriptions.permissions import USAGE_RECORD

LATEST = timedelta(minutes=5)
"""How far in the future an event may lie, as clocks differ."""


class UsageRecording:
    """What is known already is a success: who does not know whether a batch arrived sends it again."""

    def __init__(self, *, units: Units[SubscriptionsUnit], clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def record(self, command: RecordUsage, caller: Caller) -> UsageRecorded:
        """Records events. Needs `subscriptions.usage.record`; held within a provider's scope it is for that
        provider's products, and subscriptions to others are unknown. Raises Unauthenticated, Forbidden."""
        if not any(USAGE_RECORD in held for held in caller.principal.scoped.values()):
            caller.require(USAGE_RECORD)
        now = self._clock.now()

        async def body(unit: SubscriptionsUnit) -> UsageRecorded:
            refused = await self._refused(unit, command, caller, now)
            good = [_event(item, now) for index, item in enumerate(command.events) if index not in refused]
            left = set(await unit.usage_events.record(good))
            answers = []
            for index, item in enumerate(command.events):
                key = (item.subscription_id, item.event_id)
                outcome = "refused" if index in refused else "recorded" if key in left else "known"
                left.discard(key)
                answers.append(
                    UsageAnswer(
                        event_id=item.event_id,
                        subscription_id=item.subscription_id,
                        outcome=outcome,
                        code=refused.get(index),
                    )
                )
            await unit.commit()
            return UsageRecorded(items=answers)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _refused(
        self, unit: SubscriptionsUnit, command: RecordUsage, caller: Caller, now: datetime
    ) -> Mapping[int, str]:
        """The codes of those that cannot be recorded, by their place in the batch."""
        known: dict[UUID, Subscription | None] = {}
        meters: dict[tuple[UUID, str], bool] = {}
        refused: dict[int, str] = {}
        for index, item in enumerate(command.events):
            if item.subscription_id not in known:
                known[item.subscription_id] = await _found(unit, item.subscription_id, caller)
            subscription = known[item.subscription_id]
            happened_at = now if item.happened_at is None else _moment(item.happened_at)
            if subscription is None or not subscription.takes_usage(happened_at, now):
                refused[index] = UnknownSubscription.code
                continue
            place = (subscription.product_id, item.meter)
            if place not in meters:
                meters[place] = await unit.meters.find_code(*place) is not None
            if not meters[place]:
                refused[index] = UnknownMeter.code
            elif happened_at > now + LATEST:
                refused[index] = "in_the_future"
        return refused


async def _found(unit: SubscriptionsUnit, subscription_id: UUID, caller: Caller) -> Subscription | None:
    """None also for one of a product that the caller may not tell of."""
    found = await unit.subscriptions.find(subscription_id)
    if found is None or caller.principal.may(USAGE_RECORD):
        return found
    product = await unit.products.find(found.product_id)
    if product is None or product.provider_id is None:
        return None
    return found if caller.principal.may(USAGE_RECORD, scope=f"provider:{product.provider_id}") else None


def _moment(text: datetime) -> datetime:
    return text if text.tzinfo is not None else text.replace(tzinfo=UTC)


def _event(item: UsageItem, now: datetime) -> UsageEvent:
    return UsageEvent(
        subscription_id=item.subscription_id,
        event_id=item.event_id,
        meter=item.meter,
        value=item.value,
        unique=item.unique,
        happened_at=now if item.happened_at is None else _moment(item.happened_at),
        recorded_at=now,
    )
