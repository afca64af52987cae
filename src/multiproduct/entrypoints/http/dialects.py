"""The paths and field names of the source systems, as data: each documented client works as it is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.entrypoints.http.dialects_commerce import SUBSCRIPTION_PATHS
from multiproduct.entrypoints.http.documents import Document

MULTIPRODUCT, FLUXUS, SKELETON, ASOUD = "multiproduct", "fluxus", "skeleton", "asoud"


@dataclass(frozen=True, slots=True)
class FieldName:
    """A source system's own name of a canonical field, in what it sends and in what it is sent. A field with
    several rows is answered under each of their names."""

    dialect: str
    canonical: str
    theirs: str


FIELD_NAMES: Sequence[FieldName] = (
    FieldName(MULTIPRODUCT, "phone", "phone_number"),
    FieldName(MULTIPRODUCT, "is_email_verified", "is_verified"),
    FieldName(FLUXUS, "is_email_verified", "is_verified"),
    FieldName(FLUXUS, "created_at", "created_at"),
    FieldName(FLUXUS, "created_at", "date_joined"),
    FieldName(ASOUD, "phone", "mobile"),
    FieldName(FLUXUS, "cycle", "billing_cycle"),
    FieldName(FLUXUS, "storage_gb", "max_storage_gb"),
    FieldName(MULTIPRODUCT, "issued_at", "issued_at"),
    FieldName(MULTIPRODUCT, "issued_at", "issued_date"),
    FieldName(MULTIPRODUCT, "due_at", "due_at"),
    FieldName(MULTIPRODUCT, "due_at", "due_date"),
    FieldName(MULTIPRODUCT, "number", "number"),
    FieldName(MULTIPRODUCT, "number", "invoice_number"),
    FieldName(MULTIPRODUCT, "customer_id", "user_id"),
    FieldName(FLUXUS, "number", "number"),
    FieldName(FLUXUS, "number", "order_number"),
    FieldName(FLUXUS, "number", "invoice_number"),
    FieldName(FLUXUS, "customer_id", "user_id"),
    FieldName(FLUXUS, "gateway_reference", "payment_id"),
)

CONFIRMATIONS: Mapping[str, Sequence[str]] = {
    "password": ("password2", "password_confirm", "password_confirmation", "confirm_password"),
    "new_password": (
        "new_password2",
        "new_password_confirm",
        "new_password_confirmation",
        "confirm_new_password",
        "confirm_password",
    ),
}
"""Fields that repeat another one."""

BLANK_IS_ABSENT = frozenset(
    {"email", "phone", "username", "identifier", "challenge_id", "otp", "token", "refresh"}
    | {"locale", "time_zone", "gender", "date_of_birth"}
)
"""Forms send these empty when the person left them out."""


_LONGEST_GIVEN_UP = 64
"""Characters of a telephone number, the only field that gives way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A source system's path for canonical endpoints, by their names.

    `renames` are further names it may send a field under. `yields` says which field gives way to which where
    both come: a registration proves one address, and the other one is added to the profile later.
    """

    path: str
    dialect: str
    endpoints: tuple[str, ...]
    renames: Mapping[str, str] = field(default_factory=dict)
    yields: Mapping[str, str] = field(default_factory=dict)

    @property
    def accepts(self) -> dict[str, str]:
        """Sent name to canonical name, where they differ."""
        rows = [row for row in FIELD_NAMES if row.dialect == self.dialect]
        return {row.theirs: row.canonical for row in rows} | dict(self.renames)

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        """Canonical name to the dialect's own, where they differ."""
        names: dict[str, tuple[str, ...]] = {}
        for row in FIELD_NAMES:
            if row.dialect == self.dialect:
                names[row.canonical] = (*names.get(row.canonical, ()), row.theirs)
        return names


_SIGN_UP = {"password1": "password"}
_ONE_CONTACT = {"phone": "email"}
_SIGN_IN = {"username": "identifier"}
_REFRESH = {"refresh_token": "refresh"}
_ID_TOKEN = {"token": "id_token", "credential": "id_token"}
_LINK = {"key": "token", "code": "otp"}
_NEW_PASSWORD = {"password": "new_password", "new_password1": "new_password", "code": "otp"}
_CHANGED_PASSWORD = {
    "old_password": "current_password",
    "password": "new_password",
    "new_password1": "new_password",
}
_PIN = {"pin": "otp", "code": "otp"}
_ME = ("me.read", "me.update", "me.replace")


def _stark_paths(prefix: str) -> Iterable[Alias]:
    base = f"{prefix}/auth/kn"
    rows: Sequence[tuple[str, str, Mapping[str, str], Mapping[str, str]]] = (
        ("signup", "registration.start", _SIGN_UP, _ONE_CONTACT),
        ("verifyotp", "registration.verify", _LINK, _ONE_CONTACT),
        ("resend-otp", "registration.resend", {}, _ONE_CONTACT),
        ("check-username", "username.check", {}, {}),
        ("login", "sign_in", _SIGN_IN, {}),
        ("password-reset-request", "password_reset.request", {}, _ONE_CONTACT),
        ("password-reset-confirm", "password_reset.confirm", _NEW_PASSWORD, _ONE_CONTACT),
        ("social/token", "social.token", _ID_TOKEN, {}),
        ("token/refresh", "token.refresh", _REFRESH, {}),
        ("token/verify", "token.verify", {"access": "token"}, {}),
    )
    for path, name, renames, yields in rows:
        yield Alias(
            path=f"{base}/{path}/", dialect=MULTIPRODUCT, endpoints=(name,), renames=renames, yields=yields
        )
    # The role to change or delete is named in the path, or, as the source has no such path, in the query.
    roles = ("role.list", "role.create", "role.update", "role.delete")
    yield Alias(path=f"{base}/role/", dialect=MULTIPRODUCT, endpoints=roles)
    yield Alias(
        path=f"{base}/role/{{role_id}}/",
        dialect=MULTIPRODUCT,
        endpoints=("role.read", "role.update", "role.delete"),
    )


def _catalog_paths() -> Iterable[Alias]:
    for prefix in ("", "/api/v1", "/api/v1/services"):
        yield Alias(path=f"{prefix}/products/", dialect=MULTIPRODUCT, endpoints=("product.list",))
        yield Alias(
            path=f"{prefix}/products/{{product_id}}/", dialect=MULTIPRODUCT, endpoints=("product.read",)
        )
    yield Alias(path="/api/services/products/", dialect=MULTIPRODUCT, endpoints=("product.list",))
    yield Alias(path="/api/plans/", dialect=FLUXUS, endpoints=("plan.list",))
    yield Alias(path="/api/plans/{plan_id}/", dialect=FLUXUS, endpoints=("plan.read",))


def _inbox_paths() -> Iterable[Alias]:
    for prefix in ("", "/api/v1/services"):  # under /api/v1 the canonical paths are the same
        base = f"{prefix}/notifications"
        yield Alias(path=f"{base}/", dialect=MULTIPRODUCT, endpoints=("notification.list",))
        yield Alias(
            path=f"{base}/{{notification_id}}/read/",
            dialect=MULTIPRODUCT,
            endpoints=("notification.mark_read",),
        )


def _billing_paths() -> Iterable[Alias]:
    for prefix in ("", "/api/v1", "/api/v1/services"):
        yield Alias(path=f"{prefix}/invoices/", dialect=MULTIPRODUCT, endpoints=("invoice.list",))
        yield Alias(
            path=f"{prefix}/invoice/create/",
            dialect=MULTIPRODUCT,
            endpoints=("invoice.issue",),
            renames={"user": "customer_id"},
        )
        yield Alias(path=f"{prefix}/payment/process/", dialect=MULTIPRODUCT, endpoints=("payment.process",))
    order = {"subscription": "subscription_id", "plan_id": "plan"}
    yield Alias(path="/api/orders/", dialect=FLUXUS, endpoints=("order.list", "order.place"), renames=order)
    yield Alias(path="/api/orders/{order_id}/", dialect=FLUXUS, endpoints=("order.read", "order.cancel"))
    yield Alias(path="/api/invoices/", dialect=FLUXUS, endpoints=("invoice.list",))
    yield Alias(path="/api/invoices/{invoice_id}/", dialect=FLUXUS, endpoints=("invoice.read",))
    yield Alias(path="/payment/invoice/{order_id}/", dialect=FLUXUS, endpoints=("order.invoice",))


ALIASES: Sequence[Alias] = (
    *_inbox_paths(),
    *_billing_paths(),
    *(
        Alias(path=path, dialect=dialect, endpoints=endpoints, renames=renames)
        for path, dialect, endpoints, renames in SUBSCRIPTION_PATHS
    ),
    *_catalog_paths(),
    *_stark_paths(""),
    *_stark_paths("/api/v1"),
    Alias(
        path="/api/auth/signup/",
        dialect=MULTIPRODUCT,
        endpoints=("registration.start",),
        renames=_SIGN_UP,
        yields=_ONE_CONTACT,
    ),
    Alias(
        path="/api/auth/verify-otp/", dialect=MULTIPRODUCT, endpoints=("registration.verify",), renames=_LINK
    ),
    Alias(path="/api/auth/resend-otp/", dialect=MULTIPRODUCT, endpoints=("registration.resend",)),
    # Two source systems have this path. What they send and are answered agrees, but for names of fluxus.
    Alias(
        path="/api/auth/login/",
        dialect=FLUXUS,
        endpoints=("sign_in",),
        renames=_SIGN_IN | {"phone_number": "phone"},
    ),
    Alias(
        path="/api/auth/register/",
        dialect=FLUXUS,
        endpoints=("registration.start",),
        renames=_SIGN_UP,
        yields=_ONE_CONTACT,
    ),
    Alias(path="/api/auth/logout/", dialect=FLUXUS, endpoints=("sign_out",), renames=_REFRESH),
    Alias(path="/api/auth/refresh/", dialect=FLUXUS, endpoints=("token.refresh",), renames=_REFRESH),
    Alias(path="/api/users/me/", dialect=FLUXUS, endpoints=(*_ME, "me.erase")),
    Alias(path="/api/users/", dialect=FLUXUS, endpoints=("user.list", "user.create")),
    Alias(
        path="/api/users/{user_id}/",
        dialect=FLUXUS,
        endpoints=("user.read", "user.update", "user.replace", "user.delete"),
    ),
    Alias(
        path="/api/v1/user/bank/info/",
        dialect=ASOUD,
        endpoints=(
            "bank_details.read",
            "bank_details.create",
            "bank_details.replace",
            "bank_details.remove",
        ),
    ),
    Alias(
        path="/api/users/change_password/",
        dialect=FLUXUS,
        endpoints=("password.change",),
        renames=_CHANGED_PASSWORD,
    ),
    Alias(path="/api/v1/auth/login/", dialect=SKELETON, endpoints=("sign_in",), renames=_SIGN_IN),
    Alias(path="/api/v1/auth/logout/", dialect=SKELETON, endpoints=("sign_out",), renames=_REFRESH),
    Alias(
        path="/api/v1/auth/registration/",
        dialect=SKELETON,
        endpoints=("registration.start",),
        renames=_SIGN_UP,
        yields=_ONE_CONTACT,
    ),
    Alias(
        path="/api/v1/auth/google/",
        dialect=SKELETON,
        endpoints=("social.google.token",),
        renames=_ID_TOKEN,
    ),
    Alias(path="/api/v1/auth/apple/", dialect=SKELETON, endpoints=("social.apple.token",), renames=_ID_TOKEN),
    Alias(
        path="/api/v1/auth/facebook/",
        dialect=SKELETON,
        endpoints=("social.facebook.token",),
        renames={"token": "access_token"},
    ),
    Alias(path="/api/v1/auth/user/", dialect=SKELETON, endpoints=_ME),
    Alias(path="/api/v1/auth/profile/", dialect=SKELETON, endpoints=_ME),
    Alias(
        path="/api/v1/auth/password/change/",
        dialect=SKELETON,
        endpoints=("password.change",),
        renames=_CHANGED_PASSWORD,
    ),
    Alias(path="/api/v1/auth/password/reset/", dialect=SKELETON, endpoints=("password_reset.request",)),
    Alias(
        path="/api/v1/auth/verify-email/", dialect=SKELETON, endpoints=("registration.verify",), renames=_LINK
    ),
    Alias(path="/api/v1/auth/biometric/enroll/", dialect=SKELETON, endpoints=("device_keys.enroll",)),
    Alias(
        path="/api/v1/auth/biometric/authenticate/",
        dialect=SKELETON,
        endpoints=("device_keys.authenticate",),
    ),
    Alias(path="/api/v1/user/pin/create/", dialect=ASOUD, endpoints=("phone.sign_in.request",)),
    Alias(path="/api/v1/user/pin/verify/", dialect=ASOUD, endpoints=("phone.sign_in.verify",), renames=_PIN),
)


def to_canonical(document: Document, alias: Alias) -> tuple[Document, dict[str, str]]:
    """Like `canonical_names`. Raises InvalidInput where a field and its repetition differ."""
    canonical, sent_as = canonical_names(document, alias)
    problems = repetition_problems(document, canonical)
    if problems:
        raise InvalidInput(*problems)
    return canonical, sent_as


def canonical_names(document: Document, alias: Alias) -> tuple[Document, dict[str, str]]:
    """The document under canonical names, and under which name each field was sent."""
    accepts = alias.accepts
    canonical: Document = {}
    sent_as: dict[str, str] = {}
    for name, value in document.items():
        field_name = accepts.get(name, name)
        if field_name in canonical or (value in ("", None) and field_name in BLANK_IS_ABSENT):
            continue
        canonical[field_name] = value
        sent_as[field_name] = name
    for given_up, kept in alias.yields.items():
        # What could not even be the field is left to be refused, as the field itself would be.
        if kept in canonical and _is_short_text(canonical.get(given_up)):
            del canonical[given_up]
    return canonical, sent_as


def _is_short_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _LONGEST_GIVEN_UP


def to_theirs(value: Any, names: Mapping[str, tuple[str, ...]]) -> Any:
    """An answer under a dialect's names, at every depth."""
    if isinstance(value, dict):
        return {
            theirs: to_theirs(member, names)
            for name, member in value.items()
            for theirs in names.get(name, (name,))
        }
    if isinstance(value, list):
        return [to_theirs(member, names) for member in value]
    return value


def repetition_problems(document: Document, canonical: Document) -> list[FieldProblem]:
    """The repetitions that differ from the field they repeat, each under the name it was sent by."""
    return [
        FieldProblem(repetition, "not_same")
        for name, repetitions in CONFIRMATIONS.items()
        if name in canonical
        for repetition in repetitions
        if repetition in document and document[repetition] != canonical[name]
    ]


def problems_in_theirs(error: InvalidInput, sent_as: Mapping[str, str], alias: Alias) -> InvalidInput:
    """The same problems, naming the fields as the client did, or as its system calls them."""
    names = {canonical: theirs[0] for canonical, theirs in alias.answers.items()} | dict(sent_as)
    return InvalidInput(
        *(
            FieldProblem(
                ".".join([names.get(first, first), *rest]), problem.code, _params_in_theirs(problem, names)
            )
            for problem in error.problems
            for first, *rest in [problem.field.split(".")]
        )
    )


def _params_in_theirs(problem: FieldProblem, names: Mapping[str, str]) -> tuple[tuple[str, str | int], ...]:
    """Parameters that list fields, such as those of which just one is to be given."""
    return tuple(
        (name, ", ".join(names.get(each, each) for each in value.split(", ")))
        if name == "fields" and isinstance(value, str)
        else (name, value)
        for name, value in problem.params
    )
