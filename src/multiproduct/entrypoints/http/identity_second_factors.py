"""The endpoints of second factors, of completing a sign-in with one, and of stepping up."""

from collections.abc import Sequence

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.application.identity import (
    CodeSent,
    CompleteSignIn,
    ConfirmTotp,
    ContinueSignIn,
    Done,
    EnrolTotp,
    NewRecoveryCodes,
    PasskeyOptions,
    RemoveSmsFactor,
    RemoveTotp,
    SecondFactors,
    SmsFactorAddedAnswer,
    SteppedUpAnswer,
    StepUp,
    StepUpMethods,
    Tokens,
    TotpAdded,
    TotpEnrolment,
)
from multiproduct.domain.identity import NoSecondFactor, SignInOver, SmsFactorRefused, TooManyFactors
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode
from multiproduct.domain.shared import (
    NotConfigured,
    NotFound,
    StaleAggregate,
    StepUpRequired,
    TooManyRequests,
)
from multiproduct.entrypoints.http.endpoints import Access, Endpoint

_BASE = "/api/v1/identity"
_FACTORS, _SESSIONS, _STEP_UP = "Second factors", "Sessions", "Step-up"

_SIGN_IN: Sequence[Endpoint] = (
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-in/second-factor",
        name="sign_in.second_factor",
        tag=_SESSIONS,
        summary="Complete a sign-in with a second factor",
        description="Where a sign-in is answered with `mfa_required`, its `mfa_token` and a proof by one of "
        "its `methods` begin the session, within 5 minutes and 5 attempts. `method` may be left out for "
        "codes. A code that was used before is as wrong as any other.",
        handler=lambda container, command, call: container.identity.second_factor_sign_in.complete(
            command, call.caller
        ),
        command=CompleteSignIn,
        check=lambda container, command, found: container.identity.second_factor_sign_in.check(
            command, found
        ),
        result=Tokens,
        errors=(SignInOver, ChallengeIdRequired, InvalidCode, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-in/second-factor/passkey",
        name="sign_in.second_factor.passkey",
        tag=_SESSIONS,
        summary="Ask what a browser needs to complete a sign-in with a passkey",
        handler=lambda container, command, call: container.identity.second_factor_sign_in.passkey_options(
            command, call.caller
        ),
        command=ContinueSignIn,
        result=PasskeyOptions,
        errors=(SignInOver, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/sign-in/second-factor/sms",
        name="sign_in.second_factor.sms",
        tag=_SESSIONS,
        summary="Ask for a text to complete a sign-in with",
        description="Where `sms` is among the `methods` that the sign-in told. The code completes it "
        "together with `challenge_id` and `method` `sms`.",
        handler=lambda container, command, call: container.identity.second_factor_sign_in.request_text(
            command, call.caller
        ),
        command=ContinueSignIn,
        result=CodeSent,
        status=202,
        message="message.code_sent",
        errors=(NotConfigured, SignInOver, TooManyRequests),
    ),
)

_OWN_FACTORS: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/second-factors",
        name="second_factors.read",
        tag=_FACTORS,
        summary="See one's own second factors",
        handler=lambda container, _command, call: container.identity.second_factors.overview(call.caller),
        result=SecondFactors,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/second-factors/totp",
        name="second_factors.totp.enrol",
        tag=_FACTORS,
        summary="Set up an authenticator app",
        description="The secret is shown this once, as text, address and QR code. It counts once it is "
        "confirmed with a code. Needs a recent proof of who one is.",
        handler=lambda container, command, call: container.identity.second_factors.enrol(
            command, call.caller
        ),
        command=EnrolTotp,
        result=TotpEnrolment,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(StepUpRequired, TooManyFactors),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/second-factors/totp/confirm",
        name="second_factors.totp.confirm",
        tag=_FACTORS,
        summary="Confirm an authenticator app",
        description="Ends one's other sessions. The first factor comes with recovery codes, shown this once.",
        handler=lambda container, command, call: container.identity.second_factors.confirm(
            command, call.caller
        ),
        command=ConfirmTotp,
        result=TotpAdded,
        access=Access.SIGNED_IN,
        errors=(InvalidCode, NotFound, TooManyFactors, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/second-factors/totp/remove",
        name="second_factors.totp.remove",
        tag=_FACTORS,
        summary="Remove an authenticator app",
        description="Takes a recent proof of who one is and a proof of any second factor. Ends one's other "
        "sessions; with the last factor the recovery codes go.",
        handler=lambda container, command, call: container.identity.second_factors.remove(
            command, call.caller
        ),
        command=RemoveTotp,
        check=lambda container, command, found: container.identity.second_factors.check_remove(
            command, found
        ),
        result=Done,
        access=Access.SIGNED_IN,
        message="message.factor_removed",
        errors=(InvalidCode, NotFound, StepUpRequired, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/second-factors/sms",
        name="second_factors.sms.add",
        tag=_FACTORS,
        summary="Take codes by text message as a second factor",
        description="The weakest second factor, and off unless the installation allows it: whoever gets the "
        "number moved to a card of their own gets the codes. An authenticator app or a passkey is better. "
        "Needs a proved number, another way in than that number, and a recent proof of who one is; staff "
        "cannot have it. Ends one's other sessions.",
        handler=lambda container, _command, call: container.identity.sms_factor.add(call.caller),
        result=SmsFactorAddedAnswer,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NotConfigured, SmsFactorRefused, StaleAggregate, StepUpRequired),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/second-factors/sms/remove",
        name="second_factors.sms.remove",
        tag=_FACTORS,
        summary="Take codes by text message no more",
        description="Takes a recent proof of who one is and a proof of any second factor (a text is asked "
        "for at `step-up/code`). Ends one's other sessions; with the last factor the recovery codes go.",
        handler=lambda container, command, call: container.identity.sms_factor.remove(command, call.caller),
        command=RemoveSmsFactor,
        check=lambda container, command, found: container.identity.sms_factor.check_remove(command, found),
        result=Done,
        access=Access.SIGNED_IN,
        message="message.sms_factor_removed",
        errors=(ChallengeIdRequired, InvalidCode, NotFound, StepUpRequired, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/second-factors/recovery-codes",
        name="second_factors.recovery_codes",
        tag=_FACTORS,
        summary="Make new recovery codes",
        description="Shown this once; older ones are void. Needs a recent proof of who one is. Ends one's "
        "other sessions.",
        handler=lambda container, _command, call: container.identity.second_factors.new_recovery_codes(
            call.caller
        ),
        result=NewRecoveryCodes,
        status=201,
        access=Access.SIGNED_IN,
        scope="default",
        errors=(NoSecondFactor, StepUpRequired),
    ),
)

_STEPPING_UP: Sequence[Endpoint] = (
    Endpoint(
        method="GET",
        path=f"{_BASE}/step-up",
        name="step_up.methods",
        tag=_STEP_UP,
        summary="Ask how one can prove again who one is",
        handler=lambda container, _command, call: container.identity.step_up.methods(call.caller),
        result=StepUpMethods,
        access=Access.SIGNED_IN,
        scope="default",
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/step-up",
        name="step_up",
        tag=_STEP_UP,
        summary="Prove again who one is",
        description="By `password`, by `otp` (a code of `step-up/code`), or by a second factor as for "
        "completing a sign-in. For 5 minutes the session may then do what `step_up_required` refused.",
        handler=lambda container, command, call: container.identity.step_up.step_up(command, call.caller),
        command=StepUp,
        check=lambda container, command, found: container.identity.step_up.check(command, found),
        result=SteppedUpAnswer,
        access=Access.SIGNED_IN,
        errors=(InvalidCode, ChallengeIdRequired, StepUpRequired, TooManyRequests),
    ),
    Endpoint(
        method="POST",
        path=f"{_BASE}/step-up/code",
        name="step_up.code",
        tag=_STEP_UP,
        summary="Ask for a code to prove again who one is with",
        description="For people without a second factor: it is sent to the mailbox, or else the telephone, "
        "that the account was proved with. Where texts are the second factor it is sent to the telephone, "
        "and given as `code` with `challenge_id` and `method` `sms`.",
        handler=lambda container, _command, call: container.identity.step_up.request_code(
            call.caller, idempotency_key=call.idempotency_key
        ),
        result=CodeSent,
        status=202,
        access=Access.SIGNED_IN,
        message="message.code_sent",
        errors=(StepUpRequired, TooManyRequests, IdempotencyMismatch, IdempotencyUnfinished),
        idempotent=True,
    ),
)

ENDPOINTS: Sequence[Endpoint] = (*_SIGN_IN, *_OWN_FACTORS, *_STEPPING_UP)
