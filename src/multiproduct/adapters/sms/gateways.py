"""The gateways by their names, as settings give them."""

from multiproduct.adapters.sms.json_gateway import JsonFields, JsonGatewayTexter
from multiproduct.adapters.sms.twilio import DEFAULT_URL, TwilioTexter
from multiproduct.application.ports.texter import Texter
from multiproduct.application.ports.web_client import WebClient

NEEDS = {"json": ("sms_url", "sms_key"), "twilio": ("sms_account", "sms_key", "sms_sender")}
"""What must be known for each gateway."""


def texter_of(
    gateway: str,
    *,
    web: WebClient,
    url: str | None,
    account: str | None,
    key: str,
    header: str,
    sender: str | None,
    fields: str,
) -> Texter:
    """The adapter for a gateway. Raises ValueError for a name that there is none for."""
    match gateway:
        case "json":
            return JsonGatewayTexter(
                web=web,
                url=url or "",
                header=header,
                key=key,
                sender=sender,
                fields=JsonFields.parse(fields),
            )
        case "twilio":
            return TwilioTexter(
                web=web, account=account or "", token=key, sender=sender or "", url=url or DEFAULT_URL
            )
    raise ValueError(f"there is no gateway for short messages called {gateway!r}")
