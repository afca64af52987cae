"""The endpoints of identity."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.identity import (
    Availability,
    CheckUsername,
    CodeSent,
    ConfirmPasswordReset,
    Done,
    RefreshSession,
    Registered,
    RequestPasswordReset,
    RequestSignInCode,
    ResendCode,
    SecondFactorRequired,
    SignedInOrAsked,
    SignInWithCode,
    SignInWithPassword,
    SignOut,
    StartRegistration,
    Tokens,
    TokenStanding,
    UpdateProfile,
    UserView,
    VerifyRegistration,
    VerifyToken,
)
from multiproduct.bootstrap import Container
from multiproduct.domain.identity import (
    InvalidCredentials,
    TokenInvalid,
    UsernameNotChangeable,
    UsernameTaken,
)
from multiproduct.domain.identity.roles import OWN_PROFILE_READ, OWN_PROFILE_UPDATE
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode
from multiproduct.domain.shared import StaleAggregate, TooManyRequests, Unauthenticated
from multiproduct.entrypoints.http.endpoints import Access, Call, Either, Endpoint

_BASE = "/api/v1/identity"
_REGISTRATION, _SESSIONS, _PROFILE, _PASSWORD = "Registration", "Sessions", "Profile", "Password"

_REPEATABLE = (IdempotencyMismatch, IdempotencyUnfinished)

_AVAILABILITY_MESSAGES = {
    None: "message.username_available",
    "username_taken": "message.username_taken",
    "reserved_username": "message.username_reserved",
}


class KeySet(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]


def availability_message(found: Availability) -> str:
    """The key of what a person is told about a user name."""
    return _AVAILABILITY_MESSAGES.get(found.reason, "message.username_invalid")


async def _sign_in(
    container: Container, command: SignInWithPassword | SignInWithCode, call: Call
) -> SignedInOrAsked:
    if isinstance(command, SignInWithCode):
        return await container.identity.sign_in.with_code(command, call.caller)
    return await container.identity.sign_in.with_password(command, call.caller)


async def _keys(container: Container, _command: None, _call: Call) -> KeySet:
    return KeySet.model_validate(container.access_tokens.public_keys())


_UPDATE = Endpoint(
    method="PATCH",
    path=f"{_BASE}/me",
    name="me.update",
    tag=_PROFILE,
    summary="Change parts of one's own profile",
    description="Changes the fields that are given and leaves the others. A generated user name can be "
    "changed once.",
    handler=lambda container, command, call: container.identity.profile.update(command, call.caller),
    command=UpdateProfile,
    check=lambda container, command, found: container.identity.profile.check_update(command, found),
    result=UserView,
    access=Access.SIGNED_IN,
    permission=OWN_PROFILE_UPDATE,
    scope="default",
    errors=(UsernameTaken, UsernameNotChangeable, StaleAggregate),
)

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/registration",
        name="registration.start",
        tag=_REGISTRATION,
        summary="Ask for an account",
        description="Keeps a pending registration and has a code sent. There is no user until the code is "
        "verified, and the answer is the same whether or not the address has an account.",
        handler=lambda container, command, call: container.identity.registration.start(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=StartRegistration,
        check=lambda container, command, found: container.identity.registration.check_start(command, found),
        result=CodeSent,
        status=202,
        message="message.code_sent",
        errors=(UsernameTaken, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/registration/verify",
        name="registration.verify",
        tag=_REGISTRATION,
        summary="Become a user by the code",
        description="`challenge_id` may be left out while the address has one live code. `token` is the link "
        "token of the mail, in place of both. With either, `password` is required where others signed up "
        "with the same address, and decides which registration is proved; ask everybody for it who follows "
        "a link, as a mail may come from a stranger's sign-up. `new_password` is for whoever does not know "
        "it. A repetition under the same Idempotency-Key is answered as the first request was, also a wrong "
        "answer, which then counts once.",
        handler=lambda container, command, call: container.identity.registration.verify(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=VerifyRegistration,
        check=lambda container, command, found: container.identity.registration.check_verify(command, found),
        result=Registered,
        status=201,
        message="message.verified",
        errors=(InvalidCode, ChallengeIdRequired, UsernameTaken, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/registration/resend",
        name="registration.resend",
        tag=_REGISTRATION,
        summary="Have a newer code sent",
        description="The older code of the same challenge is void from then on.",
        handler=lambda container, command, call: container.identity.codes.resend(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ResendCode,
        check=lambda container, command, found: container.identity.codes.check_resend(command, found),
        result=CodeSent,
        status=202,
        message="message.code_sent",
        errors=(InvalidCode, ChallengeIdRequired, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-in",
        name="sign_in",
        tag=_SESSIONS,
        summary="Begin a session",
        description="With a password, or with `otp`, the code of a sign-in challenge. Takes no "
        "Idempotency-Key: the answer holds tokens, and these are never stored. A repetition with the "
        "password begins another session; a code that was used needs a new one. Somebody who has a second "
        "factor is answered `mfa_required`, and goes on at `sign-in/second-factor`.",
        handler=_sign_in,
        command=Either(field="otp", present=SignInWithCode, absent=SignInWithPassword),
        check=lambda container, command, found: container.identity.sign_in.check(command, found),
        result=Tokens,
        other_results=(SecondFactorRequired,),
        errors=(InvalidCredentials, InvalidCode, ChallengeIdRequired, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-in/code",
        name="sign_in.code",
        tag=_SESSIONS,
        summary="Ask for a code to sign in with",
        handler=lambda container, command, call: container.identity.sign_in.request_code(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=RequestSignInCode,
        check=lambda container, command, found: container.identity.codes.check_request(command, found),
        result=CodeSent,
        status=202,
        message="message.code_sent",
        errors=(TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/token/refresh",
        name="token.refresh",
        tag=_SESSIONS,
        summary="Exchange a refresh token",
        description="A retry within the grace gets the same successor; an old token that turns up later ends "
        "the session.",
        handler=lambda container, command, call: container.identity.sessions.refresh(command, call.caller),
        command=RefreshSession,
        result=Tokens,
        errors=(TokenInvalid, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/token/verify",
        name="token.verify",
        tag=_SESSIONS,
        summary="Ask whether an access token is good",
        handler=lambda container, command, _call: container.identity.authenticating.verify(command),
        command=VerifyToken,
        result=TokenStanding,
        scope="token",
        errors=(TokenInvalid,),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-out",
        name="sign_out",
        tag=_SESSIONS,
        summary="End a session",
        description="That of the refresh token, or else that of the bearer token.",
        handler=lambda container, command, call: container.identity.sessions.sign_out(command, call.caller),
        command=SignOut,
        result=Done,
        access=Access.IF_GOOD,
        message="message.signed_out",
        errors=(Unauthenticated, TooManyRequests),
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/me",
        name="me.read",
        tag=_PROFILE,
        summary="Read one's own profile",
        handler=lambda container, _command, call: container.identity.profile.me(call.caller),
        result=UserView,
        access=Access.SIGNED_IN,
        permission=OWN_PROFILE_READ,
        scope="default",
    ),
    _UPDATE,
    replace(_UPDATE, method="PUT", name="me.replace", summary="Change one's own profile (the same as PATCH)"),
    Endpoint(
        method="POST",
        path=f"{_BASE}/password-reset",
        name="password_reset.request",
        tag=_PASSWORD,
        summary="Ask for a code to set a new password with",
        handler=lambda container, command, call: container.identity.password_reset.request(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=RequestPasswordReset,
        check=lambda container, command, found: container.identity.codes.check_request(command, found),
        result=CodeSent,
        status=202,
        message="message.reset_requested",
        errors=(TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/password-reset/confirm",
        name="password_reset.confirm",
        tag=_PASSWORD,
        summary="Set a new password by the code",
        description="Ends every session of the person.",
        handler=lambda container, command, call: container.identity.password_reset.confirm(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=ConfirmPasswordReset,
        check=lambda container, command, found: container.identity.password_reset.check_confirm(
            command, found
        ),
        result=Done,
        message="message.password_changed",
        errors=(InvalidCode, ChallengeIdRequired, TooManyRequests, *_REPEATABLE),
        idempotent=True,
    ),
    Endpoint(
        method="GET",
        path=f"{_BASE}/usernames/check",
        name="username.check",
        tag=_PROFILE,
        summary="Ask whether a user name is free",
        description="The answer is advice: whether a claim succeeds is decided when it is made.",
        handler=lambda container, command, call: container.identity.usernames.check(command, call.caller),
        command=CheckUsername,
        result=Availability,
        access=Access.IF_GIVEN,
        message=availability_message,
        errors=(TooManyRequests,),
    ),
    Endpoint(
        method="GET",
        path="/.well-known/jwks.json",
        name="jwks",
        tag=_SESSIONS,
        summary="The keys that access tokens are signed with",
        handler=_keys,
        result=KeySet,
        scope="open",
        cache_control="public, max-age=300",
    ),
)
