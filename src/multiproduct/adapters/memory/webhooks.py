"""Webhooks in memory."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from multiproduct.adapters.memory.tables import OnStage, OpenedTables, Staged, Table, as_it_is
from multiproduct.application.ports.todos import TodoKey
from multiproduct.application.webhooks.event_types import REACTIONS
from multiproduct.application.webhooks.ports import MessageFilter, Settlement
from multiproduct.domain.shared import Aggregate, StaleAggregate
from multiproduct.domain.webhooks import Attempt, AttemptKind, Endpoint, Health, Message, MessageState

if TYPE_CHECKING:
    from multiproduct.adapters.memory.store import TodoRow


class WebhookTables:
    """What is kept of webhooks."""

    def __init__(self) -> None:
        self.endpoints: Table[UUID, Endpoint] = Table(
            key=lambda row: row.id, copy=replace, indexes={"owner": lambda row: row.owner_id}
        )
        self.messages: Table[UUID, Message] = Table(
            key=lambda row: row.id,
            copy=as_it_is,
            indexes={
                "event": lambda row: (row.endpoint_id, row.event_key),
                "endpoint": lambda row: row.endpoint_id,
                "pending": lambda row: None if row.next_attempt_at is None else row.endpoint_id,
            },
        )
        self.attempts: Table[UUID, Attempt] = Table(
            key=lambda row: row.id, copy=as_it_is, indexes={"message": lambda row: row.message_id}
        )


class WebhookStage(OpenedTables):
    """Webhooks as one unit sees them."""

    endpoints = OnStage(WebhookTables, lambda tables: tables.endpoints)
    messages = OnStage(WebhookTables, lambda tables: tables.messages)
    attempts = OnStage(WebhookTables, lambda tables: tables.attempts)

    def drop_message(self, id: UUID) -> None:
        """Removes a message with its attempts."""
        for attempt in self.attempts.under("message", id):
            self.attempts.remove(attempt.id)
        self.messages.remove(id)

    def drop_endpoint(self, id: UUID) -> None:
        """Removes an endpoint with its messages."""
        for message in self.messages.under("endpoint", id):
            self.drop_message(message.id)
        self.endpoints.remove(id)


class MemoryWebhookEndpoints:
    """The `Endpoints` port. Whoever writes is alone."""

    def __init__(self, *, stage: WebhookStage, track: Callable[[Aggregate], None]) -> None:
        self._stage = stage
        self._rows = stage.endpoints
        self._track = track

    async def add(self, endpoint: Endpoint) -> None:
        """Keeps a new one, unless its slot is taken."""
        if any(row.slot == endpoint.slot for row in self._rows.under("owner", endpoint.owner_id)):
            raise StaleAggregate(id=str(endpoint.id))
        self._rows.put(endpoint)
        self._track(endpoint)

    async def save(self, endpoint: Endpoint) -> None:
        """Writes one, unless it is stale."""
        stored = self._rows.get(endpoint.id)
        if stored is None or stored.version != endpoint.version:
            raise StaleAggregate(id=str(endpoint.id))
        endpoint.version += 1
        self._rows.put(replace(endpoint, health=stored.health, paused_until=stored.paused_until))
        self._track(endpoint)

    async def remove(self, endpoint: Endpoint) -> None:
        """Removes one with all that hangs on it."""
        self._stage.drop_endpoint(endpoint.id)
        self._track(endpoint)

    async def remove_all(self, owner_id: UUID) -> int:
        """Removes all of an owner."""
        found = self._rows.under("owner", owner_id)
        for row in found:
            self._stage.drop_endpoint(row.id)
        return len(found)

    async def find(self, id: UUID) -> Endpoint | None:
        """One by id."""
        return self._rows.get(id)

    async def of_owners(self, owner_ids: Collection[UUID]) -> Sequence[Endpoint]:
        """All of these owners, the oldest first."""
        found = [row for owner_id in set(owner_ids) for row in self._rows.under("owner", owner_id)]
        return sorted(found, key=lambda row: (row.created_at, row.id))

    async def due(
        self, *, now: datetime, after: UUID, excluded: Collection[UUID], limit: int
    ) -> Sequence[UUID]:
        """Endpoints with something to send."""
        open_ = sorted(
            row.id
            for row in self._rows.where(lambda row: row.is_enabled)
            if row.id > after
            and row.id not in excluded
            and (row.paused_until is None or row.paused_until <= now)
        )
        due = (
            each
            for each in open_
            if any(_is_due(row, now) for row in self._stage.messages.under("pending", each))
        )
        return [each for each, _ in zip(due, range(limit), strict=False)]

    async def note(self, id: UUID, *, health: Health, paused_until: datetime | None) -> None:
        """Writes what the sender learned."""
        stored = self._rows.get(id)
        if stored is not None:
            stored.health, stored.paused_until = health, paused_until
            self._rows.put(stored)


class MemoryWebhookMessages:
    """The `Messages` port. Whoever writes is alone."""

    def __init__(self, *, stage: WebhookStage, todos: "Staged[TodoKey, TodoRow]") -> None:
        self._stage = stage
        self._rows = stage.messages
        self._todos = todos

    async def add(self, messages: Sequence[Message]) -> int:
        """Keeps those that are not there."""
        fresh = [row for row in messages if not self._rows.has("event", (row.endpoint_id, row.event_key))]
        for row in fresh:
            self._rows.put(row)
        return len(fresh)

    async def find(self, id: UUID) -> Message | None:
        """One by id."""
        return self._rows.get(id)

    async def page(self, wanted: MessageFilter, *, before: UUID | None, limit: int) -> Sequence[Message]:
        """The newest first."""
        found = [
            row
            for row in self._rows.under("endpoint", wanted.endpoint_id)
            if (before is None or row.id < before)
            and wanted.state in (None, row.state)
            and wanted.event_type in (None, row.event_type)
        ]
        return sorted(found, key=lambda row: row.id, reverse=True)[:limit]

    async def attempts(self, message_id: UUID, *, limit: int) -> Sequence[Attempt]:
        """The newest first."""
        found = self._stage.attempts.under("message", message_id)
        return sorted(found, key=lambda row: row.number, reverse=True)[:limit]

    async def lease(
        self, endpoint_id: UUID, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Message]:
        """Leases what is due, the longest due first."""
        pending = self._rows.under("pending", endpoint_id)
        due = [row for row in pending if _is_due(row, now) and not self._is_kept_waiting(row, pending)]
        chosen = sorted(due, key=lambda row: (row.next_attempt_at or now, row.sequence, row.id))[:limit]
        leased = [replace(row, leased_until=until) for row in chosen]
        for row in leased:
            self._rows.put(row)
        return leased

    def _is_kept_waiting(self, message: Message, pending: Sequence[Message]) -> bool:
        if message.order_key is None:
            return False
        if any(row.order_key == message.order_key and row.sequence < message.sequence for row in pending):
            return True
        owed = self._todos.where(
            lambda row: (
                row.key.position < message.sequence
                and row.key.reaction.startswith(REACTIONS)
                and row.buried_at is None
            )
        )
        return any(True for _ in owed)

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Writes what came of attempts whose lease holds."""
        count = 0
        for each in settlements:
            stored = self._rows.get(each.message_id)
            if stored is None or stored.leased_until != each.leased_until:
                continue
            number = stored.attempts + 1
            self._rows.put(
                replace(
                    stored,
                    state=each.state,
                    tries=each.tries,
                    attempts=number,
                    next_attempt_at=each.next_attempt_at,
                    settled_at=each.settled_at,
                    leased_until=None,
                )
            )
            self._stage.attempts.put(replace(each.attempt, number=number))
            count += 1
        return count

    async def replay(self, id: UUID, *, now: datetime) -> bool:
        """Makes one due again."""
        stored = self._rows.get(id)
        if stored is None or not _is_free(stored, now):
            return False
        self._rows.put(_anew(stored, now))
        return True

    async def replay_range(
        self,
        endpoint_id: UUID,
        *,
        since: datetime,
        until: datetime,
        states: Collection[MessageState],
        now: datetime,
        limit: int,
    ) -> int:
        """Makes those of a range due again."""
        found = [
            row
            for row in self._rows.under("endpoint", endpoint_id)
            if since <= row.created_at < until and row.state in states
        ]
        chosen = sorted(found, key=lambda row: (row.created_at, row.id))[:limit]
        for row in chosen:
            self._rows.put(_anew(row, now))
        return len(chosen)

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes old ones with their attempts."""
        old = [row.id for row in self._rows.where(lambda row: row.created_at < before)][:limit]
        for id_ in old:
            self._stage.drop_message(id_)
        return len(old)


def _is_free(message: Message, now: datetime) -> bool:
    return message.leased_until is None or message.leased_until <= now


def _is_due(message: Message, now: datetime) -> bool:
    is_time = message.next_attempt_at is not None and message.next_attempt_at <= now
    return is_time and _is_free(message, now)


def _anew(message: Message, now: datetime) -> Message:
    return replace(
        message,
        state=MessageState.PENDING,
        kind=AttemptKind.MANUAL,
        tries=0,
        settled_at=None,
        leased_until=None,
        next_attempt_at=now,
    )
