"""Settings of notifications: what the installation decides in place of its people."""

from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class NotificationSettings(BaseSettings):
    """Which notifications go out."""

    notifications_forced: str = setting(
        "",
        "NOTIFICATIONS_FORCED",
        "choices about notifications that overrule those of people, such as "
        "`billing.invoice_issued/email=on,sms=off`: a type, a type and a channel, a category or a channel",
    )
    notifications_defaults: str = setting(
        "",
        "NOTIFICATIONS_DEFAULTS",
        "choices about notifications that stand where people chose nothing, written likewise",
    )
