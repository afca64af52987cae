"""Telling which registration of an address is proved, so that no mailbox proves a stranger's password."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from multiproduct.application.identity.answers import ReadAnswer
from multiproduct.application.identity.breach_checking import BreachChecking
from multiproduct.application.identity.commands import VerifyRegistration
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.domain.identity import PendingRegistration
from multiproduct.domain.identity.passwords import PasswordPolicy, prepared
from multiproduct.domain.otp import Challenge
from multiproduct.domain.shared import FieldProblem, InvalidInput

_MOST_COMPARED = 8
_PASSWORD, _NEW = "password", "new_password"


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenPassword:
    """What an answer says about the password: the one of the sign-up, a new one, or nothing."""

    chosen: str | None = field(repr=False)
    new: str | None = field(repr=False)

    @property
    def is_there(self) -> bool:
        """Whether it says anything."""
        return self.chosen is not None or self.new is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which registration becomes a user; `password_hash` is that of a new password."""

    registration_id: UUID
    password_hash: str | None = field(default=None, repr=False)


class PasswordDecides(Exception):
    """The answer is right, and a password has to be hashed before it has its effect, outside the unit. What
    was done in the unit is undone; the answer is given again with the choice."""

    def __init__(self, proved: PendingRegistration, others: Sequence[PendingRegistration]) -> None:
        self.proved = proved
        self.others = others


class RegistrationChoosing:
    """Anybody can sign up with anybody's address, and all get equal mails. Whoever holds the mailbox proves
    the address, but which password becomes the account's is theirs to say."""

    def __init__(
        self, *, hasher: PasswordHasher, passwords: PasswordPolicy, breaches: BreachChecking
    ) -> None:
        self._hasher = hasher
        self._passwords = passwords
        self._breaches = breaches

    def read(self, command: VerifyRegistration, findings: InputFindings) -> GivenPassword | None:
        """The passwords of an answer; None where `findings` has something against them."""
        return findings.read(lambda: self._read(command), _PASSWORD, _NEW)

    async def meant(
        self,
        unit: IdentityUnit,
        proved: PendingRegistration,
        challenge: Challenge,
        answer: ReadAnswer,
        *,
        given: GivenPassword,
        choice: Choice | None,
    ) -> PendingRegistration | None:
        """The registration that becomes a user, in the unit that consumed the answer; None where the chosen
        one is gone, as the address found its owner.

        Only whoever signed up knows a `challenge_id`, as long as no newer code was asked for: somebody who
        asks for one by the address is told an id that may be a stranger's. An answer to such a code, a link,
        and a code that is given with its address may be of a stranger's sign-up: with a rival about they need
        a password. Raises InvalidInput where it lacks, and PasswordDecides for one that has to be looked at.
        """
        if proved.password_hash is None:
            return proved
        if choice is not None:
            return await self._chosen(unit, proved, choice)
        is_of_the_start = challenge.generation == 1
        names_its_own = answer.challenge_id is not None and not answer.is_link and is_of_the_start
        if names_its_own and not given.is_there:
            return proved
        found = await unit.pending_registrations.of_address(
            email_key=proved.email.key if proved.email else None,
            phone_key=proved.phone.e164 if proved.phone else None,
            limit=_MOST_COMPARED,
        )
        others = [each for each in found if each.id != proved.id and each.overlaps(proved)]
        if given.is_there:
            raise PasswordDecides(proved, [] if names_its_own else others)
        if others:
            raise InvalidInput(FieldProblem(_PASSWORD, "required"))
        return proved

    async def choose(self, asked: PasswordDecides, given: GivenPassword) -> Choice:
        """The registration whose password was given, else that of the answer with the new one. At most eight
        are compared. Raises InvalidInput, Unavailable."""
        if given.new is not None:
            proved = asked.proved
            address = proved.email.display if proved.email else str(proved.phone)
            self._check_new(given.new, [address, proved.first_name, proved.last_name])
            await self._breaches.refuse(given.new, field=_NEW)
            return Choice(registration_id=proved.id, password_hash=await self._hasher.hash(given.new))
        for each in (asked.proved, *asked.others)[:_MOST_COMPARED]:
            hashed = each.password_hash
            if given.chosen and hashed and (await self._hasher.check(given.chosen, hashed)).matches:
                return Choice(registration_id=each.id)
        raise InvalidInput(FieldProblem(_PASSWORD, "wrong_sign_up_password"))

    @staticmethod
    async def _chosen(
        unit: IdentityUnit, proved: PendingRegistration, choice: Choice
    ) -> PendingRegistration | None:
        chosen = await unit.pending_registrations.find(choice.registration_id)
        if chosen is None or not chosen.waits_for_the_address_of(proved):
            return None
        if choice.password_hash is not None:
            chosen.password_hash = choice.password_hash
        return chosen

    def _read(self, command: VerifyRegistration) -> GivenPassword:
        if command.password is not None and command.new_password is not None:
            raise InvalidInput(FieldProblem(_NEW, "one_of", (("fields", f"{_PASSWORD}, {_NEW}"),)))
        if command.password == "":
            raise InvalidInput(FieldProblem(_PASSWORD, "required"))
        chosen = prepared(command.password) if command.password is not None else None
        new = self._check_new(command.new_password, []) if command.new_password is not None else None
        return GivenPassword(chosen=chosen, new=new)

    def _check_new(self, password: str, context: Sequence[str]) -> str:
        try:
            self._passwords.check(password, [word for word in context if word])
            return prepared(password)
        except InvalidInput as error:
            raise InvalidInput(
                *(FieldProblem(_NEW, found.code, found.params) for found in error.problems)
            ) from None
