"""What webhooks need of a store, of the network, and of whoever writes to owners."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.idempotency import IdempotencyRecords
from multiproduct.application.identity import IdentityUnit
from multiproduct.application.ports.todos import TodoCompletion
from multiproduct.application.reactions import Heard
from multiproduct.domain.webhooks import Attempt, Endpoint, Health, Message, MessageState


class Endpoints(Protocol):
    """Keeps endpoints with their secrets. `health` and `paused_until` are written by `note` alone."""

    async def add(self, endpoint: Endpoint) -> None:
        """Keeps a new one. Raises StaleAggregate where a rival took its owner's slot, which only the next run
        of the unit sees."""
        ...

    async def save(self, endpoint: Endpoint) -> None:
        """Writes one with its secrets, unless somebody saved it since it was loaded. Raises
        StaleAggregate."""
        ...

    async def remove(self, endpoint: Endpoint) -> None:
        """Removes one with its secrets, messages and attempts."""
        ...

    async def remove_all(self, owner_id: UUID) -> int:
        """Removes all of an owner likewise; answers how many."""
        ...

    async def find(self, id: UUID) -> Endpoint | None:
        """One by id."""
        ...

    async def of_owners(self, owner_ids: Collection[UUID]) -> Sequence[Endpoint]:
        """All of these owners, the oldest first."""
        ...

    async def due(
        self, *, now: datetime, after: UUID, excluded: Collection[UUID], limit: int
    ) -> Sequence[UUID]:
        """Enabled endpoints that are not paused and have a message that is due and nobody is at, by id, after
        the given one."""
        ...

    async def note(self, id: UUID, *, health: Health, paused_until: datetime | None) -> None:
        """Writes what the sender learned."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages of an endpoint are asked for; None asks for all."""

    endpoint_id: UUID
    state: MessageState | None = None
    event_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What becomes of a message after an attempt. `attempt.number` is given by the store."""

    message_id: UUID
    leased_until: datetime
    state: MessageState
    tries: int
    next_attempt_at: datetime | None
    settled_at: datetime | None
    attempt: Attempt


class Messages(Protocol):
    """Keeps messages and what came of each attempt. There is one message for each endpoint and event key."""

    async def add(self, messages: Sequence[Message]) -> int:
        """Keeps those whose endpoint has none for the event; answers how many. One conditional insert decides
        each."""
        ...

    async def find(self, id: UUID) -> Message | None:
        """One by id."""
        ...

    async def page(self, wanted: MessageFilter, *, before: UUID | None, limit: int) -> Sequence[Message]:
        """The newest first, by id, older than `before`."""
        ...

    async def attempts(self, message_id: UUID, *, limit: int) -> Sequence[Attempt]:
        """What came of sending it, the newest first."""
        ...

    async def lease(
        self, endpoint_id: UUID, *, now: datetime, until: datetime, limit: int
    ) -> Sequence[Message]:
        """Leases due messages that nobody is at, the longest due first. One with an order key is due only
        when no earlier one with that key is pending, and none can come any more: no reaction that would make
        one is owed to an earlier event. Of rivals none gets what another one has."""
        ...

    async def settle(self, settlements: Sequence[Settlement]) -> int:
        """Writes what came of attempts whose lease is still the message's present one, and notes these
        attempts; answers how many. The others belong to somebody else by now, or are gone."""
        ...

    async def replay(self, id: UUID, *, now: datetime) -> bool:
        """Makes a message due again that nobody is at, in a series of its own; one conditional statement
        decides."""
        ...

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
        """The same for those made from `since` up to before `until` in one of the states, at most `limit`,
        the oldest first; answers how many."""
        ...

    async def purge(self, *, before: datetime, limit: int) -> int:
        """Removes messages made before the moment with their attempts, at most `limit`; answers how many."""
        ...


class WebhooksUnit(IdentityUnit, Protocol):
    """The slice of a unit that webhooks need, with identity's."""

    @property
    def webhook_endpoints(self) -> Endpoints: ...
    @property
    def webhook_messages(self) -> Messages: ...
    @property
    def idempotency(self) -> IdempotencyRecords: ...
    @property
    def todos(self) -> TodoCompletion: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One POST to a receiver. Nothing of it is ever logged."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a receiver answered: the beginning of the body, and what it said of when to come again."""

    status: int
    retry_after: str | None
    body: bytes = field(repr=False)


class NotDelivered(Exception):
    """No answer came. `reason` is a word for the log that tells nothing of addresses: `address_refused`,
    `no_such_host`, `timeout`, `connection`, `tls` or `protocol`. `unsent` is whether nothing of the message
    can have arrived."""

    def __init__(self, reason: str, *, unsent: bool = False) -> None:
        self.reason = reason
        self.unsent = unsent
        super().__init__(reason)


class Receivers(Protocol):
    """Calls receivers, whom nobody vouches for.

    Promises: a connection is made only to an address that the policy of destinations admits, which is checked
    when it is made, and to the very address that was checked; no redirect is followed, no proxy used, no
    cookie kept; certificates are those of the name that was called; at most some kilobytes of the answer are
    read; the call is over within 15 seconds and a little. Safe to call from any number of tasks of one loop.
    """

    async def post(self, delivery: Delivery) -> Answer:
        """Calls once. Raises NotDelivered; any status is an answer."""
        ...


class HostNames(Protocol):
    """Finds the addresses of a host."""

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Every address as text, in the order to try them. Raises OSError."""
        ...


class OwnerNotices(Protocol):
    """Writes to whoever has to know that an endpoint was disabled."""

    async def tell_disabled(self, heard: Heard, user_id: UUID, *, host: str, reason: str) -> None:
        """Sends it and completes the todo, also where there is nobody to tell. `reason` is `gone` or
        `failing`."""
        ...
