"""Puts together what staff does with people: invitations, accounts and roles."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.administration import Administration
from multiproduct.application.identity.invitation_accepting import InvitationAccepting
from multiproduct.application.identity.invitation_tokens import InvitationTokens
from multiproduct.application.identity.inviting import Inviting
from multiproduct.application.identity.role_keeping import RoleKeeping
from multiproduct.application.identity.user_managing import UserManaging

if TYPE_CHECKING:
    from multiproduct.application.identity.profile import Profile
    from multiproduct.application.identity.shared_steps import IdentitySteps
    from multiproduct.application.identity.wiring import IdentityParts


def administration(parts: "IdentityParts", steps: "IdentitySteps") -> Administration:
    """What is done at the command line."""
    return Administration(
        units=parts.units, clock=parts.clock, ids=parts.ids, hasher=parts.hasher, passwords=steps.passwords
    )


def inviting(parts: "IdentityParts") -> Inviting:
    """Asking somebody in."""
    return Inviting(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        tokens=InvitationTokens(peppers=parts.peppers),
        code_book=parts.code_book,
        locales=parts.locales,
        throttle=parts.throttle,
        idempotency=parts.idempotency,
    )


def invitation_accepting(parts: "IdentityParts", steps: "IdentitySteps") -> InvitationAccepting:
    """Coming in."""
    return InvitationAccepting(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        tokens=InvitationTokens(peppers=parts.peppers),
        hasher=parts.hasher,
        passwords=steps.passwords,
        breaches=steps.breaches,
        usernames=steps.usernames,
        throttle=parts.throttle,
    )


def user_managing(
    parts: "IdentityParts", steps: "IdentitySteps", *, inviting: Inviting, profile: "Profile"
) -> UserManaging:
    """Accounts of others."""
    return UserManaging(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        inviting=inviting,
        profile=profile,
        usernames=steps.usernames,
        locales=parts.locales,
        idempotency=parts.idempotency,
    )


def role_keeping(parts: "IdentityParts") -> RoleKeeping:
    """Which roles there are, and what each may."""
    return RoleKeeping(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        catalogue=parts.permissions,
        idempotency=parts.idempotency,
    )
