"""What happens to device keys."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _DeviceKeyEvent(Event):
    RESOURCE = "device_key"

    device_key_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.device_key_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeyEnrolled(_DeviceKeyEvent):
    """A device has a key that it can sign in with, and has used it once."""

    NAME = "identity.device_key_enrolled"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeyRenamed(_DeviceKeyEvent):
    """A device key is called otherwise."""

    NAME = "identity.device_key_renamed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeyRefused(_DeviceKeyEvent):
    """A signature was wrong. `failures` counts those since the last good one."""

    NAME = "identity.device_key_refused"
    ACTION = Action.REFUSE
    CONCERNS_SECURITY = True

    failures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeyLocked(_DeviceKeyEvent):
    """Too many signatures were wrong: the key is of no use any more."""

    NAME = "identity.device_key_locked"
    ACTION = Action.REFUSE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceKeyRevoked(_DeviceKeyEvent):
    """The owner gave a key up; the sessions that it began are over."""

    NAME = "identity.device_key_revoked"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


DEVICE_KEY_EVENTS: tuple[type[Event], ...] = (
    DeviceKeyEnrolled,
    DeviceKeyRenamed,
    DeviceKeyRefused,
    DeviceKeyLocked,
    DeviceKeyRevoked,
)
