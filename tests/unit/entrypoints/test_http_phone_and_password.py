"""Sign-in by telephone and one's own password over HTTP, at canonical paths and those of the seeds."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service

NUMBER = "+886912345678"
NEW = "a paper boat under the bridge"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


def bearer(tokens: dict[str, str]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access']}"}


async def test_a_new_number_signs_in_by_the_code_of_a_text(service: Service) -> None:
    asked = await service.post(f"{BASE}/phone/sign-in", phone=NUMBER)
    assert asked.status_code == 202
    assert set(asked.json()) == {"challenge_id", "expires_at", "resend_after", "message"}
    answer = await service.post(
        f"{BASE}/phone/sign-in/verify",
        challenge_id=asked.json()["challenge_id"],
        otp=await service.code(NUMBER),
    )
    assert answer.status_code == 200
    assert {"access", "refresh", "token_type", "expires_in", "user"} <= set(answer.json())
    assert answer.json()["user"]["phone"] == NUMBER


async def test_asouds_client_signs_in_with_its_own_names(service: Service) -> None:
    for count in (1, 2):
        asked = await service.post("/api/v1/user/pin/create/", mobile=NUMBER)
        assert asked.status_code == 202, asked.text
        pin = await service.code(NUMBER, count)
        answer = await service.post("/api/v1/user/pin/verify", mobile=NUMBER, pin=pin)
        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["mobile"] == NUMBER


async def test_a_wrong_pin_is_refused_under_asouds_names(service: Service) -> None:
    await service.post("/api/v1/user/pin/create/", mobile=NUMBER)
    wrong = await service.post("/api/v1/user/pin/verify/", mobile=NUMBER, pin="000000x")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_code")
    bad = await service.post("/api/v1/user/pin/create/", mobile="12")
    assert [problem["field"] for problem in bad.json()["errors"]] == ["mobile"]
    none = await service.post("/api/v1/user/pin/verify/", mobile=NUMBER)
    assert [problem["field"] for problem in none.json()["errors"]] == ["pin"] or none.status_code == 422


async def test_a_repetition_under_one_key_sends_one_text(service: Service) -> None:
    headers = {"Idempotency-Key": "once"}
    answers = [
        await service.client.post(f"{BASE}/phone/sign-in", json={"phone": NUMBER}, headers=headers)
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()


async def test_an_installation_without_a_gateway_says_so_in_every_language() -> None:
    async with running_service(smtp_url="smtp://127.0.0.1:9") as service:
        for language in ("en", "es", "fa", "kn", "ta", "zh-Hant"):
            answer = await service.client.post(
                f"{BASE}/phone/sign-in", json={"phone": NUMBER}, headers={"Accept-Language": language}
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "not_configured")
            assert answer.json()["title"] not in {"", "not_configured", "error.not_configured.title"}


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (f"{BASE}/password/change", {"current": "current_password", "new": "new_password"}),
        ("/api/users/change_password/", {"current": "old_password", "new": "new_password"}),
        ("/api/v1/auth/password/change/", {"current": "old_password", "new": "new_password1"}),
    ],
)
async def test_a_password_is_changed_by_every_clients_names(
    service: Service, path: str, names: dict[str, str]
) -> None:
    await service.signed_up()
    tokens = await service.signed_in()
    document = {names["current"]: "not it", names["new"]: NEW}
    wrong = await service.client.post(path, json=document, headers=bearer(tokens))
    assert wrong.status_code == 422
    assert [(each["field"], each["code"]) for each in wrong.json()["errors"]] == [
        (names["current"], "wrong_password")
    ]
    document[names["current"]] = PASSWORD
    done = await service.client.post(path, json=document, headers=bearer(tokens))
    assert (done.status_code, done.json()) == (200, {"message": "Your password has been changed."})
    again = await service.post(f"{BASE}/sign-in", identifier="tony@stark.com", password=NEW)
    assert again.status_code == 200


async def test_a_changed_password_needs_a_session(service: Service) -> None:
    answer = await service.post(f"{BASE}/password/change", current_password="x", new_password=NEW)
    assert answer.status_code == 401


async def test_a_first_password_is_set_by_who_has_none(service: Service) -> None:
    await service.post(f"{BASE}/phone/sign-in", phone=NUMBER)
    code = await service.code(NUMBER)
    tokens = (await service.post(f"{BASE}/phone/sign-in/verify", phone=NUMBER, otp=code)).json()
    set_password = f"{BASE}/password/set"
    done = await service.client.post(set_password, json={"new_password": NEW}, headers=bearer(tokens))
    assert (done.status_code, done.json()) == (200, {"message": "Your password has been set."})
    again = await service.client.post(set_password, json={"new_password": NEW}, headers=bearer(tokens))
    assert (again.status_code, again.json()["code"]) == (409, "password_there")
