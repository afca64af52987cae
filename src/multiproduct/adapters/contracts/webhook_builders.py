"""Endpoints, messages and attempts for contracts and tests of webhooks, and what both contracts do."""

from datetime import datetime
from uuid import UUID

from multiproduct.adapters.contracts.builders import DAY, HOUR, MINUTE, NOW, UNUSUAL_TEXT, a_user_id, a_uuid
from multiproduct.adapters.contracts.store_unit import StoreUnit, in_one_unit, in_view
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.webhooks.ports import Settlement
from multiproduct.domain.webhooks import (
    INSTALLATION,
    Attempt,
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


async def keep_endpoint(units: Units[StoreUnit], endpoint: Endpoint) -> None:
    await in_one_unit(units, lambda unit: unit.webhook_endpoints.add(endpoint))


async def add_messages(units: Units[StoreUnit], *messages: Message) -> None:
    assert await in_one_unit(units, lambda unit: unit.webhook_messages.add(messages)) == len(messages)


async def message_now(units: Units[StoreUnit], id: UUID) -> Message | None:
    return await in_view(units, lambda unit: unit.webhook_messages.find(id))


async def lease_messages(
    units: Units[StoreUnit], endpoint: Endpoint, *, now: datetime = NOW, limit: int = 9
) -> list[Message]:
    return list(
        await in_one_unit(
            units,
            lambda unit: unit.webhook_messages.lease(endpoint.id, now=now, until=now + MINUTE, limit=limit),
        )
    )
