"""What somebody's inbox has, for a person who asks for their data."""

from typing import Any
from uuid import UUID

from multiproduct.application.identity.personal_data import MOST_RECORDS
from multiproduct.application.notifications.inbox_ports import InboxUnit


class InboxSource:
    """Which notifications there are, and whether they were read."""

    name = "notifications"

    async def export(self, view: InboxUnit, user_id: UUID) -> Any:
        """The newest first."""
        found = await view.inbox.page(user_id, before=None, unread_only=False, limit=MOST_RECORDS)
        return [
            {
                "type": entry.type_key,
                "title": entry.title,
                "body": entry.body,
                "data": dict(entry.data),
                "created_at": entry.created_at.isoformat(),
                "read_at": None if entry.read_at is None else entry.read_at.isoformat(),
            }
            for entry in found
        ]
