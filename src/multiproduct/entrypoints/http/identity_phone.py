"""The endpoints of sign-in by telephone."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.identity import (
    CodeSent,
    RequestPhoneCode,
    SecondFactorRequired,
    SignInByPhone,
    Tokens,
)
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode
from multiproduct.domain.shared import NotConfigured, TooManyRequests
from multiproduct.entrypoints.http.endpoints import Endpoint

_BASE = "/api/v1/identity/phone"
_TAG = "Sessions"

ENDPOINTS: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-in",
        name="phone.sign_in.request",
        tag=_TAG,
        summary="Ask for a code by text message to sign in with",
        description="The answer is the same whether or not anybody has the number.",
        handler=lambda container, command, call: container.identity.phone_sign_in.request(
            command, call.caller, idempotency_key=call.idempotency_key
        ),
        command=RequestPhoneCode,
        check=lambda container, command, found: container.identity.phone_sign_in.check_request(
            command, found
        ),
        result=CodeSent,
        status=202,
        message="message.code_sent",
        errors=(NotConfigured, TooManyRequests, IdempotencyMismatch, IdempotencyUnfinished),
        idempotent=True,
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-in/verify",
        name="phone.sign_in.verify",
        tag=_TAG,
        summary="Begin a session by the code of a text message",
        description="A number that nobody has gets an account by it. Takes no Idempotency-Key: the answer "
        "holds tokens, and these are never stored.",
        handler=lambda container, command, call: container.identity.phone_sign_in.verify(
            command, call.caller
        ),
        command=SignInByPhone,
        check=lambda container, command, found: container.identity.phone_sign_in.check_verify(command, found),
        result=Tokens,
        other_results=(SecondFactorRequired,),
        errors=(NotConfigured, InvalidCode, ChallengeIdRequired, TooManyRequests),
    ),
)
