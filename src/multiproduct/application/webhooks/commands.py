"""What may be asked of webhooks, checked for shape."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.moments import Moment
from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.webhooks import Ordering
from multiproduct.domain.webhooks.destination import MAX_URL
from multiproduct.domain.webhooks.filters import MAX_FILTERS

_URL = "https://hooks.example.com/multiproduct"
_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
EventName = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Url = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URL)]
Description = Annotated[str, StringConstraints(max_length=200)]
Filters = Annotated[list[EventName], Field(max_length=MAX_FILTERS)]
_WHERE = "Where events are sent to: https, a public address, and a port that the installation allows."
_WHICH = "Names of events, `context.*` for all of a context, or `*`."
_ORDER = "`per_key` sends events about one thing one after the other; `none` lets none wait for another."


class Command(BaseModel):
    """Commands are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class AddEndpoint(Command):
    """Adds an endpoint."""

    url: Url = Field(description=_WHERE, examples=[_URL], repr=False)
    events: Filters = Field(description=_WHICH, examples=[["identity.user_updated.v1", "billing.*"]])
    description: Description = Field(default="", description="For people.", examples=["Our warehouse"])
    ordering: Ordering = Field(default=Ordering.NONE, description=_ORDER, examples=["none"])
    owner: Literal["me", "installation"] = Field(
        default="me",
        description="Whose it is. The installation's is told of everybody's events, and needs a permission.",
        examples=["me"],
    )


class ChangeEndpoint(Command):
    """Changes an endpoint. What is left out stays as it is."""

    url: Url | None = Field(default=None, description=_WHERE, examples=[_URL], repr=False)
    events: Filters | None = Field(default=None, description=_WHICH, examples=[["billing.*"]])
    description: Description | None = Field(
        default=None, description="For people.", examples=["Our warehouse"]
    )
    ordering: Ordering | None = Field(default=None, description=_ORDER, examples=["per_key"])


class RotateSecret(Command):
    """Makes a new secret; the one before signs beside it for a while."""

    overlap_hours: int = Field(default=24, ge=0, le=168, description="For how long both sign.", examples=[24])


class ListEndpoints(Command):
    """Whose endpoints."""

    owner: Literal["me", "installation"] = Field(
        default="me", description="Whose: one's own, or the installation's.", examples=["me"]
    )


class ListMessages(Command):
    """Messages to an endpoint. What is left out does not narrow."""

    endpoint_id: UUID = Field(description="To which endpoint.", examples=[_ID])
    state: Literal["pending", "delivered", "failed"] | None = Field(
        default=None, description="Only messages in this state.", examples=["failed"]
    )
    event: EventName | None = Field(
        default=None, description="Only messages about this event.", examples=["billing.invoice_paid.v1"]
    )
    cursor: Annotated[str, StringConstraints(max_length=512)] | None = Field(
        default=None, description="The `next_cursor` of the page before.", examples=["WyJhIl0"]
    )
    limit: int = Field(
        default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many at most.", examples=[50]
    )


class ReplayMessages(Command):
    """Sends the messages of a range of time once more."""

    since: Moment = Field(
        description="Those about what came up from then on.", examples=["2026-11-20T06:30:00Z"]
    )
    until: Moment | None = Field(
        default=None, description="Up to before then; now, if it is left out.", examples=[None]
    )
    states: Literal["failed", "all"] = Field(
        default="failed", description="Only those that were given up on, or also those taken.",
        examples=["failed"],
    )  # fmt: skip
