"""The source systems' documented clients: their paths, their names, and what they leave out or add."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import PASSWORD, Service, running_service

from multiproduct.domain.shared import FieldProblem, InvalidInput
from multiproduct.entrypoints.http.dialects import (
    ALIASES,
    ASOUD,
    CONFIRMATIONS,
    FIELD_NAMES,
    Alias,
    problems_in_theirs,
    to_canonical,
    to_theirs,
)
from multiproduct.entrypoints.http.endpoint_tables import ENDPOINTS

PROMISED = {
    f"{prefix}/auth/kn/{path}/"
    for prefix in ("", "/api/v1")
    for path in (
        "signup",
        "verifyotp",
        "resend-otp",
        "check-username",
        "login",
        "password-reset-request",
        "password-reset-confirm",
        "social/token",
        "token/refresh",
        "token/verify",
        "role",
        "role/{role_id}",
    )
} | {
    *(f"/api/auth/{path}/" for path in ("signup", "verify-otp", "login", "resend-otp")),
    *(f"/api/auth/{path}/" for path in ("register", "logout", "refresh")),
    "/api/users/me/",
    "/api/users/",
    "/api/users/{user_id}/",
    "/api/v1/user/bank/info/",
    *(f"/api/v1/auth/{path}/" for path in ("login", "logout", "registration", "user", "profile")),
    *(f"/api/v1/auth/{path}/" for path in ("google", "apple", "facebook")),
    *(f"/api/v1/auth/biometric/{path}/" for path in ("enroll", "authenticate")),
    "/api/v1/auth/password/reset/",
    "/api/v1/auth/password/change/",
    "/api/users/change_password/",
    "/api/v1/user/pin/create/",
    "/api/v1/user/pin/verify/",
    "/api/v1/auth/verify-email/",
    *(
        f"{prefix}/products/{path}"
        for prefix in ("", "/api/v1", "/api/v1/services")
        for path in ("", "{product_id}/")
    ),
    "/api/services/products/",
    "/api/plans/",
    "/api/plans/{plan_id}/",
    *(
        f"{prefix}/{path}/"
        for prefix in ("", "/api/v1", "/api/v1/services")
        for path in ("invoices", "invoice/create", "payment/process")
    ),
    *(
        f"{prefix}/notifications/{path}"
        for prefix in ("", "/api/v1/services")
        for path in ("", "{notification_id}/read/")
    ),
    *(f"/api/{path}/" for path in ("orders", "orders/{order_id}", "invoices", "invoices/{invoice_id}")),
    "/payment/invoice/{order_id}/",
    *(
        f"{prefix}/subscriptions/{path}"
        for prefix in ("", "/api/v1/services")
        for path in ("", "{subscription_id}/cancel/", "{subscription_id}/renew/")
    ),
    *(
        f"{prefix}/subscriptions/{path}/"
        for prefix in ("", "/api/v1", "/api/v1/services")
        for path in ("purchase", "trial/start")
    ),
    *(f"/api/services/{path}/" for path in ("start-trial", "purchase", "my-subscriptions")),
    *(
        f"/api/subscriptions/{path}"
        for path in ("", "{subscription_id}/", "{subscription_id}/update_status/")
    ),
}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


def test_every_promised_path_is_there() -> None:
    assert {alias.path for alias in ALIASES} == PROMISED


def test_every_alias_stands_for_endpoints_that_there_are() -> None:
    names = {endpoint.name for endpoint in ENDPOINTS}
    assert all(name in names for alias in ALIASES for name in alias.endpoints)


@pytest.mark.parametrize("row", FIELD_NAMES, ids=lambda row: f"{row.dialect} {row.canonical} {row.theirs}")
def test_a_field_travels_under_the_dialects_own_name(row) -> None:
    alias = Alias(path="/x/", dialect=row.dialect, endpoints=())
    sent, sent_as = to_canonical({row.theirs: "value"}, alias)
    assert (sent, sent_as) == ({row.canonical: "value"}, {row.canonical: row.theirs})
    answered = to_theirs({"user": [{row.canonical: "value"}]}, alias.answers)
    assert answered["user"][0][row.theirs] == "value"
    assert (row.canonical in answered["user"][0]) is (row.canonical in alias.answers[row.canonical])
    named = problems_in_theirs(InvalidInput(FieldProblem(f"{row.canonical}.0", "invalid")), {}, alias)
    assert named.problems[0].field == f"{alias.answers[row.canonical][0]}.0"


def test_a_canonical_name_is_understood_too() -> None:
    alias = Alias(path="/x/", dialect=ASOUD, endpoints=())
    assert to_canonical({"phone": "1", "mobile": "2"}, alias)[0] == {"phone": "1"}


@pytest.mark.parametrize(
    ("field", "repetition"), [(name, other) for name, others in CONFIRMATIONS.items() for other in others]
)
def test_a_repeated_password_must_be_the_same(field, repetition) -> None:
    alias = Alias(path="/x/", dialect=ASOUD, endpoints=())
    assert to_canonical({field: "a", repetition: "a"}, alias)[0][field] == "a"
    with pytest.raises(InvalidInput) as refused:
        to_canonical({field: "a", repetition: "b"}, alias)
    assert refused.value.problems == (FieldProblem(repetition, "not_same"),)


@pytest.mark.parametrize(
    ("sign_up", "verify", "log_in", "document"),
    [
        ("/auth/kn/signup/", "/auth/kn/verifyotp/", "/auth/kn/login/", {}),
        ("/api/v1/auth/kn/signup", "/api/v1/auth/kn/verifyotp", "/api/v1/auth/kn/login", {}),
        ("/api/auth/signup/", "/api/auth/verify-otp/", "/api/auth/login/", {"is_staff": True}),
        (
            "/api/auth/register/",
            "/api/auth/verify-otp/",
            "/api/auth/login/",
            {"password_confirm": PASSWORD, "phone": "+886912345678", "first_name": "Tony", "id": 7},
        ),
        (
            "/api/v1/auth/registration/",
            "/api/auth/verify-otp/",
            "/api/v1/auth/login/",
            {"password1": PASSWORD, "password2": PASSWORD},
        ),
    ],
)
async def test_each_systems_client_signs_up_and_logs_in(service, sign_up, verify, log_in, document) -> None:
    email = "tony@stark.com"
    own = {} if "password1" in document else {"password": PASSWORD}
    asked = await service.client.post(sign_up, json={"email": email, "username": "tony.s", **own, **document})
    assert asked.status_code == 202, asked.text
    assert asked.json().keys() == {"challenge_id", "expires_at", "resend_after", "message"}
    assert (await service.post(verify, email=email, otp=await service.code(email))).status_code == 201
    for name, value in (
        ("email", email),
        ("username", "tony.s"),
        ("username", email),
        ("identifier", "tony.s"),
    ):
        answer = await service.client.post(log_in, json={name: value, "password": PASSWORD, "remember": True})
        assert answer.status_code == 200, answer.text
        assert {"access", "refresh", "token_type", "expires_in", "user"} <= answer.json().keys()
        assert answer.json()["user"]["is_staff"] is False


async def test_a_phone_signs_up_and_logs_in_by_code(service) -> None:
    asked = await service.post("/auth/kn/signup/", phone_number="+886912345678")
    assert asked.status_code == 202, asked.text
    code = await service.code("+886912345678")
    verified = await service.post("/auth/kn/verifyotp/", phone_number="+886912345678", otp=code)
    assert (verified.status_code, verified.json()["user"]["phone_number"]) == (201, "+886912345678")
    await service.post("/api/v1/identity/sign-in/code", phone="+886912345678")
    code = await service.code("+886912345678", count=2)
    answer = await service.post("/auth/kn/login/", phone_number="+886912345678", otp=code)
    assert answer.status_code == 200, answer.text


async def test_forms_are_read_on_the_seeds_paths(service) -> None:
    await service.signed_up()
    form = {"email": "tony@stark.com", "password": PASSWORD, "username": ""}
    answer = await service.client.post("/api/v1/auth/login/", data=form)
    assert answer.status_code == 200, answer.text


async def test_a_form_may_repeat_a_field_that_nobody_knows_and_no_other(service) -> None:
    await service.signed_up()
    form = {"email": "tony@stark.com", "password": PASSWORD, "news": ["a", "b"]}
    assert (await service.client.post("/api/v1/auth/login/", data=form)).status_code == 200
    twice = await service.client.post("/api/v1/auth/login/", data={**form, "email": ["a@b.co", "c@d.co"]})
    assert [each["field"] for each in twice.json()["errors"]] == ["email"]


async def test_fluxus_people_are_shown_under_fluxus_names(service) -> None:
    await service.signed_up()
    tokens = (await service.post("/api/auth/login/", email="tony@stark.com", password=PASSWORD)).json()
    bearer = {"authorization": f"Bearer {tokens['access']}"}
    me = (await service.client.get("/api/users/me/", headers=bearer)).json()
    assert me["is_verified"] is True
    assert me["date_joined"] == me["created_at"]
    assert me["last_login"] is not None
    assert "is_email_verified" not in me


@pytest.mark.parametrize("path", ["/api/users/me/", "/api/v1/auth/user/", "/api/v1/auth/profile/"])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_profile_is_written_back_as_it_was_read(service, path, method) -> None:
    await service.signed_up()
    bearer = {"authorization": f"Bearer {(await service.signed_in())['access']}"}
    me = (await service.client.get(path, headers=bearer)).json()
    answer = await service.client.request(method, path, json={**me, "first_name": "Tony"}, headers=bearer)
    assert (answer.status_code, answer.json()["first_name"]) == (200, "Tony")


@pytest.mark.parametrize("field", ["refresh", "refresh_token"])
async def test_fluxus_refreshes_and_logs_out(service, field) -> None:
    await service.signed_up()
    tokens = await service.signed_in()
    refreshed = await service.client.post("/api/auth/refresh/", json={field: tokens["refresh"]})
    assert refreshed.status_code == 200
    out = await service.client.post("/api/auth/logout/", json={field: refreshed.json()["refresh"]})
    assert (out.status_code, out.json()["message"]) == (200, "You are signed out.")
    again = await service.client.post("/api/auth/refresh/", json={field: refreshed.json()["refresh"]})
    assert again.status_code == 401


@pytest.mark.parametrize("field", ["token", "key"])
async def test_skeleton_verifies_an_email_by_the_token_of_the_mail(service, field) -> None:
    await service.post("/api/v1/auth/registration/", email="tony@stark.com", password=PASSWORD)
    token = (await service.link("tony@stark.com", "verify-email")).rpartition("/")[2]
    answer = await service.client.post("/api/v1/auth/verify-email/", json={field: token})
    assert (answer.status_code, answer.json()["user"]["is_email_verified"]) == (201, True)


async def test_problems_name_fields_as_the_client_sent_them(service) -> None:
    answer = await service.post("/auth/kn/signup/", phone_number="12")
    assert [each["field"] for each in answer.json()["errors"]] == ["phone_number"]
    answer = await service.post("/api/v1/auth/registration/", email="a@b.co", password1="short")
    assert [each["field"] for each in answer.json()["errors"]] == ["password1"]
