"""The types of notification there are."""

from collections.abc import Mapping
from types import MappingProxyType

from multiproduct.application.notifications.account_types import (
    ACCOUNT_TYPES,
    IDENTITY_ACCOUNT_EXISTS,
    IDENTITY_CODE,
    IDENTITY_DOCUMENT,
    IDENTITY_INVITATION,
    IDENTITY_LINK,
    IDENTITY_SECURITY,
    IDENTITY_WELCOME,
    SECURITY_KINDS,
    WEBHOOKS_DISABLED,
)
from multiproduct.application.notifications.commerce_types import (
    COMMERCE_TYPES,
)
from multiproduct.application.notifications.notification_type import NotificationType
from multiproduct.domain.notifications.preference import Category, Channel

NOTIFICATION_TYPES: Mapping[str, NotificationType] = MappingProxyType(
    {each.key: each for each in (*ACCOUNT_TYPES, *COMMERCE_TYPES)}
)
"""Every type by its key."""
CHOOSABLE: Mapping[str, NotificationType] = MappingProxyType(
    {key: each for key, each in NOTIFICATION_TYPES.items() if not each.is_mandatory}
)
"""Those that people may do without."""

__all__ = [
    "CHOOSABLE",
    "IDENTITY_ACCOUNT_EXISTS",
    "IDENTITY_CODE",
    "IDENTITY_DOCUMENT",
    "IDENTITY_INVITATION",
    "IDENTITY_LINK",
    "IDENTITY_SECURITY",
    "IDENTITY_WELCOME",
    "NOTIFICATION_TYPES",
    "SECURITY_KINDS",
    "WEBHOOKS_DISABLED",
    "Category",
    "Channel",
    "NotificationType",
]
