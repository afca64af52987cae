"""What the contexts declare: every event there is, and every permission."""

from multiproduct.application.events import EventCatalogue
from multiproduct.domain.audit import EVENTS as AUDIT_EVENTS
from multiproduct.domain.billing import EVENTS as BILLING_EVENTS
from multiproduct.domain.billing import PERMISSIONS as BILLING_PERMISSIONS
from multiproduct.domain.catalog import EVENTS as CATALOG_EVENTS
from multiproduct.domain.catalog import PERMISSIONS as CATALOG_PERMISSIONS
from multiproduct.domain.identity import EVENTS as IDENTITY_EVENTS
from multiproduct.domain.identity.roles import AUDIT_PERMISSIONS
from multiproduct.domain.identity.roles import PERMISSIONS as IDENTITY_PERMISSIONS
from multiproduct.domain.ledger import EVENTS as LEDGER_EVENTS
from multiproduct.domain.ledger import PERMISSIONS as LEDGER_PERMISSIONS
from multiproduct.domain.notifications.events import EVENTS as NOTIFICATION_EVENTS
from multiproduct.domain.notifications.permissions import PERMISSIONS as NOTIFICATION_PERMISSIONS
from multiproduct.domain.notifications.push_events import PUSH_EVENTS
from multiproduct.domain.otp import EVENTS as OTP_EVENTS
from multiproduct.domain.payments import EVENTS as PAYMENT_EVENTS
from multiproduct.domain.payments import PERMISSIONS as PAYMENT_PERMISSIONS
from multiproduct.domain.shared import PermissionCatalogue
from multiproduct.domain.subscriptions import EVENTS as SUBSCRIPTION_EVENTS
from multiproduct.domain.subscriptions import PERMISSIONS as SUBSCRIPTION_PERMISSIONS
from multiproduct.domain.translation import EVENTS as TRANSLATION_EVENTS
from multiproduct.domain.translation import PERMISSIONS as TRANSLATION_PERMISSIONS
from multiproduct.domain.webhooks import EVENTS as WEBHOOK_EVENTS
from multiproduct.domain.webhooks import PERMISSIONS as WEBHOOK_PERMISSIONS

EVENTS = (
    *OTP_EVENTS,
    *AUDIT_EVENTS,
    *IDENTITY_EVENTS,
    *LEDGER_EVENTS,
    *CATALOG_EVENTS,
    *PAYMENT_EVENTS,
    *BILLING_EVENTS,
    *SUBSCRIPTION_EVENTS,
    *WEBHOOK_EVENTS,
    *TRANSLATION_EVENTS,
    *NOTIFICATION_EVENTS,
    *PUSH_EVENTS,
)
"""The events of every context."""


def every_event() -> EventCatalogue:
    """By their names."""
    return EventCatalogue(EVENTS)


def every_permission() -> PermissionCatalogue:
    """With what each allows."""
    return PermissionCatalogue(
        IDENTITY_PERMISSIONS,
        AUDIT_PERMISSIONS,
        LEDGER_PERMISSIONS,
        CATALOG_PERMISSIONS,
        PAYMENT_PERMISSIONS,
        BILLING_PERMISSIONS,
        SUBSCRIPTION_PERMISSIONS,
        WEBHOOK_PERMISSIONS,
        NOTIFICATION_PERMISSIONS,
        TRANSLATION_PERMISSIONS,
    )
