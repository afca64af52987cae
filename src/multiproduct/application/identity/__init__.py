"""People: registration, sign-in, sessions, profile and user names, as use cases."""

from dataclasses import dataclass

from multiproduct.application.identity.administration import Administration
from multiproduct.application.identity.authenticating import Authenticating
from multiproduct.application.identity.code_requests import CodeRequests
from multiproduct.application.identity.commands import (
    CheckUsername,
    ConfirmPasswordReset,
    CreateAdmin,
    RefreshSession,
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    SignInWithCode,
    SignInWithPassword,
    SignOut,
    StartRegistration,
    UpdateProfile,
    VerifyRegistration,
    VerifyToken,
)
from multiproduct.application.identity.link_checking import LinkChecking
from multiproduct.application.identity.password_reset import PasswordReset
from multiproduct.application.identity.ports import AccessClaims, AccessTokens, IdentityUnit
from multiproduct.application.identity.profile import Profile
from multiproduct.application.identity.purging import Purging
from multiproduct.application.identity.registration import Registration
from multiproduct.application.identity.results import (
    Availability,
    CodeSent,
    Done,
    Registered,
    Tokens,
    TokenStanding,
    UserView,
)
from multiproduct.application.identity.session_keeping import SessionKeeping
from multiproduct.application.identity.signing_in import SigningIn
from multiproduct.application.identity.username_checking import UsernameChecking


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The context's use cases by capability."""

    registration: Registration
    codes: CodeRequests
    sign_in: SigningIn
    sessions: SessionKeeping
    authenticating: Authenticating
    profile: Profile
    password_reset: PasswordReset
    links: LinkChecking
    usernames: UsernameChecking
    administration: Administration
    purging: Purging


__all__ = [
    "AccessClaims",
    "AccessTokens",
    "Availability",
    "CheckUsername",
    "CodeSent",
    "ConfirmPasswordReset",
    "CreateAdmin",
    "Done",
    "Identity",
    "IdentityUnit",
    "RefreshSession",
    "Registered",
    "RequestPasswordReset",
    "RequestSignInCode",
    "ResendCode",
    "SignInWithCode",
    "SignInWithPassword",
    "SignOut",
    "StartRegistration",
    "TokenStanding",
    "Tokens",
    "UpdateProfile",
    "UserView",
    "UsernameChecking",
    "VerifyRegistration",
    "VerifyToken",
]
