"""What every store of webhook endpoints must do: one in each slot, and its secrets."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import HOUR, MINUTE, NOW, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.adapters.contracts.webhook_builders import (
    FIRST_PLACE,
    RIVALS,
    UNTIL,
    a_message,
    a_secret,
    add_messages,
    an_endpoint,
    an_unusual_endpoint,
    delivered,
    keep_endpoint,
    lease_messages,
    message_now,
)
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.domain.shared import StaleAggregate
from multiproduct.domain.webhooks import (
    INSTALLATION,
    DisabledFor,
    Endpoint,
    Health,
)

_LATER = datetime(2999, 1, 1, tzinfo=UTC)


class WebhookEndpointsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for endpoint in (an_endpoint(), an_unusual_endpoint()):
            await keep_endpoint(units, endpoint)
            assert await _found(units, endpoint.id) == endpoint
        assert await _found(units, a_uuid()) is None

    async def test_owners_see_their_own_the_oldest_first(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        old, new = an_endpoint(owner_id=mine), an_endpoint(owner_id=mine, slot=1)
        new.created_at = NOW + MINUTE
        installations = an_endpoint(owner_id=INSTALLATION)
        for endpoint in (new, old, an_endpoint(), installations):
            await keep_endpoint(units, endpoint)
        found = await in_view(units, lambda unit: unit.webhook_endpoints.of_owners([mine]))
        assert [each.id for each in found] == [old.id, new.id]
        both = await in_view(units, lambda unit: unit.webhook_endpoints.of_owners([mine, INSTALLATION]))
        assert {each.id for each in both} == {old.id, new.id, installations.id}

    async def test_a_slot_is_taken_once(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        await keep_endpoint(units, an_endpoint(owner_id=mine))
        with pytest.raises(StaleAggregate):
            await keep_endpoint(units, an_endpoint(owner_id=mine))
        await keep_endpoint(units, an_endpoint(owner_id=mine, slot=1))
        await keep_endpoint(units, an_endpoint())

    async def test_of_many_rivals_one_has_a_slot(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()

        async def add(unit: StoreUnit) -> bool:
            try:
                await unit.webhook_endpoints.add(an_endpoint(owner_id=mine))
            except StaleAggregate:
                return False
            await unit.commit()
            return True

        assert sum(await race(units, RIVALS, add)) == 1

    async def test_saving_writes_options_and_secrets_and_leaves_what_the_sender_wrote(
        self, units: Units[StoreUnit]
    ) -> None:
        endpoint = an_endpoint()
        await keep_endpoint(units, endpoint)
        health = Health(NOW, NOW + MINUTE)
        await in_one_unit(
            units, lambda unit: unit.webhook_endpoints.note(endpoint.id, health=health, paused_until=NOW)
        )
        endpoint.rotate(a_secret(), overlap=HOUR, now=NOW, real_now=NOW)
        endpoint.change(replace(endpoint.options, description="new"), by=None, now=NOW + HOUR)
        endpoint.disable(DisabledFor.OWNER, now=NOW)
        endpoint.collect_events()
        await in_one_unit(units, lambda unit: unit.webhook_endpoints.save(endpoint))
        endpoint.health, endpoint.paused_until = health, NOW
        found = await _found(units, endpoint.id)
        assert found == endpoint
        assert [each.expires_at for each in endpoint.secrets] == [NOW + HOUR, None]
        stale = replace(endpoint, version=endpoint.version - 1)
        with pytest.raises(StaleAggregate):
            await in_one_unit(units, lambda unit: unit.webhook_endpoints.save(stale))

    async def test_dropped_secrets_are_gone(self, units: Units[StoreUnit]) -> None:
        endpoint = an_endpoint()
        await keep_endpoint(units, endpoint)
        endpoint.secrets = (a_secret(),)
        await in_one_unit(units, lambda unit: unit.webhook_endpoints.save(endpoint))
        found = await _found(units, endpoint.id)
        assert found is not None
        assert found.secrets == endpoint.secrets

    async def test_removing_takes_messages_and_attempts_along(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        first, second, others = an_endpoint(owner_id=mine), an_endpoint(owner_id=mine, slot=1), an_endpoint()
        messages = []
        for endpoint in (first, second, others):
            await keep_endpoint(units, endpoint)
            message = a_message(endpoint)
            await add_messages(units, message)
            await lease_messages(units, endpoint)
            assert await in_one_unit(
                units,
                lambda unit: unit.webhook_messages.settle([delivered(message)]),  # noqa: B023 - awaited at once
            )
            messages.append(message)
        await in_one_unit(units, lambda unit: unit.webhook_endpoints.remove(first))
        assert await in_one_unit(units, lambda unit: unit.webhook_endpoints.remove_all(mine)) == 1
        left = [await message_now(units, each.id) for each in messages]
        assert [each is not None for each in left] == [False, False, True]
        gone = await in_view(units, lambda unit: unit.webhook_messages.attempts(messages[0].id, limit=9))
        assert list(gone) == []
        assert await _found(units, second.id) is None

    async def test_due_are_those_with_something_to_send_now(self, units: Units[StoreUnit]) -> None:
        endpoints = [an_endpoint() for _ in range(6)]
        ready, later, off, paused, resumed, leased = endpoints
        for endpoint in endpoints:
            await keep_endpoint(units, endpoint)
            await add_messages(units, a_message(endpoint, due=NOW + MINUTE if endpoint is later else NOW))
        off.disable(DisabledFor.OWNER, now=NOW)
        await in_one_unit(units, lambda unit: unit.webhook_endpoints.save(off))
        for endpoint, until in ((paused, NOW + MINUTE), (resumed, NOW)):
            await in_one_unit(
                units,
                lambda unit: unit.webhook_endpoints.note(endpoint.id, health=Health(), paused_until=until),  # noqa: B023 - awaited at once
            )
        await lease_messages(units, leased)
        due = sorted([ready.id, resumed.id])
        assert await _due(units) == due
        assert await _due(units, after=due[0]) == due[1:]
        assert await _due(units, excluded=[ready.id]) == [resumed.id]
        assert await _due(units, limit=1) == due[:1]
        assert leased.id in await _due(units, now=UNTIL)


async def _found(units: Units[StoreUnit], id: UUID) -> Endpoint | None:
    return await in_view(units, lambda unit: unit.webhook_endpoints.find(id))


async def _due(
    units: Units[StoreUnit],
    *,
    now: datetime = NOW,
    after: UUID = FIRST_PLACE,
    excluded: Sequence[UUID] = (),
    limit: int = 9,
) -> list[UUID]:
    return list(
        await in_view(
            units,
            lambda unit: unit.webhook_endpoints.due(now=now, after=after, excluded=excluded, limit=limit),
        )
    )
