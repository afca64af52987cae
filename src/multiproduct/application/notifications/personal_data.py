"""What the delivery log has about a person who asks for their data."""

from typing import Any
from uuid import UUID

from multiproduct.application.identity.personal_data import MOST_RECORDS
from multiproduct.application.notifications.deliveries import NotificationUnit


class DeliveriesSource:
    """Which messages were sent. What they said is not kept."""

    name = "messages"

    async def export(self, view: NotificationUnit, user_id: UUID) -> Any:
        """The newest first."""
        found = await view.deliveries.of_user(user_id, limit=MOST_RECORDS)
        return [
            {
                "type": delivery.type_key,
                "channel": delivery.channel,
                "recipient": delivery.recipient,
                "status": delivery.status.value,
                "created_at": delivery.created_at.isoformat(),
            }
            for delivery in found
        ]
