"""Putting webhooks together: who may be called, who calls, and how owners are told."""

import ipaddress
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.notifications.security_notices import ListenerUnit, recipient
from multiproduct.application.notifications.sending import Sending
from multiproduct.application.notifications.types import WEBHOOKS_DISABLED
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard
from multiproduct.application.scheduling import Job
from multiproduct.application.webhooks import PublicEvents, Webhooks, WebhooksParts, wire_webhooks
from multiproduct.application.webhooks.public_events import ALL
from multiproduct.domain.webhooks import DestinationPolicy
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def webhooks_of(assembly: "Assembly", units: Units[Any], sending: Sending) -> Webhooks:
    """The use cases of webhooks on these units, with their reactions and the loop that sends."""
    return wire_webhooks(
        WebhooksParts(
            units=units,
            events=PublicEvents(ALL),
            policy=destination_policy_of(assembly.settings),
            receivers=assembly.receivers,
            notices=MailedNotices(units=units, sending=sending),
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


class MailedNotices:
    """The `OwnerNotices` port, by mail. Here, because webhooks and notifications do not know each other."""

    def __init__(self, *, units: Units[ListenerUnit], sending: Sending) -> None:
        self._units = units
        self._sending = sending

    async def tell_disabled(self, heard: Heard, user_id: UUID, *, host: str, reason: str) -> None:
        """Sends it and completes the todo; nobody is told who has no mailbox."""
        async with self._units.view(SYSTEM) as view:
            user = await view.users.find(user_id)
        if user is None or user.email is None:
            await self._sending.nothing_to_do(heard)
            return
        params = {"host": host, "event": reason}
        await self._sending.send(heard, WEBHOOKS_DISABLED.key, recipient(user), params, reason=reason)
