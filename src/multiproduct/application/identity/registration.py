"""Registration: asking for an account, and becoming a user by proving to own the address."""

from collections.abc import Sequence
from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.code_requests import code_sent
from multiproduct.application.identity.commands import StartRegistration, VerifyRegistration
from multiproduct.application.identity.contacts import Contact, Contacts
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import CodeSent, Registered, UserView
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.otp import CodeBook, Issuing
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    EmailTaken,
    PendingRegistration,
    PhoneTaken,
    User,
    Username,
    UsernameTaken,
)
from multiproduct.domain.identity.passwords import PasswordPolicy, prepared
from multiproduct.domain.otp import InvalidCode, Purpose
from multiproduct.domain.shared import FieldProblem, InvalidInput

_MAX_GENERATED_NAMES = 8
_START = "identity.registration.start"


class Registration:
    """Two use cases, `start` and `verify`. Nobody is a user between them."""

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        contacts: Contacts,
        issuing: Issuing,
        answers: Answers,
        code_book: CodeBook,
        hasher: PasswordHasher,
        passwords: PasswordPolicy,
        usernames: UsernameChecking,
        locales: Locales,
        throttle: Throttle,
        idempotency: Idempotency,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._contacts = contacts
        self._issuing = issuing
        self._answers = answers
        self._code_book = code_book
        self._hasher = hasher
        self._passwords = passwords
        self._usernames = usernames
        self._locales = locales
        self._throttle = throttle
        self._idempotency = idempotency

    async def start(
        self, command: StartRegistration, caller: Caller = ANYBODY, *, idempotency_key: str | None = None
    ) -> CodeSent:
        """Keeps a pending registration and has a code sent. Tells nothing about who has an account.

        Raises InvalidInput, UsernameTaken, TooManyRequests, Unavailable, IdempotencyMismatch.
        """
        repeated = await self._first_answer(command, caller, idempotency_key)
        if repeated is not None:
            return repeated
        contact = self._contacts.require(command)
        await self._throttle.admit("sign_up", caller, subject=self._code_book.subject_key(contact.key))
        username = self._usernames.parse(command.username) if command.username else None
        password = self._checked_password(command, contact)
        locale = self._locales.locale(command.locale, default=caller.locale)
        time_zone = self._locales.time_zone(command.time_zone)
        if username is not None:
            await self._usernames.require_free(username)
        password_hash = await self._hasher.hash(password) if password is not None else None
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> CodeSent:
            async def effect() -> CodeSent:
                issued = await self._issuing.issue(
                    unit,
                    purpose=Purpose.REGISTRATION,
                    channel=contact.channel,
                    subject=contact.key,
                    address=contact.display,
                    now=now,
                )
                pending = PendingRegistration(
                    id=issued.challenge.id,
                    email=contact.email,
                    phone=contact.phone,
                    username=username,
                    password_hash=password_hash,
                    first_name=command.first_name,
                    last_name=command.last_name,
                    locale=locale,
                    time_zone=time_zone,
                    created_at=now,
                    expires_at=issued.challenge.expires_at,
                )
                pending.started()
                await unit.pending_registrations.add(pending)
                return code_sent(issued)

            sent = await self._idempotency.once(
                unit,
                key=idempotency_key,
                activity=_START,
                caller=caller,
                command=command,
                answer_type=CodeSent,
                now=now,
                body=effect,
            )
            await unit.commit()
            return sent

        return await in_unit(lambda: self._units.open(caller), body)

    async def verify(self, command: VerifyRegistration, caller: Caller = ANYBODY) -> Registered:
        """Makes the user, in the transaction that consumes the code.

        Raises InvalidCode, ChallengeIdRequired, TooManyRequests, and UsernameTaken, after which the same code
        can be given again with another `username`.
        """
        await self._throttle.admit("code_check", caller)
        answer = self._answers.read(command, token=command.token)
        wished = self._usernames.parse(command.username) if command.username else None
        now = self._clock.now()
        try:
            user = await in_unit(
                lambda: self._units.open_alone(caller),
                lambda unit: self._prove(unit, answer, wished, now),
            )
        except UsernameTaken as error:
            raise await self._usernames.with_suggestions(error) from None
        if user is None:
            raise InvalidCode
        return Registered(user=UserView.of(user))

    async def _first_answer(
        self, command: StartRegistration, caller: Caller, key: str | None
    ) -> CodeSent | None:
        if key is None:
            return None
        async with self._units.view(caller) as view:
            return await self._idempotency.first_answer(
                view,
                key=key,
                activity=_START,
                caller=caller,
                command=command,
                answer_type=CodeSent,
                now=self._clock.now(),
            )

    def _checked_password(self, command: StartRegistration, contact: Contact) -> str | None:
        if command.password is None:
            if contact.email is not None:
                raise InvalidInput(FieldProblem("password", "required"))
            return None
        context = [command.username or "", contact.display, command.first_name, command.last_name]
        self._passwords.check(command.password, context)
        return prepared(command.password)

    async def _prove(
        self, unit: IdentityUnit, answer: ReadAnswer, wished: Username | None, now: datetime
    ) -> User | None:
        challenge = await self._answers.judge(unit, answer, purpose=Purpose.REGISTRATION, now=now)
        pending = await unit.pending_registrations.find(challenge.id) if challenge else None
        user = await self._become_user(unit, pending, wished, now) if pending else None
        if user is not None:
            unit.forget(*self._usernames.cache_keys(user.username.key))
        await unit.commit()
        return user

    async def _become_user(
        self, unit: IdentityUnit, pending: PendingRegistration, wished: Username | None, now: datetime
    ) -> User | None:
        """The new user, or None when the address found another owner meanwhile."""
        chosen = wished or pending.username
        names: Sequence[Username] = [chosen] if chosen else self._usernames.generated(_MAX_GENERATED_NAMES)
        user_id = self._ids.for_user()
        for name in names:
            user = pending.proved(user_id=user_id, username=name, generated=chosen is None, now=now)
            try:
                await unit.users.add(user)
            except UsernameTaken:
                if chosen is not None:
                    raise
                continue
            except (EmailTaken, PhoneTaken):
                return None
            return user
        raise InvalidInput(FieldProblem("username", "required"))
