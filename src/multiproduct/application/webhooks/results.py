"""What webhooks answer."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.webhooks.event_types import PublicEvent
from multiproduct.domain.webhooks import INSTALLATION, Attempt, Endpoint, Message, Ordering

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_AT = "2026-11-21T06:31:00Z"


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class EndpointView(Result):
    """A webhook endpoint. Its secret is shown when it is made, and never again."""

    id: UUID = Field(description="The id of the endpoint.", examples=[_ID])
    owner_id: UUID | None = Field(
        description="Whose it is; null for the installation's.",
        examples=["7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"],
    )
    url: str = Field(
        description="Where events are sent to.", examples=["https://hooks.example.com/multiproduct"]
    )
    events: list[str] = Field(description="Which events.", examples=[["billing.*"]])
    description: str = Field(description="For people.", examples=["Our warehouse"])
    ordering: Ordering = Field(description="`none` or `per_key`.", examples=["none"])
    enabled: bool = Field(description="Whether it is sent to.", examples=[True])
    disabled_reason: Literal["owner", "gone", "failing"] | None = Field(
        description="Why it is not: by its owner, as it answered 410, or as it took nothing for five days.",
        examples=[None],
    )
    failing_since: datetime | None = Field(
        description="Since when it has taken nothing (RFC 3339, UTC).", examples=[None]
    )
    created_at: datetime = Field(description="When it was added (RFC 3339, UTC).", examples=[_AT])
    updated_at: datetime = Field(description="When it was changed last (RFC 3339, UTC).", examples=[_AT])

    @property
    def about(self) -> str | None:
        """Whom the answer tells of."""
        return None if self.owner_id is None else str(self.owner_id)

    @classmethod
    def of(cls, endpoint: Endpoint) -> "EndpointView":
        """The endpoint as its owner sees it."""
        reason = endpoint.disabled_for
        return cls(
            id=endpoint.id,
            owner_id=None if endpoint.owner_id == INSTALLATION else endpoint.owner_id,
            url=endpoint.options.url,
            events=list(endpoint.options.events),
            description=endpoint.options.description,
            ordering=endpoint.options.ordering,
            enabled=endpoint.is_enabled,
            disabled_reason=None if reason is None else reason.value,
            failing_since=endpoint.health.failing_since,
            created_at=endpoint.created_at,
            updated_at=endpoint.updated_at,
        )


class EndpointList(Result):
    """All endpoints of an owner, the oldest first."""

    items: list[EndpointView] = Field(description="What there is.")
    next_cursor: str | None = Field(default=None, description="Always null: they are few.", examples=[None])

    @classmethod
    def of(cls, endpoints: Sequence[Endpoint]) -> "EndpointList":
        """As their owner sees them."""
        return cls(items=[EndpointView.of(each) for each in endpoints])


class EndpointWithSecret(Result):
    """An endpoint, and its new secret: this once. A repeated request gets null in its place."""

    endpoint: EndpointView = Field(description="The endpoint.")
    secret: str | None = Field(
        description="What signatures are checked with, as libraries of Standard Webhooks take it.",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oDd1Tr3Y1NGKk="],
        repr=False,
    )


class MessageView(Result):
    """A message to an endpoint. `id` stands in the header `webhook-id` of every attempt."""

    id: UUID = Field(description="The id of the message.", examples=[_ID])
    endpoint_id: UUID = Field(description="The id of the endpoint.", examples=[_ID])
    event: str = Field(description="What it is about.", examples=["billing.invoice_paid.v1"])
    state: Literal["pending", "delivered", "failed"] = Field(
        description="Whether it was taken, is still tried, or was given up on.", examples=["delivered"]
    )
    times_sent: int = Field(description="How often it was sent.", examples=[1])
    next_attempt_at: datetime | None = Field(
        description="When it is sent next (RFC 3339, UTC).", examples=[None]
    )
    created_at: datetime = Field(description="When it was made (RFC 3339, UTC).", examples=[_AT])

    @property
    def about(self) -> str | None:
        """Whom the answer tells of: nobody, by itself."""
        return None

    @classmethod
    def of(cls, message: Message) -> "MessageView":
        """The message as the endpoint's owner sees it."""
        return cls(
            id=message.id,
            endpoint_id=message.endpoint_id,
            event=message.event_type,
            state=message.state.value,
            times_sent=message.attempts,
            next_attempt_at=message.next_attempt_at,
            created_at=message.created_at,
        )


class MessageList(Result):
    """Some messages, the newest first, and where the next page begins (null on the last)."""

    items: list[MessageView] = Field(description="What is on this page.")
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last.", examples=[None]
    )


class AttemptView(Result):
    """What came of sending a message once."""

    number: int = Field(description="Counted from 1.", examples=[1])
    kind: Literal["automatic", "manual"] = Field(
        description="Whether somebody asked for it.", examples=["automatic"]
    )
    started_at: datetime = Field(description="When it was sent (RFC 3339, UTC).", examples=[_AT])
    duration_ms: int = Field(description="How long it took, in milliseconds.", examples=[84])
    status: int | None = Field(description="The status of the answer; null where none came.", examples=[200])
    error: str | None = Field(description="Why none came, in a word.", examples=[None])
    response: str = Field(description="How the answer's body begins.", examples=["ok"])

    @classmethod
    def of(cls, attempt: Attempt) -> "AttemptView":
        """The attempt as the endpoint's owner sees it."""
        return cls(
            number=attempt.number,
            kind=attempt.kind.value,
            started_at=attempt.started_at,
            duration_ms=attempt.duration_ms,
            status=attempt.status,
            error=attempt.error,
            response=attempt.response,
        )


class MessageDetails(MessageView):
    """A message with what is sent and what came of it."""

    payload: dict[str, Any] = Field(
        description="What is sent.",
        examples=[{"type": "webhooks.test.v1", "timestamp": _AT, "data": {"endpoint_id": _ID}}],
    )
    attempts: list[AttemptView] = Field(description="The newest first, at most 50.")


class Replayed(Result):
    """How many messages are sent once more. `more` says that there are others left in the range."""

    count: int = Field(description="How many messages.", examples=[12])
    more: bool = Field(description="Whether there are others left: ask again.", examples=[False])

    @property
    def about(self) -> str | None:
        """Whom the answer tells of: nobody."""
        return None


class EventTypeView(Result):
    """A type of event that an endpoint can ask for."""

    name: str = Field(description="What filters and messages call it.", examples=["billing.invoice_paid.v1"])
    fields: list[str] = Field(description="What stands in `data`.", examples=[["invoice_id", "amount"]])
    for_owners: bool = Field(
        description="Whether people are told of those about themselves; else only the installation's.",
        examples=[True],
    )

    @classmethod
    def of(cls, each: PublicEvent, *, for_owners: bool) -> "EventTypeView":
        """The type as it is documented."""
        return cls(name=each.name, fields=list(each.fields), for_owners=for_owners)


class EventTypeList(Result):
    """Every type of event there is."""

    items: list[EventTypeView] = Field(description="By name.")
    next_cursor: str | None = Field(default=None, description="Always null.", examples=[None])


class Removed(Result):
    """It is gone."""
