"""Setting a new password without the old one, by proving to hold the mailbox or telephone."""

from datetime import datetime

from pydantic import BaseModel

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.idempotency import Idempotency, KeyedRequest
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.breach_checking import BreachChecking
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import ConfirmPasswordReset, RequestPasswordReset
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent, Done
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.identity.sms_factor_checking import SmsFactorChecking
from multiproduct.application.identity.taking_possession import admitted_by, end_what_a_password_let_in
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity.passwords import PasswordPolicy, prepared
from multiproduct.domain.otp import Challenge, Channel, InvalidCode, Purpose
from multiproduct.domain.shared import FieldProblem, InvalidInput

_CONFIRM = "identity.password_reset.confirm"


class _Judged(BaseModel):
    """What judging an answer led to."""

    is_done: bool


class PasswordReset:
    """Two use cases, `request` and `confirm`; the second ends every session of the person."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        contacts: Contacts,
        answers: Answers,
        code_requests: CodeRequests,
        hasher: PasswordHasher,
        passwords: PasswordPolicy,
        breaches: BreachChecking,
        budget: SignInBudget,
        texts: SmsFactorChecking,
        throttle: Throttle,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._contacts = contacts
        self._answers = answers
        self._code_requests = code_requests
        self._hasher = hasher
        self._passwords = passwords
        self._breaches = breaches
        self._budget = budget
        self._texts = texts
        self._throttle = throttle
        self._idempotency = idempotency

    async def request(
        self, command: RequestPasswordReset, caller: Caller = ANYBODY, *, idempotency_key: str | None = None
    ) -> CodeSent:
        """Has a code sent, if an account has the address. Raises InvalidInput, TooManyRequests,
        IdempotencyMismatch."""
        return await self._code_requests.request(
            command, Purpose.PASSWORD_RESET, caller, idempotency_key=idempotency_key
        )

    async def confirm(
        self, command: ConfirmPasswordReset, caller: Caller = ANYBODY, *, idempotency_key: str | None = None
    ) -> Done:
        """Sets the new password. A repetition takes the limit of answers once more.

        Raises InvalidCode, InvalidInput, ChallengeIdRequired, TooManyRequests, IdempotencyMismatch.
        """
        await self._throttle.admit("code_check", caller)
        keyed = self._idempotency.keyed(
            key=idempotency_key, activity=_CONFIRM, caller=caller, command=command, answer_type=_Judged
        )
        judged = await keyed.first_answer(self._units.view, now=self._clock.now())
        if judged is None:
            judged = await self._confirm(command, caller, keyed)
        if not judged.is_done:
            raise InvalidCode
        return Done()

    def check_confirm(self, command: ConfirmPasswordReset, findings: InputFindings) -> None:
        """Adds what `confirm` would refuse in the fields of a command, also of one that lacks some."""
        self._answers.read(command, findings, token=command.token)
        findings.read(lambda: self._new_password(command), "new_password", "email", "phone")

    async def _confirm(
        self, command: ConfirmPasswordReset, caller: Caller, keyed: KeyedRequest[_Judged]
    ) -> _Judged:
        findings = InputFindings()
        answer = self._answers.read(command, findings, token=command.token)
        password = findings.read(lambda: self._new_password(command), "new_password", "email", "phone")
        if answer is None or password is None:
            raise findings.refusal()
        await self._breaches.refuse(password, field="new_password")
        password_hash = await self._hasher.hash(password)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> _Judged:
            judged = await keyed.once(unit, lambda: self._reset(unit, answer, password_hash, now), now=now)
            await unit.commit()
            return judged

        return await in_budget(lambda: self._units.open_alone(caller), body, now=now)

    def _new_password(self, command: ConfirmPasswordReset) -> str:
        contact = self._contacts.read(command)
        try:
            self._passwords.check(command.new_password, [contact.display] if contact else [])
        except InvalidInput as error:
            raise InvalidInput(
                *(FieldProblem("new_password", found.code, found.params) for found in error.problems)
            ) from None
        return prepared(command.new_password)

    async def _reset(
        self, unit: IdentityUnit, answer: ReadAnswer, password_hash: str, now: datetime
    ) -> _Judged:
        challenge = await self._answers.judge(unit, answer, purpose=Purpose.PASSWORD_RESET, now=now)
        if challenge is not None and await self._is_second_factor(unit, challenge):
            return _Judged(is_done=False)
        user = await admitted_by(unit, challenge, now=now)
        if user is not None:
            user.reset_password(password_hash, now=now)
            await unit.users.save(user)
            await end_what_a_password_let_in(unit, user, now=now)
            await self._budget.forgive(unit, user)
        return _Judged(is_done=user is not None)

    async def _is_second_factor(self, unit: IdentityUnit, challenge: Challenge) -> bool:
        """Whether the code went where the person's second factor goes: whoever took the number over would get
        in by it alone."""
        if challenge.channel is not Channel.SMS:
            return False
        user = await unit.users.find_by_phone(challenge.subject)
        return user is not None and await self._texts.is_enrolled(unit, user.id)
