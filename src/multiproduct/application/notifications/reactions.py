"""What people are told of: the worker decides, when the event is heard, which words an address gets."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import IdentityUnit
from multiproduct.application.identity.taking_possession import kind_of, may_be_admitted
from multiproduct.application.notifications.links import Links
from multiproduct.application.notifications.notifying import Notifying
from multiproduct.application.notifications.security_notices import ListenerUnit, SecurityNotices
from multiproduct.application.notifications.sending import Recipient, Sending
from multiproduct.application.notifications.types import (
    IDENTITY_ACCOUNT_EXISTS,
    IDENTITY_CODE,
    IDENTITY_LINK,
    IDENTITY_WELCOME,
)
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.audit_trail import AuditFilter
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import (
    AddressLost,
    Admission,
    EmailAddress,
    EndReason,
    PasswordChanged,
    PasswordSet,
    PasswordWasReset,
    PhoneNumber,
    PossessionTaken,
    RoleGranted,
    RoleRevoked,
    SessionEnded,
    SignInRefused,
    User,
    UserRegistered,
)
from multiproduct.domain.otp import Challenge, ChallengeIssued, Channel, Purpose
from multiproduct.domain.shared import Event

FAILURES_TO_WARN_OF = 5
_FAILURE_WINDOW = timedelta(hours=1)
_BETWEEN_WARNINGS = timedelta(days=1)
_CHANGES = frozenset({Purpose.EMAIL_CHANGE, Purpose.PHONE_CHANGE})
_WORDED_AS = {Purpose.PHONE_SIGN_IN: Purpose.LOGIN, Purpose.SECOND_FACTOR: Purpose.LOGIN}


class IdentityNotices:
    """Reactions to what happens in otp and identity. Each completes its todo whatever it decides."""

    def __init__(
        self,
        *,
        units: Units[ListenerUnit],
        clock: Clock,
        sending: Sending,
        notifying: Notifying,
        code_book: CodeBook,
        links: Links,
        notices: SecurityNotices,
    ) -> None:
        self._units = units
        self._clock = clock
        self._sending = sending
        self._notifying = notifying
        self._code_book = code_book
        self._links = links
        self._notices = notices

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(ChallengeIssued, "notifications.send_code", self.send_code)
        table.defer(UserRegistered, "notifications.welcome", self.welcome)
        table.defer(PasswordChanged, "notifications.tell_of_password_change", self.tell_of_password_change)
        table.defer(PasswordSet, "notifications.tell_of_first_password", self.tell_of_first_password)
        table.defer(PasswordWasReset, "notifications.tell_of_password_reset", self.tell_of_password_reset)
        table.defer(PossessionTaken, "notifications.tell_of_possession", self.tell_of_possession)
        table.defer(AddressLost, "notifications.tell_of_address_lost", self.tell_of_address_lost)
        table.defer(RoleGranted, "notifications.tell_of_role", self.tell_of_role)
        table.defer(RoleRevoked, "notifications.tell_of_role_lost", self.tell_of_role_lost)
        table.defer(SessionEnded, "notifications.tell_of_token_reuse", self.tell_of_token_reuse)
        table.defer(SignInRefused, "notifications.warn_of_failed_logins", self.warn_of_failed_logins)

    async def send_code(self, event: ChallengeIssued, heard: Heard) -> None:
        """A code to whoever may use it; to the owner of an account that somebody signs up for, a notice
        instead. Where wrong answers spoilt the code before its mail went out, the link goes alone, as it is
        still good: or a stranger who is quick could keep every mail from its owner."""
        async with self._units.view(SYSTEM) as view:
            challenge = await view.challenges.find(event.challenge_id)
            owner = await _owner(view, challenge) if challenge else None
            locale = await _locale(view, challenge, owner) if challenge else ""
        if challenge is None:
            await self._sending.nothing_to_do(heard)
            return
        to = _recipient_of(challenge, owner, locale)
        over = self._why_over(challenge, event)
        if over is not None:
            await self._sending.skip(heard, IDENTITY_CODE.key, to, reason=over)
        elif challenge.purpose is Purpose.REGISTRATION and owner is not None:
            await self._tell_owner(heard, replace(to, email=owner.email))
        elif challenge.purpose in _CHANGES and owner is not None:
            await self._notices.tell(heard, owner.id, "address_claimed", event)
        elif _takes_anybody(challenge, owner) or may_be_admitted(owner, challenge.channel):
            await self._send_code(heard, to, challenge)
        else:
            await self._sending.skip(heard, IDENTITY_CODE.key, to, reason="nobody_has_this_address")

    async def welcome(self, event: UserRegistered, heard: Heard) -> None:
        """A first word to a new user."""
        user = await self._user(event.user_id)
        # Whose address is not proved is written to about that first.
        if user is None or (user.email is not None and not user.email_verified):
            await self._sending.nothing_to_do(heard)
            return
        params = {"name": event.username, "login_link": self._links.sign_in}
        await self._notifying.tell(heard, IDENTITY_WELCOME, user, params, reason="welcome")

    async def tell_of_password_reset(self, event: PasswordWasReset, heard: Heard) -> None:
        """So that an owner who did not do it can act."""
        await self._tell(heard, event.user_id, "password_reset", event)

    async def tell_of_password_change(self, event: PasswordChanged, heard: Heard) -> None:
        """So that an owner whose password somebody else knew can act."""
        await self._tell(heard, event.user_id, "password_changed", event)

    async def tell_of_first_password(self, event: PasswordSet, heard: Heard) -> None:
        """So that an owner who did not do it can act."""
        await self._tell(heard, event.user_id, "password_set", event)

    async def tell_of_possession(self, event: PossessionTaken, heard: Heard) -> None:
        """So that people know why their password, keys and devices are gone."""
        await self._tell(heard, event.user_id, "possession_taken", event)

    async def tell_of_address_lost(self, event: AddressLost, heard: Heard) -> None:
        """So that people know why an address is missing from their account."""
        await self._tell(heard, event.user_id, "address_lost", event)

    async def tell_of_role(self, event: RoleGranted, heard: Heard) -> None:
        """So that people know why their devices were signed out. Who was invited to an account and has not
        proved the address yet is not told of what comes with it."""
        user = await self._user(event.user_id)
        if user is None or not user.email_verified:
            await self._sending.nothing_to_do(heard)
            return
        await self._tell(heard, event.user_id, "role_granted", event)

    async def tell_of_role_lost(self, event: RoleRevoked, heard: Heard) -> None:
        """Likewise."""
        await self._tell(heard, event.user_id, "role_revoked", event)

    async def tell_of_token_reuse(self, event: SessionEnded, heard: Heard) -> None:
        """So that an owner whose token was copied knows why a device was signed out."""
        if event.reason == EndReason.TOKEN_REUSE.value:
            await self._tell(heard, event.user_id, "token_reuse", event)
        else:
            await self._sending.nothing_to_do(heard)

    async def warn_of_failed_logins(self, event: SignInRefused, heard: Heard) -> None:
        """After five failures within an hour, and at most once a day."""
        if event.user_id is not None and await self._is_worth_a_warning(event.user_id, event.occurred_at):
            until = self._clock.now() + _BETWEEN_WARNINGS
            await self._tell(heard, event.user_id, "failed_logins", event, once_until=until)
        else:
            await self._sending.nothing_to_do(heard)

    async def _tell(
        self, heard: Heard, user_id: UUID, what: str, event: Event, *, once_until: datetime | None = None
    ) -> None:
        await self._notices.tell(heard, user_id, what, event, once_until=once_until)

    async def _tell_owner(self, heard: Heard, to: Recipient) -> None:
        if to.email is None:
            await self._sending.skip(heard, IDENTITY_ACCOUNT_EXISTS.key, to, reason="only_sent_by_mail")
            return
        params = {"login_link": self._links.sign_in, "reset_link": self._links.reset_password}
        await self._sending.send(heard, IDENTITY_ACCOUNT_EXISTS.key, to, params, reason="account_exists")

    async def _send_code(self, heard: Heard, to: Recipient, challenge: Challenge) -> None:
        if not challenge.is_live(now=self._clock.now()):
            await self._send_link(heard, to, challenge)
            return
        code = self._code_book.code(challenge)
        if code is None:
            await self._sending.skip(heard, IDENTITY_CODE.key, to, reason="secret_retired")
            return
        params: dict[str, str | int] = {
            "code": code,
            "minutes": max(1, ceil((challenge.expires_at - self._clock.now()).total_seconds() / 60)),
            "purpose": _WORDED_AS.get(challenge.purpose, challenge.purpose).value,
        }
        if link := self._link(challenge):
            params["link"] = link
        await self._sending.send(heard, IDENTITY_CODE.key, to, params, reason=challenge.purpose.value)

    async def _send_link(self, heard: Heard, to: Recipient, challenge: Challenge) -> None:
        link = self._link(challenge)
        if link is None or to.email is None:
            await self._sending.skip(heard, IDENTITY_CODE.key, to, reason="the_code_is_over")
            return
        params = {"link": link, "purpose": challenge.purpose.value}
        await self._sending.send(heard, IDENTITY_LINK.key, to, params, reason="only_the_link_is_good")

    def _link(self, challenge: Challenge) -> str | None:
        token = self._code_book.link_token(challenge)
        if token is None:
            return None
        if challenge.purpose is Purpose.REGISTRATION:
            return self._links.verify_email(token)
        if challenge.purpose is Purpose.EMAIL_CHANGE:
            return self._links.confirm_email(token)
        return self._links.set_password(token) if challenge.purpose is Purpose.PASSWORD_RESET else None

    def _why_over(self, challenge: Challenge, event: ChallengeIssued) -> str | None:
        if event.muted:
            return "enough_mails_for_now"
        if challenge.generation != event.generation:
            return "a_newer_code_was_asked_for"
        return None if challenge.takes_link(now=self._clock.now()) else "the_code_is_over"

    async def _user(self, user_id: UUID) -> User | None:
        async with self._units.view(SYSTEM) as view:
            return await view.users.find(user_id)

    async def _is_worth_a_warning(self, user_id: UUID, now: datetime) -> bool:
        refused = AuditFilter(user_id=str(user_id), event=SignInRefused.NAME, since=now - _FAILURE_WINDOW)
        async with self._units.view(SYSTEM) as view:
            return await view.audit_trail.count(refused) >= FAILURES_TO_WARN_OF


def _takes_anybody(challenge: Challenge, owner: User | None) -> bool:
    """Whether the code is for whoever holds the address, with or without an account."""
    if challenge.purpose is Purpose.REGISTRATION:
        return True
    return (challenge.purpose is Purpose.PHONE_SIGN_IN or challenge.purpose in _CHANGES) and owner is None


async def _owner(view: IdentityUnit, challenge: Challenge) -> User | None:
    if challenge.channel is Channel.EMAIL:
        found = await view.users.find_by_email(challenge.subject)
    else:
        found = await view.users.find_by_phone(challenge.subject)
    if found is None:
        return None
    kind = kind_of(challenge.channel)
    if challenge.purpose in _CHANGES:
        # Who changes to an address takes it from whoever never proved it.
        return found if found.has_proved(kind) else None
    # Nor is it an account's that merely has it, besides another one that was proved.
    return None if found.admission(kind) is Admission.STRANGER else found


async def _locale(view: IdentityUnit, challenge: Challenge, owner: User | None) -> str:
    """The language that the owner chose, or whoever signs up; else that of the request."""
    if owner is not None:
        return owner.locale
    if challenge.purpose is Purpose.REGISTRATION:
        pending = await view.pending_registrations.find(challenge.id)
        if pending is not None:
            return pending.locale
    if challenge.purpose in _CHANGES:
        change = await view.contact_changes.find(challenge.id)
        asker = await view.users.find(change.user_id) if change is not None else None
        if asker is not None:
            return asker.locale
    return challenge.locale


def _recipient_of(challenge: Challenge, owner: User | None, locale: str) -> Recipient:
    is_mail = challenge.channel is Channel.EMAIL
    # An owner is written to at the stored address: what was typed has its key, but may be another mailbox.
    stored = owner.email if owner is not None else None
    return Recipient(
        email=(stored or EmailAddress.parse(challenge.address)) if is_mail else None,
        phone=None if is_mail else PhoneNumber.parse(challenge.address),
        user_id=owner.id if owner else None,
        locale=locale,
    )
