"""What webhooks do when they hear of an event."""

from multiproduct.application.caller import SYSTEM
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.application.webhooks.event_types import PublicEvents
from multiproduct.application.webhooks.fanning_out import FanningOut
from multiproduct.application.webhooks.ports import OwnerNotices, WebhooksUnit
from multiproduct.domain.identity import UserErased
from multiproduct.domain.webhooks import DestinationPolicy, DisabledFor, EndpointWasDisabled


class WebhookReactions:
    """All of them run after the commit, and may run again."""

    def __init__(
        self,
        *,
        units: Units[WebhooksUnit],
        events: PublicEvents,
        fanning_out: FanningOut,
        notices: OwnerNotices,
        policy: DestinationPolicy,
    ) -> None:
        self._units = units
        self._events = events
        self._fanning_out = fanning_out
        self._notices = notices
        self._policy = policy

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        for public in self._events.all:
            table.defer(public.event, public.reaction, self._fanning_out.fan_out)
        table.defer(UserErased, "webhooks.remove_endpoints", self.remove_endpoints)
        table.defer(EndpointWasDisabled, "webhooks.tell_disabled", self.tell_disabled)

    async def remove_endpoints(self, event: UserErased, heard: Heard) -> None:
        """Nothing is left of the endpoints of a person who is gone."""

        async def body(unit: WebhooksUnit) -> None:
            await unit.webhook_endpoints.remove_all(event.user_id)
            await unit.todos.complete(heard.todo)
            await unit.commit()

        await in_unit(lambda: self._units.open(SYSTEM), body)

    async def tell_disabled(self, event: EndpointWasDisabled, heard: Heard) -> None:
        """The owner, or whoever of the staff chose the address; not who disabled it themselves."""
        async with self._units.view(SYSTEM) as view:
            endpoint = await view.webhook_endpoints.find(event.endpoint_id)
        if event.told_id is None or event.reason == DisabledFor.OWNER or endpoint is None:
            await self._complete(heard)
            return
        host = self._policy.host_of(endpoint.options.url)
        await self._notices.tell_disabled(heard, event.told_id, host=host, reason=event.reason)

    async def _complete(self, heard: Heard) -> None:
        async def body(unit: WebhooksUnit) -> None:
            await unit.todos.complete(heard.todo)
            await unit.commit()

        await in_unit(lambda: self._units.open(SYSTEM), body)
