"""The permissions of webhooks. Admin has all of them; endpoints of one's own need none."""

from collections.abc import Mapping
from types import MappingProxyType

ENDPOINTS_READ = "webhooks.endpoint.read"
ENDPOINTS_MANAGE = "webhooks.endpoint.manage"

PERMISSIONS: Mapping[str, str] = MappingProxyType(
    {
        ENDPOINTS_READ: "Read the installation's webhook endpoints and what was sent to them.",
        ENDPOINTS_MANAGE: "Make, change and remove the installation's webhook endpoints, and send again.",
    }
)
"""What each permission of this context allows."""
