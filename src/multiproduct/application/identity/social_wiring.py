"""Puts signing in with accounts elsewhere, and linking them, together."""

from typing import TYPE_CHECKING

from multiproduct.application.identity.automatic_linking import AutomaticLinking
from multiproduct.application.identity.session_starting import SessionStarting
from multiproduct.application.identity.social_linking import SocialLinking
from multiproduct.application.identity.social_proving import SocialProving
from multiproduct.application.identity.social_sign_in import SocialSignIn
from multiproduct.application.identity.username_checking import UsernameChecking
from multiproduct.application.identity.ways_in import WaysInCounting

if TYPE_CHECKING:
    from multiproduct.application.identity.wiring import IdentityParts


def social_proving(parts: "IdentityParts") -> SocialProving:
    """Proving an account elsewhere."""
    return SocialProving(
        units=parts.units,
        clock=parts.clock,
        randomness=parts.randomness,
        sealing=parts.sealing,
        providers=parts.social_providers,
        redirects=parts.social_redirects,
        throttle=parts.throttle,
    )


def social_sign_in(
    parts: "IdentityParts",
    proving: SocialProving,
    starting: SessionStarting,
    *,
    linking: AutomaticLinking,
    usernames: UsernameChecking,
) -> SocialSignIn:
    """Signing in with one."""
    return SocialSignIn(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        proving=proving,
        starting=starting,
        linking=linking,
        usernames=usernames,
        code_book=parts.code_book,
    )


def social_linking(parts: "IdentityParts", proving: SocialProving, ways_in: WaysInCounting) -> SocialLinking:
    """A person's own."""
    return SocialLinking(
        units=parts.units,
        clock=parts.clock,
        ids=parts.ids,
        proving=proving,
        providers=parts.social_providers,
        ways_in=ways_in,
    )
