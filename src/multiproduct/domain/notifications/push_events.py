"""What happens to devices that notifications are pushed to. No event holds a token."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _PushDeviceEvent(Event):
    RESOURCE = "push_device"

    push_device_id: UUID
    user_id: UUID
    kind: str

    @property
    def resource_id(self) -> str:
        return str(self.push_device_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDeviceRegistered(_PushDeviceEvent):
    """What a person is told is pushed to one more device."""

    NAME = "notifications.push_device_registered"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"kind": (None, self.kind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTokenReplaced(_PushDeviceEvent):
    """A device has another token than before."""

    NAME = "notifications.push_token_replaced"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDeviceRemoved(_PushDeviceEvent):
    """A device is pushed to no more. `reason` is `owner`, `moved`, `crowded_out` or `dead`."""

    NAME = "notifications.push_device_removed"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = False

    reason: str

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"reason": (None, self.reason)}


PUSH_EVENTS: tuple[type[Event], ...] = (PushDeviceRegistered, PushTokenReplaced, PushDeviceRemoved)
"""Every event of push devices."""
