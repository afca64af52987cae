"""What happens to a person's devices, addresses and picture. No event holds an address or a code."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _SessionEvent(Event):
    RESOURCE = "session"

    session_id: UUID
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.session_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDeviceUsed(_SessionEvent):
    """A session began on a device, or in a network, that none of the person's sessions had lately."""

    NAME = "identity.new_device_used"
    ACTION = Action.LOGIN
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRenamed(_SessionEvent):
    """The person named a device, or took its name away."""

    NAME = "identity.session_renamed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _ContactChangeEvent(Event):
    """`kind` is `email` or `phone`."""

    RESOURCE = "user"

    change_id: UUID
    user_id: UUID
    kind: str

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChangeRequested(_ContactChangeEvent):
    """Somebody signed in as the person wants another address; it waits for its proof."""

    NAME = "identity.contact_change_requested"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChangeStopped(_ContactChangeEvent):
    """The change that waited was called off."""

    NAME = "identity.contact_change_stopped"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(_ContactChangeEvent):
    """The new address was proved and took the place of the old one."""

    NAME = "identity.contact_changed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


ACCOUNT_EVENTS: tuple[type[Event], ...] = (
    NewDeviceUsed,
    SessionRenamed,
    ContactChangeRequested,
    ContactChangeStopped,
    ContactChanged,
)
