"""Outgoing webhooks: endpoints, messages to them, and the rules of sending."""

from multiproduct.domain.webhooks.destination import Destination, DestinationPolicy
from multiproduct.domain.webhooks.endpoint import DisabledFor, Endpoint, Options, Ordering, Secret
from multiproduct.domain.webhooks.errors import EndpointDisabled, MessageUnderWay, TooManyEndpoints
from multiproduct.domain.webhooks.events import (
    EVENTS,
    INSTALLATION,
    EndpointAdded,
    EndpointChanged,
    EndpointEnabled,
    EndpointRemoved,
    EndpointSecretRotated,
    EndpointWasDisabled,
    MessagesReplayed,
)
from multiproduct.domain.webhooks.message import Attempt, AttemptKind, Message, MessageState
from multiproduct.domain.webhooks.permissions import ENDPOINTS_MANAGE, ENDPOINTS_READ, PERMISSIONS
from multiproduct.domain.webhooks.schedule import Health

__all__ = [
    "ENDPOINTS_MANAGE",
    "ENDPOINTS_READ",
    "EVENTS",
    "INSTALLATION",
    "PERMISSIONS",
    "Attempt",
    "AttemptKind",
    "Destination",
    "DestinationPolicy",
    "DisabledFor",
    "Endpoint",
    "EndpointAdded",
    "EndpointChanged",
    "EndpointDisabled",
    "EndpointEnabled",
    "EndpointRemoved",
    "EndpointSecretRotated",
    "EndpointWasDisabled",
    "Health",
    "Message",
    "MessageState",
    "MessageUnderWay",
    "MessagesReplayed",
    "Options",
    "Ordering",
    "Secret",
    "TooManyEndpoints",
]
