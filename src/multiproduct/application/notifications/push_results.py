"""What is answered about devices that notifications are pushed to. No answer holds a token."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from multiproduct.domain.notifications.push_device import PushDevice, PushKind

_ID = "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"
_AT = "2026-11-21T06:31:00Z"
_VAPID = "BDd3_hVL9fZi9Ybo2UUzA284WG5FZR30_95YeZJsiApwXKpNcF1rRPF3foIiBHXRdJI2Qhumhf6_LFTeZaNndIo"


class Result(BaseModel):
    """Results are frozen."""

    model_config = ConfigDict(defer_build=True, frozen=True)


class PushDeviceView(Result):
    """A device as its owner sees it."""

    id: UUID = Field(description="The id of the device.", examples=[_ID])
    kind: PushKind = Field(description="Who brings pushes to it.", examples=["fcm"])
    name: str = Field(description="What its owner calls it.", examples=["My telephone"])
    locale: str = Field(description="The language of the app on it.", examples=["en"])
    registered_at: datetime = Field(description="When it was registered (RFC 3339, UTC).", examples=[_AT])
    refreshed_at: datetime = Field(
        description="When its app said last that it is there (RFC 3339, UTC).", examples=[_AT]
    )
    is_stale: bool = Field(
        description="Whether that is so long ago that nothing is pushed to it.", examples=[False]
    )

    @classmethod
    def of(cls, device: PushDevice, *, now: datetime) -> "PushDeviceView":
        """Of what is kept."""
        return cls(
            id=device.id,
            kind=device.kind,
            name=device.name,
            locale=device.locale,
            registered_at=device.registered_at,
            refreshed_at=device.refreshed_at,
            is_stale=device.is_stale(now),
        )


class PushDeviceList(Result):
    """All of a person, those refreshed last first."""

    items: list[PushDeviceView] = Field(description="The devices.")


class PushDeviceRemoval(Result):
    """It is gone."""

    removed: bool = Field(default=True, description="That it is gone.", examples=[True])


class PushOptions(Result):
    """Which kinds of devices the installation pushes to, and the key that browsers subscribe with."""

    kinds: list[PushKind] = Field(description="The kinds that are on.", examples=[["fcm", "web"]])
    vapid_public_key: str | None = Field(
        description="The `applicationServerKey` that browsers subscribe with; null where `web` is off.",
        examples=[_VAPID],
    )


class PushState(StrEnum):
    """What became of a message to all devices of a person."""

    SENT = "sent"
    """At least one device's provider accepted it."""
    NO_DEVICES = "no_devices"
    FAILED = "failed"
    """No provider accepted it."""
    UNCERTAIN = "uncertain"
    """None accepted it for certain, and at least one may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOutcome:
    """`reason` is a word for the delivery log. Where `retry_after` (seconds) is given nothing went out, and
    sending it again after so long is safe; otherwise it is not to be sent again."""

    state: PushState
    reason: str
    devices: int = 0
    accepted: int = 0
    retry_after: int | None = None
