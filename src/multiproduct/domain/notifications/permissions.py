"""The permissions of notifications. Admin has all of them; one's own preferences need none."""

from collections.abc import Mapping
from types import MappingProxyType

DELIVERIES_READ = "notifications.delivery.read"
SUPPRESSIONS_READ = "notifications.suppression.read"
SUPPRESSIONS_MANAGE = "notifications.suppression.manage"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        DELIVERIES_READ: "Read the delivery log: what was sent to whom, or why it was not.",
        SUPPRESSIONS_READ: "Read which addresses nothing is sent to.",
        SUPPRESSIONS_MANAGE: "Report bounces and complaints, and take addresses on and off the list.",
    }
)
"""What each permission of this context allows."""
