"""Signing in with an account at Google, Apple or Facebook."""

from dataclasses import dataclass
from datetime import datetime

from multiproduct.application.caller import ANYBODY, Caller
from multiproduct.application.identity.automatic_linking import AutomaticLinking
from multiproduct.application.identity.ports import IdentityUnit
from multiproduct.application.identity.results import Tokens
from multiproduct.application.identity.second_factor_results import SecondFactorRequired
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.social_commands import SocialCallback, SocialProof
from multiproduct.application.identity.social_proving import ProvedIdentity, SocialProving
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.otp import CodeBook
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.units import in_unit
from multiproduct.domain.identity import (
    EmailTaken,
    ForeignIdentity,
    InvalidCredentials,
    Linking,
    LinkRequired,
    Provider,
    SignInRefused,
    SocialAccount,
    SocialTokenInvalid,
    User,
    UsernameTaken,
)
from multiproduct.domain.identity.linking import decide
from multiproduct.domain.shared import MultiproductError, StaleAggregate

_METHODS = ("fed",)
_MAX_GENERATED_NAMES = 8


@dataclass(frozen=True, slots=True)
class _Refused:
    """An outcome that is committed before it is told: the nonce is used up, the refusal is on record."""

    error: MultiproductError


@dataclass(frozen=True, slots=True)
class _Found:
    """Whose session it will be, and whether the account is theirs from then on."""

    user: User
    is_to_be_linked: bool = False


class SocialSignIn:
    """A nonce is used up, and the user, the link and the session are made, in one transaction.

    An account is linked by itself only together with a session: for somebody who is asked for a second factor
    that is when they have shown it, and never where they do not.
    """

    def __init__(
        self,
        *,
        units: Units[IdentityUnit],
        clock: Clock,
        ids: Ids,
        proving: SocialProving,
        starting: SessionStarting,
        linking: AutomaticLinking,
        usernames: UsernameChecking,
        code_book: CodeBook,
    ) -> None:
        self._units = units
        self._clock = clock
        self._ids = ids
        self._proving = proving
        self._starting = starting
        self._linking = linking
        self._usernames = usernames
        self._code_book = code_book

    async def by_token(
        self, provider: Provider, command: SocialProof, caller: Caller = ANYBODY
    ) -> Tokens | SecondFactorRequired:
        """Begins a session, for a new user where nobody has the account.

        Raises LinkRequired, InvalidCredentials for a user who may not sign in, and as
        `SocialProving.by_token`.
        """
        return await self._finish(await self._proving.by_token(provider, command, caller), caller)

    async def by_code(
        self, provider: Provider, command: SocialCallback, *, browser: str | None, caller: Caller = ANYBODY
    ) -> Tokens | SecondFactorRequired:
        """The same for a browser that came back. Raises as `by_token`, and as `SocialProving.by_code`."""
        proved = await self._proving.by_code(provider, command, browser=browser, user_id=None, caller=caller)
        return await self._finish(proved, caller)

    async def _finish(self, proved: ProvedIdentity, caller: Caller) -> Tokens | SecondFactorRequired:
        outcome = await in_unit(
            lambda: self._units.open_alone(caller), lambda unit: self._sign_in(unit, proved, caller)
        )
        if isinstance(outcome, _Refused):
            raise outcome.error
        return outcome

    async def _sign_in(
        self, unit: IdentityUnit, proved: ProvedIdentity, caller: Caller
    ) -> Tokens | SecondFactorRequired | _Refused:
        now = self._clock.now()
        if not await proved.use_up(unit, now=now):
            return _Refused(SocialTokenInvalid())
        found = await self._user_of(unit, proved.identity, caller, now)
        outcome: Tokens | SecondFactorRequired | _Refused
        if isinstance(found, _Refused):
            outcome = found
        else:
            link = proved.identity if found.is_to_be_linked else None
            outcome = await self._starting.begin(unit, found.user, _METHODS, now=now, to_be_linked=link)
            if link is not None and isinstance(outcome, Tokens):
                await self._linking.link(unit, link, found.user, now=now)
        await unit.commit()
        return outcome

    async def _user_of(
        self, unit: IdentityUnit, identity: ForeignIdentity, caller: Caller, now: datetime
    ) -> _Found | _Refused:
        account = await unit.social_accounts.find_by_subject(identity.issuer, identity.subject)
        owner = await _owner(unit, identity) if account is None else None
        decision = decide(
            identity,
            is_linked=account is not None,
            owner_is_verified=owner.email_verified if owner is not None else None,
            was_unlinked=owner is not None
            and await unit.social_accounts.was_unlinked(identity.issuer, identity.subject, user_id=owner.id),
        )
        if decision is Linking.CREATE:
            return _Found(await self._create(unit, identity, caller, now))
        user = owner if account is None else await unit.users.find(account.user_id)
        if decision is Linking.LINK_REQUIRED or user is None or not user.may_sign_in:
            unit.record(self._refusal(identity, user, now))
            is_conflict = decision is Linking.LINK_REQUIRED
            return _Refused(LinkRequired() if is_conflict else InvalidCredentials())
        if account is not None:
            account.last_used_at = now
            await unit.social_accounts.used(account)
        return _Found(user, is_to_be_linked=account is None)

    async def _create(
        self, unit: IdentityUnit, identity: ForeignIdentity, caller: Caller, now: datetime
    ) -> User:
        for name in self._usernames.generated(_MAX_GENERATED_NAMES):
            user = User(
                id=self._ids.for_user(),
                username=name,
                email=identity.proved,
                first_name=identity.first_name,
                last_name=identity.last_name,
                locale=caller.locale,
                email_verified=identity.proved is not None,
                username_generated=True,
                created_at=now,
                updated_at=now,
            )
            user.registered(registration_id=None, now=now)
            try:
                await unit.users.add(user)
            except UsernameTaken:
                continue
            except EmailTaken:
                raise StaleAggregate from None  # a rival has the address now: decide again
            account = SocialAccount.sign_up(identity, id=self._ids.next(), user_id=user.id, now=now)
            if not await unit.social_accounts.add(account):
                raise StaleAggregate  # a rival signed up with it just now: decide again
            unit.forget(*self._usernames.cache_keys(name.key))
            return user
        raise StaleAggregate

    def _refusal(self, identity: ForeignIdentity, user: User | None, now: datetime) -> SignInRefused:
        return SignInRefused(
            occurred_at=now,
            subject_key=self._code_book.subject_key(f"{identity.issuer}|{identity.subject}"),
            user_id=user.id if user else None,
            method="fed",
        )


async def _owner(unit: IdentityUnit, identity: ForeignIdentity) -> User | None:
    """Who has the address, as far as it may be looked up."""
    address = identity.looked_up
    return await unit.users.find_by_email(address.key) if address is not None else None
