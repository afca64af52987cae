"""Asking for a code at an address, where the answer must not tell whether anybody has an account there."""

from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.commands import ResendCode
from multiproduct.application.identity.contacts import Contact, Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent
from multiproduct.application.otp import CodeBook, Issued, Issuing, Verification
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.otp import Challenge, InvalidCode, OtpPolicy, Purpose
from multiproduct.domain.shared import FieldProblem, InvalidInput


class CodeRequests:
    """Requests and resends. For every address a challenge is made and a mail is decided on later by the
    worker, so that known and unknown addresses cost and answer the same."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        contacts: Contacts,
        issuing: Issuing,
        verification: Verification,
        code_book: CodeBook,
        policy: OtpPolicy,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._contacts = contacts
        self._issuing = issuing
        self._verification = verification
        self._code_book = code_book
        self._policy = policy
        self._throttle = throttle

    async def request(self, contact: Contact, purpose: Purpose, caller: Caller) -> CodeSent:
        """Issues a code for the purpose. Raises TooManyRequests."""
        subject_key = self._code_book.subject_key(contact.key)
        await self._throttle.admit("code_request", caller, subject=subject_key)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> CodeSent:
            issued = await self._issuing.issue(
                unit,
                purpose=purpose,
                channel=contact.channel,
                subject=contact.key,
                address=contact.display,
                now=now,
            )
            await unit.commit()
            return code_sent(issued)

        return await in_unit(lambda: self._units.open(caller), body)

    async def resend(
        self, command: ResendCode, caller: Caller = ANYBODY, *, purpose: Purpose = Purpose.REGISTRATION
    ) -> CodeSent:
        """Sends a newer code; the older one of the same challenge is void.

        An address without a live code gets the same answer and no mail. Raises InvalidCode for a challenge id
        that is unknown or over, ChallengeIdRequired where an address has several, TooManyRequests.
        """
        contact = self._contacts.read(command)
        if command.challenge_id is None and contact is None:
            raise InvalidInput(FieldProblem("challenge_id", "required"))
        subject_key = self._code_book.subject_key(contact.key) if contact else None
        await self._throttle.admit("code_request", caller, subject=subject_key)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> CodeSent:
            challenge = await self._find(unit, command, contact, purpose, now)
            if challenge is None:
                return await self._nothing_sent(unit, contact, now)
            issued = await self._issuing.reissue(unit, challenge, now=now)
            await unit.commit()
            return code_sent(issued)

        return await in_unit(lambda: self._units.open(caller), body)

    async def _find(
        self,
        unit: IdentityUnit,
        command: ResendCode,
        contact: Contact | None,
        purpose: Purpose,
        now: datetime,
    ) -> Challenge | None:
        if command.challenge_id is not None:
            challenge = await unit.challenges.find(command.challenge_id)
            if challenge is None or not challenge.is_live(now=now):
                raise InvalidCode
            return challenge
        if contact is None:
            return None
        return await self._verification.only_live(unit, purpose=purpose, subject=contact.key, now=now)

    async def _nothing_sent(self, unit: IdentityUnit, contact: Contact | None, now: datetime) -> CodeSent:
        """The same cost and the same limits as where there is a code to replace."""
        subject = contact.key if contact else ""
        resend_after = await self._issuing.reissue_nothing(unit, subject, now=now)
        await unit.commit()
        return CodeSent(
            challenge_id=self._ids.next(),
            expires_at=now + self._policy.lifetime,
            resend_after=resend_after,
        )


def code_sent(issued: Issued) -> CodeSent:
    """The answer to whoever asked for a code."""
    challenge = issued.challenge
    return CodeSent(
        challenge_id=challenge.id, expires_at=challenge.expires_at, resend_after=issued.resend_after
    )
