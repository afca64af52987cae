"""What notifications have about a person who asks for their data."""

from typing import Any
from uuid import UUID

from multiproduct.application.identity.personal_data import MOST_RECORDS
from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.notifications.preference_results import PreferencesView


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


class PreferencesSource:
    """What the person wants to hear of, and when."""

    name = "notification_preferences"

    async def export(self, view: NotificationUnit, user_id: UUID) -> Any:
        """The explicit choices, and the settings."""
        choices = await view.notification_preferences.of_user(user_id)
        settings = await view.notification_settings.of_user(user_id)
        quiet = settings.quiet_hours
        return {
            "choices": [each.model_dump(mode="json") for each in PreferencesView.choices_of(choices)],
            "quiet_hours": None if quiet is None else [quiet.start.isoformat(), quiet.end.isoformat()],
            "digest_at": None if settings.digest_at is None else settings.digest_at.isoformat(),
            "digest_categories": sorted(each.value for each in settings.digest_categories),
            "unsubscribed_at": (
                None if settings.unsubscribed_at is None else settings.unsubscribed_at.isoformat()
            ),
        }
