"""Putting notifications together: how people are told, and what they may choose about it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from multiproduct.application.notifications.address_digests import AddressDigests
from multiproduct.application.notifications.attaching import (
    Attaching,
    InvoicesAttached,
    NothingAttached,
)
from multiproduct.application.notifications.digesting import DigestClosing, Digesting
from multiproduct.application.notifications.handing_over import HandingOver
from multiproduct.application.notifications.inbox import Inbox
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.planning import Planning
from multiproduct.application.notifications.preference_keeping import choices_from
from multiproduct.application.notifications.preference_wiring import (
    NotificationUseCases,
    wire_notifications,
)
from multiproduct.application.notifications.purging import DeliveryPurging, DigestPurging
from multiproduct.application.notifications.unsubscribe_tokens import UnsubscribeTokens
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.scheduling import Job
from multiproduct.bootstrap.billing import documents_of
from multiproduct.bootstrap.pushing import push_of
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.notifications.resolution import HousePolicy
from multiproduct.settings import Settings

if TYPE_CHECKING:
    from multiproduct.bootstrap.assembling import Assembly


def digests_of(assembly: "Assembly") -> AddressDigests:
    """How addresses are known again."""
    return AddressDigests(peppers=assembly.secrets, key_ids=assembly.secrets.ids)


def notifying_of(assembly: "Assembly", units: Units[Any]) -> Notifying:
    """How people are told, on these units."""
    available = set(Channel) if assembly.texter is not None else set(Channel) - {Channel.SMS}
    if not assembly.push.channels.pushers:
        available.discard(Channel.PUSH)
    return Notifying(
        units=units,
        clock=assembly.clock,
        planning=Planning(
            clock=assembly.clock,
            ids=assembly.ids,
            renderer=assembly.renderer,
            inboxes=Inbox(ids=assembly.ids),
            digests=digests_of(assembly),
            house=house_policy_of(assembly.settings),
            available=frozenset(available),
        ),
        handing_over=HandingOver(
            mailer=assembly.mailer,
            texter=assembly.texter,
            pushes=push_of(assembly, units).pushing,
            renderer=assembly.renderer,
            links=assembly.links,
            unsubscribing=UnsubscribeTokens(peppers=assembly.secrets),
            attaching=_attaching_of(assembly, units),
        ),
    )


def _attaching_of(assembly: "Assembly", units: Units[Any]) -> Attaching:
    if not assembly.settings.attach_invoices:
        return NothingAttached()
    return InvoicesAttached(documents=documents_of(assembly, units))


def notifications_of(assembly: "Assembly", units: Units[Any]) -> NotificationUseCases:
    """What people and the staff may do about notifications, on these units."""
    return wire_notifications(
        units=units,
        clock=assembly.clock,
        house=house_policy_of(assembly.settings),
        digests=digests_of(assembly),
        tokens=UnsubscribeTokens(peppers=assembly.secrets),
    )


def house_policy_of(settings: Settings) -> HousePolicy:
    """What the installation decides for its people. Raises ValueError for what is no choice."""
    return HousePolicy(
        forced=choices_from(settings.notifications_forced),
        defaults=choices_from(settings.notifications_defaults),
    )


def digesting_of(assembly: "Assembly", units: Units[Any], notifying: Notifying) -> Digesting:
    """How what waited is told, on these units."""
    return Digesting(units=units, notifying=notifying, renderer=assembly.renderer, links=assembly.links)


def notifying_jobs(assembly: "Assembly", units: Units[Any]) -> Sequence[Job]:
    """What is due is told within a minute; logs go by themselves."""
    closing = DigestClosing(units=units, clock=assembly.clock)
    return (
        Job(
            "notifications.purge", timedelta(hours=1), DeliveryPurging(units=units, clock=assembly.clock).run
        ),
        Job(
            "notifications.purge_digests",
            timedelta(hours=1),
            DigestPurging(units=units, clock=assembly.clock).run,
        ),
        Job("notifications.close_digests", timedelta(minutes=1), closing.run, lease=timedelta(minutes=5)),
    )
