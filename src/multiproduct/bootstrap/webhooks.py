"""Putting webhooks together: who may be called, who calls, and how owners are told."""

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.security_notices import ListenerUnit, SecurityNotices
from multiproduct.application.notifications.types import WEBHOOKS_DISABLED
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.scheduling import Job
from multiproduct.application.webhooks import PublicEvents, Webhooks, WebhooksParts, wire_webhooks
from multiproduct.application.webhooks.public_events import ALL
from multiproduct.domain.webhooks import INSTALLATION, DestinationPolicy, EndpointAdded
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def webhooks_of(assembly: "Assembly", units: Units[Any], notifying: Notifying) -> Webhooks:
    """The use cases of webhooks on these units, with their reactions and the loop that sends."""
    return wire_webhooks(
        WebhooksParts(
            units=units,
            events=PublicEvents(ALL),
            policy=destination_policy_of(assembly.settings),
            receivers=assembly.receivers,
            notices=ToldNotices(units=units, notifying=notifying),
            sealing=assembly.sealing,
            idempotency=Idempotency(
                secret=assembly.secrets.current("idempotency"), older=assembly.secrets.older("idempotency")
            ),
            clock=assembly.clock,
            real_time=assembly.real_time,
            ids=assembly.ids,
            randomness=assembly.randomness,
            lease=timedelta(seconds=assembly.settings.todo_lease_seconds),
        )
    )


def destination_policy_of(settings: Settings) -> DestinationPolicy:
    """What the settings let webhooks be sent to."""
    return DestinationPolicy(
        ports=frozenset(int(each) for each in settings.webhook_ports.split(",")),
        allows_loopback=settings.is_development,
        denied=tuple(
            ipaddress.ip_network(each) for each in settings.webhook_denied_networks.split(",") if each
        ),
    )


def webhooks_jobs(webhooks: Webhooks) -> Sequence[Job]:
    """Messages go by themselves after a month."""
    return (Job("webhooks.purge", timedelta(hours=1), webhooks.purging.run),)


class EndpointNotices:
    """Tells whoever has an endpoint of it, as whoever made it may be somebody else. Here for the same
    reason."""

    def __init__(self, *, notices: SecurityNotices) -> None:
        self._notices = notices

    def declare(self, table: ReactionTable) -> None:
        """Declares the reaction."""
        table.defer(EndpointAdded, "notifications.tell_of_webhook", self.tell_of_webhook)

    async def tell_of_webhook(self, event: EndpointAdded, heard: Heard) -> None:
        """Nobody is told of the installation's own."""
        if event.owner_id == INSTALLATION:
            await self._notices.nothing_to_tell(heard)
        else:
            await self._notices.tell(heard, event.owner_id, "webhook_added", event)


class ToldNotices:
    """The `OwnerNotices` port. Here, because webhooks and notifications do not know each other."""

    def __init__(self, *, units: Units[ListenerUnit], notifying: Notifying) -> None:
        self._units = units
        self._notifying = notifying

    async def tell_disabled(self, heard: Heard, user_id: UUID, *, host: str, reason: str) -> None:
        """Tells of it and completes the todo."""
        async with self._units.view(SYSTEM) as view:
            user = await view.users.find(user_id)
        if user is None:
            await self._notifying.nothing_to_do(heard)
            return
        params = {"host": host, "event": reason}
        await self._notifying.tell(heard, WEBHOOKS_DISABLED, user, params, reason=reason)
