"""Telling the owner of an account what happened to it: when, by the clocks where they live, on which device
and from which address."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import IdentityUnit
from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.sending import Recipient, Sending
from multiproduct.application.notifications.types import IDENTITY_SECURITY
from multiproduct.application.ports.audit_trail import AuditEntry, AuditFilter, AuditTrail
from multiproduct.application.ports.translator import Translator
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard
from multiproduct.domain.identity import User
from multiproduct.domain.identity.devices import device_of
from multiproduct.domain.notifications.preference import Channel
from multiproduct.domain.shared import Event

_MOST_ENTRIES = 20


class ListenerUnit(IdentityUnit, NotificationUnit, Protocol):
    """What the reactions read: everything below notifications, and the audit log."""

    @property
    def audit_trail(self) -> AuditTrail: ...


class SecurityNotices:
    """Where an event came from stands in the audit log, which was written with it."""

    def __init__(
        self,
        *,
        units: Units[ListenerUnit],
        sending: Sending,
        notifying: Notifying,
        links: Links,
        translator: Translator,
    ) -> None:
        self._units = units
        self._sending = sending
        self._notifying = notifying
        self._links = links
        self._translator = translator

    async def tell(
        self,
        heard: Heard,
        user_id: UUID,
        what: str,
        event: Event,
        *,
        once_until: datetime | None = None,
        left_out: Mapping[Channel, str] | None = None,
    ) -> None:
        """Over every channel, with where to set a new password."""
        user = await self._user(user_id)
        if user is None:
            await self._notifying.nothing_to_do(heard)
            return
        params = await self._params(what, event, user, self.reset_link)
        await self._notifying.tell(
            heard,
            IDENTITY_SECURITY,
            user,
            params,
            reason=what,
            once_until=once_until,
            left_out=left_out,
        )

    async def tell_at(
        self,
        heard: Heard,
        user: User,
        to: Recipient,
        what: str,
        event: Event,
        *,
        link: tuple[str, str] | None = None,
    ) -> None:
        """The same at an address of one's choice, and nowhere else. `link` is the name of a parameter and
        where it leads."""
        params = await self._params(what, event, user, link)
        await self._sending.send(heard, IDENTITY_SECURITY.key, to, params, reason=what)

    async def nothing_to_tell(self, heard: Heard) -> None:
        """Completes the todo without a mail."""
        await self._sending.nothing_to_do(heard)

    @property
    def reset_link(self) -> tuple[str, str]:
        """Where people ask for a mail with which they can set a new password."""
        return "reset_link", self._links.reset_password

    def stop_link(self, token: str) -> tuple[str, str]:
        """Where whoever holds the old address calls a change off."""
        return "stop_link", self._links.stop_change(token)

    async def _params(
        self, what: str, event: Event, user: User, link: tuple[str, str] | None
    ) -> dict[str, str | int]:
        params: dict[str, str | int] = {"event": what, "when": self._when(event, user)}
        params.update(await self._circumstances(event))
        if link is not None:
            params[link[0]] = link[1]
        return params

    def _when(self, event: Event, user: User) -> str:
        return self._translator.moment(event.occurred_at, locale=user.locale, time_zone=user.time_zone)

    async def _circumstances(self, event: Event) -> dict[str, str]:
        entry = await self._entry(event)
        if entry is None:
            return {}
        found = {"device": device_of(entry.user_agent).wordless_name, "ip": entry.ip}
        return {name: value for name, value in found.items() if value}

    async def _entry(self, event: Event) -> AuditEntry | None:
        wanted = AuditFilter(
            user_id=event.subject_user_id,
            event=event.NAME,
            resource_id=event.resource_id,
            since=event.occurred_at,
        )
        async with self._units.view(SYSTEM) as view:
            entries = await view.audit_trail.find(wanted, limit=_MOST_ENTRIES)
        return next((entry for entry in entries if entry.occurred_at == event.occurred_at), None)

    async def _user(self, user_id: UUID) -> User | None:
        async with self._units.view(SYSTEM) as view:
            return await view.users.find(user_id)


def recipient(user: User) -> Recipient:
    """Where a user is written to."""
    return Recipient(email=user.email, phone=user.phone, user_id=user.id, locale=user.locale)
