"""Signing in: with a password, or with a one-time code."""

from contextlib import suppress
from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import RequestSignInCode, SignInWithCode, SignInWithPassword
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.identifiers import Identifier, read_identifier
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent
from multiproduct.application.identity.second_factor_results import SignedInOrAsked
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.identity.taking_possession import admitted_by
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import InvalidCredentials, SignInRefused, User, of_code
from multiproduct.domain.identity.passwords import prepared
from multiproduct.domain.otp import InvalidCode, Purpose

_MOST_CHECKS = 3


class _HashReplaced(Exception):
    """The hash that the password was compared with is not the account's any more: another sign-in brought it
    up to date, or the password was changed, which must not let the old one in. The new hash decides."""


class SigningIn:
    """Does the same work and gives the same answer whether or not the account exists."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        contacts: Contacts,
        answers: Answers,
        code_requests: CodeRequests,
        code_book: CodeBook,
        hasher: PasswordHasher,
        starting: SessionStarting,
        budget: SignInBudget,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._contacts = contacts
        self._answers = answers
        self._code_requests = code_requests
        self._code_book = code_book
        self._hasher = hasher
        self._starting = starting
        self._budget = budget
        self._throttle = throttle

    async def with_password(self, command: SignInWithPassword, caller: Caller = ANYBODY) -> SignedInOrAsked:
        """Begins a session, or asks for a second factor. Raises InvalidCredentials, InvalidInput,
        TooManyRequests, Unavailable."""
        with self._hasher.room():
            return await self._with_password(command, caller)

    async def _with_password(self, command: SignInWithPassword, caller: Caller) -> SignedInOrAsked:
        findings = InputFindings()
        identifier, password = self._read(command, findings)
        if identifier is None:
            raise findings.refusal()
        subject_key = self._code_book.subject_key(identifier.key)
        await self._throttle.admit("sign_in", caller, subject=subject_key)
        if password is None:
            raise findings.refusal()
        for _ in range(_MOST_CHECKS):
            with suppress(_HashReplaced):
                return self._or_refuse(await self._try_password(identifier, password, subject_key, caller))
        raise InvalidCredentials

    def check(self, command: SignInWithPassword | SignInWithCode, findings: InputFindings) -> None:
        """Adds what signing in would refuse in the fields of a command, also of one that lacks some."""
        if isinstance(command, SignInWithCode):
            self._answers.read(command, findings)
        else:
            self._read(command, findings)

    async def request_code(
        self, command: RequestSignInCode, caller: Caller = ANYBODY, *, idempotency_key: str | None = None
    ) -> CodeSent:
        """Has a sign-in code sent to the address, if an account has it. Raises InvalidInput,
        TooManyRequests, IdempotencyMismatch."""
        return await self._code_requests.request(
            command, Purpose.LOGIN, caller, idempotency_key=idempotency_key
        )

    async def with_code(self, command: SignInWithCode, caller: Caller = ANYBODY) -> SignedInOrAsked:
        """Begins a session, or asks for a second factor. Raises InvalidCode, ChallengeIdRequired,
        TooManyRequests."""
        await self._throttle.admit("code_check", caller)
        findings = InputFindings()
        answer = self._answers.read(command, findings)
        if answer is None:
            raise findings.refusal()
        now = self._clock.now()
        tokens = await in_budget(
            lambda: self._units.open_alone(caller), lambda unit: self._with_code(unit, answer, now), now=now
        )
        if tokens is None:
            raise InvalidCode
        return tokens

    def _read(
        self, command: SignInWithPassword, findings: InputFindings
    ) -> tuple[Identifier | None, str | None]:
        identifier = findings.read(
            lambda: read_identifier(command, self._contacts), "identifier", "email", "username", "phone"
        )
        return identifier, findings.read(lambda: prepared(command.password), "password")

    async def _try_password(
        self, identifier: Identifier, password: str, subject_key: str, caller: Caller
    ) -> SignedInOrAsked | None:
        async with self._units.view(caller) as view:
            known = await identifier.find(view)
            await self._budget.admit(view, subject_key, known)
        checked_hash = known.password_hash if known else None
        check = await self._hasher.check(password, checked_hash)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> SignedInOrAsked | None:
            user = await identifier.find(unit)
            if check.matches and user is not None and user.password_hash != checked_hash:
                raise _HashReplaced
            if not check.matches or user is None or not user.may_sign_in:
                await self._budget.failed(unit, subject_key, user)
                unit.record(self._refusal(subject_key, user, "password", now))
                await unit.commit()
                return None
            await self._budget.succeeded(unit, subject_key, user)
            if check.new_hash is not None:
                user.password_hash = check.new_hash
                await unit.users.save(user)
            return await self._begin(unit, user, ("pwd",), now)

        return await in_unit(lambda: self._units.open_alone(caller), body)

    async def _with_code(
        self, unit: IdentityUnit, answer: ReadAnswer, now: datetime
    ) -> SignedInOrAsked | None:
        challenge = await self._answers.judge(unit, answer, purpose=Purpose.LOGIN, now=now)
        if challenge is None:
            unit.record(self._refusal(self._named(answer), None, "otp", now))
            await unit.commit()
            return None
        user = await admitted_by(unit, challenge, now=now)
        if user is None:
            owner = await self._contacts.owner(unit, channel=challenge.channel, key=challenge.subject)
            unit.record(self._refusal(self._code_book.subject_key(challenge.subject), owner, "otp", now))
            await unit.commit()
            return None
        await self._budget.forgive(unit, user)
        return await self._begin(unit, user, of_code(challenge.channel), now)

    def _named(self, answer: ReadAnswer) -> str:
        """What a refused answer was about, as a pseudonym or the challenge's id."""
        return self._code_book.subject_key(answer.subject) if answer.subject else str(answer.challenge_id)

    async def _begin(
        self, unit: IdentityUnit, user: User, methods: tuple[str, ...], now: datetime
    ) -> SignedInOrAsked:
        answer = await self._starting.begin(unit, user, methods, now=now)
        await unit.commit()
        return answer

    @staticmethod
    def _refusal(subject_key: str, user: User | None, method: str, now: datetime) -> SignInRefused:
        return SignInRefused(
            occurred_at=now, subject_key=subject_key, user_id=user.id if user else None, method=method
        )

    @staticmethod
    def _or_refuse(tokens: SignedInOrAsked | None) -> SignedInOrAsked:
        if tokens is None:
            raise InvalidCredentials
        return tokens


__all__ = ["Identifier", "SigningIn"]
