"""What webhooks have about a person who asks for their data."""

from typing import Any
from uuid import UUID

from multiproduct.application.webhooks.ports import WebhooksUnit


class EndpointsSource:
    """A person's endpoints. Secrets are not told."""

    name = "webhook_endpoints"

    async def export(self, view: WebhooksUnit, user_id: UUID) -> Any:
        """The oldest first."""
        return [
            {
                "url": each.options.url,
                "events": list(each.options.events),
                "description": each.options.description,
                "enabled": each.is_enabled,
                "created_at": each.created_at.isoformat(),
            }
            for each in await view.webhook_endpoints.of_owners([user_id])
        ]
