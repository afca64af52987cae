"""What is answered about preferences, suppressed addresses and the delivery log."""

from datetime import datetime, time
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.application.notifications.deliveries import Delivery, DeliveryStatus
from multiproduct.domain.notifications.preference import Category, Channel, Choices
from multiproduct.domain.notifications.resolution import Layer
from multiproduct.domain.notifications.settings import NotificationSettings
from multiproduct.domain.notifications.suppression import Suppression, SuppressionReason

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_USER = "7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"
_AT = "2026-11-21T06:31:00Z"


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class ChannelView(Result):
    """Whether a type goes out over a channel, and who said so."""

    channel: Channel = Field(description="The channel.", examples=["email"])
    enabled: bool = Field(description="Whether it goes out.", examples=[True])
    layer: Layer = Field(description="The layer that decided.", examples=["type_default"])


class TypeView(Result):
    """A type of notification, as it stands for one person."""

    type: str = Field(description="The key of the type.", examples=["billing.invoice_issued"])
    category: Category = Field(description="What it is about.", examples=["billing"])
    is_mandatory: bool = Field(description="Whether it goes out whatever one chose.", examples=[False])
    is_commercial: bool = Field(description="Whether it is advertising.", examples=[False])
    channels: list[ChannelView] = Field(description="Over what it travels.")


class ChoiceView(Result):
    """An explicit choice."""

    type: str | None = Field(description="The type it is about.", examples=["billing.invoice_issued"])
    category: Category | None = Field(description="The category it is about.", examples=[None])
    channel: Channel | None = Field(description="The channel it is about.", examples=["email"])
    enabled: bool = Field(description="Whether it is wanted.", examples=[False])


class PreferencesView(Result):
    """What somebody chose, and what comes of it."""

    choices: list[ChoiceView] = Field(description="The explicit choices.")
    types: list[TypeView] = Field(description="Every type, with what is so for each channel.")

    @staticmethod
    def choices_of(choices: Choices) -> list[ChoiceView]:
        """In the order of what they are about."""
        found = [
            ChoiceView(type=target.type_key, category=target.category, channel=target.channel, enabled=is_on)
            for target, is_on in choices.chosen.items()
        ]
        return sorted(found, key=lambda each: (each.type or "", each.category or "", each.channel or ""))


class QuietHoursView(Result):
    """From when to when somebody is not to be disturbed."""

    start: str = Field(description="When it begins, `HH:MM` by one's own clock.", examples=["22:00"])
    end: str = Field(description="When it is over.", examples=["07:00"])


class SettingsView(Result):
    """How somebody is told."""

    time_zone: str = Field(description="Whose clock is meant.", examples=["Asia/Kolkata"])
    quiet_hours: QuietHoursView | None = Field(description="When mails, texts and pushes wait.")
    digest_at: str | None = Field(description="When the daily digest comes, `HH:MM`.", examples=["08:00"])
    digest_categories: list[Category] = Field(
        description="What comes with it in place of single mails.", examples=[["billing"]]
    )
    commercial_mail: bool = Field(description="Whether they want offers by mail.", examples=[True])

    @classmethod
    def of(cls, settings: NotificationSettings, *, time_zone: str) -> "SettingsView":
        """Of what is kept."""
        quiet = settings.quiet_hours
        return cls(
            time_zone=time_zone,
            quiet_hours=None
            if quiet is None
            else QuietHoursView(start=_written(quiet.start), end=_written(quiet.end)),
            digest_at=None if settings.digest_at is None else _written(settings.digest_at),
            digest_categories=sorted(settings.digest_categories),
            commercial_mail=not settings.is_unsubscribed,
        )


class DeliveryView(Result):
    """One message owed to somebody. What it said is not kept."""

    id: UUID = Field(description="The id of the delivery.", examples=[_ID])
    event_position: int = Field(description="The place of its event in the log.", examples=[4711])
    type: str = Field(description="The type of notification.", examples=["billing.invoice_issued"])
    channel: str = Field(description="Over what it travels.", examples=["email"])
    user_id: UUID | None = Field(description="Whom it is for; null for who is no user.", examples=[_USER])
    recipient: str = Field(description="The address, masked.", examples=["t***@stark.example"])
    status: DeliveryStatus = Field(description="How far it came.", examples=["skipped"])
    reason: str | None = Field(description="Why.", examples=["paid_at_once"])
    layer: str | None = Field(
        description="The layer of the preferences that decided.", examples=["type_default"]
    )
    created_at: datetime = Field(description="When it was begun (RFC 3339, UTC).", examples=[_AT])
    settled_at: datetime | None = Field(description="When it was over (RFC 3339, UTC).", examples=[_AT])

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        """Of what is kept."""
        return cls(
            id=delivery.id,
            event_position=delivery.event_position,
            type=delivery.type_key,
            channel=delivery.channel,
            user_id=delivery.user_id,
            recipient=delivery.recipient,
            status=delivery.status,
            reason=delivery.reason,
            layer=delivery.layer,
            created_at=delivery.created_at,
            settled_at=delivery.settled_at,
        )


class DeliveryList(Result):
    """A page of the delivery log."""

    items: list[DeliveryView] = Field(description="The deliveries, the newest first.")
    next_cursor: str | None = Field(description="Where the next page begins, or null.", examples=[None])


class SuppressionView(Result):
    """An address that nothing is sent to."""

    channel: Channel = Field(description="Over which channel.", examples=["email"])
    address: str = Field(description="The address, masked.", examples=["t***@stark.example"])
    reason: SuppressionReason = Field(description="Why.", examples=["bounce"])
    detail: str = Field(description="What the provider said.", examples=["550 5.1.1 user unknown"])
    created_at: datetime = Field(description="Since when (RFC 3339, UTC).", examples=[_AT])

    @classmethod
    def of(cls, suppression: Suppression) -> "SuppressionView":
        """Of what is kept."""
        return cls(
            channel=suppression.channel,
            address=suppression.masked,
            reason=suppression.reason,
            detail=suppression.detail,
            created_at=suppression.created_at,
        )


class SuppressionList(Result):
    """A page of the suppression list."""

    items: list[SuppressionView] = Field(description="The addresses, the newest first.")
    next_cursor: str | None = Field(description="Where the next page begins, or null.", examples=[None])


class Lifted(Result):
    """Whether an address was on the list."""

    lifted: bool = Field(description="Whether it was on the list.", examples=[True])


def _written(at: time) -> str:
    return at.strftime("%H:%M")
