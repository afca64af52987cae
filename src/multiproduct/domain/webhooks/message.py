"""A message: one event on its way to one endpoint, and what came of each attempt."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class MessageState(StrEnum):
    """How far a message has come."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class AttemptKind(StrEnum):
    """Why a message was sent."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One for each endpoint and event. `body` is what is signed and sent, byte for byte (it is ASCII).

    `order_key` is set where messages of one thing are sent one after the other, by `sequence`. `tries` count
    those of the present series, which a replay begins anew; `attempts` count all.
    """

    id: UUID
    endpoint_id: UUID
    event_key: str
    event_type: str
    order_key: str | None
    sequence: int
    body: str = field(repr=False)
    created_at: datetime
    state: MessageState = MessageState.PENDING
    tries: int = 0
    attempts: int = 0
    kind: AttemptKind = AttemptKind.AUTOMATIC
    next_attempt_at: datetime | None = None
    leased_until: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of sending a message once. `status` is that of the answer, None where none came, `error` then
    says why, in a word. `response` is the beginning of the answer's body."""

    id: UUID
    message_id: UUID
    number: int
    kind: AttemptKind
    started_at: datetime
    duration_ms: int
    status: int | None
    error: str | None
    response: str = field(default="", repr=False)

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it: only 2xx says so."""
        return self.status is not None and 200 <= self.status < 300
