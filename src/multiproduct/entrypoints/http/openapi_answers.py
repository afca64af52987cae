"""The headers and problem documents that the OpenAPI document promises, with examples."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from multiproduct.application.idempotency import IdempotencyMismatch, IdempotencyUnfinished
from multiproduct.domain.files import FileInfected, FileTooLarge, NotADocument, NotAnImage
from multiproduct.domain.identity import (
    AccountErased,
    BeyondOwnPermissions,
    CredentialRefused,
    CredentialTaken,
    DocumentSettled,
    EmailTaken,
    ErasureRefused,
    InvalidCredentials,
    InvitationInvalid,
    InvitationOver,
    LastAdmin,
    LastWayIn,
    LinkRequired,
    NoPasswordYet,
    NoSecondFactor,
    OwnAccount,
    PasswordThere,
    PhoneTaken,
    RoleInUse,
    RoleIsBuiltIn,
    RoleKeyTaken,
    SessionOver,
    SignInOver,
    SmsFactorRefused,
    SocialAccountTaken,
    SocialDenied,
    SocialStateInvalid,
    SocialTokenInvalid,
    TokenExpired,
    TokenInvalid,
    TooManyConsents,
    TooManyCredentials,
    TooManyDocuments,
    TooManyFactors,
    TooManyInvitations,
    TooManyRoles,
    UnknownRole,
    UnknownUser,
    UsernameNotChangeable,
    UsernameTaken,
)
from multiproduct.domain.ledger import (
    AccountNotEmpty,
    LedgerAccountClosed,
    LedgerAccountExists,
    LedgerRefused,
    PeriodNotClosed,
    PeriodNotLater,
    UnknownLedgerAccount,
    UnknownLedgerTransaction,
)
from multiproduct.domain.otp import ChallengeIdRequired, InvalidCode
from multiproduct.domain.shared import (
    FieldProblem,
    Forbidden,
    InvalidInput,
    MultiproductError,
    NotConfigured,
    NotFound,
    StaleAggregate,
    StepUpRequired,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)
from multiproduct.domain.translation import TooManyTerms
from multiproduct.domain.webhooks import EndpointDisabled, MessageUnderWay, TooManyEndpoints
from multiproduct.entrypoints.http import (
    openapi_billing,
    openapi_catalog,
    openapi_payments,
    openapi_subscriptions,
)
from multiproduct.entrypoints.http.json_syntax import Expected
from multiproduct.entrypoints.http.problems import MEDIA_TYPE
from multiproduct.entrypoints.http.refusals import BodyTooLarge, MalformedJson, UnsupportedType

Json = dict[str, Any]


def _header(description: str, example: Any, **schema: Any) -> Json:
    return {"description": description, "schema": schema or {"type": "string"}, "example": example}


ANSWER_HEADERS: Mapping[str, Json] = {
    "Content-Language": _header("The language of the words in the answer.", "en"),
    "X-Request-ID": _header(
        "The request's name in the logs: the one that was sent, if it could be kept.", "5b0d6f0e6a43"
    ),
}
TRANSLATION_HEADERS: Mapping[str, Json] = {
    "X-Translation": _header(
        "`partial` where some display text is shown as it was written, as its translation is not there yet. "
        "Left out otherwise.",
        "partial",
    ),
}
LIMIT_HEADERS: Mapping[str, Json] = {
    "RateLimit-Policy": _header(
        "The limits that were counted: name, quota `q` and window `w` in seconds "
        "(draft-ietf-httpapi-ratelimit-headers).",
        '"minute";q=60;w=60, "hour";q=1000;w=3600',
    ),
    "RateLimit": _header(
        "Where the client stands with each: how many more are admitted now (`r`), and in how many seconds "
        "there will be more (`t`).",
        '"minute";r=59;t=60, "hour";r=999;t=3600',
    ),
}
_OF_STATUS: Mapping[int, Mapping[str, Json]] = {
    401: {"WWW-Authenticate": _header("How to sign in (RFC 6750).", 'Bearer error="invalid_token"')},
    415: {"Accept": _header("The content types that are read here.", "application/json")},
    429: {"Retry-After": _header("Seconds to wait, as in the body.", 27, type="integer", minimum=1)},
    503: {"Retry-After": _header("Seconds to wait, as in the body.", 1, type="integer", minimum=1)},
}
_WHEN: Mapping[int, str] = {
    400: "The request cannot be read.",
    401: "Nobody is signed in, or the proof is not good.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "It contradicts what is.",
    413: "The body is too large.",
    415: "The body is of a type that is not read here.",
    422: "Fields are missing or break a rule, or the code is not right.",
    429: "A limit is used up.",
    503: "It cannot be done just now.",
}
EXAMPLES: Mapping[int, Sequence[MultiproductError]] = {
    400: (MalformedJson(line=1, column=27, expected=Expected.COMMA_OR_BRACE),),
    401: (
        Unauthenticated(),
        InvalidCredentials(),
        TokenInvalid(),
        TokenExpired(),
        SessionOver(),
        SocialTokenInvalid(),
        SocialStateInvalid(),
        SocialDenied(),
        SignInOver(),
    ),
    403: (
        Forbidden(),
        BeyondOwnPermissions(),
        StepUpRequired(methods=("password", "totp")),
        UsernameNotChangeable(),
    ),
    404: (
        *openapi_billing.NOT_FOUND,
        *openapi_subscriptions.NOT_FOUND,
        *openapi_payments.NOT_FOUND,
        *openapi_catalog.NOT_FOUND,
        NotFound(),
        UnknownLedgerAccount(),
        UnknownLedgerTransaction(),
        UnknownRole(),
        UnknownUser(),
        NotConfigured(what="google sign-in"),
    ),
    409: (
        *openapi_billing.CONFLICTS,
        *openapi_subscriptions.CONFLICTS,
        *openapi_payments.CONFLICTS,
        *openapi_catalog.CONFLICTS,
        LedgerRefused(reason="exceeds_limit", account="wallet:ada"),
        LedgerAccountClosed(account="cash:till-1"),
        TooManyEndpoints(max=20),
        EndpointDisabled(),
        TooManyTerms(max=1_000),
        MessageUnderWay(),
        LedgerAccountExists(account="cash:till-1"),
        AccountNotEmpty(account="cash:till-1"),
        PeriodNotLater(),
        PeriodNotClosed(),
        LastAdmin(),
        RoleInUse(),
        RoleIsBuiltIn(),
        RoleKeyTaken(),
        TooManyRoles(max=200),
        UsernameTaken(username="tony.s", suggestions=("tony.s.official", "official_tony.s", "tony.s_42")),
        ChallengeIdRequired(),
        LinkRequired(),
        SocialAccountTaken(),
        EmailTaken(),
        PhoneTaken(),
        CredentialTaken(),
        LastWayIn(),
        TooManyCredentials(max=20),
        StaleAggregate(),
        TooManyFactors(most=5),
        NoSecondFactor(),
        SmsFactorRefused(),
        DocumentSettled(),
        TooManyDocuments(max=50),
        TooManyConsents(max=100),
        AccountErased(),
        NoPasswordYet(),
        PasswordThere(),
        OwnAccount(),
        ErasureRefused(reason="open_invoices"),
        InvitationOver(),
        TooManyInvitations(max=10),
        IdempotencyUnfinished(),
    ),
    413: (BodyTooLarge(max=1_048_576), FileTooLarge(max=5_000_000)),
    415: (UnsupportedType(expected="application/json"),),
    422: (
        InvalidInput(
            FieldProblem("email", "invalid_email"),
            FieldProblem("pasword", "unknown", (("nearest", "password"),)),
        ),
        InvalidCode(),
        NotAnImage(),
        NotADocument(),
        FileInfected(),
        CredentialRefused(),
        InvitationInvalid(),
        IdempotencyMismatch(),
    ),
    429: (TooManyRequests(scope="sign_in", retry_after=27),),
    503: (Unavailable(what="database", retry_after=1),),
}
"""The errors that are shown for each status; how they are worded is asked of whoever words them."""


def problem_name(status: int, *, is_counted: bool) -> str:
    """The name of the response component. Counted requests are answered with the limits as well."""
    return f"Problem{status}Counted" if is_counted else f"Problem{status}"


def problem_responses(problem: Callable[[MultiproductError], Json]) -> dict[str, Json]:
    """Every problem that is answered, by its component's name."""
    return {
        problem_name(status, is_counted=is_counted): _response(
            status, problem, LIMIT_HEADERS if is_counted else {}
        )
        for status in _WHEN
        for is_counted in (True, False)
    }


def _response(status: int, problem: Callable[[MultiproductError], Json], limits: Mapping[str, Json]) -> Json:
    examples = {error.code: {"value": problem(error)} for error in EXAMPLES[status]}
    return {
        "description": _WHEN[status],
        "headers": {**ANSWER_HEADERS, **limits, **_OF_STATUS.get(status, {})},
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }
