"""What people are told about their devices and addresses."""

from dataclasses import replace

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity.stop_tokens import StopTokens
from multiproduct.application.notifications.security_notices import ListenerUnit, SecurityNotices, recipient
from multiproduct.application.notifications.sending import Recipient, Sending
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import (
    ContactChange,
    ContactChanged,
    ContactChangeRequested,
    ContactKind,
    NewDeviceUsed,
    User,
)


class AccountNotices:
    """Reactions to new devices and changes of address. Each completes its todo whatever it decides.

    Of a change the old address is told, at once and again when it is done; of a change of number the mailbox
    as well, as a short message has no room for a link.
    """

    def __init__(
        self,
        *,
        units: Units[ListenerUnit],
        sending: Sending,
        notices: SecurityNotices,
        stop_tokens: StopTokens,
    ) -> None:
        self._units = units
        self._sending = sending
        self._notices = notices
        self._stop_tokens = stop_tokens

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(NewDeviceUsed, "notifications.tell_of_new_device", self.tell_of_new_device)
        table.defer(ContactChangeRequested, "notifications.mail_of_contact_request", self.mail_of_request)
        table.defer(ContactChangeRequested, "notifications.text_of_contact_request", self.text_of_request)
        table.defer(ContactChanged, "notifications.mail_of_contact_change", self.mail_of_change)
        table.defer(ContactChanged, "notifications.text_of_contact_change", self.text_of_change)

    async def tell_of_new_device(self, event: NewDeviceUsed, heard: Heard) -> None:
        """So that an owner who did not sign in there can act."""
        await self._notices.tell(heard, event.user_id, "new_device", event)

    async def mail_of_request(self, event: ContactChangeRequested, heard: Heard) -> None:
        """To the mailbox that the account had, with a link that stops the change."""
        change, user = await self._found(event)
        if change is None or user is None or change.old_email is None:
            await self._sending.nothing_to_do(heard)
            return
        to = replace(recipient(user), email=change.old_email)
        link = self._notices.stop_link(self._stop_tokens.of(change.id))
        await self._notices.tell_at(heard, user, to, f"{event.kind}_change_requested", event, link=link)

    async def text_of_request(self, event: ContactChangeRequested, heard: Heard) -> None:
        """To the number that the account had, where that is what changes, or all that the account has."""
        await self._text(event, heard, f"{event.kind}_change_requested")

    async def mail_of_change(self, event: ContactChanged, heard: Heard) -> None:
        """To the mailbox that the account had. That of another mailbox cannot set a new password any more."""
        change, user = await self._found(event)
        if change is None or user is None or change.old_email is None:
            await self._sending.nothing_to_do(heard)
            return
        to = replace(recipient(user), email=change.old_email)
        link = self._notices.reset_link if change.kind is ContactKind.PHONE else None
        await self._notices.tell_at(heard, user, to, f"{event.kind}_changed", event, link=link)

    async def text_of_change(self, event: ContactChanged, heard: Heard) -> None:
        """To the number that the account had, by the same rule."""
        await self._text(event, heard, f"{event.kind}_changed")

    async def _text(self, event: ContactChangeRequested | ContactChanged, heard: Heard, what: str) -> None:
        change, user = await self._found(event)
        if change is None or user is None or change.old_phone is None or not _concerns_phone(change):
            await self._sending.nothing_to_do(heard)
            return
        to = Recipient(email=None, phone=change.old_phone, user_id=user.id, locale=user.locale)
        await self._notices.tell_at(heard, user, to, what, event)

    async def _found(
        self, event: ContactChangeRequested | ContactChanged
    ) -> tuple[ContactChange | None, User | None]:
        async with self._units.view(SYSTEM) as view:
            change = await view.contact_changes.find(event.change_id)
            return change, await view.users.find(event.user_id)


def _concerns_phone(change: ContactChange) -> bool:
    return change.kind is ContactKind.PHONE or change.old_email is None
