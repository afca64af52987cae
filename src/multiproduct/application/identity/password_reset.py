"""Setting a new password without the old one, by proving to hold the mailbox or telephone."""

from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import ConfirmPasswordReset, RequestPasswordReset
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent, Done
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import EndReason
from multiproduct.domain.identity.passwords import PasswordPolicy, prepared
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.domain.shared import FieldProblem, InvalidInput


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
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._contacts = contacts
        self._answers = answers
        self._code_requests = code_requests
        self._hasher = hasher
        self._passwords = passwords
        self._throttle = throttle

    async def request(self, command: RequestPasswordReset, caller: Caller = ANYBODY) -> CodeSent:
        """Has a code sent, if an account has the address. Raises InvalidInput, TooManyRequests."""
        contact = self._contacts.require(command)
        return await self._code_requests.request(contact, Purpose.PASSWORD_RESET, caller)

    async def confirm(self, command: ConfirmPasswordReset, caller: Caller = ANYBODY) -> Done:
        """Sets the new password. Raises InvalidCode, InvalidInput, ChallengeIdRequired, TooManyRequests."""
        await self._throttle.admit("code_check", caller)
        answer = self._answers.read(command, token=command.token)
        password = self._new_password(command)
        password_hash = await self._hasher.hash(password)
        now = self._clock.now()
        is_done = await in_unit(
            lambda: self._units.open_alone(caller),
            lambda unit: self._reset(unit, answer, password_hash, now),
        )
        if not is_done:
            raise InvalidCode
        return Done()

    def _new_password(self, command: ConfirmPasswordReset) -> str:
        contact = self._contacts.read(command)
        try:
            self._passwords.check(command.new_password, [contact.display] if contact else [])
        except InvalidInput as error:
            raise InvalidInput(
                *(FieldProblem("new_password", found.code, found.params) for found in error.problems)
            ) from None
        return prepared(command.new_password)

    async def _reset(self, unit: IdentityUnit, answer: ReadAnswer, password_hash: str, now: datetime) -> bool:
        challenge = await self._answers.judge(unit, answer, purpose=Purpose.PASSWORD_RESET, now=now)
        user = (
            await self._contacts.owner(unit, channel=challenge.channel, key=challenge.subject)
            if challenge
            else None
        )
        if challenge is not None and user is not None and user.may_sign_in:
            user.reset_password(password_hash, now=now)
            await unit.users.save(user)
            await unit.sessions.end_all(user.id, reason=EndReason.PASSWORD_CHANGED, now=now)
            # Whoever read an older mail must not undo the reset.
            for purpose in (Purpose.PASSWORD_RESET, Purpose.LOGIN):
                await unit.challenges.revoke(purpose, challenge.subject, now=now)
        await unit.commit()
        return user is not None and user.may_sign_in
