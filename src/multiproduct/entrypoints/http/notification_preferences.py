"""The endpoints of preferences: what one wants to hear of; for the staff the delivery log and the suppression
list."""

from collections.abc import Sequence

from multiproduct.application.notifications.preference_commands import (
    ChangeSettings,
    Choose,
    LiftSuppression,
    ListDeliveries,
    ListSuppressions,
    Suppress,
)
from multiproduct.application.notifications.preference_results import (
    DeliveryList,
    Lifted,
    PreferencesView,
    SettingsView,
    SuppressionList,
    SuppressionView,
)
from multiproduct.domain.notifications.permissions import (
    DELIVERIES_READ,
    SUPPRESSIONS_MANAGE,
    SUPPRESSIONS_READ,
)
from multiproduct.domain.shared import Forbidden, NotFound, StepUpRequired
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/notifications"
_TAG = "Notifications"
_STAFF = (Forbidden, StepUpRequired)

_OWN: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/preferences",
        name="notification_preferences.read",
        tag=_TAG,
        summary="Read one's notification preferences",
        description="With what is so for every type and channel, and the layer that decided it.",
        handler=lambda container, _command, call: container.notifications.preferences.read(call.caller),
        result=PreferencesView,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="PUT",
        path=f"{_BASE}/preferences",
        name="notification_preferences.choose",
        tag=_TAG,
        summary="Choose what one is told of",
        description="The narrowest choice wins: type and channel, type, category, channel.",
        handler=lambda container, command, call: container.notifications.preferences.choose(
            command, call.caller
        ),
        command=Choose,
        result=PreferencesView,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/settings",
        name="notification_settings.read",
        tag=_TAG,
        summary="Read one's quiet hours and daily digest",
        handler=lambda container, _command, call: container.notifications.preferences.settings(call.caller),
        result=SettingsView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound,),
    ),
    Endpoint(
        method="PUT",
        path=f"{_BASE}/settings",
        name="notification_settings.change",
        tag=_TAG,
        summary="Set one's quiet hours and daily digest",
        description="Whole: what is left out is off. Times are by the clock of one's time zone.",
        handler=lambda container, command, call: container.notifications.preferences.change_settings(
            command, call.caller
        ),
        command=ChangeSettings,
        result=SettingsView,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotFound,),
    ),
)

_STAFFS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/deliveries",
        name="notification_delivery.list",
        tag=_TAG,
        summary="Read the delivery log",
        description="What was sent to whom, or why it was not, the newest first.",
        handler=lambda container, command, call: container.notifications.deliveries.page(
            command, call.caller
        ),
        command=ListDeliveries,
        result=DeliveryList,
        access=Access.SIGNED_IN,
        permission=DELIVERIES_READ,
        scope="default",
        errors=_STAFF,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/suppressions",
        name="suppression.list",
        tag=_TAG,
        summary="List the addresses that nothing is sent to",
        handler=lambda container, command, call: container.notifications.suppressing.page(
            command, call.caller
        ),
        command=ListSuppressions,
        result=SuppressionList,
        access=Access.SIGNED_IN,
        permission=SUPPRESSIONS_READ,
        scope="default",
        errors=_STAFF,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/suppressions",
        name="suppression.add",
        tag=_TAG,
        summary="Report a bounce or a complaint",
        description="Nothing is sent to the address any more, but for codes that somebody asks for.",
        handler=lambda container, command, call: container.notifications.suppressing.suppress(
            command, call.caller
        ),
        command=Suppress,
        result=SuppressionView,
        status=201,
        access=Access.SIGNED_IN,
        permission=SUPPRESSIONS_MANAGE,
        scope="default",
        errors=_STAFF,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/suppressions/lift",
        name="suppression.lift",
        tag=_TAG,
        summary="Send to an address again",
        handler=lambda container, command, call: container.notifications.suppressing.lift(
            command, call.caller
        ),
        command=LiftSuppression,
        result=Lifted,
        access=Access.SIGNED_IN,
        permission=SUPPRESSIONS_MANAGE,
        scope="default",
        errors=_STAFF,
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_OWN, *_STAFFS)
