"""What people are told of: the worker decides, when the event is heard, which words an address gets."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol
from uuid import UUID

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import IdentityUnit
from multiproduct.application.notifications.deliveries import NotificationUnit
from multiproduct.application.notifications.sending import Recipient, Sending
from multiproduct.application.notifications.types import (
    IDENTITY_ACCOUNT_EXISTS,
    IDENTITY_CODE,
    IDENTITY_SECURITY,
    IDENTITY_WELCOME,
)
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.audit_trail import AuditFilter, AuditTrail
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.reactions import Heard, ReactionTable
from multiproduct.domain.identity import (
    EmailAddress,
    EndReason,
    PasswordWasReset,
    PhoneNumber,
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


class ListenerUnit(IdentityUnit, NotificationUnit, Protocol):
    """What the reactions read: everything below notifications, and the audit log."""

    @property
    def audit_trail(self) -> AuditTrail: ...


class IdentityNotices:
    """Reactions to what happens in otp and identity. Each completes its todo whatever it decides."""

    def __init__(
        self,
        *,
        units: Units[ListenerUnit],
        clock: Clock,
        sending: Sending,
        code_book: CodeBook,
        base_url: str,
    ) -> None:
        self._units = units
        self._clock = clock
        self._sending = sending
        self._code_book = code_book
        self._base_url = base_url.rstrip("/")

    def declare(self, table: ReactionTable) -> None:
        """Declares the reactions."""
        table.defer(ChallengeIssued, "notifications.send_code", self.send_code)
        table.defer(UserRegistered, "notifications.welcome", self.welcome)
        table.defer(PasswordWasReset, "notifications.tell_of_password_reset", self.tell_of_password_reset)
        table.defer(SessionEnded, "notifications.tell_of_token_reuse", self.tell_of_token_reuse)
        table.defer(SignInRefused, "notifications.warn_of_failed_logins", self.warn_of_failed_logins)

    async def send_code(self, event: ChallengeIssued, heard: Heard) -> None:
        """A code to whoever may use it; to the owner of an account that somebody signs up for, a notice
        instead."""
        async with self._units.view(SYSTEM) as view:
            challenge = await view.challenges.find(event.challenge_id)
            owner = await _owner(view, challenge) if challenge else None
        if challenge is None:
            await self._sending.nothing_to_do(heard)
            return
        to = _recipient_of(challenge, owner)
        over = self._why_over(challenge, event)
        if over is not None:
            await self._sending.skip(heard, IDENTITY_CODE.key, to, reason=over)
        elif challenge.purpose is Purpose.REGISTRATION and owner is not None:
            await self._tell_owner(heard, replace(to, email=owner.email))
        elif challenge.purpose is Purpose.REGISTRATION or (owner is not None and owner.may_sign_in):
            await self._send_code(heard, to, challenge)
        else:
            await self._sending.skip(heard, IDENTITY_CODE.key, to, reason="nobody_has_this_address")

    async def welcome(self, event: UserRegistered, heard: Heard) -> None:
        """A first word to a new user."""
        to = await self._recipient(event.user_id)
        if to is None or to.email is None:
            await self._sending.nothing_to_do(heard)
            return
        params = {"name": event.username, "login_link": f"{self._base_url}/"}
        await self._sending.send(heard, IDENTITY_WELCOME.key, to, params, reason="welcome")

    async def tell_of_password_reset(self, event: PasswordWasReset, heard: Heard) -> None:
        """So that an owner who did not do it can act."""
        await self._tell(heard, event.user_id, "password_reset", event)

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
        to = await self._recipient(user_id)
        if to is None or to.email is None:
            await self._sending.nothing_to_do(heard)
            return
        when = event.occurred_at.strftime("%Y-%m-%d %H:%M UTC")
        params = {"event": what, "when": when}
        await self._sending.send(heard, IDENTITY_SECURITY.key, to, params, reason=what, once_until=once_until)

    async def _tell_owner(self, heard: Heard, to: Recipient) -> None:
        if to.email is None:
            await self._sending.skip(heard, IDENTITY_ACCOUNT_EXISTS.key, to, reason="only_sent_by_mail")
            return
        params = {"login_link": f"{self._base_url}/", "reset_link": f"{self._base_url}/"}
        await self._sending.send(heard, IDENTITY_ACCOUNT_EXISTS.key, to, params, reason="account_exists")

    async def _send_code(self, heard: Heard, to: Recipient, challenge: Challenge) -> None:
        code = self._code_book.code(challenge)
        if code is None:
            await self._sending.skip(heard, IDENTITY_CODE.key, to, reason="secret_retired")
            return
        params: dict[str, str | int] = {
            "code": code,
            "minutes": max(1, ceil((challenge.expires_at - self._clock.now()).total_seconds() / 60)),
            "purpose": challenge.purpose.value,
        }
        if link := self._link(challenge):
            params["link"] = link
        await self._sending.send(heard, IDENTITY_CODE.key, to, params, reason=challenge.purpose.value)

    def _link(self, challenge: Challenge) -> str | None:
        page = {Purpose.REGISTRATION: "verify-email", Purpose.PASSWORD_RESET: "reset-password"}.get(
            challenge.purpose
        )
        token = self._code_book.link_token(challenge)
        return f"{self._base_url}/{page}/{token}" if page and token else None

    def _why_over(self, challenge: Challenge, event: ChallengeIssued) -> str | None:
        if event.muted:
            return "enough_mails_for_now"
        if challenge.generation != event.generation:
            return "a_newer_code_was_asked_for"
        return None if challenge.is_live(now=self._clock.now()) else "the_code_is_over"

    async def _recipient(self, user_id: UUID) -> Recipient | None:
        async with self._units.view(SYSTEM) as view:
            user = await view.users.find(user_id)
        if user is None:
            return None
        return Recipient(email=user.email, phone=user.phone, user_id=user.id, locale=user.locale)

    async def _is_worth_a_warning(self, user_id: UUID, now: datetime) -> bool:
        refused = AuditFilter(user_id=str(user_id), event=SignInRefused.NAME, since=now - _FAILURE_WINDOW)
        async with self._units.view(SYSTEM) as view:
            return await view.audit_trail.count(refused) >= FAILURES_TO_WARN_OF


async def _owner(view: IdentityUnit, challenge: Challenge) -> User | None:
    if challenge.channel is Channel.EMAIL:
        return await view.users.find_by_email(challenge.subject)
    return await view.users.find_by_phone(challenge.subject)


def _recipient_of(challenge: Challenge, owner: User | None) -> Recipient:
    is_mail = challenge.channel is Channel.EMAIL
    # An owner is written to at the stored address: what was typed has its key, but may be another mailbox.
    stored = owner.email if owner is not None else None
    return Recipient(
        email=(stored or EmailAddress.parse(challenge.address)) if is_mail else None,
        phone=None if is_mail else PhoneNumber.parse(challenge.address),
        user_id=owner.id if owner else None,
        locale=challenge.locale,
    )
