"""Puts together the steps in which several use cases take part."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from multiproduct.application.identity.answers import Answers
from multiproduct.application.identity.automatic_linking import AutomaticLinking
from multiproduct.application.identity.breach_checking import BreachChecking
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.consent_keeping import ConsentLog
from multiproduct.application.identity.contacts import Contacts
from multiproduct.application.identity.passkey_checking import CeremonyIssuing, PasskeyChecking
from multiproduct.application.identity.refresh_tokens import RefreshTokens
from multiproduct.application.identity.second_factor_wiring import SecondFactorSteps, second_factor_steps
from multiproduct.application.identity.session_keeping import TokenIssuing
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.identity.social_proving import SocialProving
from multiproduct.application.identity.social_wiring import social_proving
from multiproduct.application.identity.texting import Texting
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.identity.username_wiring import username_checking
from multiproduct.application.identity.ways_in import WaysInCounting
from multiproduct.application.otp import Issuing, Verification
from multiproduct.domain.identity.passwords import PasswordPolicy

if TYPE_CHECKING:
    from multiproduct.application.identity.wiring import IdentityParts


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSteps:
    """How codes are asked for and answered, and to whom they go."""

    contacts: Contacts
    texting: Texting
    issuing: Issuing
    verification: Verification
    answers: Answers
    requests: CodeRequests


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSteps:
    """How each way of signing in ends, and what sessions are known by."""

    refresh_tokens: RefreshTokens
    issuing: TokenIssuing
    starting: SessionStarting
    budget: SignInBudget
    factors: SecondFactorSteps


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentitySteps:
    """All of them."""

    codes: CodeSteps
    sessions: SessionSteps
    passwords: PasswordPolicy
    breaches: BreachChecking
    ceremonies: CeremonyIssuing
    passkeys: PasskeyChecking
    proving: SocialProving
    linking: AutomaticLinking
    consents: ConsentLog
    ways_in: WaysInCounting
    usernames: UsernameChecking


def identity_steps(parts: "IdentityParts") -> IdentitySteps:
    """Each step once."""
    ceremonies = CeremonyIssuing(
        ids=parts.ids, randomness=parts.randomness, audience=parts.ceremonies.audience
    )
    passkeys = PasskeyChecking(ceremonies=parts.ceremonies, issuing=ceremonies)
    return IdentitySteps(
        codes=_code_steps(parts),
        sessions=_session_steps(parts, passkeys),
        passwords=PasswordPolicy(known_words=(parts.brand_name,)),
        breaches=BreachChecking(service=parts.breaches),
        ceremonies=ceremonies,
        passkeys=passkeys,
        proving=social_proving(parts),
        linking=AutomaticLinking(ids=parts.ids),
        consents=ConsentLog(ids=parts.ids),
        ways_in=WaysInCounting(texts=parts.text_policy.is_configured),
        usernames=username_checking(parts),
    )


def _code_steps(parts: "IdentityParts") -> CodeSteps:
    contacts = Contacts(phone_numbers=parts.phone_numbers, default_region=parts.default_region)
    issuing = Issuing(ids=parts.ids, code_book=parts.code_book, policy=parts.otp_policy)
    verification = Verification(code_book=parts.code_book)
    texting = Texting(
        units=parts.units,
        clock=parts.clock,
        code_book=parts.code_book,
        phone_numbers=parts.phone_numbers,
        throttle=parts.throttle,
        policy=parts.text_policy,
    )
    requests = CodeRequests(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        contacts=contacts,
        issuing=issuing,
        verification=verification,
        code_book=parts.code_book,
        policy=parts.otp_policy,
        texting=texting,
        throttle=parts.throttle,
        idempotency=parts.idempotency,
    )
    return CodeSteps(
        contacts=contacts,
        texting=texting,
        issuing=issuing,
        verification=verification,
        answers=Answers(contacts=contacts, verification=verification),
        requests=requests,
    )


def _session_steps(parts: "IdentityParts", passkeys: PasskeyChecking) -> SessionSteps:
    refresh_tokens = RefreshTokens(peppers=parts.peppers)
    factors = second_factor_steps(parts, passkeys)
    issuing = TokenIssuing(
        access_tokens=parts.access_tokens, refresh_tokens=refresh_tokens, policy=parts.session_policy
    )
    starting = SessionStarting(
        ids=parts.ids,
        refresh_tokens=refresh_tokens,
        issuing=issuing,
        policy=parts.session_policy,
        second_step=factors.second_step,
    )
    return SessionSteps(
        refresh_tokens=refresh_tokens,
        issuing=issuing,
        starting=starting,
        budget=SignInBudget(clock=parts.clock, code_book=parts.code_book),
        factors=factors,
    )
