"""What happens to webhook endpoints. No event holds an address or a secret: either may hold a token."""

from dataclasses import dataclass
from uuid import UUID

from multiproduct.domain.shared import Action, Event

INSTALLATION = UUID(int=0)
"""Owns the endpoints that staff keeps (the nil UUID of RFC 9562, section 5.9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _EndpointEvent(Event):
    RESOURCE = "webhook_endpoint"

    endpoint_id: UUID
    owner_id: UUID

    @property
    def resource_id(self) -> str:
        return str(self.endpoint_id)

    @property
    def subject_user_id(self) -> str | None:
        return None if self.owner_id == INSTALLATION else str(self.owner_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointAdded(_EndpointEvent):
    """Somebody has events sent to an address."""

    NAME = "webhooks.endpoint_added"
    ACTION = Action.CREATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointChanged(_EndpointEvent):
    """An endpoint's address, filters or options are others now. `fields` names them."""

    NAME = "webhooks.endpoint_changed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True

    fields: tuple[str, ...] = ()

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"fields": (None, ", ".join(self.fields))}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSecretRotated(_EndpointEvent):
    """An endpoint has a new secret."""

    NAME = "webhooks.endpoint_secret_rotated"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointEnabled(_EndpointEvent):
    """An endpoint is sent to again."""

    NAME = "webhooks.endpoint_enabled"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointWasDisabled(_EndpointEvent):
    """Nothing is sent to an endpoint any more. `reason` is `owner`, `gone` or `failing`; `told_id` is who is
    told of the latter two."""

    NAME = "webhooks.endpoint_disabled"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False

    reason: str
    told_id: UUID | None = None

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"reason": (None, self.reason)}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointRemoved(_EndpointEvent):
    """An endpoint is gone, with what was kept of its messages."""

    NAME = "webhooks.endpoint_removed"
    ACTION = Action.DELETE
    CONCERNS_SECURITY = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesReplayed(_EndpointEvent):
    """Somebody has messages sent once more."""

    NAME = "webhooks.messages_replayed"
    ACTION = Action.UPDATE
    CONCERNS_SECURITY = False

    count: int

    @property
    def changes(self) -> dict[str, tuple[str | None, str | None]]:
        return {"count": (None, str(self.count))}


EVENTS: tuple[type[Event], ...] = (
    EndpointAdded,
    EndpointChanged,
    EndpointSecretRotated,
    EndpointEnabled,
    EndpointWasDisabled,
    EndpointRemoved,
    MessagesReplayed,
)
"""Every event of this context."""
