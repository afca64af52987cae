"""The endpoints of outgoing webhooks: where events are sent to, what was sent, and sending it once more."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.webhooks import (
    AddEndpoint,
    ChangeEndpoint,
    EndpointList,
    EndpointView,
    EndpointWithSecret,
    EventTypeList,
    ListEndpoints,
    ListMessages,
    MessageDetails,
    MessageList,
    MessageView,
    Removed,
    Replayed,
    ReplayMessages,
    RotateSecret,
)
from multiproduct.domain.shared import Forbidden, NotFound, StaleAggregate, StepUpRequired
from multiproduct.domain.webhooks import EndpointDisabled, MessageUnderWay, TooManyEndpoints
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/webhooks"
_TAG = "Webhooks"
_KEYED = (IdempotencyMismatch, IdempotencyUnfinished)
_REACHED = (NotFound, StepUpRequired)

_ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/events",
        name="webhook_event.list",
        tag=_TAG,
        summary="List the events that webhooks tell of",
        handler=lambda container, _command, call: container.webhooks.reading.event_types(call.caller),
        result=EventTypeList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/endpoints",
        name="webhook_endpoint.list",
        tag=_TAG,
        summary="List webhook endpoints",
        description="One's own, or with `webhooks.endpoint.read` the installation's.",
        handler=lambda container, command, call: container.webhooks.reading.endpoints(command, call.caller),
        command=ListEndpoints,
        result=EndpointList,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(Forbidden, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/endpoints",
        name="webhook_endpoint.add",
        tag=_TAG,
        summary="Add a webhook endpoint",
        description="Messages are signed by the Standard Webhooks specification. The secret is shown once.",
        handler=lambda container, command, call: container.webhooks.endpoints.add(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=AddEndpoint,
        result=EndpointWithSecret,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(TooManyEndpoints, Forbidden, StepUpRequired, *_KEYED),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/endpoints/{{endpoint_id}}",
        name="webhook_endpoint.read",
        tag=_TAG,
        summary="Read a webhook endpoint",
        handler=lambda container, _command, call: container.webhooks.reading.endpoint(
            call.ids["endpoint_id"], call.caller
        ),
        result=EndpointView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=_REACHED,
    ),
    Endpoint(
        method="PATCH",
        path=f"{_BASE}/endpoints/{{endpoint_id}}",
        name="webhook_endpoint.change",
        tag=_TAG,
        summary="Change a webhook endpoint",
        description="What is left out stays as it is.",
        handler=lambda container, command, call: container.webhooks.endpoints.change(
            call.ids["endpoint_id"], command, call.caller
        ),
        command=ChangeEndpoint,
        result=EndpointView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_REACHED, StaleAggregate),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/endpoints/{{endpoint_id}}",
        name="webhook_endpoint.remove",
        tag=_TAG,
        summary="Remove a webhook endpoint",
        description="With everything that was kept of its messages.",
        handler=lambda container, _command, call: container.webhooks.endpoints.remove(
            call.ids["endpoint_id"], call.caller
        ),
        result=Removed,
        access=Access.SIGNED_IN,
        scope="default",
        errors=_REACHED,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/endpoints/{{endpoint_id}}/enable",
        name="webhook_endpoint.enable",
        tag=_TAG,
        summary="Switch a webhook endpoint on",
        handler=lambda container, _command, call: container.webhooks.endpoints.enable(
            call.ids["endpoint_id"], call.caller
        ),
        result=EndpointView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=_REACHED,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/endpoints/{{endpoint_id}}/disable",
        name="webhook_endpoint.disable",
        tag=_TAG,
        summary="Switch a webhook endpoint off",
        handler=lambda container, _command, call: container.webhooks.endpoints.disable(
            call.ids["endpoint_id"], call.caller
        ),
        result=EndpointView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=_REACHED,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/endpoints/{{endpoint_id}}/rotate-secret",
        name="webhook_endpoint.rotate_secret",
        tag=_TAG,
        summary="Make a new secret for a webhook endpoint",
        description="The one before signs beside it for a while. The new one is shown once.",
        handler=lambda container, command, call: container.webhooks.endpoints.rotate(
            call.ids["endpoint_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=RotateSecret,
        result=EndpointWithSecret,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_REACHED, *_KEYED),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/endpoints/{{endpoint_id}}/test",
        name="webhook_endpoint.test",
        tag=_TAG,
        summary="Send a message to try a webhook endpoint",
        handler=lambda container, _command, call: container.webhooks.messages.test(
            call.ids["endpoint_id"], call.caller, idempotency_key=call.idempotency_key
        ),
        result=MessageView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_REACHED, EndpointDisabled, *_KEYED),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/endpoints/{{endpoint_id}}/replay",
        name="webhook_endpoint.replay",
        tag=_TAG,
        summary="Send the messages of a range of time once more",
        description="At most 1,000 at a time, the oldest first. Each keeps its id.",
        handler=lambda container, command, call: container.webhooks.messages.replay_range(
            call.ids["endpoint_id"], command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ReplayMessages,
        result=Replayed,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_REACHED, EndpointDisabled, *_KEYED),
        idempotent=True,
    ),
)

_MESSAGES: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/messages",
        name="webhook_message.list",
        tag=_TAG,
        summary="List the messages to a webhook endpoint",
        handler=lambda container, command, call: container.webhooks.reading.messages(command, call.caller),
        command=ListMessages,
        result=MessageList,
        access=Access.SIGNED_IN,
        scope="default",
        errors=_REACHED,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/messages/{{message_id}}",
        name="webhook_message.read",
        tag=_TAG,
        summary="Read a message and what came of sending it",
        handler=lambda container, _command, call: container.webhooks.reading.message(
            call.ids["message_id"], call.caller
        ),
        result=MessageDetails,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_REACHED, Forbidden),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/messages/{{message_id}}/replay",
        name="webhook_message.replay",
        tag=_TAG,
        summary="Send a message once more",
        description="It keeps its id, so that a receiver that has it knows.",
        handler=lambda container, _command, call: container.webhooks.messages.replay(
            call.ids["message_id"], call.caller, idempotency_key=call.idempotency_key
        ),
        result=MessageView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(*_REACHED, EndpointDisabled, MessageUnderWay, *_KEYED),
        idempotent=True,
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_ENDPOINTS, *_MESSAGES)
