"""What pushing has about a person who asks for their data."""

from typing import Any
from uuid import UUID

from multiproduct.application.notifications.push_ports import PushUnit


class PushDevicesSource:
    """A person's devices. Tokens are not told: they are those of apps, and open what the apps are sent."""

    name = "push_devices"

    async def export(self, view: PushUnit, user_id: UUID) -> Any:
        """Those refreshed last first."""
        return [
            {
                "kind": each.kind.value,
                "name": each.name,
                "locale": each.locale,
                "registered_at": each.registered_at.isoformat(),
                "refreshed_at": each.refreshed_at.isoformat(),
            }
            for each in await view.push_devices.of_user(user_id)
        ]
