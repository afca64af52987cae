"""Puts signing up, signing in and what sessions are asked for together."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.authenticating import Authenticating
from multiproduct.application.identity.importing import Importing
from multiproduct.application.identity.phone_sign_in import PhoneSignIn
from multiproduct.application.identity.registration import Registration
from multiproduct.application.identity.session_keeping import SessionKeeping
from multiproduct.application.identity.signing_in import SigningIn

if TYPE_CHECKING:
    from multiproduct.application.identity.shared_steps import IdentitySteps
    from multiproduct.application.identity.wiring import IdentityParts


def registration(parts: "IdentityParts", steps: "IdentitySteps") -> Registration:
    """Signing up."""
    return Registration(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        contacts=steps.codes.contacts,
        issuing=steps.codes.issuing,
        answers=steps.codes.answers,
        code_book=parts.code_book,
        hasher=parts.hasher,
        passwords=steps.passwords,
        breaches=steps.breaches,
        texting=steps.codes.texting,
        usernames=steps.usernames,
        locales=parts.locales,
        consents=steps.consents,
        throttle=parts.throttle,
        idempotency=parts.idempotency,
    )


def importing(parts: "IdentityParts", steps: "IdentitySteps") -> Importing:
    """Taking people over from elsewhere."""
    return Importing(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        contacts=steps.codes.contacts,
        hasher=parts.hasher,
        usernames=steps.usernames,
        locales=parts.locales,
    )


def signing_in(parts: "IdentityParts", steps: "IdentitySteps") -> SigningIn:
    """By a password or a code."""
    return SigningIn(
        units=parts.units,
        clock=parts.clock,
        contacts=steps.codes.contacts,
        answers=steps.codes.answers,
        code_requests=steps.codes.requests,
        code_book=parts.code_book,
        hasher=parts.hasher,
        starting=steps.sessions.starting,
        budget=steps.sessions.budget,
        throttle=parts.throttle,
    )


def phone_sign_in(parts: "IdentityParts", steps: "IdentitySteps") -> PhoneSignIn:
    """By a text."""
    return PhoneSignIn(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        answers=steps.codes.answers,
        code_requests=steps.codes.requests,
        code_book=parts.code_book,
        starting=steps.sessions.starting,
        texting=steps.codes.texting,
        usernames=steps.usernames,
        budget=steps.sessions.budget,
        throttle=parts.throttle,
    )


def session_keeping(parts: "IdentityParts", steps: "IdentitySteps") -> SessionKeeping:
    """Refreshing and signing out."""
    return SessionKeeping(
        units=parts.units,
        clock=parts.clock,
        refresh_tokens=steps.sessions.refresh_tokens,
        issuing=steps.sessions.issuing,
        policy=parts.session_policy,
        throttle=parts.throttle,
    )


def authenticating(parts: "IdentityParts") -> Authenticating:
    """Who asks."""
    return Authenticating(
        units=parts.units,
        clock=parts.clock,
        access_tokens=parts.access_tokens,
        staff_second_factor=parts.staff_second_factor,
    )
