"""Signing in by telephone: a code by text message, and an account for a number that nobody has."""

from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import RequestSignInCode
from multiproduct.application.identity.contacts import Contact
from multiproduct.application.identity.phone_commands import RequestPhoneCode, SignInByPhone
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent
from multiproduct.application.identity.second_factor_results import SignedInOrAsked
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.identity.taking_possession import admitted_by, may_be_admitted, release
from multiproduct.application.identity.texting import Texting
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity import (
    Admission,
    ContactKind,
    PhoneNumber,
    PhoneTaken,
    SignInRefused,
    User,
    UsernameTaken,
)
from multiproduct.domain.otp import Challenge, Channel, InvalidCode, Purpose
from multiproduct.domain.shared import StaleAggregate

_MAX_GENERATED_NAMES = 8
_METHODS = ("sms",)


class PhoneSignIn:
    """Two use cases, `request` and `verify`. One purpose serves known and new numbers, so that neither the
    answer nor the work tells which a number is until its holder has proved to have it."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        answers: Answers,
        code_requests: CodeRequests,
        code_book: CodeBook,
        starting: SessionStarting,
        texting: Texting,
        usernames: UsernameChecking,
        budget: SignInBudget,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._answers = answers
        self._code_requests = code_requests
        self._code_book = code_book
        self._starting = starting
        self._texting = texting
        self._usernames = usernames
        self._budget = budget
        self._throttle = throttle

    async def request(
        self, command: RequestPhoneCode, caller: Caller = ANYBODY, *, idempotency_key: str | None = None
    ) -> CodeSent:
        """Has a code sent to the number. Raises NotConfigured, InvalidInput, TooManyRequests,
        IdempotencyMismatch."""
        return await self._code_requests.request(
            RequestSignInCode(phone=command.phone),
            Purpose.PHONE_SIGN_IN,
            caller,
            idempotency_key=idempotency_key,
        )

    def check_request(self, command: RequestPhoneCode, findings: InputFindings) -> None:
        """Adds what `request` would refuse in the fields of a command, also of one that lacks some."""
        self._code_requests.check_request(RequestSignInCode.model_construct(phone=command.phone), findings)

    async def verify(self, command: SignInByPhone, caller: Caller = ANYBODY) -> SignedInOrAsked:
        """Begins a session of whoever has the number; for a new number makes a standard user first, in the
        transaction that consumes the code.

        Raises NotConfigured, InvalidInput, InvalidCode, ChallengeIdRequired, TooManyRequests.
        """
        self._texting.require_configured()
        await self._throttle.admit("code_check", caller)
        findings = InputFindings()
        answer = self._answers.read(command, findings)
        if answer is None:
            raise findings.refusal()
        now = self._clock.now()
        tokens = await in_budget(
            lambda: self._units.open_alone(caller), lambda unit: self._verify(unit, answer, now), now=now
        )
        if tokens is None:
            raise InvalidCode
        return tokens

    def check_verify(self, command: SignInByPhone, findings: InputFindings) -> None:
        """Adds what `verify` would refuse in the fields of a command, also of one that lacks some."""
        self._answers.read(command, findings)

    async def _verify(self, unit: IdentityUnit, answer: ReadAnswer, now: datetime) -> SignedInOrAsked | None:
        challenge = await self._answers.judge(unit, answer, purpose=Purpose.PHONE_SIGN_IN, now=now)
        user = await self._holder(unit, challenge, now) if challenge is not None else None
        if user is None or not user.may_sign_in:
            unit.record(self._refusal(answer, challenge, user, now))
            await unit.commit()
            return None
        await self._budget.forgive(unit, user)
        tokens = await self._starting.begin(unit, user, _METHODS, now=now)
        await unit.commit()
        return tokens

    async def _holder(self, unit: IdentityUnit, challenge: Challenge, now: datetime) -> User | None:
        """Whoever has the number, which the answer has just proved. Somebody suspended may be answered, who
        is to be refused."""
        user = await unit.users.find_by_phone(challenge.subject)
        if may_be_admitted(user, Channel.SMS):
            return await admitted_by(unit, challenge, now=now)
        if user is not None and user.admission(ContactKind.PHONE) is not Admission.STRANGER:
            return user  # suspended
        phone = PhoneNumber.parse(challenge.subject)
        await release(unit, Contact(None, phone), to=None, now=now)
        return await self._new_user(unit, phone, now)

    async def _new_user(self, unit: IdentityUnit, phone: PhoneNumber, now: datetime) -> User:
        user_id = self._ids.for_user()
        for name in self._usernames.generated(_MAX_GENERATED_NAMES):
            user = User(
                id=user_id,
                username=name,
                username_generated=True,
                phone=phone,
                phone_verified=True,
                locale=unit.caller.locale,
                created_at=now,
                updated_at=now,
            )
            user.registered(registration_id=None, now=now)
            try:
                await unit.users.add(user)
            except UsernameTaken:
                continue
            except PhoneTaken:
                # A rival made the account at the same moment: run again, this one signs in to it.
                raise StaleAggregate from None
            unit.forget(*self._usernames.cache_keys(name.key))
            return user
        raise StaleAggregate(id=str(user_id))

    def _refusal(
        self, answer: ReadAnswer, challenge: Challenge | None, user: User | None, now: datetime
    ) -> SignInRefused:
        subject = challenge.subject if challenge is not None else answer.subject
        return SignInRefused(
            occurred_at=now,
            subject_key=self._code_book.subject_key(subject) if subject else str(answer.challenge_id),
            user_id=user.id if user else None,
            method="sms",
        )
