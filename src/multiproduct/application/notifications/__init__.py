"""Notifications: what people are told of, in which words, and what became of it."""

from multiproduct.application.notifications.ports import (
    Brand,
    MailRenderer,
    Palette,
    RenderedMail,
    RenderedNotice,
)
from multiproduct.application.notifications.types import (
    IDENTITY_ACCOUNT_EXISTS,
    IDENTITY_CODE,
    IDENTITY_INVITATION,
    IDENTITY_LINK,
    IDENTITY_SECURITY,
    IDENTITY_WELCOME,
    NOTIFICATION_TYPES,
    Category,
    NotificationType,
)

__all__ = [
    "IDENTITY_ACCOUNT_EXISTS",
    "IDENTITY_CODE",
    "IDENTITY_INVITATION",
    "IDENTITY_LINK",
    "IDENTITY_SECURITY",
    "IDENTITY_WELCOME",
    "NOTIFICATION_TYPES",
    "Brand",
    "Category",
    "MailRenderer",
    "NotificationType",
    "Palette",
    "RenderedMail",
    "RenderedNotice",
]
