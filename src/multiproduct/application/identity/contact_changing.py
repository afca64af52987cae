"""Changing one's e-mail address or telephone number: proof of the new one, word to the old one."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity.account_commands import (
    ChangeEmail,
    ChangePhone,
    ConfirmContactChange,
    StopContactChange,
)
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.code_requests import code_sent
from multiproduct.application.identity.contacts import Contact, Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import own_account
from multiproduct.application.identity.results import CodeSent, Done, UserView
from multiproduct.application.identity.stop_tokens import StopTokens
from multiproduct.application.identity.texting import Texting
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, Issuing, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import ContactChange, ContactKind, EndReason, User
from multiproduct.domain.identity.roles import OWN_PROFILE_UPDATE
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.domain.otp.derivation import challenge_of_link_token
from multiproduct.domain.shared import FieldProblem, InvalidInput, NotFound

PURPOSES = {ContactKind.EMAIL: Purpose.EMAIL_CHANGE, ContactKind.PHONE: Purpose.PHONE_CHANGE}
KINDS = {purpose: kind for kind, purpose in PURPOSES.items()}

RequestsChange = ChangeEmail | ChangePhone


class ContactChanging:
    """Whether the new address is somebody's shows nowhere: the request is answered alike, and an owner gets
    a notice in place of the code. Who has it is decided by the unique index, and told only after proof."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        contacts: Contacts,
        answers: Answers,
        issuing: Issuing,
        code_book: CodeBook,
        stop_tokens: StopTokens,
        texting: Texting,
        throttle: Throttle,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._contacts = contacts
        self._answers = answers
        self._issuing = issuing
        self._code_book = code_book
        self._stop_tokens = stop_tokens
        self._texting = texting
        self._throttle = throttle
        self._idempotency = idempotency

    async def request(
        self, command: RequestsChange, caller: Caller, *, idempotency_key: str | None = None
    ) -> CodeSent:
        """Has a code sent to the new address and word to the old one. A newer request replaces an older.

        Raises Unauthenticated, StepUpRequired, InvalidInput (also for the address that one has already),
        NotConfigured where no short messages are sent, TooManyRequests, IdempotencyMismatch.
        """
        caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        now = self._clock.now()
        caller.require_recent(now)
        keyed = self._idempotency.keyed(
            key=idempotency_key,
            activity="identity.contact_change.request",
            caller=caller,
            command=command,
            answer_type=CodeSent,
        )
        repeated = await keyed.first_answer(self._units.view, now=now)
        if repeated is not None:
            return repeated
        contact = self._contacts.require(command)
        await self._throttle.admit("contact_change", caller, subject=self._code_book.subject_key(contact.key))
        await self._texting.admit(contact, caller)

        async def body(unit: IdentityUnit) -> CodeSent:
            sent = await keyed.once(unit, lambda: self._request(unit, contact, now), now=now)
            await unit.commit()
            return sent

        return await in_budget(lambda: self._units.open(caller), body, now=now)

    def check_request(self, command: RequestsChange, findings: InputFindings) -> None:
        """Adds what `request` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: self._contacts.require(command), "email", "phone")

    async def confirm(
        self, kind: ContactKind, command: ConfirmContactChange, caller: Caller = ANYBODY
    ) -> UserView | Done:
        """Changes the address and ends every session but the one that asked, which must still go on. The code
        takes the person who asked to be signed in; the link of the mail does not, and tells whoever follows
        it nothing about the account.

        An account that has the address without ever having proved it loses it. Raises InvalidCode,
        InvalidInput, Unauthenticated, TooManyRequests, and EmailTaken or PhoneTaken where the proved address
        found its owner in the meantime.
        """
        await self._throttle.admit("code_check", caller)
        answer = self._read(command, caller)
        now = self._clock.now()
        done = await in_budget(
            lambda: self._units.open_alone(caller),
            lambda unit: self._confirm(unit, kind, answer, now),
            now=now,
        )
        if done is None:
            raise InvalidCode
        return done

    async def stop(self, kind: ContactKind, caller: Caller) -> Done:
        """Calls off the caller's own open change. Raises Unauthenticated, NotFound."""
        user_id = caller.require_user()

        async def body(unit: IdentityUnit) -> Done:
            change = await unit.contact_changes.open_of(user_id, kind)
            if change is None or not await self._stopped(unit, change):
                raise NotFound
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def stop_by_token(self, command: StopContactChange, caller: Caller = ANYBODY) -> Done:
        """Calls a change off for whoever holds the old address. Somebody else may be signed in, so every
        session ends. Raises InvalidCode where there is nothing left to stop, TooManyRequests."""
        await self._throttle.admit("code_check", caller)
        change_id = self._stop_tokens.read(command.token)
        if change_id is None:
            raise InvalidCode

        async def body(unit: IdentityUnit) -> Done:
            change = await unit.contact_changes.find(change_id)
            if change is None or not await self._stopped(unit, change):
                raise InvalidCode
            await unit.sessions.end_all(change.user_id, reason=EndReason.REVOKED, now=self._clock.now())
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    async def _request(self, unit: IdentityUnit, contact: Contact, now: datetime) -> CodeSent:
        user = await own_account(unit, unit.caller.require_user(), now=now)
        kind = ContactKind.EMAIL if contact.email is not None else ContactKind.PHONE
        present = user.email if kind is ContactKind.EMAIL else user.phone
        if present is not None and present.key == contact.key and user.has_proved(kind):
            raise InvalidInput(FieldProblem(kind.value, "same_as_now"))
        issued = await self._issuing.issue(
            unit,
            purpose=PURPOSES[kind],
            channel=contact.channel,
            subject=contact.key,
            address=contact.display,
            now=now,
        )
        await unit.contact_changes.replace_open(user.id, kind, now=now)
        change = ContactChange(
            id=issued.challenge.id,
            user_id=user.id,
            session_id=unit.caller.principal.session_id,
            kind=kind,
            email=contact.email,
            phone=contact.phone,
            old_email=user.email,
            old_phone=user.phone,
            created_at=now,
            expires_at=issued.challenge.expires_at,
        )
        change.requested(now=now)
        await unit.contact_changes.add(change)
        return code_sent(issued)

    def _read(self, command: ConfirmContactChange, caller: Caller) -> ReadAnswer:
        if command.token is not None:
            return ReadAnswer(challenge_of_link_token(command.token), None, command.token, is_link=True)
        caller.require_user()
        if command.otp is None:
            raise InvalidInput(FieldProblem("otp", "required"))
        return ReadAnswer(command.challenge_id, None, command.otp)

    async def _confirm(
        self, unit: IdentityUnit, kind: ContactKind, answer: ReadAnswer, now: datetime
    ) -> UserView | Done | None:
        change = await self._meant(unit, kind, answer)
        if change is None or not change.is_open(now=now):
            return None
        meant = ReadAnswer(change.id, None, answer.proof, is_link=answer.is_link)
        challenge = await self._answers.judge(unit, meant, purpose=PURPOSES[kind], now=now)
        if challenge is None:
            await unit.commit()
            return None
        user = await unit.users.find(change.user_id)
        if user is None or not user.may_sign_in:
            return None
        await _take_from_unproved(unit, user, change, now)
        await self._change(unit, user, change, now)
        change.done(now=now)
        if not await unit.contact_changes.close(change):
            return None
        await self._end_other_sessions(unit, change, now)
        await unit.commit()
        return UserView.of(user) if unit.caller.principal.user_id == user.id else Done()

    @staticmethod
    async def _meant(unit: IdentityUnit, kind: ContactKind, answer: ReadAnswer) -> ContactChange | None:
        if answer.is_link:
            if kind is ContactKind.PHONE:  # short messages bear no link
                return None
            found = await unit.contact_changes.find(answer.challenge_id) if answer.challenge_id else None
            return found if found is not None and found.kind is kind else None
        change = await unit.contact_changes.open_of(unit.caller.require_user(), kind)
        if change is None or answer.challenge_id not in (None, change.id):
            return None
        return change

    @staticmethod
    async def _change(unit: IdentityUnit, user: User, change: ContactChange, now: datetime) -> None:
        if change.email is not None:
            user.change_email(change.email, now=now)
        if change.phone is not None:
            user.change_phone(change.phone, now=now)
        await unit.users.save(user)
        # The address has its owner: whoever tried to sign up with it can never prove it now.
        await unit.pending_registrations.remove_rivals(
            email_key=change.email.key if change.email is not None else None,
            phone_key=change.phone.e164 if change.phone is not None else None,
        )

    @staticmethod
    async def _end_other_sessions(unit: IdentityUnit, change: ContactChange, now: datetime) -> None:
        if change.session_id is not None:
            asker = await unit.sessions.hold(change.session_id)
            # Whoever was signed out since may be a stranger who wants the account back by a link of his own.
            if asker is None or not asker.is_live(now=now):
                raise InvalidCode
        await unit.sessions.end_all(
            change.user_id, reason=EndReason.ADDRESS_CHANGED, now=now, besides=change.session_id
        )

    async def _stopped(self, unit: IdentityUnit, change: ContactChange) -> bool:
        now = self._clock.now()
        if not change.is_open(now=now):
            return False
        change.stopped(now=now)
        return await unit.contact_changes.close(change)


async def close_open_changes(unit: IdentityUnit, user_id: UUID, now: datetime) -> None:
    """Calls off every change of address that the user has open: for whatever makes sure of an account, as a
    new password does. In the caller's unit, which the caller commits; before it ends sessions."""
    for kind in ContactKind:
        change = await unit.contact_changes.open_of(user_id, kind)
        if change is not None and change.is_open(now=now):
            change.stopped(now=now)
            await unit.contact_changes.close(change)


async def _take_from_unproved(unit: IdentityUnit, user: User, change: ContactChange, now: datetime) -> None:
    """An address is worth nothing to an account that never proved it, once somebody else did."""
    if change.email is not None:
        holder = await unit.users.find_by_email(change.email.key)
    else:
        holder = await unit.users.find_by_phone(str(change.phone))
    if holder is not None and holder.id != user.id and not holder.has_proved(change.kind):
        holder.lose_unproved(change.kind, now=now)
        await unit.users.save(holder)
