"""What goes when a person is erased: what they chose, and what waits for them. The log stays, masked."""

from multiproduct.application.notifications.deliveries import (
    DeliveryFilter,
    DeliveryStatus,
    NotificationUnit,
)
from multiproduct.application.ports.clock import Clock
from multiproduct.application.reactions import ReactionTable
from multiproduct.domain.identity import UserErased

_MOST_HELD = 1_000


class NotificationsErasing:
    """A joining reaction: it is gone with the person, in one transaction."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def declare(self, table: ReactionTable) -> None:
        """Declares the reaction."""
        table.join(UserErased, self.forget)

    async def forget(self, unit: NotificationUnit, event: UserErased) -> None:
        """Removes it, and notes of what was held why it is not sent."""
        await unit.notification_preferences.erase(event.user_id)
        await unit.notification_settings.erase(event.user_id)
        await unit.notification_digests.erase(event.user_id)
        wanted = DeliveryFilter(user_id=event.user_id, status=DeliveryStatus.HELD)
        for held in await unit.deliveries.page(wanted, before=None, limit=_MOST_HELD):
            await unit.deliveries.settle(
                held.id, status=DeliveryStatus.SKIPPED, reason="erased", now=self._clock.now()
            )
