"""Puts the context's use cases together from the ports they need."""

from collections.abc import Callable
from dataclasses import dataclass

from multiproduct.application.caching import ReadThrough
from multiproduct.application.idempotency import Idempotency
from multiproduct.application.identity import Identity
from multiproduct.application.identity.administration import Administration
from multiproduct.application.identity.answers import Answers
from multiproduct.application.identity.authenticating import Authenticating
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.link_checking import LinkChecking
from multiproduct.application.identity.locales import Locales
from multiproduct.application.identity.password_reset import PasswordReset
from multiproduct.application.identity.phone_numbers import PhoneNumbers
from multiproduct.application.identity.ports import AccessTokens, IdentityUnit
from multiproduct.application.identity.profile import Profile
from multiproduct.application.identity.purging import Purging
from multiproduct.application.identity.refresh_tokens import RefreshTokens
from multiproduct.application.identity.registration import Registration
from multiproduct.application.identity.results import Availability
from multiproduct.application.identity.session_keeping import SessionKeeping, TokenIssuing
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.signing_in import SigningIn
from multiproduct.application.identity.username_answers import UsernameAnswers, UsernameIndex
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.otp import CodeBook, Issuing, OtpPurging, Peppers, Verification
from multiproduct.application.ports.clock import Clock
from multiproduct.application.ports.ids import Ids, Randomness
from multiproduct.application.ports.passwords import PasswordHasher
from multiproduct.application.ports.sealing import Sealing
from multiproduct.application.ports.unit_of_work import Units
from multiproduct.application.throttling import Throttle
from multiproduct.domain.identity import SessionPolicy
from multiproduct.domain.identity.passwords import PasswordPolicy
from multiproduct.domain.identity.usernames import UsernamePolicy
from multiproduct.domain.otp import OtpPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityParts:
    """What identity is made from. `taken` and `cached` build the two caches around their loaders."""

    units: Units[IdentityUnit]
    clock: Clock
    ids: Ids
    randomness: Randomness
    peppers: Peppers
    sealing: Sealing
    code_book: CodeBook
    hasher: PasswordHasher
    access_tokens: AccessTokens
    phone_numbers: PhoneNumbers
    throttle: Throttle
    idempotency: Idempotency
    locales: Locales
    otp_policy: OtpPolicy
    session_policy: SessionPolicy
    username_policy: UsernamePolicy
    default_region: str | None
    taken: Callable[[UsernameIndex], ReadThrough[bool]]
    cached: Callable[[UsernameAnswers], ReadThrough[Availability]]


def wire_identity(parts: IdentityParts) -> Identity:
    """Every use case of the context."""
    units, clock, ids, throttle = parts.units, parts.clock, parts.ids, parts.throttle
    code_book, hasher = parts.code_book, parts.hasher
    passwords = PasswordPolicy()
    contacts = Contacts(phone_numbers=parts.phone_numbers, default_region=parts.default_region)
    issuing = Issuing(ids=ids, code_book=code_book, policy=parts.otp_policy)
    verification = Verification(code_book=code_book)
    answers = Answers(contacts=contacts, verification=verification)
    refresh_tokens = RefreshTokens(peppers=parts.peppers)
    token_issuing = TokenIssuing(
        access_tokens=parts.access_tokens, refresh_tokens=refresh_tokens, policy=parts.session_policy
    )
    starting = SessionStarting(
        ids=ids, refresh_tokens=refresh_tokens, issuing=token_issuing, policy=parts.session_policy
    )
    usernames = _usernames(parts)
    codes = CodeRequests(
        units=units,
        clock=clock,
        ids=ids,
        contacts=contacts,
        issuing=issuing,
        verification=verification,
        code_book=code_book,
        policy=parts.otp_policy,
        throttle=throttle,
        idempotency=parts.idempotency,
    )
    return Identity(
        registration=Registration(
            units=units,
            clock=clock,
            ids=ids,
            contacts=contacts,
            issuing=issuing,
            answers=answers,
            code_book=code_book,
            hasher=hasher,
            passwords=passwords,
            usernames=usernames,
            locales=parts.locales,
            throttle=throttle,
            idempotency=parts.idempotency,
        ),
        codes=codes,
        sign_in=SigningIn(
            units=units,
            clock=clock,
            contacts=contacts,
            answers=answers,
            code_requests=codes,
            code_book=code_book,
            hasher=hasher,
            starting=starting,
            throttle=throttle,
        ),
        sessions=SessionKeeping(
            units=units,
            clock=clock,
            refresh_tokens=refresh_tokens,
            issuing=token_issuing,
            policy=parts.session_policy,
            throttle=throttle,
        ),
        authenticating=Authenticating(units=units, clock=clock, access_tokens=parts.access_tokens),
        profile=Profile(units=units, clock=clock, usernames=usernames, locales=parts.locales),
        password_reset=PasswordReset(
            units=units,
            clock=clock,
            contacts=contacts,
            answers=answers,
            code_requests=codes,
            hasher=hasher,
            passwords=passwords,
            throttle=throttle,
            idempotency=parts.idempotency,
        ),
        links=LinkChecking(units=units, clock=clock, verification=verification, throttle=throttle),
        usernames=usernames,
        administration=Administration(units=units, clock=clock, ids=ids, hasher=hasher, passwords=passwords),
        purging=Purging(units=units, clock=clock, otp=OtpPurging()),
    )


def _usernames(parts: IdentityParts) -> UsernameChecking:
    index = UsernameIndex(units=parts.units)
    answers = UsernameAnswers(
        index=index, taken=parts.taken(index), randomness=parts.randomness, policy=parts.username_policy
    )
    return UsernameChecking(
        index=index,
        answers=answers,
        cached=parts.cached(answers),
        randomness=parts.randomness,
        throttle=parts.throttle,
        policy=parts.username_policy,
    )
