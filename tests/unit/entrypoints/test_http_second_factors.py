"""Second factors, two-step sign-in and step-up over HTTP, in canonical names and in those of the dialects."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import pytest
from tests.unit.application.identity.factors import app_code
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import CreateAdmin

EMAIL = "tony@stark.com"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(test_clock=True) as running:
        yield running


def _bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access']}"}


async def _pass_by(service: Service, duration: str) -> None:
    answer = await service.post("/dev/clock", advance=duration)
    assert answer.status_code == 200, answer.text


async def _now(service: Service) -> datetime:
    await service.container.refresh_clock()
    return service.container.clock.now()


async def _enrolled(service: Service) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    await service.signed_up(EMAIL)
    tokens = await service.signed_in(EMAIL)
    shown = await service.client.post(
        f"{BASE}/second-factors/totp", json={"name": "Phone"}, headers=_bearer(tokens)
    )
    assert shown.status_code == 201, shown.text
    enrolment = shown.json()
    code = app_code(enrolment["secret"], await _now(service))
    added = await service.client.post(
        f"{BASE}/second-factors/totp/confirm",
        json={"factor_id": enrolment["factor_id"], "code": code},
        headers=_bearer(tokens),
    )
    assert added.status_code == 200, added.text
    return tokens, enrolment, added.json()


async def test_a_person_sets_up_an_app_and_signs_in_with_it(service: Service) -> None:
    tokens, enrolment, added = await _enrolled(service)
    assert len(added["recovery_codes"]) == 10
    asked = await service.post(f"{BASE}/sign-in", email=EMAIL, password=PASSWORD)
    assert asked.status_code == 200
    assert sorted(asked.json()) == ["expires_in", "methods", "mfa_required", "mfa_token"]
    await _pass_by(service, "PT30S")
    body = {
        "mfa_token": asked.json()["mfa_token"],
        "method": "totp",
        "code": app_code(enrolment["secret"], await _now(service)),
    }
    done = await service.post(f"{BASE}/sign-in/second-factor", **body)
    assert done.status_code == 200, done.text
    assert sorted(done.json()) == ["access", "expires_in", "refresh", "token_type", "user"]
    again = await service.post(f"{BASE}/sign-in/second-factor", **body)
    assert (again.status_code, again.json()["code"]) == (401, "sign_in_over")
    seen = await service.client.get(f"{BASE}/second-factors", headers=_bearer(tokens))
    assert [factor["name"] for factor in seen.json()["totp"]] == ["Phone"]
    assert seen.json()["recovery_codes_left"] == 10


@pytest.mark.parametrize("path", ["/api/auth/login/", "/auth/kn/login/", "/api/v1/auth/login/"])
async def test_the_paths_of_the_source_systems_ask_in_the_same_shape(service: Service, path: str) -> None:
    await _enrolled(service)
    asked = await service.post(path, username=EMAIL, password=PASSWORD)
    assert asked.status_code == 200
    assert asked.json()["mfa_required"] is True
    assert asked.json()["methods"] == ["totp", "recovery_code"]


async def test_a_wrong_password_is_answered_the_same_with_and_without_a_second_factor(
    service: Service,
) -> None:
    await _enrolled(service)
    await service.signed_up("pepper@stark.com", "pepper.p")
    answers = [
        await service.post(f"{BASE}/sign-in", email=email, password="wrong")
        for email in (EMAIL, "pepper@stark.com", "nobody@stark.com")
    ]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert answers[0].status_code == 401


async def test_a_wrong_code_and_a_used_one_are_answered_alike(service: Service) -> None:
    _, enrolment, _ = await _enrolled(service)
    asked = await service.post(f"{BASE}/sign-in", email=EMAIL, password=PASSWORD)
    token = asked.json()["mfa_token"]
    used = app_code(enrolment["secret"], await _now(service))
    answers = [
        await service.post(f"{BASE}/sign-in/second-factor", mfa_token=token, code=code, method="totp")
        for code in (used, "000000")
    ]
    assert answers[0].status_code == answers[1].status_code == 422
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["code"] == "invalid_code"


async def test_what_needs_a_recent_proof_says_which_would_do(service: Service) -> None:
    tokens, _, added = await _enrolled(service)
    await _pass_by(service, "PT5M")
    refused = await service.client.post(f"{BASE}/second-factors/recovery-codes", headers=_bearer(tokens))
    assert refused.status_code == 403
    assert refused.json()["code"] == "step_up_required"
    assert refused.json()["methods"] == ["totp", "recovery_code"]
    listed = await service.client.get(f"{BASE}/step-up", headers=_bearer(tokens))
    assert listed.json()["methods"] == refused.json()["methods"]
    right = await service.client.post(f"{BASE}/step-up", json={"password": PASSWORD}, headers=_bearer(tokens))
    assert (right.status_code, right.json()["code"]) == (403, "step_up_required")
    proved = await service.client.post(
        f"{BASE}/step-up", json={"code": added["recovery_codes"][0]}, headers=_bearer(tokens)
    )
    assert proved.status_code == 200, proved.text
    made = await service.client.post(f"{BASE}/second-factors/recovery-codes", headers=_bearer(tokens))
    assert made.status_code == 201, made.text
    assert len(made.json()["recovery_codes"]) == 10


async def test_a_code_by_mail_steps_up_who_has_no_second_factor(service: Service) -> None:
    await service.signed_up(EMAIL)
    tokens = await service.signed_in(EMAIL)
    await _pass_by(service, "PT6M")
    sent = await service.client.post(f"{BASE}/step-up/code", headers=_bearer(tokens))
    assert sent.status_code == 202, sent.text
    code = await service.code(EMAIL, 3)
    proved = await service.client.post(
        f"{BASE}/step-up",
        json={"otp": code, "challenge_id": sent.json()["challenge_id"]},
        headers=_bearer(tokens),
    )
    assert proved.status_code == 200, proved.text


async def test_an_app_is_removed_with_one_of_its_codes(service: Service) -> None:
    tokens, enrolment, _ = await _enrolled(service)
    await _pass_by(service, "PT30S")
    removed = await service.client.post(
        f"{BASE}/second-factors/totp/remove",
        json={
            "factor_id": enrolment["factor_id"],
            "code": app_code(enrolment["secret"], await _now(service)),
        },
        headers=_bearer(tokens),
    )
    assert removed.status_code == 200, removed.text
    assert removed.json()["message"]
    assert "access" in (await service.post(f"{BASE}/sign-in", email=EMAIL, password=PASSWORD)).json()


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("sign-in/second-factor", {"mfa_token": "x"}),
        ("sign-in/second-factor", {"mfa_token": "x", "code": "1", "method": "sms"}),
        ("sign-in/second-factor", {"code": "123456"}),
        ("sign-in/second-factor", {"mfa_token": "x", "code": 123456}),
        ("sign-in/second-factor", {"mfa_token": "x" * 257, "code": "123456"}),
    ],
)
async def test_a_completion_that_lacks_something_is_refused(
    service: Service, path: str, document: dict[str, Any]
) -> None:
    answer = await service.post(f"{BASE}/{path}", **document)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_staff_without_a_second_factor_may_only_set_one_up() -> None:
    async with running_service(test_clock=True, staff_second_factor=True) as service:
        await service.container.identity.administration.create_admin(
            CreateAdmin(email=EMAIL, username="tony.s", password=PASSWORD), SYSTEM
        )
        tokens = await service.signed_in(EMAIL)
        assert (await service.client.get(f"{BASE}/me", headers=_bearer(tokens))).status_code == 200
        refused = await service.client.get(f"{BASE}/users", headers=_bearer(tokens))
        assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")
        # Nothing that they have will do: a second factor has to be set up first.
        assert refused.json()["methods"] == []
        shown = await service.client.post(f"{BASE}/second-factors/totp", json={}, headers=_bearer(tokens))
        code = app_code(shown.json()["secret"], await _now(service))
        await service.client.post(
            f"{BASE}/second-factors/totp/confirm",
            json={"factor_id": shown.json()["factor_id"], "code": code},
            headers=_bearer(tokens),
        )
        assert (await service.client.get(f"{BASE}/users", headers=_bearer(tokens))).status_code == 200
