"""Outgoing webhooks by the Standard Webhooks specification: endpoints, messages, and sending them."""

from multiproduct.application.webhooks.commands import (
    AddEndpoint,
    ChangeEndpoint,
    ListEndpoints,
    ListMessages,
    ReplayMessages,
    RotateSecret,
)
from multiproduct.application.webhooks.event_types import Audience, PublicEvent, PublicEvents, public
from multiproduct.application.webhooks.facade import Webhooks
from multiproduct.application.webhooks.ports import (
    Answer,
    Delivery,
    HostNames,
    NotDelivered,
    OwnerNotices,
    Receivers,
    WebhooksUnit,
)
from multiproduct.application.webhooks.results import (
    AttemptView,
    EndpointList,
    EndpointView,
    EndpointWithSecret,
    EventTypeList,
    EventTypeView,
    MessageDetails,
    MessageList,
    MessageView,
    Removed,
    Replayed,
)
from multiproduct.application.webhooks.wiring import WebhooksParts, wire_webhooks

__all__ = [
    "AddEndpoint",
    "Answer",
    "AttemptView",
    "Audience",
    "ChangeEndpoint",
    "Delivery",
    "EndpointList",
    "EndpointView",
    "EndpointWithSecret",
    "EventTypeList",
    "EventTypeView",
    "HostNames",
    "ListEndpoints",
    "ListMessages",
    "MessageDetails",
    "MessageList",
    "MessageView",
    "NotDelivered",
    "OwnerNotices",
    "PublicEvent",
    "PublicEvents",
    "Receivers",
    "Removed",
    "ReplayMessages",
    "Replayed",
    "RotateSecret",
    "Webhooks",
    "WebhooksParts",
    "WebhooksUnit",
    "public",
    "wire_webhooks",
]
