"""What every store of webhooks must do: one message for each endpoint and event, leased to one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.reacting import Told
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view, race
from multiproduct.application.ports.todos import TodoQueue
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.webhooks.ports import MessageFilter, Settlement
from multiproduct.domain.shared import StaleAggregate
from multiproduct.domain.webhooks import (
    INSTALLATION,
    Attempt,
    AttemptKind,
    DisabledFor,
    Endpoint,
    Health,
    Message,
    MessageState,
    Options,
    Ordering,
    Secret,
)

RIVALS = 20
FIRST_PLACE = UUID(int=0)
UNTIL = NOW + MINUTE
_LATER = datetime(2999, 1, 1, tzinfo=UTC)


def a_secret(*, expires_at: datetime | None = None) -> Secret:
    """A sealed key."""
    return Secret(id=a_uuid(), sealed=b"\x00sealed\xff", created_at=NOW, expires_at=expires_at)


def an_endpoint(*, owner_id: UUID | None = None, slot: int = 0) -> Endpoint:
    """An enabled one that asks for everything."""
    return Endpoint(
        id=a_uuid(),
        owner_id=owner_id or a_user_id(),
        slot=slot,
        options=Options(
            url="https://hooks.example.com/x",
            events=("*",),
            description="",
            ordering=Ordering.NONE,
            permissions=frozenset(),
        ),
        secrets=(a_secret(),),
        made_by=None,
        created_at=NOW,
        updated_at=NOW,
    )


def an_unusual_endpoint() -> Endpoint:
    """One with every field at a value of its own."""
    return Endpoint(
        id=a_uuid(),
        version=3,
        owner_id=INSTALLATION,
        slot=7,
        options=Options(
            url="https://[2606:4700::1]:8443/a?b=%20#",
            events=("billing.*", "identity.user_updated.v1"),
            description=UNUSUAL_TEXT,
            ordering=Ordering.PER_KEY,
            permissions=frozenset({"b.c.d", "a.b.c"}),
        ),
        secrets=(a_secret(expires_at=NOW + DAY), a_secret()),
        made_by=a_user_id(),
        created_at=NOW,
        updated_at=NOW + HOUR,
        disabled_for=DisabledFor.GONE,
        disabled_at=NOW + MINUTE,
        health=Health(NOW - HOUR, NOW),
        paused_until=NOW + DAY,
    )


def a_message(
    endpoint: Endpoint,
    *,
    sequence: int = 1,
    due: datetime | None = NOW,
    order_key: str | None = None,
    created_at: datetime = NOW,
) -> Message:
    """One that waits to be sent."""
    return Message(
        id=a_uuid(),
        endpoint_id=endpoint.id,
        event_key=f"event:{sequence}",
        event_type="identity.user_updated.v1",
        order_key=order_key,
        sequence=sequence,
        body='{"type":"identity.user_updated.v1"}',
        created_at=created_at,
        next_attempt_at=due,
    )


def an_attempt(message: Message, *, status: int | None = 200) -> Attempt:
    """What came of sending a message."""
    return Attempt(
        id=a_uuid(),
        message_id=message.id,
        number=1,
        kind=message.kind,
        started_at=NOW,
        duration_ms=12,
        status=status,
        error=None if status else "timeout",
        response=UNUSUAL_TEXT,
    )


def delivered(message: Message, *, lease: datetime = UNTIL) -> Settlement:
    """What becomes of one that was taken."""
    return Settlement(
        message_id=message.id,
        leased_until=lease,
        state=MessageState.DELIVERED,
        tries=1,
        next_attempt_at=None,
        settled_at=NOW,
        attempt=an_attempt(message),
    )


class WebhookEndpointsContract:
    """Needs `units`: `Units[StoreUnit]` over a store that is empty when the test begins, opened with
    `reacting.contract_surroundings()`."""

    async def test_every_field_comes_back_as_it_was(self, units: Units[StoreUnit]) -> None:
        for endpoint in (an_endpoint(), an_unusual_endpoint()):
            await _keep(units, endpoint)
            assert await _found(units, endpoint.id) == endpoint
        assert await _found(units, a_uuid()) is None

    async def test_owners_see_their_own_the_oldest_first(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        old, new = an_endpoint(owner_id=mine), an_endpoint(owner_id=mine, slot=1)
        new.created_at = NOW + MINUTE
        installations = an_endpoint(owner_id=INSTALLATION)
        for endpoint in (new, old, an_endpoint(), installations):
            await _keep(units, endpoint)
        found = await in_view(units, lambda unit: unit.webhook_endpoints.of_owners([mine]))
        assert [each.id for each in found] == [old.id, new.id]
        both = await in_view(units, lambda unit: unit.webhook_endpoints.of_owners([mine, INSTALLATION]))
        assert {each.id for each in both} == {old.id, new.id, installations.id}

    async def test_a_slot_is_taken_once(self, units: Units[StoreUnit]) -> None:
        mine = a_user_id()
        await _keep(units, an_endpoint(owner_id=mine))
        with pytest.raises(StaleAggregate):
            await _keep(units, an_endpoint(owner_id=mine))
        await _keep(units, an_endpoint(owner_id=mine, slot=1))
        await _keep(units, an_endpoint())

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
        await _keep(units, endpoint)
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
        await _keep(units, endpoint)
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
            await _keep(units, endpoint)
            message = a_message(endpoint)
            await _add(units, message)
            await _lease(units, endpoint)
            assert await in_one_unit(
                units,
                lambda unit: unit.webhook_messages.settle([delivered(message)]),  # noqa: B023 - awaited at once
            )
            messages.append(message)
        await in_one_unit(units, lambda unit: unit.webhook_endpoints.remove(first))
        assert await in_one_unit(units, lambda unit: unit.webhook_endpoints.remove_all(mine)) == 1
        left = [await _message(units, each.id) for each in messages]
        assert [each is not None for each in left] == [False, False, True]
        gone = await in_view(units, lambda unit: unit.webhook_messages.attempts(messages[0].id, limit=9))
        assert list(gone) == []
        assert await _found(units, second.id) is None

    async def test_due_are_those_with_something_to_send_now(self, units: Units[StoreUnit]) -> None:
        endpoints = [an_endpoint() for _ in range(6)]
        ready, later, off, paused, resumed, leased = endpoints
        for endpoint in endpoints:
            await _keep(units, endpoint)
            await _add(units, a_message(endpoint, due=NOW + MINUTE if endpoint is later else NOW))
        off.disable(DisabledFor.OWNER, now=NOW)
        await in_one_unit(units, lambda unit: unit.webhook_endpoints.save(off))
        for endpoint, until in ((paused, NOW + MINUTE), (resumed, NOW)):
            await in_one_unit(
                units,
                lambda unit: unit.webhook_endpoints.note(endpoint.id, health=Health(), paused_until=until),  # noqa: B023 - awaited at once
            )
        await _lease(units, leased)
        due = sorted([ready.id, resumed.id])
        assert await _due(units) == due
        assert await _due(units, after=due[0]) == due[1:]
        assert await _due(units, excluded=[ready.id]) == [resumed.id]
        assert await _due(units, limit=1) == due[:1]
        assert leased.id in await _due(units, now=UNTIL)


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
            await _add(units, message)
            assert await _message(units, message.id) == message

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
        await _add(units, *messages)
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
        await _add(units, *due, a_message(endpoint, sequence=99, due=NOW + MINUTE), a_message(other))

        async def lease(unit: StoreUnit) -> Sequence[UUID]:
            leased = await unit.webhook_messages.lease(endpoint.id, now=NOW, until=UNTIL, limit=4)
            await unit.commit()
            return [each.id for each in leased]

        taken = await race(units, RIVALS, lease)
        every = [each for some in taken for each in some]
        assert len(every) == len(set(every))
        assert set(every) == {each.id for each in due}
        again = await _lease(units, endpoint, now=UNTIL)
        assert again[0].id == due[-1].id
        assert again[0].leased_until == UNTIL + MINUTE

    async def test_one_with_a_key_waits_for_those_before_it(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        first, second = (a_message(endpoint, sequence=each, order_key="user:a") for each in (1, 2))
        other, free = a_message(endpoint, sequence=3, order_key="user:b"), a_message(endpoint, sequence=4)
        later = replace(first, next_attempt_at=NOW + HOUR)
        await _add(units, later, second, other, free)
        assert {each.id for each in await _lease(units, endpoint)} == {other.id, free.id}
        done = [delivered(other), delivered(free)]
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.settle(done)) == 2
        assert [each.id for each in await _lease(units, endpoint, now=NOW + HOUR, limit=1)] == [first.id]
        lease = NOW + HOUR + MINUTE
        assert await _lease(units, endpoint, now=NOW + HOUR) == []
        await in_one_unit(units, lambda unit: unit.webhook_messages.settle([delivered(first, lease=lease)]))
        assert [each.id for each in await _lease(units, endpoint, now=NOW + HOUR)] == [second.id]

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
        await _add(units, ordered, free, earlier)
        assert {each.id for each in await _lease(units, endpoint)} == {free.id, earlier.id}
        await in_one_unit(units, lambda unit: unit.todos.complete(todo))
        assert [each.id for each in await _lease(units, endpoint)] == [ordered.id]

    async def test_an_attempt_is_settled_by_whoever_has_the_lease(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        message = a_message(endpoint)
        await _add(units, message)
        await _lease(units, endpoint)
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
        (leased,) = await _lease(units, endpoint, now=NOW + HOUR)
        assert (leased.tries, leased.attempts, leased.state) == (1, 1, MessageState.PENDING)
        done = replace(delivered(message, lease=NOW + HOUR + MINUTE), tries=2)
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.settle([done])) == 1
        found = await _message(units, message.id)
        assert found is not None
        assert (found.state, found.attempts, found.tries) == (MessageState.DELIVERED, 2, 2)
        attempts = await in_view(units, lambda unit: unit.webhook_messages.attempts(message.id, limit=9))
        assert list(attempts) == [replace(done.attempt, number=2), failed.attempt]
        assert await _lease(units, endpoint, now=NOW + DAY) == []

    async def test_a_replay_begins_a_new_series_unless_somebody_is_at_it(
        self, units: Units[StoreUnit]
    ) -> None:
        endpoint = await _a_kept_endpoint(units)
        message = a_message(endpoint)
        await _add(units, message)
        await _lease(units, endpoint)
        replay = NOW + timedelta(seconds=30)
        assert not await in_one_unit(units, lambda unit: unit.webhook_messages.replay(message.id, now=replay))
        await in_one_unit(units, lambda unit: unit.webhook_messages.settle([delivered(message)]))
        assert await in_one_unit(units, lambda unit: unit.webhook_messages.replay(message.id, now=replay))
        found = await _message(units, message.id)
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
        await _add(units, *made, replace(a_message(other, due=None), state=MessageState.FAILED))
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
            leased = await _lease(units, endpoint, now=NOW + HOUR)
            assert (count, sorted(each.sequence for each in leased)) == (len(expected), expected)

    async def test_old_ones_are_purged_with_their_attempts(self, units: Units[StoreUnit]) -> None:
        endpoint = await _a_kept_endpoint(units)
        old = [a_message(endpoint, sequence=each, created_at=NOW - DAY) for each in range(3)]
        young = a_message(endpoint, sequence=9)
        await _add(units, *old, young)
        await _lease(units, endpoint)
        await in_one_unit(units, lambda unit: unit.webhook_messages.settle([delivered(each) for each in old]))
        counts = [
            await in_one_unit(units, lambda unit: unit.webhook_messages.purge(before=NOW, limit=2))
            for _ in range(3)
        ]
        assert counts == [2, 1, 0]
        assert [each.id for each in await _page(units, endpoint)] == [young.id]


async def _owe_a_message(unit: StoreUnit) -> None:
    unit.record(Told(occurred_at=NOW, note="x"))


async def _keep(units: Units[StoreUnit], endpoint: Endpoint) -> None:
    await in_one_unit(units, lambda unit: unit.webhook_endpoints.add(endpoint))


async def _a_kept_endpoint(units: Units[StoreUnit]) -> Endpoint:
    endpoint = an_endpoint()
    await _keep(units, endpoint)
    return endpoint


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


async def _add(units: Units[StoreUnit], *messages: Message) -> None:
    assert await in_one_unit(units, lambda unit: unit.webhook_messages.add(messages)) == len(messages)


async def _message(units: Units[StoreUnit], id: UUID) -> Message | None:
    return await in_view(units, lambda unit: unit.webhook_messages.find(id))


async def _page(
    units: Units[StoreUnit], endpoint: Endpoint, *, before: UUID | None = None, limit: int = 9
) -> Sequence[Message]:
    wanted = MessageFilter(endpoint_id=endpoint.id)
    return await in_view(units, lambda unit: unit.webhook_messages.page(wanted, before=before, limit=limit))


async def _lease(
    units: Units[StoreUnit], endpoint: Endpoint, *, now: datetime = NOW, limit: int = 9
) -> list[Message]:
    return list(
        await in_one_unit(
            units,
            lambda unit: unit.webhook_messages.lease(endpoint.id, now=now, until=now + MINUTE, limit=limit),
        )
    )
