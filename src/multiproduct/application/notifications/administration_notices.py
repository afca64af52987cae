"""What people are told of what staff does to their accounts, and of what they themselves ask to be done."""

import json
from math import ceil

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import sealed_purposes
from multiproduct.application.identity.administration_ports import SealedRecord
from multiproduct.application.identity.invitation_tokens import InvitationTokens
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.security_notices import ListenerUnit, SecurityNotices
from multiproduct.application.notifications.sending import Recipient, Sending
from multiproduct.application.notifications.types import IDENTITY_INVITATION, IDENTITY_SECURITY
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.translator import Translator
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    BankDetailsChanged,
    BankDetailsRemoved,
    EmailAddress,
    InvitationSent,
    InvitationState,
    PersonalDataExported,
    UserErased,
    UserReinstated,
    UserSuspended,
)

_DAY_SECONDS = 86_400


class AdministrationNotices:
    """Reactions to invitations, standing, erasure, exports and bank details. Each completes its todo whatever
    it decides."""

    def __init__(
        self,
        *,
        units: Units[ListenerUnit],
        clock: Clock,
        sending: Sending,
        notices: SecurityNotices,
        links: Links,
        tokens: InvitationTokens,
        sealing: Sealing,
        translator: Translator,
    ) -> None:
        self._units = units
        self._clock = clock
        self._sending = sending
        self._notices = notices
        self._links = links
        self._tokens = tokens
        self._sealing = sealing
        self._translator = translator

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(InvitationSent, "notifications.send_invitation", self.send_invitation)
        table.defer(UserSuspended, "notifications.tell_of_suspension", self.tell_of_suspension)
        table.defer(UserReinstated, "notifications.tell_of_reinstatement", self.tell_of_reinstatement)
        table.defer(UserErased, "notifications.tell_of_erasure", self.tell_of_erasure)
        table.defer(PersonalDataExported, "notifications.tell_of_export", self.tell_of_export)
        table.defer(BankDetailsChanged, "notifications.tell_of_bank_details", self.tell_of_bank_details)
        table.defer(BankDetailsRemoved, "notifications.tell_of_no_bank_details", self.tell_of_bank_details)

    async def send_invitation(self, event: InvitationSent, heard: Heard) -> None:
        """The link, to the address that was invited, while it is the newest and open."""
        async with self._units.view(SYSTEM) as view:
            invitation = await view.invitations.find(event.invitation_id)
        if invitation is None:
            await self._sending.nothing_to_do(heard)
            return
        now = self._clock.now()
        to = Recipient(
            email=invitation.email, phone=None, user_id=invitation.user_id, locale=invitation.locale
        )
        is_good = invitation.state(now=now) is InvitationState.OPEN
        token = self._tokens.token(invitation)
        if not is_good or invitation.generation != event.generation or token is None:
            reason = "secret_retired" if token is None else "the_invitation_is_over"
            await self._sending.skip(heard, IDENTITY_INVITATION.key, to, reason=reason)
            return
        params: dict[str, str | int] = {
            "link": self._links.accept_invitation(token),
            "days": max(1, ceil((invitation.expires_at - now).total_seconds() / _DAY_SECONDS)),
        }
        await self._sending.send(heard, IDENTITY_INVITATION.key, to, params, reason="invitation")

    async def tell_of_suspension(self, event: UserSuspended, heard: Heard) -> None:
        """So that people know why they cannot sign in."""
        await self._notices.tell(heard, event.user_id, "account_suspended", event)

    async def tell_of_reinstatement(self, event: UserReinstated, heard: Heard) -> None:
        """So that people know that they can."""
        await self._notices.tell(heard, event.user_id, "account_reinstated", event)

    async def tell_of_export(self, event: PersonalDataExported, heard: Heard) -> None:
        """So that an owner whose data somebody else took can act."""
        await self._notices.tell(heard, event.user_id, "data_exported", event)

    async def tell_of_bank_details(
        self, event: BankDetailsChanged | BankDetailsRemoved, heard: Heard
    ) -> None:
        """So that an owner whose payouts somebody redirects can act."""
        await self._notices.tell(heard, event.user_id, "bank_details_changed", event)

    async def tell_of_erasure(self, event: UserErased, heard: Heard) -> None:
        """The last mail, to the address that was; after it nobody here knows the address."""
        async with self._units.view(SYSTEM) as view:
            record = await view.farewells.find(event.user_id)
        words = self._words(record)
        if record is None or words is None:
            await self._sending.nothing_to_do(heard)
            return
        when = self._translator.moment(
            event.occurred_at, locale=words["locale"], time_zone=words["time_zone"]
        )
        to = Recipient(
            email=EmailAddress.parse(words["email"]),
            phone=None,
            user_id=event.user_id,
            locale=words["locale"],
        )
        params: dict[str, str | int] = {"event": "account_erased", "when": when}
        await self._sending.send(heard, IDENTITY_SECURITY.key, to, params, reason="account_erased")
        await in_unit(lambda: self._units.open(SYSTEM), lambda unit: self._forget(unit, record))

    def _words(self, record: SealedRecord | None) -> dict[str, str] | None:
        if record is None:
            return None
        purpose = sealed_purposes.of_farewell(record.user_id, record.id)
        opened = self._sealing.open(record.sealed, purpose=purpose)
        words: dict[str, str] | None = None if opened is None else json.loads(opened)
        return words

    async def _forget(self, unit: ListenerUnit, record: SealedRecord) -> None:
        await unit.farewells.remove(record.user_id)
        await unit.commit()
