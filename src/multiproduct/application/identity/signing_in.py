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
from multiproduct.application.identity.refresh_tokens import RefreshTokens
from multiproduct.application.identity.results import CodeSent, Tokens
from multiproduct.application.identity.session_keeping import TokenIssuing
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.passwords import PasswordCheck, PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    InvalidCredentials,
    Session,
    SessionPolicy,
    SignInRefused,
    User,
)
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
        ids: Ids,
        contacts: Contacts,
        answers: Answers,
        code_requests: CodeRequests,
        code_book: CodeBook,
        hasher: PasswordHasher,
        refresh_tokens: RefreshTokens,
        issuing: TokenIssuing,
        policy: SessionPolicy,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._contacts = contacts
        self._answers = answers
        self._code_requests = code_requests
        self._code_book = code_book
        self._hasher = hasher
        self._refresh_tokens = refresh_tokens
        self._issuing = issuing
        self._policy = policy
        self._throttle = throttle

    async def with_password(self, command: SignInWithPassword, caller: Caller = ANYBODY) -> Tokens:
        """Begins a session. Raises InvalidCredentials, InvalidInput, TooManyRequests, Unavailable."""
        identifier = read_identifier(command, self._contacts)
        subject_key = self._code_book.subject_key(identifier.key)
        await self._throttle.admit("sign_in", caller, subject=subject_key)
        password = prepared(command.password)
        for _ in range(_MOST_CHECKS):
            with suppress(_HashReplaced):
                return self._or_refuse(await self._try_password(identifier, password, subject_key, caller))
        raise InvalidCredentials

    async def request_code(self, command: RequestSignInCode, caller: Caller = ANYBODY) -> CodeSent:
        """Has a sign-in code sent to the address, if an account has it. Raises InvalidInput,
        TooManyRequests."""
        contact = self._contacts.require(command)
        return await self._code_requests.request(contact, Purpose.LOGIN, caller)

    async def with_code(self, command: SignInWithCode, caller: Caller = ANYBODY) -> Tokens:
        """Begins a session. Raises InvalidCode, ChallengeIdRequired, TooManyRequests."""
        await self._throttle.admit("code_check", caller)
        answer = self._answers.read(command)
        now = self._clock.now()
        tokens = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._with_code(unit, answer, now)
        )
        if tokens is None:
            raise InvalidCode
        return tokens

    async def _try_password(
        self, identifier: Identifier, password: str, subject_key: str, caller: Caller
    ) -> Tokens | None:
        async with self._units.view(caller) as view:
            known = await identifier.find(view)
        checked_hash = known.password_hash if known else None
        check = await self._hasher.check(password, checked_hash)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> Tokens | None:
            user = await identifier.find(unit)
            if check.matches and user is not None and user.password_hash != checked_hash:
                raise _HashReplaced
            if not check.matches or user is None or not user.may_sign_in:
                unit.record(self._refusal(subject_key, user, "password", now))
                await unit.commit()
                return None
            _take_new_hash(user, check)
            return await self._begin(unit, user, ("pwd",), now)

        return await in_unit(lambda: self._units.open_alone(caller), body)

    async def _with_code(self, unit: IdentityUnit, answer: ReadAnswer, now: datetime) -> Tokens | None:
        challenge = await self._answers.judge(unit, answer, purpose=Purpose.LOGIN, now=now)
        if challenge is None:
            unit.record(self._refusal(self._named(answer), None, "otp", now))
            await unit.commit()
            return None
        user = await self._contacts.owner(unit, channel=challenge.channel, key=challenge.subject)
        if user is None or not user.may_sign_in:
            unit.record(self._refusal(self._code_book.subject_key(challenge.subject), user, "otp", now))
            await unit.commit()
            return None
        return await self._begin(unit, user, ("otp",), now)

    def _named(self, answer: ReadAnswer) -> str:
        """What a refused answer was about, as a pseudonym or the challenge's id."""
        return self._code_book.subject_key(answer.subject) if answer.subject else str(answer.challenge_id)

    async def _begin(self, unit: IdentityUnit, user: User, methods: tuple[str, ...], now: datetime) -> Tokens:
        session = Session.begin(
            id=self._ids.next(),
            user_id=user.id,
            key_id=self._refresh_tokens.key_id,
            methods=methods,
            policy=self._policy,
            now=now,
            ip=unit.caller.ip,
            user_agent=unit.caller.user_agent,
        )
        user.last_login_at = now
        await unit.users.save(user)
        await unit.sessions.add(session)
        await unit.commit()
        return self._issuing.tokens(session, user, now=now)

    @staticmethod
    def _refusal(subject_key: str, user: User | None, method: str, now: datetime) -> SignInRefused:
        return SignInRefused(
            occurred_at=now, subject_key=subject_key, user_id=user.id if user else None, method=method
        )

    @staticmethod
    def _or_refuse(tokens: Tokens | None) -> Tokens:
        if tokens is None:
            raise InvalidCredentials
        return tokens


def _take_new_hash(user: User, check: PasswordCheck) -> None:
    if check.new_hash is not None:
        user.password_hash = check.new_hash


__all__ = ["Identifier", "SigningIn"]
