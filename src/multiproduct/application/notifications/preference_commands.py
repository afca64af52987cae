"""What may be asked of preferences, suppressed addresses and the delivery log, checked for shape."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from multiproduct.application.paging import DEFAULT_LIMIT, MAX_LIMIT
from multiproduct.domain.notifications.preference import Category, Channel
from multiproduct.domain.notifications.suppression import SuppressionReason

MAX_CHOICES = 100
TypeKey = Annotated[str, StringConstraints(min_length=1, max_length=100)]
TimeOfDay = Annotated[str, StringConstraints(min_length=5, max_length=5)]
Address = Annotated[str, StringConstraints(min_length=3, max_length=320)]
Status = Literal["planned", "sending", "sent", "skipped", "failed", "uncertain", "held", "digested"]
Cursor = Annotated[str, StringConstraints(max_length=512)]
_LIMIT = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT, description="How many at most.", examples=[50])
_CURSOR = Field(default=None, description="`next_cursor` of the page before.", examples=[None])


class Command(BaseModel):
    """Commands are frozen, and refuse fields that nobody knows."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid")


class Choice(Command):
    """A choice about a type, a type over one channel, a category, or a channel."""

    type: TypeKey | None = Field(
        default=None, description="The type it is about.", examples=["billing.invoice_issued"]
    )
    category: Category | None = Field(default=None, description="The category it is about.", examples=[None])
    channel: Channel | None = Field(default=None, description="The channel it is about.", examples=["email"])
    enabled: bool | None = Field(
        description="Whether they want it; null takes the choice back.", examples=[False]
    )


class Choose(Command):
    """Makes choices. Those that are not named stay as they are."""

    choices: Annotated[list[Choice], Field(min_length=1, max_length=MAX_CHOICES)] = Field(
        description="The narrower choice wins: type and channel, type, category, channel.",
        examples=[[{"type": "billing.invoice_issued", "channel": "email", "enabled": False}]],
    )


class QuietHoursInput(Command):
    """From when to when somebody is not to be disturbed."""

    start: TimeOfDay = Field(description="When it begins, `HH:MM` by one's own clock.", examples=["22:00"])
    end: TimeOfDay = Field(description="When it is over; may be on the next day.", examples=["07:00"])


class ChangeSettings(Command):
    """Sets how one is told, whole: what is left out is off."""

    quiet_hours: QuietHoursInput | None = Field(
        default=None,
        description="When mails, texts and pushes wait. What concerns security does not.",
        examples=[{"start": "22:00", "end": "07:00"}],
    )
    digest_at: TimeOfDay | None = Field(
        default=None, description="When the daily digest comes, `HH:MM`.", examples=["08:00"]
    )
    digest_categories: Annotated[list[Category], Field(max_length=len(Category))] = Field(
        default_factory=list,
        description="What comes with the digest in place of single mails.",
        examples=[["billing"]],
    )
    commercial_mail: bool = Field(
        default=True, description="Whether one wants offers by mail.", examples=[True]
    )


class ListDeliveries(Command):
    """A page of the delivery log."""

    user_id: UUID | None = Field(
        default=None,
        description="Whom it was for.",
        examples=["7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"],
    )
    type: TypeKey | None = Field(
        default=None, description="Of which type.", examples=["billing.invoice_issued"]
    )
    channel: Literal["in_app", "email", "sms", "push"] | None = Field(
        default=None, description="Over which channel.", examples=["email"]
    )
    status: Status | None = Field(default=None, description="How far it came.", examples=["skipped"])
    limit: int = _LIMIT
    cursor: Cursor | None = _CURSOR


class ListSuppressions(Command):
    """A page of the suppression list."""

    limit: int = _LIMIT
    cursor: Cursor | None = _CURSOR


class Suppress(Command):
    """Reports that an address bounced or complained, or puts it on the list by hand."""

    channel: Literal["email", "sms"] = Field(
        default="email", description="Over which channel.", examples=["email"]
    )
    address: Address = Field(
        description="The mailbox, or the telephone number in E.164.",
        examples=["tony@stark.example"],
        repr=False,
    )
    reason: SuppressionReason = Field(description="Why.", examples=["bounce"])
    detail: Annotated[str, StringConstraints(max_length=500)] = Field(
        default="", description="What the provider said.", examples=["550 5.1.1 user unknown"]
    )


class LiftSuppression(Command):
    """Takes an address off the list."""

    channel: Literal["email", "sms"] = Field(
        default="email", description="Over which channel.", examples=["email"]
    )
    address: Address = Field(
        description="The mailbox, or the telephone number in E.164.",
        examples=["tony@stark.example"],
        repr=False,
    )
