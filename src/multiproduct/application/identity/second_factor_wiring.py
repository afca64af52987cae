"""Puts second factors, two-step sign-in and step-up together."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from multiproduct.application.identity.answers import Answers
from multiproduct.application.identity.automatic_linking import AutomaticLinking
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.factor_changes import FactorChanges
from multiproduct.application.identity.factor_kinds import FactorKinds
from multiproduct.application.identity.mfa_tokens import MfaTokens
from multiproduct.application.identity.passkey_checking import PasskeyChecking, PasskeyFactor
from multiproduct.application.identity.recovery_code_keeping import RecoveryCodeKeeping
from multiproduct.application.identity.resealing import Resealing
from multiproduct.application.identity.second_factor_keeping import SecondFactorKeeping
from multiproduct.application.identity.second_factor_ports import FactorKind
from multiproduct.application.identity.second_factor_signing_in import SecondFactorSigningIn
from multiproduct.application.identity.second_step import SecondStep
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.sign_in_budget import SignInBudget
from multiproduct.application.identity.sms_factor_checking import SmsFactorChecking
from multiproduct.application.identity.sms_factor_keeping import SmsFactorKeeping
from multiproduct.application.identity.stepping_up import SteppingUp
from multiproduct.application.identity.totp_checking import TotpChecking
from multiproduct.application.identity.ways_in import WaysInCounting
from multiproduct.application.otp import Verification

if TYPE_CHECKING:
    from multiproduct.application.identity.wiring import IdentityParts


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondFactorSteps:
    """The steps that other use cases take part in."""

    tokens: MfaTokens
    totp: TotpChecking
    recovery: RecoveryCodeKeeping
    kinds: FactorKinds
    changes: FactorChanges
    second_step: SecondStep
    passkeys: PasskeyChecking
    texts: SmsFactorChecking


def second_factor_steps(parts: "IdentityParts", passkeys: PasskeyChecking) -> SecondFactorSteps:
    """The steps. Each kind of second factor is one line of the list here."""
    tokens = MfaTokens(peppers=parts.peppers)
    totp = TotpChecking(sealing=parts.sealing, codes=parts.totp_codes, window=parts.totp_window)
    recovery = RecoveryCodeKeeping(sealing=parts.sealing, ids=parts.ids, randomness=parts.randomness)
    stronger: list[FactorKind] = [totp, PasskeyFactor(checking=passkeys)]
    texts = SmsFactorChecking(
        verification=Verification(code_book=parts.code_book),
        clock=parts.clock,
        stronger=stronger,
        is_allowed=parts.sms_second_factor and parts.text_policy.is_configured,
    )
    # In the order in which people are offered them.
    kinds = FactorKinds(kinds=[*stronger, *([texts] if texts.is_allowed else []), recovery])
    return SecondFactorSteps(
        tokens=tokens,
        totp=totp,
        recovery=recovery,
        kinds=kinds,
        changes=FactorChanges(kinds=kinds, recovery=recovery),
        second_step=SecondStep(ids=parts.ids, tokens=tokens, kinds=kinds),
        passkeys=passkeys,
        texts=texts,
    )


def second_factor_signing_in(
    parts: "IdentityParts",
    steps: SecondFactorSteps,
    starting: SessionStarting,
    *,
    codes: CodeRequests,
    linking: AutomaticLinking,
) -> SecondFactorSigningIn:
    """Completing a sign-in."""
    return SecondFactorSigningIn(
        units=parts.units,
        clock=parts.clock,
        tokens=steps.tokens,
        kinds=steps.kinds,
        starting=starting,
        code_book=parts.code_book,
        passkeys=steps.passkeys,
        code_requests=codes,
        linking=linking,
        throttle=parts.throttle,
    )


def sms_factor_keeping(
    parts: "IdentityParts", steps: SecondFactorSteps, ways_in: WaysInCounting
) -> SmsFactorKeeping:
    """Texted codes as a person's second factor."""
    return SmsFactorKeeping(
        units=parts.units,
        clock=parts.clock,
        checking=steps.texts,
        kinds=steps.kinds,
        changes=steps.changes,
        ways_in=ways_in,
        code_book=parts.code_book,
        throttle=parts.throttle,
    )


def second_factor_keeping(parts: "IdentityParts", steps: SecondFactorSteps) -> SecondFactorKeeping:
    """A person's own second factors."""
    return SecondFactorKeeping(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        sealing=parts.sealing,
        codes=parts.totp_codes,
        qr_codes=parts.qr_codes,
        totp=steps.totp,
        recovery=steps.recovery,
        kinds=steps.kinds,
        changes=steps.changes,
        code_book=parts.code_book,
        throttle=parts.throttle,
        issuer=parts.brand_name,
    )


def stepping_up(
    parts: "IdentityParts", steps: SecondFactorSteps, *, answers: Answers, codes: CodeRequests
) -> SteppingUp:
    """Proving again who one is."""
    return SteppingUp(
        units=parts.units,
        clock=parts.clock,
        answers=answers,
        code_requests=codes,
        code_book=parts.code_book,
        hasher=parts.hasher,
        kinds=steps.kinds,
        budget=SignInBudget(clock=parts.clock, code_book=parts.code_book),
        throttle=parts.throttle,
    )


def resealing(parts: "IdentityParts") -> Resealing:
    """Sealing anew what is sealed under older secrets."""
    return Resealing(units=parts.units, sealing=parts.sealing)
