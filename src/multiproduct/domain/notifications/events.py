"""What happens about notifications. No event holds an address."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfUser(Event):
    user_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.user_id)

    @property
    def subject_user_id(self) -> str | None:
        return str(self.user_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferencesChanged(_OfUser):
    """Somebody chose what to hear of, or when. `fields` names what is other now."""

    NAME = "notifications.preferences_changed"
    ACTION = Action.UPDATE
    RESOURCE = "notification_preferences"
    CONCERNS_SECURITY = False

    fields: dict[str, tuple[str | None, str | None]]

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return self.fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribed(_OfUser):
    """Somebody wants no commercial mail any more."""

    NAME = "notifications.unsubscribed"
    ACTION = Action.UPDATE
    RESOURCE = "notification_preferences"
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestClosed(_OfUser):
    """What waited for somebody is due, and takes nothing more."""

    NAME = "notifications.digest_closed"
    ACTION = Action.UPDATE
    RESOURCE = "notification_digest"
    CONCERNS_SECURITY = False

    digest_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.digest_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class _SuppressionEvent(Event):
    RESOURCE = "suppression"

    channel: str
    masked: str

    @property
    def resource_id(self) -> str:
        return f"{self.channel}:{self.masked}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSuppressed(_SuppressionEvent):
    """Nothing is sent to an address any more. `reason` is `bounce`, `complaint` or `manual`."""

    NAME = "notifications.address_suppressed"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = False

    reason: str

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"reason": (None, self.reason)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionLifted(_SuppressionEvent):
    """An address is sent to again."""

    NAME = "notifications.suppression_lifted"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = False


EVENTS: tuple[type[Event], ...] = (
    PreferencesChanged,
    Unsubscribed,
    DigestClosed,
    AddressSuppressed,
    SuppressionLifted,
)
"""Every event of this part."""
