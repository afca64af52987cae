"""Changing one's own password by giving the current one, and setting the first one of an account."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from multiproduct.application.caller import Caller
from multiproduct.application.identity.breach_checking import BreachChecking
from multiproduct.application.identity.password_commands import ChangePassword, SetPassword
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.present_user import present_user
from multiproduct.application.identity.results import Done
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.identity.taking_possession import end_what_a_password_let_in
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import NoPasswordYet, PasswordThere, SignInRefused, User
from multiproduct.domain.identity.passwords import PasswordPolicy, prepared
from multiproduct.domain.identity.roles import OWN_PROFILE_UPDATE
from multiproduct.domain.shared import FieldProblem, InvalidInput, StaleAggregate

_SCOPE = "password_change"
_CURRENT, _NEW = "current_password", "new_password"
_MOST_CHECKS = 3


class _HashReplaced(Exception):
    """The hash that the current password was compared with is not the account's any more. The new one
    decides."""


class PasswordChange:
    """Two use cases, `change` and `set`. Both are told to the owner by mail."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        code_book: CodeBook,
        hasher: PasswordHasher,
        passwords: PasswordPolicy,
        breaches: BreachChecking,
        budget: SignInBudget,
        throttle: Throttle,
    ) -> None:
        self._units = units
        self._clock = clock
        self._code_book = code_book
        self._hasher = hasher
        self._passwords = passwords
        self._breaches = breaches
        self._budget = budget
        self._throttle = throttle

    async def change(self, command: ChangePassword, caller: Caller) -> Done:
        """Puts the new password in place, ends every other session of the person, voids the codes and links
        that could set another password or sign in, and closes changes of address under way.

        A wrong current password is audited and counted as a failed sign-in is. Raises Unauthenticated,
        NoPasswordYet, InvalidInput (wrong_password on `current_password`), TooManyRequests, Unavailable.
        """
        user_id = self._owner(caller)
        await self._throttle.admit(_SCOPE, caller)
        for _ in range(_MOST_CHECKS):
            with suppress(_HashReplaced):
                return await self._try_change(command, user_id, caller)
        raise StaleAggregate(id=str(user_id))

    async def set(self, command: SetPassword, caller: Caller) -> Done:
        """Gives the account its first password, and ends and voids what `change` does.

        Raises Unauthenticated, StepUpRequired, PasswordThere, InvalidInput, TooManyRequests, Unavailable.
        """
        user_id = self._owner(caller)
        caller.require_recent(self._clock.now())
        await self._throttle.admit(_SCOPE, caller)
        known = await self._known(user_id, caller)
        if known.password_hash is not None:
            raise PasswordThere
        new = self._checked(command.new_password, known)
        await self._breaches.refuse(new, field=_NEW)
        new_hash = await self._hasher.hash(new)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> Done:
            user = await present_user(unit, user_id)
            user.set_password(new_hash, now=now)
            await unit.users.save(user)
            await self._end_what_else_there_is(unit, user, now)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open(caller), body)

    def check(self, command: ChangePassword | SetPassword, findings: InputFindings) -> None:
        """Adds what would be refused in the fields of a command whoever sends it, also of one that lacks
        some."""
        findings.read(lambda: self._checked(command.new_password, None), _NEW)
        if isinstance(command, ChangePassword):
            findings.read(lambda: _named(lambda: prepared(command.current_password), _CURRENT), _CURRENT)

    async def _try_change(self, command: ChangePassword, user_id: UUID, caller: Caller) -> Done:
        known = await self._known(user_id, caller)
        if known.password_hash is None:
            raise NoPasswordYet
        async with self._units.view(caller) as view:
            await self._budget.admit_within(view, user_id)
        findings = InputFindings()
        current = findings.read(lambda: _named(lambda: prepared(command.current_password), _CURRENT))
        new = findings.read(lambda: self._checked(command.new_password, known))
        if current is None or new is None:
            raise findings.refusal()
        if not (await self._hasher.check(current, known.password_hash)).matches:
            await self._note_wrong(known, caller)
            raise InvalidInput(FieldProblem(_CURRENT, "wrong_password"))
        await self._breaches.refuse(new, field=_NEW)
        new_hash = await self._hasher.hash(new)
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> Done:
            user = await present_user(unit, user_id)
            if user.password_hash != known.password_hash:
                raise _HashReplaced
            await self._budget.succeeded_within(unit, user_id)
            user.change_password(new_hash, now=now)
            await unit.users.save(user)
            await self._end_what_else_there_is(unit, user, now)
            await unit.commit()
            return Done()

        return await in_unit(lambda: self._units.open_alone(caller), body)

    async def _end_what_else_there_is(self, unit: IdentityUnit, user: User, now: datetime) -> None:
        kept = unit.caller.principal.session_id
        await end_what_a_password_let_in(unit, user, now=now, besides=kept)

    async def _note_wrong(self, user: User, caller: Caller) -> None:
        refused = SignInRefused(
            occurred_at=self._clock.now(),
            subject_key=self._code_book.subject_key(user.username.key),
            user_id=user.id,
            method="password_change",
        )

        async def body(unit: IdentityUnit) -> None:
            await self._budget.failed_within(unit, user.id)
            unit.record(refused)
            await unit.commit()

        await in_unit(lambda: self._units.open_alone(caller), body)

    def _checked(self, password: str, user: User | None) -> str:
        context = _context(user) if user is not None else []
        return _named(lambda: self._prepared(password, context), _NEW)

    def _prepared(self, password: str, context: list[str]) -> str:
        self._passwords.check(password, context)
        return prepared(password)

    async def _known(self, user_id: UUID, caller: Caller) -> User:
        async with self._units.view(caller) as view:
            return await present_user(view, user_id)

    @staticmethod
    def _owner(caller: Caller) -> UUID:
        user_id = caller.require_user()
        caller.require(OWN_PROFILE_UPDATE)
        return user_id


def _context(user: User) -> list[str]:
    """What an attacker knows of the account."""
    email = user.email.display if user.email else ""
    phone = str(user.phone) if user.phone else ""
    return [user.username.display, email, phone, user.first_name, user.last_name]


def _named(read: Callable[[], str], field: str) -> str:
    """What `read` answers; what it refuses is told about that field."""
    try:
        return read()
    except InvalidInput as error:
        raise InvalidInput(
            *(FieldProblem(field, found.code, found.params) for found in error.problems)
        ) from None
