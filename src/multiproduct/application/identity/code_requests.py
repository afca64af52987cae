"""Asking for a code at an address, where the answer must not tell whether anybody has an account there."""

from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity.commands import RequestPasswordReset, RequestSignInCode, ResendCode
from multiproduct.application.identity.contacts import Contact, Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent
from multiproduct.application.identity.texting import Texting
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, Issued, Issuing, Verification, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.otp import Asker, Challenge, Channel, InvalidCode, OtpPolicy, Purpose
from multiproduct.domain.shared import FieldProblem, InvalidInput

_RESEND = "identity.codes.resend"

RequestsCode = RequestSignInCode | RequestPasswordReset


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
        texting: Texting,
        throttle: Throttle,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._contacts = contacts
        self._issuing = issuing
        self._verification = verification
        self._code_book = code_book
        self._policy = policy
        self._texting = texting
        self._throttle = throttle
        self._idempotency = idempotency

    async def request(
        self, command: RequestsCode, purpose: Purpose, caller: Caller, *, idempotency_key: str | None = None
    ) -> CodeSent:
        """Issues a code for the purpose. Raises InvalidInput, NotConfigured, TooManyRequests,
        IdempotencyMismatch."""
        keyed = self._idempotency.keyed(
            key=idempotency_key,
            activity=f"identity.codes.request.{purpose.value}",
            caller=caller,
            command=command,
            answer_type=CodeSent,
        )
        repeated = await keyed.first_answer(self._units.view, now=self._clock.now())
        if repeated is not None:
            return repeated
        contact = self._contacts.require(command)
        subject_key = self._code_book.subject_key(contact.key)
        await self._throttle.admit("code_request", caller, subject=subject_key)
        await self._texting.admit(contact, caller)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> CodeSent:
            async def effect() -> CodeSent:
                issued = await self._issuing.issue(
                    unit,
                    purpose=purpose,
                    channel=contact.channel,
                    subject=contact.key,
                    address=contact.display,
                    now=now,
                    asker=await self._asker(unit, contact.channel, contact.key),
                )
                return code_sent(issued)

            sent = await keyed.once(unit, effect, now=now)
            await unit.commit()
            return sent

        return await in_budget(lambda: self._units.open(caller), body, now=now)

    def check_request(self, command: RequestsCode, findings: InputFindings) -> None:
        """Adds what `request` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: self._contacts.require(command), "email", "phone")

    async def resend(
        self,
        command: ResendCode,
        caller: Caller = ANYBODY,
        *,
        purpose: Purpose = Purpose.REGISTRATION,
        idempotency_key: str | None = None,
    ) -> CodeSent:
        """Sends a newer code; the older one of the same challenge is void.

        An address without a live code gets the same answer and no mail. Raises InvalidCode for a challenge id
        that is unknown or over, ChallengeIdRequired where an address has several, TooManyRequests,
        IdempotencyMismatch.
        """
        keyed = self._idempotency.keyed(
            key=idempotency_key,
            activity=f"{_RESEND}.{purpose.value}",
            caller=caller,
            command=command,
            answer_type=CodeSent,
        )
        repeated = await keyed.first_answer(self._units.view, now=self._clock.now())
        if repeated is not None:
            return repeated
        contact = self._named(command)
        subject_key = self._code_book.subject_key(contact.key) if contact else None
        await self._throttle.admit("code_request", caller, subject=subject_key)
        renewed = contact or await self._contact_of(command, caller)
        if renewed is not None:
            await self._texting.admit(renewed, caller)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> CodeSent:
            sent = await keyed.once(unit, lambda: self._resend(unit, command, contact, purpose, now), now=now)
            await unit.commit()
            return sent

        return await in_budget(lambda: self._units.open(caller), body, now=now)

    def check_resend(self, command: ResendCode, findings: InputFindings) -> None:
        """Adds what `resend` would refuse in the fields of a command, also of one that lacks some."""
        findings.read(lambda: self._named(command), "challenge_id", "email", "phone")

    def _named(self, command: ResendCode) -> Contact | None:
        contact = self._contacts.read(command)
        if command.challenge_id is None and contact is None:
            raise InvalidInput(FieldProblem("challenge_id", "required"))
        return contact

    async def _contact_of(self, command: ResendCode, caller: Caller) -> Contact | None:
        """Where the code of the challenge goes; None for a challenge that there is none of."""
        if command.challenge_id is None:
            return None
        async with self._units.view(caller) as view:
            challenge = await view.challenges.find(command.challenge_id)
        return self._contacts.of(challenge) if challenge is not None else None

    async def _resend(
        self,
        unit: IdentityUnit,
        command: ResendCode,
        contact: Contact | None,
        purpose: Purpose,
        now: datetime,
    ) -> CodeSent:
        challenge = await self._find(unit, command, contact, purpose, now)
        if challenge is None:
            return await self._nothing_sent(unit, contact, purpose, now)
        asker = await self._asker(unit, challenge.channel, challenge.subject)
        return code_sent(await self._issuing.reissue(unit, challenge, now=now, asker=asker))

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
            if challenge is None or challenge.purpose is not purpose or not challenge.is_live(now=now):
                raise InvalidCode
            return challenge
        if contact is None:
            return None
        return await self._verification.only_live(unit, purpose=purpose, subject=contact.key, now=now)

    async def _asker(self, unit: IdentityUnit, channel: Channel, key: str) -> Asker:
        """Whether the owner of the address asks, which only somebody who is signed in and proved it can show.
        Any other address is anybody's to ask about: an account may have one that is not its person's."""
        user_id = unit.caller.principal.user_id
        owner = await self._contacts.owner(unit, channel=channel, key=key) if user_id else None
        if owner is None or owner.id != user_id:
            return Asker.ANYBODY
        has_proved = owner.email_verified if channel is Channel.EMAIL else owner.phone_verified
        return Asker.OWNER if has_proved else Asker.ANYBODY

    async def _nothing_sent(
        self, unit: IdentityUnit, contact: Contact | None, purpose: Purpose, now: datetime
    ) -> CodeSent:
        """The same cost and the same limits as where there is a code to replace."""
        subject = contact.key if contact else ""
        resend_after = await self._issuing.reissue_nothing(unit, subject, purpose, now=now)
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
