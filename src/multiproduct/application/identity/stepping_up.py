"""Stepping up: proving again, in a session that goes on, who one is."""

from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import RECENTLY, Caller, Principal
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import RequestSignInCode
from multiproduct.application.identity.factor_kinds import SMS, FactorKinds, Offered
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent
from multiproduct.application.identity.second_factor_commands import StepUp
from multiproduct.application.identity.second_factor_results import SteppedUpAnswer, StepUpMethods
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity import Session, SessionOver, SignInRefused, User, of_code
from multiproduct.domain.identity.passwords import prepared
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.domain.shared import FieldProblem, InvalidInput, StepUpRequired, Unauthenticated

PASSWORD, CODE = "password", "otp"
_SCOPE = "step_up"
_Outcome = tuple[str, ...] | None
"""The methods of a right proof; None for a wrong one."""


class SteppingUp:
    """By the password, by a second factor, or by a mailed or texted code. Whoever has a second factor does it
    by that: neither who reads the mailbox nor who learned the password stands in for them. Staff who signed
    in by too little cannot do it by more of that."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        answers: Answers,
        code_requests: CodeRequests,
        code_book: CodeBook,
        hasher: PasswordHasher,
        kinds: FactorKinds,
        budget: SignInBudget,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._answers = answers
        self._code_requests = code_requests
        self._code_book = code_book
        self._hasher = hasher
        self._kinds = kinds
        self._budget = budget
        self._throttle = throttle

    async def methods(self, caller: Caller) -> StepUpMethods:
        """How the caller can. Raises Unauthenticated."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            user = await view.users.find(user_id)
            if user is None:
                raise Unauthenticated
            return StepUpMethods(methods=list(await self._possible(view, user)))

    async def explained(self, refusal: StepUpRequired, caller: Caller) -> StepUpRequired:
        """The refusal, with the ways that this person has: none for staff who must set a second factor up
        first. Raises Unauthenticated."""
        if not refusal.by_second_factor:
            return StepUpRequired(methods=tuple((await self.methods(caller)).methods))
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            kinds = await self._kinds.enrolled(view, user_id)
        methods = tuple(kind.name for kind in kinds if kind.name != SMS)
        return StepUpRequired(methods=methods, by_second_factor=True)

    async def request_code(self, caller: Caller, *, idempotency_key: str | None = None) -> CodeSent:
        """Sends a code to the mailbox, or else the telephone, that the caller proved to have; where texts are
        the caller's second factor, to the telephone. Raises Unauthenticated, StepUpRequired for
        somebody who cannot step up by a code, TooManyRequests."""
        user_id = caller.require_user()
        async with self._units.view(caller) as view:
            user = await view.users.find(user_id)
            if user is None:
                raise Unauthenticated
            possible = await self._possible(view, user)
            if SMS not in possible and CODE not in possible:
                raise StepUpRequired(methods=possible)
        takes_mail = SMS not in possible and user.email is not None and user.email_verified
        address = (
            RequestSignInCode(email=user.email.display)
            if takes_mail and user.email is not None
            else RequestSignInCode(phone=str(user.phone))
        )
        return await self._code_requests.request(
            address, Purpose.STEP_UP, caller, idempotency_key=idempotency_key
        )

    async def step_up(self, command: StepUp, caller: Caller) -> SteppedUpAnswer:
        """Counts the session as recently proved from now on.

        Raises Unauthenticated, InvalidInput (`wrong_password` on `password`), InvalidCode, StepUpRequired for
        the password or a code of somebody who has a second factor, TooManyRequests, Unavailable.
        """
        user_id, session_id = caller.require_user(), caller.principal.session_id
        if session_id is None:
            raise Unauthenticated
        await self._throttle.admit(_SCOPE, caller)
        if command.password is not None:
            return await self._by_password(command.password, user_id, session_id, caller)
        now = self._clock.now()
        if command.otp is not None:
            answer = ReadAnswer(command.challenge_id, None, command.otp)
            methods = await in_budget(
                lambda: self._units.open_alone(caller),
                lambda unit: self._by_code(unit, answer, user_id, session_id, now),
                now=now,
            )
        else:
            offered = self._kinds.read(command)
            methods = await in_budget(
                lambda: self._units.open_alone(caller),
                lambda unit: self._by_factor(unit, offered, user_id, session_id, now),
                now=now,
            )
        if methods is None:
            raise InvalidCode
        return SteppedUpAnswer(methods=list(methods), recent_until=now + RECENTLY)

    def check(self, command: StepUp, findings: InputFindings) -> None:
        """Adds what `step_up` would refuse in the fields of a command, also of one that lacks some."""
        password = command.password
        if password is not None:
            findings.read(lambda: prepared(password), PASSWORD)
        elif command.otp is None:
            findings.read(lambda: self._kinds.read(command), "code", "credential", "method", PASSWORD, CODE)

    async def _by_password(
        self, password: str, user_id: UUID, session_id: UUID, caller: Caller
    ) -> SteppedUpAnswer:
        typed = prepared(password)
        async with self._units.view(caller) as view:
            user = await view.users.find(user_id)
            await self._budget.admit_within(view, user_id)
        checked_hash = user.password_hash if user else None
        check = await self._hasher.check(typed, checked_hash)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> _Outcome:
            user = await unit.users.find(user_id)
            # A password that was changed meanwhile is not the one that was checked.
            is_right = check.matches and user is not None and user.password_hash == checked_hash
            if user is not None:
                await self._require_possible(unit, user, PASSWORD)
            if not is_right:
                await self._budget.failed_within(unit, user_id)
                await self._refuse(unit, user, "pwd", now)
                return None
            await self._budget.succeeded_within(unit, user_id)
            session = await self._held(unit, session_id, user_id, now)
            session.proved_again(("pwd",), now=now)
            return await self._kept(unit, session)

        methods = await in_budget(lambda: self._units.open_alone(caller), body, now=now)
        if methods is None:
            raise InvalidInput(FieldProblem(PASSWORD, "wrong_password"))
        return SteppedUpAnswer(methods=list(methods), recent_until=now + RECENTLY)

    async def _by_code(
        self, unit: IdentityUnit, answer: ReadAnswer, user_id: UUID, session_id: UUID, now: datetime
    ) -> _Outcome:
        user = await unit.users.find(user_id)
        if user is None:
            raise Unauthenticated
        await self._require_possible(unit, user, CODE)
        named = answer if answer.challenge_id else ReadAnswer(None, _subject(user), answer.proof)
        challenge = await self._answers.judge(unit, named, purpose=Purpose.STEP_UP, now=now)
        if challenge is None or challenge.subject not in _subjects(user):
            await self._refuse(unit, user, "otp", now)
            return None
        session = await self._held(unit, session_id, user_id, now)
        session.proved_again(of_code(challenge.channel), now=now)
        return await self._kept(unit, session)

    async def _by_factor(
        self, unit: IdentityUnit, offered: Offered, user_id: UUID, session_id: UUID, now: datetime
    ) -> _Outcome:
        proved = await self._kinds.check(unit, user_id, offered, now=now)
        if proved is None:
            await self._refuse(unit, await unit.users.find(user_id), offered.kind.name, now)
            return None
        session = await self._held(unit, session_id, user_id, now)
        session.proved_factor_again(proved, now=now)
        return await self._kept(unit, session)

    async def _possible(self, unit: IdentityUnit, user: User) -> tuple[str, ...]:
        kinds = tuple(kind.name for kind in await self._kinds.enrolled(unit, user.id))
        if kinds:
            return kinds
        password = (PASSWORD,) if user.password_hash is not None else ()
        is_enough = not _is_too_little(unit.caller.principal) and _subject(user) is not None
        return (*password, CODE) if is_enough else password

    async def _require_possible(self, unit: IdentityUnit, user: User, method: str) -> None:
        possible = await self._possible(unit, user)
        if method not in possible:
            raise StepUpRequired(methods=possible)

    @staticmethod
    async def _held(unit: IdentityUnit, session_id: UUID, user_id: UUID, now: datetime) -> Session:
        session = await unit.sessions.hold(session_id)
        if session is None or session.user_id != user_id or not session.is_live(now=now):
            raise SessionOver
        return session

    @staticmethod
    async def _kept(unit: IdentityUnit, session: Session) -> _Outcome:
        await unit.sessions.save(session)
        await unit.commit()
        return session.methods

    async def _refuse(self, unit: IdentityUnit, user: User | None, method: str, now: datetime) -> None:
        if user is None:
            raise Unauthenticated
        subject_key = self._code_book.subject_key(user.username.key)
        unit.record(SignInRefused(occurred_at=now, subject_key=subject_key, user_id=user.id, method=method))
        await unit.commit()


def _is_too_little(principal: Principal) -> bool:
    """Whether staff signed in by no more than a code, which they could not add to by another one."""
    return bool(principal.withheld) and principal.authenticated_at is None


def _subject(user: User) -> str | None:
    """The key of the address that a code goes to."""
    return next(iter(_subjects(user)), None)


def _subjects(user: User) -> list[str]:
    email = [user.email.key] if user.email is not None and user.email_verified else []
    phone = [str(user.phone)] if user.phone is not None and user.phone_verified else []
    return email + phone
