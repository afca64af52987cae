"""The front of webhooks: every use case that there is."""

from dataclasses import dataclass

from multiproduct.application.webhooks.endpoint_keeping import EndpointKeeping
from multiproduct.application.webhooks.message_keeping import MessageKeeping
from multiproduct.application.webhooks.purging import MessagePurging
from multiproduct.application.webhooks.reactions import WebhookReactions
from multiproduct.application.webhooks.reading import WebhookReading
from multiproduct.application.webhooks.sending import MessageSending


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """Outgoing webhooks. Nobody calls them but entrypoints: they listen to every context below."""

    endpoints: EndpointKeeping
    messages: MessageKeeping
    reading: WebhookReading
    sending: MessageSending
    purging: MessagePurging
    reactions: WebhookReactions
