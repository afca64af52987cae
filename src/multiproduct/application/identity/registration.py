"""Registration: asking for an account, and becoming a user by proving to own the address."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.idempotency import Idempotency, KeyedRequest
from multiproduct.application.identity.answers import Answers, ReadAnswer
from multiproduct.application.identity.breach_checking import BreachChecking
from multiproduct.application.identity.code_requests import code_sent
from multiproduct.application.identity.commands import StartRegistration, VerifyRegistration
from multiproduct.application.identity.consent_keeping import ConsentLog
from multiproduct.application.identity.contacts import Contact, Contacts
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.registration_choosing import (
    Choice,
    GivenPassword,
    PasswordDecides,
    RegistrationChoosing,
)
from multiproduct.application.identity.results import CodeSent, Registered, UserView
from multiproduct.application.identity.taking_possession import release
from multiproduct.application.identity.texting import Texting
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.identity.username_claims import refuse_given_up
from multiproduct.application.input_findings import InputFindings
from multiproduct.application.otp import CodeBook, Issuing, in_budget
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity import (
    AgreedTo,
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
_START, _VERIFY = "identity.registration.start", "identity.registration.verify"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What somebody signs up with, as far as it could be read."""

    contact: Contact | None
    username: Username | None
    password: str | None = field(repr=False)
    locale: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What somebody answers with, read."""

    answer: ReadAnswer
    username: Username | None
    given: GivenPassword


class _Verified(BaseModel):
    """What judging an answer led to: the new user, or nobody where it is not right."""

    user: UserView | None

    @property
    def about(self) -> str | None:
        """Whose data it is."""
        return str(self.user.id) if self.user is not None else None


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
        breaches: BreachChecking,
        texting: Texting,
        usernames: UsernameChecking,
        locales: Locales,
        consents: ConsentLog,
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
        self._breaches = breaches
        self._choosing = RegistrationChoosing(hasher=hasher, passwords=passwords, breaches=breaches)
        self._texting = texting
        self._usernames = usernames
        self._locales = locales
        self._consents = consents
        self._throttle = throttle
        self._idempotency = idempotency

    async def start(
        self, command: StartRegistration, caller: Caller = ANYBODY, *, idempotency_key: str | None = None
    ) -> CodeSent:
        """Keeps a pending registration and has a code sent. Tells nothing about who has an account.

        Raises InvalidInput, NotConfigured, UsernameTaken, TooManyRequests, Unavailable, IdempotencyMismatch.
        """
        keyed = self._idempotency.keyed(
            key=idempotency_key, activity=_START, caller=caller, command=command, answer_type=CodeSent
        )
        repeated = await keyed.first_answer(self._units.view, now=self._clock.now())
        if repeated is not None:
            return repeated
        findings = InputFindings()
        wish = self._read(command, findings, default_locale=caller.locale)
        if wish.contact is None:
            raise findings.refusal()
        contact = wish.contact
        await self._throttle.admit("sign_up", caller, subject=self._code_book.subject_key(contact.key))
        findings.refuse()
        if wish.username is not None:
            await self._usernames.require_free(wish.username)
        await self._texting.admit(contact, caller)
        if wish.password is not None:
            await self._breaches.refuse(wish.password)
        password_hash = await self._hasher.hash(wish.password) if wish.password is not None else None
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> CodeSent:
            async def effect() -> CodeSent:
                return await self._keep(
                    unit,
                    command=command,
                    wish=wish,
                    contact=contact,
                    password_hash=password_hash,
                    ip=caller.ip,
                    now=now,
                )

            sent = await keyed.once(unit, effect, now=now)
            await unit.commit()
            return sent

        return await in_budget(lambda: self._units.open(caller), body, now=now)

    def check_start(self, command: StartRegistration, findings: InputFindings) -> None:
        """Adds what `start` would refuse in the fields of a command, also of one that lacks some."""
        self._read(command, findings, default_locale=ANYBODY.locale)

    async def verify(
        self, command: VerifyRegistration, caller: Caller = ANYBODY, *, idempotency_key: str | None = None
    ) -> Registered:
        """Makes the user, in the transaction that consumes the code.

        A repetition takes the limit of answers once more, so that nobody finds out by it what was answered.
        Raises InvalidInput, InvalidCode, ChallengeIdRequired, TooManyRequests, Unavailable,
        IdempotencyMismatch, and UsernameTaken, after which the same code can be given again with another
        `username`. So it can with another password where `password` was required or wrong.
        """
        await self._throttle.admit("code_check", caller)
        keyed = self._idempotency.keyed(
            key=idempotency_key, activity=_VERIFY, caller=caller, command=command, answer_type=_Verified
        )
        verified = await keyed.first_answer(self._units.view, now=self._clock.now())
        if verified is None:
            verified = await self._verify(command, caller, keyed)
        if verified.user is None:
            raise InvalidCode
        return Registered(user=verified.user)

    def check_verify(self, command: VerifyRegistration, findings: InputFindings) -> None:
        """Adds what `verify` would refuse in the fields of a command, also of one that lacks some."""
        self._answers.read(command, findings, token=command.token)
        findings.read(lambda: self._wished(command.username), "username")
        self._choosing.read(command, findings)

    def _read(self, command: StartRegistration, findings: InputFindings, *, default_locale: str) -> _Wish:
        contact = findings.read(lambda: self._contacts.require(command), "email", "phone")
        username = findings.read(lambda: self._wished(command.username), "username")
        password = findings.read(lambda: self._checked_password(command, contact), "password")
        locale = findings.read(lambda: self._locales.locale(command.locale, default=default_locale), "locale")
        time_zone = findings.read(lambda: self._locales.time_zone(command.time_zone), "time_zone")
        return _Wish(
            contact=contact,
            username=username,
            password=password,
            locale=locale or default_locale,
            time_zone=time_zone or "UTC",
        )

    async def _keep(
        self,
        unit: IdentityUnit,
        *,
        command: StartRegistration,
        wish: _Wish,
        contact: Contact,
        password_hash: str | None,
        ip: str | None,
        now: datetime,
    ) -> CodeSent:
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
            username=wish.username,
            password_hash=password_hash,
            first_name=command.first_name,
            last_name=command.last_name,
            locale=wish.locale,
            time_zone=wish.time_zone,
            created_at=now,
            expires_at=issued.challenge.expires_at,
            consents=_agreed_to(command),
            ip=ip if command.consents else None,
        )
        pending.started()
        await unit.pending_registrations.add(pending)
        return code_sent(issued)

    async def _verify(
        self, command: VerifyRegistration, caller: Caller, keyed: KeyedRequest[_Verified]
    ) -> _Verified:
        findings = InputFindings()
        answer = self._answers.read(command, findings, token=command.token)
        wished = findings.read(lambda: self._wished(command.username), "username")
        given = self._choosing.read(command, findings)
        if answer is None or given is None or findings.problems:
            raise findings.refusal()
        claim = _Claim(answer=answer, username=wished, given=given)
        try:
            try:
                return await self._try(claim, None, caller, keyed)
            except PasswordDecides as asked:
                choice = await self._choosing.choose(asked, given)
            return await self._try(claim, choice, caller, keyed)
        except UsernameTaken as error:
            raise await self._usernames.with_suggestions(error) from None

    async def _try(
        self, claim: _Claim, choice: Choice | None, caller: Caller, keyed: KeyedRequest[_Verified]
    ) -> _Verified:
        now = self._clock.now()

        async def body(unit: IdentityUnit) -> _Verified:
            verified = await keyed.once(unit, lambda: self._prove(unit, claim, choice, now), now=now)
            await unit.commit()
            return verified

        return await in_budget(lambda: self._units.open_alone(caller), body, now=now)

    def _wished(self, name: str | None) -> Username | None:
        return self._usernames.parse(name) if name else None

    def _checked_password(self, command: StartRegistration, contact: Contact | None) -> str | None:
        if command.password is None:
            if command.email is not None:
                raise InvalidInput(FieldProblem("password", "required"))
            return None
        address = contact.display if contact else command.email or ""
        context = [command.username or "", address, command.first_name, command.last_name]
        self._passwords.check(command.password, context)
        return prepared(command.password)

    async def _prove(
        self, unit: IdentityUnit, claim: _Claim, choice: Choice | None, now: datetime
    ) -> _Verified:
        challenge = await self._answers.judge(unit, claim.answer, purpose=Purpose.REGISTRATION, now=now)
        proved = await unit.pending_registrations.find(challenge.id) if challenge else None
        pending = None
        if challenge is not None and proved is not None:
            pending = await self._choosing.meant(
                unit, proved, challenge, claim.answer, given=claim.given, choice=choice
            )
        user = await self._become_user(unit, pending, claim.username, now) if pending else None
        if user is not None and pending is not None:
            # Whoever sets another password did not ask for this account, and agreed to nothing.
            if claim.given.new is None:
                await self._consents.agreed_at_sign_up(unit, user.id, pending)
            unit.forget(*self._usernames.cache_keys(user.username.key))
        return _Verified(user=UserView.of(user) if user is not None else None)

    async def _become_user(
        self, unit: IdentityUnit, pending: PendingRegistration, wished: Username | None, now: datetime
    ) -> User | None:
        """The new user, or None when the address found another owner meanwhile."""
        chosen = wished or pending.username
        names: Sequence[Username] = [chosen] if chosen else self._usernames.generated(_MAX_GENERATED_NAMES)
        user_id = self._ids.for_user()
        await release(unit, Contact(pending.email, pending.phone), to=None, now=now)
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
            if chosen is not None:
                await refuse_given_up(unit, chosen, now=now)
            return user
        raise InvalidInput(FieldProblem("username", "required"))


def _agreed_to(command: StartRegistration) -> tuple[AgreedTo, ...]:
    """Each kind once, in the version named last."""
    newest = {each.kind: each.version for each in command.consents}
    return tuple(AgreedTo(kind=kind, version=version) for kind, version in newest.items())
