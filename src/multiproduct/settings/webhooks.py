"""Settings of outgoing webhooks: what they may be sent to."""

from pydantic_settings import BaseSettings

from multiproduct.settings.declaring import setting


class WebhookSettings(BaseSettings):
    """Which receivers may be called."""

    webhook_ports: str = setting(
        "443,8443", "WEBHOOK_PORTS", "ports that webhooks may be sent to, separated by commas"
    )
    webhook_denied_networks: str = setting(
        "",
        "WEBHOOK_DENIED_NETWORKS",
        "public networks that webhooks may not be sent to, such as one's own, separated by commas; other "
        "than public ones are never called",
    )
