"""Puts the resetting and changing of passwords together."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.password_change import PasswordChange
from multiproduct.application.identity.password_reset import PasswordReset

if TYPE_CHECKING:
    from multiproduct.application.identity.shared_steps import IdentitySteps
    from multiproduct.application.identity.wiring import IdentityParts


def password_reset(parts: "IdentityParts", steps: "IdentitySteps") -> PasswordReset:
    """For whoever forgot it."""
    return PasswordReset(
        units=parts.units,
        clock=parts.clock,
        contacts=steps.codes.contacts,
        answers=steps.codes.answers,
        code_requests=steps.codes.requests,
        hasher=parts.hasher,
        passwords=steps.passwords,
        breaches=steps.breaches,
        budget=steps.sessions.budget,
        texts=steps.sessions.factors.texts,
        throttle=parts.throttle,
        idempotency=parts.idempotency,
    )


def password_change(parts: "IdentityParts", steps: "IdentitySteps") -> PasswordChange:
    """For whoever knows it, or has none yet."""
    return PasswordChange(
        units=parts.units,
        clock=parts.clock,
        code_book=parts.code_book,
        hasher=parts.hasher,
        passwords=steps.passwords,
        breaches=steps.breaches,
        budget=steps.sessions.budget,
        throttle=parts.throttle,
    )
