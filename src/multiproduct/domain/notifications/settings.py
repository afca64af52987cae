"""How somebody wants to be told, besides of what: quiet hours, a daily digest, commercial mail."""

from dataclasses import dataclass
from datetime import datetime, time
from uuid import UUID

from multiproduct.domain.notifications.preference import Category
from multiproduct.domain.notifications.quiet_hours import QuietHours


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSettings:
    """One person's. `digest_at` is the time of the daily digest and `digest_categories` what comes with it in
    place of single mails; `unsubscribed_at` is since when they want no commercial mail."""

    user_id: UUID
    quiet_hours: QuietHours | None = None
    digest_at: time | None = None
    digest_categories: frozenset[Category] = frozenset()
    unsubscribed_at: datetime | None = None

    @property
    def is_unsubscribed(self) -> bool:
        """Whether they want no commercial mail."""
        return self.unsubscribed_at is not None

    def gathers(self, category: Category) -> bool:
        """Whether mails of this category come with the digest."""
        return self.digest_at is not None and category in self.digest_categories
