"""What every store of webhook messages must do: one for each endpoint and event, leased to one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW
from multiproduct.adapters.contracts.reacting import Told
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.adapters.contracts.webhook_builders import (
    RIVALS,
    UNTIL,
    a_message,
    add_messages,
    an_attempt,
    an_endpoint,
    delivered,
    keep_endpoint,
    lease_messages,
    message_now,
)
from multiproduct.application.ports.todos import TodoQueue
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.webhooks.ports import MessageFilter
from multiproduct.domain.webhooks import (
    AttemptKind,
    Endpoint,
    Message,
    MessageState,
)

_LATER = datetime(2999, 1, 1, tzinfo=UTC)


class WebhookMessagesContract:
    """Needs `units`, as `WebhookEndpointsContract` does, and `todo_queue` over the same store."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        unusual = replace(
            a_message(endpoint, sequence=2**40, order_key="user:x"),
            state=MessageState.FAILED,
            tries=10,
            attempts=13,
            kind=AttemptKind.MANUAL,
            next_attempt_at=None,
            leased_until=NOW + HOUR,
            settled_at=NOW + DAY,
        )
        for message in (a_message(endpoint), unusual):
            await add_messages(units, message)
            assert await message_now(units, message.id) == message

    async def test_an_endpoint_has_one_message_for_an_event(self, units: Units[StoreUnit]) -> None:
        first, second = await _a_kept_endpoint(units), await _a_kept_endpoint(units)

        async def tell(unit: StoreUnit) -> int:
            added = await unit.webhook_messages.add([a_message(first), a_message(second)])
            await unit.commit()
            return added

        assert sum(await race(units, RIVALS, tell)) == 2
        for endpoint in (first, second):
            assert len(await _page(units, endpoint)) == 1

    async def test_pages_go_from_the_newest_and_can_be_narrowed(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        messages = [a_message(endpoint, sequence=each) for each in range(5)]
        messages[2] = replace(messages[2], state=MessageState.FAILED, event_type="billing.invoice_paid.v1")
        await add_messages(units, *messages)
        ids = sorted((each.id for each in messages), reverse=True)
        assert [each.id for each in await _page(units, endpoint, limit=2)] == ids[:2]
        assert [each.id for each in await _page(units, endpoint, before=ids[1])] == ids[2:]
        for wanted in (
            MessageFilter(endpoint_id=endpoint.id, state=MessageState.FAILED),
            MessageFilter(endpoint_id=endpoint.id, event_type="billing.invoice_paid.v1"),
        ):
            found = await in_view(
                units,
                lambda unit: unit.webhook_messages.page(wanted, before=None, limit=9),  # noqa: B023 - awaited at once
            )
            assert [each.id for each in found] == [messages[2].id]

    async def test_what_is_due_is_leased_to_one(self, units: Units[StoreUnit]) -> None:
        endpoint, other = await _a_kept_endpoint(units), await _a_kept_endpoint(units)
        due = [a_message(endpoint, sequence=each, due=NOW - MINUTE * each) for each in range(30)]
        await add_messages(units, *due, a_message(endpoint, sequence=99, due=NOW + MINUTE), a_message(other))

        async def lease(unit: StoreUnit) -> Sequence[UUID]:
            leased = await unit.webhook_messages.lease(endpoint.id, now=NOW, until=UNTIL, limit=4)
            await unit.commit()
            return [each.id for each in leased]

        taken = await race(units, RIVALS, lease)
        every = [each for some in taken for each in some]
        assert len(every) == len(set(every))
        assert set(every) == {each.id for each in due}
        again = await lease_messages(units, endpoint, now=UNTIL)
        assert again[0].id == due[-1].id
        assert again[0].leased_until == UNTIL + MINUTE

    async def test_one_with_a_key_waits_for_those_before_it(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        first, second = (a_message(endpoint, sequence=each, order_key="user:a") for each in (1, 2))
        other, free = a_message(endpoint, sequence=3, order_key="user:b"), a_message(endpoint, sequence=4)
        later = replace(first, next_attempt_at=NOW + HOUR)
        await add_messages(units, later, second, other, free)
        assert {each.id for each in await lease_messages(units, endpoint)} == {other.id, free.id}
        done = [delivered(other), delivered(free)]
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.settle(done)) == 2
        assert [each.id for each in await lease_messages(units, endpoint, now=NOW + HOUR, limit=1)] == [
            first.id
        ]
        lease = NOW + HOUR + MINUTE
        assert await lease_messages(units, endpoint, now=NOW + HOUR) == []
        await in_one_unit(units, lambda unit: unit.webhook_messages.settle([delivered(first, lease=lease)]))
        assert [each.id for each in await lease_messages(units, endpoint, now=NOW + HOUR)] == [second.id]

    async def test_one_with_a_key_waits_while_an_earlier_one_may_still_be_made(
        self, units: Units[StoreUnit], todo_queue: TodoQueue
    ) -> None:
        endpoint = await _a_kept_endpoint(units)
        await in_one_unit(units, _owe_a_message)
        (todo,) = await todo_queue.lease(now=_LATER, until=_LATER + MINUTE, limit=9)
        ordered, free = (
            a_message(endpoint, sequence=todo.key.position + 1, order_key="user:a"),
            replace(a_message(endpoint, sequence=todo.key.position + 2)),
        )
        earlier = replace(a_message(endpoint, order_key="user:b"), sequence=todo.key.position)
        await add_messages(units, ordered, free, earlier)
        assert {each.id for each in await lease_messages(units, endpoint)} == {free.id, earlier.id}
        await in_one_unit(units, lambda unit: unit.todos.complete(todo))
        assert [each.id for each in await lease_messages(units, endpoint)] == [ordered.id]

    async def test_an_attempt_is_settled_by_whoever_has_the_lease(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        message = a_message(endpoint)
        await add_messages(units, message)
        await lease_messages(units, endpoint)
        late = delivered(message, lease=UNTIL - timedelta(seconds=1))
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.settle([late])) == 0
        failed = replace(
            delivered(message),
            state=MessageState.PENDING,
            next_attempt_at=NOW + HOUR,
            settled_at=None,
            attempt=an_attempt(message, status=None),
        )
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.settle([failed, failed])) == 1
        (leased,) = await lease_messages(units, endpoint, now=NOW + HOUR)
        assert (leased.tries, leased.attempts, leased.state) == (1, 1, MessageState.PENDING)
        done = replace(delivered(message, lease=NOW + HOUR + MINUTE), tries=2)
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.settle([done])) == 1
        found = await message_now(units, message.id)
        assert found is not None
        assert (found.state, found.attempts, found.tries) == (MessageState.DELIVERED, 2, 2)
        attempts = await in_view(units, lambda unit: unit.webhook_messages.attempts(message.id, limit=9))
        assert list(attempts) == [replace(done.attempt, number=2), failed.attempt]
        assert await lease_messages(units, endpoint, now=NOW + DAY) == []

    async def test_a_replay_begins_a_new_series_unless_somebody_is_at_it(
        self, units: Units[StoreUnit]
    ) -> None:
        endpoint = await _a_kept_endpoint(units)
        message = a_message(endpoint)
        await add_messages(units, message)
        await lease_messages(units, endpoint)
        replay = NOW + timedelta(seconds=30)
        assert not await in_one_unit(units, lambda unit: unit.webhook_messages.replay(message.id, now=replay))
        await in_one_unit(units, lambda unit: unit.webhook_messages.settle([delivered(message)]))
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.replay(message.id, now=replay))
        found = await message_now(units, message.id)
        assert found == replace(message, kind=AttemptKind.MANUAL, tries=0, attempts=1, next_attempt_at=replay)

    async def test_a_range_is_replayed_from_its_oldest(self, units: Units[StoreUnit]) -> None:
        endpoint, other = await _a_kept_endpoint(units), await _a_kept_endpoint(units)
        made = [
            replace(
                a_message(endpoint, sequence=each, due=None, created_at=NOW + MINUTE * each),
                state=MessageState.DELIVERED if each == 2 else MessageState.FAILED,
            )
            for each in range(6)
        ]
        await add_messages(units, *made, replace(a_message(other, due=None), state=MessageState.FAILED))
        for states, limit, expected in (
            ((MessageState.FAILED,), 2, [1, 3]),
            ((MessageState.FAILED, MessageState.DELIVERED), 9, [2, 4]),
        ):
            count = await in_one_unit(
                units,
                lambda unit: unit.webhook_messages.replay_range(
                    endpoint.id,
                    since=NOW + MINUTE,
                    until=NOW + 5 * MINUTE,
                    states=states,  # noqa: B023 - awaited at once
                    now=NOW + HOUR,
                    limit=limit,  # noqa: B023 - awaited at once
                ),
            )
            leased = await lease_messages(units, endpoint, now=NOW + HOUR)
            assert (count, sorted(each.sequence for each in leased)) == (len(expected), expected)

    async def test_old_ones_are_purged_with_their_attempts(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        old = [a_message(endpoint, sequence=each, created_at=NOW - DAY) for each in range(3)]
        young = a_message(endpoint, sequence=9)
        await add_messages(units, *old, young)
        await lease_messages(units, endpoint)
        await in_one_unit(units, lambda unit: unit.webhook_messages.settle([delivered(each) for each in old]))
        counts = [
            await in_one_unit(units, lambda unit: unit.webhook_messages.purge(before=NOW, limit=2))
            for _ in range(3)
        ]
        assert counts == [2, 1, 0]
        assert [each.id for each in await _page(units, endpoint)] == [young.id]


async def _owe_a_message(unit: StoreUnit) -> None:
    unit.record(Told(occurred_at=NOW, note="x"))


async def _a_kept_endpoint(units: Units[StoreUnit]) -> Endpoint:
    endpoint = an_endpoint()
    await keep_endpoint(units, endpoint)
    return endpoint


async def _page(
    units: Units[StoreUnit], endpoint: Endpoint, *, before: UUID | None = None, limit: int = 9
) -> Sequence[Message]:
    wanted = MessageFilter(endpoint_id=endpoint.id)
    return await in_view(units, lambda unit: unit.webhook_messages.page(wanted, before=before, limit=limit))
