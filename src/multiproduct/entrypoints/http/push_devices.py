"""The endpoints of devices that notifications are pushed to."""

from collections.abc import Sequence

from multiproduct.application.notifications.push_commands import RefreshPushDevice, RegisterPushDevice
from multiproduct.application.notifications.push_results import (
    PushDeviceList,
    PushDeviceRemoval,
    PushDeviceView,
    PushOptions,
)
from multiproduct.domain.shared import NotConfigured, NotFound, StaleAggregate
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/notifications"
_TAG = "Notifications"

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/push-options",
        name="push_device.options",
        tag=_TAG,
        summary="Read what kinds of devices can be pushed to",
        description="With the key that browsers subscribe with.",
        handler=lambda container, _command, call: container.push.devices.options(call.caller),
        result=PushOptions,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/devices",
        name="push_device.list",
        tag=_TAG,
        summary="List one's own devices that notifications are pushed to",
        description="Those refreshed last first, at most 20.",
        handler=lambda container, _command, call: container.push.devices.mine(call.caller),
        result=PushDeviceList,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/devices",
        name="push_device.register",
        tag=_TAG,
        summary="Have notifications pushed to a device",
        description="To be called whenever an app starts: a token that is there already is refreshed, one "
        "that was somebody else's is theirs no more. Of more than 20 devices the one refreshed longest ago "
        "goes.",
        handler=lambda container, command, call: container.push.devices.register(command, call.caller),
        command=RegisterPushDevice,
        result=PushDeviceView,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotConfigured, StaleAggregate),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/devices/{{device_id}}/refresh",
        name="push_device.refresh",
        tag=_TAG,
        summary="Say that a device is still there, or has another token",
        description="What is left out stays as it is. Nothing is pushed to a device 60 days after the last "
        "time.",
        handler=lambda container, command, call: container.push.devices.refresh(
            call.ids["device_id"], command, call.caller
        ),
        command=RefreshPushDevice,
        result=PushDeviceView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound, StaleAggregate),
    ),
    Endpoint(
        method="DELETE",
        path=f"{_BASE}/devices/{{device_id}}",
        name="push_device.remove",
        tag=_TAG,
        summary="Have nothing pushed to a device any more",
        handler=lambda container, _command, call: container.push.devices.remove(
            call.ids["device_id"], call.caller
        ),
        result=PushDeviceRemoval,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound, StaleAggregate),
    ),
)
