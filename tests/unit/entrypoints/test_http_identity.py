"""The identity endpoints over HTTP: the journey, and one request to every endpoint."""

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service

from multiproduct.entrypoints.http.app import path_table
from multiproduct.entrypoints.http.dialects import ALIASES
from multiproduct.entrypoints.http.identity import ENDPOINTS


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service() as running:
        yield running


async def test_a_person_signs_up_verifies_signs_in_refreshes_reads_and_signs_out(service: Service) -> None:
    asked = await service.post(
        f"{BASE}/registration", email="tony@stark.com", password=PASSWORD, username="tony.s"
    )
    assert asked.status_code == 202
    assert asked.json().keys() == {"challenge_id", "expires_at", "resend_after", "message"}
    assert datetime.fromisoformat(asked.json()["expires_at"]).tzinfo is not None

    code = await service.code("tony@stark.com")
    challenge_id = asked.json()["challenge_id"]
    verified = await service.post(f"{BASE}/registration/verify", challenge_id=challenge_id, otp=code)
    assert (verified.status_code, verified.json()["user"]["username"]) == (201, "tony.s")

    signed_in = await service.signed_in("tony.s")
    assert signed_in.keys() == {"access", "refresh", "token_type", "expires_in", "user"}

    refreshed = await service.post(f"{BASE}/token/refresh", refresh=signed_in["refresh"])
    assert refreshed.status_code == 200
    bearer = {"authorization": f"Bearer {refreshed.json()['access']}"}

    me = await service.client.get(f"{BASE}/me", headers=bearer)
    assert (me.status_code, me.json()["email"]) == (200, "tony@stark.com")

    signed_out = await service.client.post(f"{BASE}/sign-out", headers=bearer)
    assert (signed_out.status_code, signed_out.json()) == (200, {"message": "You are signed out."})
    assert (await service.client.get(f"{BASE}/me", headers=bearer)).status_code == 401


async def test_a_code_signs_in_where_a_password_would(service: Service) -> None:
    await service.signed_up()
    asked = await service.post(f"{BASE}/sign-in/code", email="tony@stark.com")
    assert asked.status_code == 202
    code = await service.code("tony@stark.com", count=3)
    answer = await service.post(f"{BASE}/sign-in", email="tony@stark.com", otp=code)
    assert (answer.status_code, answer.json()["token_type"]) == (200, "Bearer")


async def test_a_reset_password_is_the_one_that_signs_in(service: Service) -> None:
    await service.signed_up()
    await service.post(f"{BASE}/password-reset", email="tony@stark.com")
    code = await service.code("tony@stark.com", count=3)
    answer = await service.post(
        f"{BASE}/password-reset/confirm", email="tony@stark.com", otp=code, new_password="another long walk"
    )
    assert (answer.status_code, answer.json()) == (200, {"message": "Your password has been changed."})
    old = await service.post(f"{BASE}/sign-in", email="tony@stark.com", password=PASSWORD)
    new = await service.post(f"{BASE}/sign-in", email="tony@stark.com", password="another long walk")
    assert (old.status_code, new.status_code) == (401, 200)


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_a_profile_changes_where_fields_are_given(service: Service, method: str) -> None:
    await service.signed_up()
    bearer = {"authorization": f"Bearer {(await service.signed_in())['access']}"}
    changes = {"first_name": "Tony", "date_of_birth": "1970-05-29", "address": {"city": "Malibu"}}
    answer = await service.client.request(method, f"{BASE}/me", json=changes, headers=bearer)
    assert answer.status_code == 200
    me = (await service.client.get(f"{BASE}/me", headers=bearer)).json()
    assert (me["first_name"], me["date_of_birth"], me["address"]["city"]) == ("Tony", "1970-05-29", "Malibu")


async def test_a_taken_username_is_refused_with_free_ones(service: Service) -> None:
    await service.signed_up()
    answer = await service.post(
        f"{BASE}/registration", email="anthony@stark.com", password=PASSWORD, username="Tony.S"
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "username_taken")
    assert len(answer.json()["suggestions"]) >= 4


async def test_the_same_idempotency_key_gives_the_first_answer(service: Service) -> None:
    document = {"email": "tony@stark.com", "password": PASSWORD}
    answers = [
        await service.client.post(f"{BASE}/registration", json=sent, headers={"idempotency-key": "sign-up-1"})
        for sent in (document, document, {**document, "first_name": "T"})
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 422]
    assert answers[0].json() == answers[1].json()
    assert answers[2].json()["code"] == "idempotency_mismatch"


@pytest.mark.parametrize("key", ["", "k" * 256, "with\ttab"])
async def test_an_unusable_idempotency_key_is_refused_by_name(service: Service, key: str) -> None:
    answer = await service.client.post(
        f"{BASE}/registration",
        json={"email": "tony@stark.com", "password": PASSWORD},
        headers={"idempotency-key": key},
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_a_token_that_is_not_good_is_refused_where_it_is_looked_at(service: Service) -> None:
    headers = {"authorization": "Bearer nonsense"}
    for path in (f"{BASE}/me", f"{BASE}/usernames/check?username=tony"):
        answer = await service.client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
        assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_an_old_access_token_keeps_nobody_from_refreshing_or_signing_out(service: Service) -> None:
    await service.signed_up()
    tokens = await service.signed_in()
    for path in ("token/refresh", "sign-out"):
        answer = await service.client.post(
            f"{BASE}/{path}",
            json={"refresh": tokens["refresh"]},
            headers={"authorization": "Bearer expired"},
        )
        assert answer.status_code == 200
    refreshed = await service.post(f"{BASE}/token/refresh", refresh=tokens["refresh"])
    assert refreshed.status_code == 401


async def test_a_good_token_is_told_as_such(service: Service) -> None:
    user = await service.signed_up()
    tokens = await service.signed_in()
    answer = await service.post(f"{BASE}/token/verify", token=tokens["access"])
    assert (answer.status_code, answer.json()["user_id"]) == (200, user["id"])
    assert (await service.post(f"{BASE}/token/verify", token="x")).status_code == 401


async def test_nobody_signs_out_without_saying_of_what(service: Service) -> None:
    answer = await service.client.post(f"{BASE}/sign-out")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


async def test_the_keys_are_public_and_may_be_kept(service: Service) -> None:
    answer = await service.client.get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert answer.json()["keys"][0]["kty"] == "OKP"
    assert "d" not in answer.json()["keys"][0]
    assert answer.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: f"{endpoint.method} {endpoint.path}")
async def test_every_endpoint_answers_an_empty_request_sensibly(service: Service, endpoint) -> None:
    answer = await service.client.request(endpoint.method, endpoint.path)
    assert answer.status_code in {200, 401, 422}
    if answer.status_code == 422:
        assert all(problem["code"] in {"required", "one_of"} for problem in answer.json()["errors"])


async def test_paths_are_found_with_and_without_a_slash(service: Service) -> None:
    paths = [endpoint.path for endpoint in ENDPOINTS] + [alias.path for alias in ALIASES]
    table = path_table(service.container)
    for path in paths:
        bare = path.rstrip("/")
        found = table.find(bare)
        assert found is not None
        assert found == table.find(f"{bare}/")
        assert table.find(f"{bare}//") is None
