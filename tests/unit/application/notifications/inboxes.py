"""People's inboxes in a house in memory, for tests of what happens in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tests.unit.application.identity.role_holders import Holder, a_holder

from multiproduct.adapters.contracts.inbox import a_new_entry
from multiproduct.application.caller import SYSTEM, Caller
from multiproduct.application.notifications.inbox_commands import ListNotifications
from multiproduct.application.notifications.inbox_results import NotificationView, UnreadCount
from multiproduct.bootstrap import Container


@dataclass(frozen=True)
class Owner:
    """Somebody signed in, and what one does with their inbox."""

    container: Container
    holder: Holder
    caller: Caller

    @property
    def user_id(self) -> UUID:
        return self.holder.user.id

    async def gets(self, *positions: int) -> None:
        """Puts an entry for each of these positions in the event log, each in a unit of its own."""
        for position in positions:
            async with self.container.units.open(SYSTEM) as unit:
                entry = a_new_entry(self.user_id, position)
                assert await self.container.inbox.entries.put(unit, entry) is not None
                await unit.commit()

    async def listed(self, *, unread: bool = False) -> Sequence[NotificationView]:
        query = ListNotifications(unread=unread, limit=200)
        return (await self.container.inbox.reading.notifications(query, self.caller)).items

    async def counted(self) -> UnreadCount:
        return await self.container.inbox.reading.unread_count(self.caller)


async def an_owner(container: Container) -> Owner:
    """Somebody with an empty inbox, which nothing comes into but what a test puts there."""
    await container.relay.stop()
    holder = await a_holder(container, "standard_user")
    return Owner(container, holder, await holder.caller())
