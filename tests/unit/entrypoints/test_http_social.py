"""Social sign-in over HTTP: the cookie, the forms, the aliases, and what is answered where."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from tests.servers.provider import APP_ID, TestProvider, ec_key, running_provider
from tests.unit.entrypoints.http_service import BASE, Service, running_service

SOCIAL = f"{BASE}/social"
GMAIL = {"email": "ada@gmail.com", "email_verified": True}
APPLE_KEY = (
    ec_key()
    .private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    .decode()
)


@asynccontextmanager
async def social_service(**changed: Any) -> AsyncIterator[tuple[Service, TestProvider]]:
    with running_provider() as provider:
        given = {
            **provider.settings,
            "apple_private_key": APPLE_KEY,
            "apple_team_id": "TEAM",
            "apple_key_id": "KEY",
            "rate_limit_profile": "unlimited",
        }
        async with running_service(**{**given, **changed}) as service:
            yield service, provider


async def start(service: Service, name: str = "google", **headers: str) -> httpx2.Response:
    answer = await service.client.post(f"{SOCIAL}/{name}/start", json={}, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


def let_in(provider: TestProvider, answer: httpx2.Response, **claims: Any) -> dict[str, str]:
    query = {name: values[0] for name, values in parse_qs(urlsplit(answer.json()["url"]).query).items()}
    provider.codes["code-1"] = {"id_token": provider.token(**{"nonce": query["nonce"], **claims})}
    return {"state": query["state"], "code": "code-1"}


def cookie_of(answer: httpx2.Response) -> str:
    return answer.headers["set-cookie"]


async def bearer(service: Service) -> dict[str, str]:
    await service.signed_up()
    return {"authorization": f"Bearer {(await service.signed_in())['access']}"}


async def test_a_browser_goes_and_comes_back_with_its_cookie() -> None:
    async with social_service() as (service, provider):
        departure = await start(service)
        assert set(departure.json()) == {"url", "expires_at"}
        back = let_in(provider, departure, **GMAIL)
        more = {**back, "scope": "openid", "authuser": "0", "prompt": "none"}
        service.client.cookies.clear()
        cookie = cookie_of(departure).partition(";")[0]
        without = await service.client.get(f"{SOCIAL}/google/callback", params=more)
        assert (without.status_code, without.json()["code"]) == (401, "social_state_invalid")
        answer = await service.client.get(
            f"{SOCIAL}/google/callback", params=more, headers={"cookie": cookie}
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["email"] == "ada@gmail.com"
        again = await service.client.get(f"{SOCIAL}/google/callback", params=more, headers={"cookie": cookie})
        assert again.json()["code"] == "social_state_invalid"


@pytest.mark.parametrize("name", ["google", "facebook"])
async def test_the_cookie_is_for_the_server_and_this_site_only(name: str) -> None:
    async with social_service() as (service, _):
        given = cookie_of(await start(service, name))
        assert given.startswith(f"multiproduct-social-{name}=")
        assert given.endswith("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax")


async def test_where_there_is_tls_the_cookie_is_bound_to_the_host() -> None:
    async with social_service(base_url="https://shop.example") as (service, _):
        given = cookie_of(await start(service))
        assert given.startswith("__Host-multiproduct-social-google=")
        assert given.endswith("; Max-Age=600; Path=/; HttpOnly; SameSite=Lax; Secure")


async def test_apple_posts_a_form_and_its_cookie_lets_it() -> None:
    async with social_service() as (service, provider):
        departure = await start(service, "apple")
        assert cookie_of(departure).endswith("; HttpOnly; SameSite=None; Secure")
        back = let_in(provider, departure, email="ada@stark.com", email_verified="true")
        answer = await service.client.post(
            f"{SOCIAL}/apple/callback",
            data={**back, "user": '{"name":{"firstName":"Ada","lastName":"L"}}'},
            headers={"cookie": cookie_of(departure).partition(";")[0]},
        )
        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["first_name"] == "Ada"


async def test_a_page_of_ones_own_hands_on_what_it_was_called_with() -> None:
    async with social_service(social_redirect_urls="https://shop.example/back") as (service, provider):
        departure = await service.client.post(
            f"{SOCIAL}/google/start", json={"redirect_uri": "https://shop.example/back"}
        )
        answer = await service.client.post(
            f"{SOCIAL}/google/callback",
            json=let_in(provider, departure),
            headers={"cookie": cookie_of(departure).partition(";")[0]},
        )
        assert answer.status_code == 200, answer.text
        wrong = await service.client.post(
            f"{SOCIAL}/google/start", json={"redirect_uri": "https://attacker.example/"}
        )
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "redirect_uri")


async def test_a_person_who_calls_it_off_is_told_so() -> None:
    async with social_service() as (service, provider):
        departure = await start(service)
        state = let_in(provider, departure)["state"]
        answer = await service.client.get(
            f"{SOCIAL}/google/callback",
            params={"state": state, "error": "access_denied", "error_description": "no"},
            headers={"cookie": cookie_of(departure).partition(";")[0]},
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "social_denied")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (f"{SOCIAL}/token", "google"),
        ("/auth/kn/social/token/", "google"),
        ("/api/v1/auth/kn/social/token/", "apple"),
        ("/auth/kn/social/token/", "facebook"),
        ("/api/v1/auth/google/", None),
        ("/api/v1/auth/apple/", None),
        ("/api/v1/auth/facebook/", None),
        (f"{SOCIAL}/google/token", None),
    ],
)
async def test_every_path_takes_a_token(path: str, name: str | None) -> None:
    async with social_service() as (service, provider):
        document = {"provider": name} if name else {}
        if "facebook" in (name, path.strip("/").rpartition("/")[2]):
            provider.debug["t"] = {"app_id": APP_ID, "is_valid": True, "type": "USER", "user_id": "77"}
            provider.people["t"] = {"id": "77"}
            document["access_token"] = "t"
        else:
            document["id_token"] = provider.token()
        answer = await service.client.post(path, json=document)
        assert answer.status_code == 200, answer.text
        assert {"access", "refresh", "user"} <= set(answer.json())


async def test_a_seeds_name_for_the_token_is_understood() -> None:
    async with social_service() as (service, provider):
        for field in ("token", "credential"):
            answer = await service.client.post(
                "/auth/kn/social/token/", json={"provider": "google", field: provider.token(), "extra": 1}
            )
            assert answer.status_code == 200, answer.text


async def test_a_nonce_is_given_out_and_used() -> None:
    async with social_service() as (service, provider):
        given = await service.client.post(f"{SOCIAL}/nonce")
        assert given.status_code == 201
        nonce = given.json()["nonce"]
        proof = {"id_token": provider.token(nonce=nonce), "nonce": nonce}
        statuses = [(await service.post(f"{SOCIAL}/apple/token", **proof)).status_code for _ in range(2)]
        assert statuses == [200, 401]


async def test_refusals_are_problems_with_stable_codes() -> None:
    async with social_service() as (service, provider):
        forged = await service.post(f"{SOCIAL}/google/token", id_token="a.b.c")
        assert (forged.status_code, forged.json()["code"]) == (401, "social_token_invalid")
        await service.signed_up("tony@stark.com")
        token = provider.token(email="tony@stark.com", email_verified=True)
        known = await service.post(f"{SOCIAL}/google/token", id_token=token)
        assert (known.status_code, known.json()["code"]) == (409, "link_required")
        unknown = await service.post(f"{SOCIAL}/google/token", id_token=token, extra=1)
        assert unknown.status_code == 422
        neither = await service.post(f"{SOCIAL}/google/token")
        assert neither.status_code == 422


async def test_without_settings_it_is_not_configured_and_everything_else_works() -> None:
    async with running_service(rate_limit_profile="unlimited") as service:
        for path in ("google/token", "apple/start", "facebook/token", "apple/notifications"):
            document = {"payload": "a.b.c"} if "notifications" in path else {}
            answer = await service.client.post(
                f"{SOCIAL}/{path}", json={**document, **({"id_token": "a.b.c"} if "token" in path else {})}
            )
            assert (answer.status_code, answer.json()["code"]) == (404, "not_configured")
        await service.signed_up()


async def test_a_person_links_lists_and_unlinks() -> None:
    async with social_service() as (service, provider):
        headers = await bearer(service)
        linked = await service.client.post(
            f"{SOCIAL}/google/link", json={"id_token": provider.token()}, headers=headers
        )
        assert linked.status_code == 200, linked.text
        departure = await start(service, **headers)
        back = let_in(provider, departure, subject="second")
        by_code = await service.client.post(
            f"{SOCIAL}/google/link/callback",
            json=back,
            headers={**headers, "cookie": cookie_of(departure).partition(";")[0]},
        )
        assert by_code.status_code == 200, by_code.text
        listed = await service.client.get(f"{SOCIAL}/accounts", headers=headers)
        assert [each["provider"] for each in listed.json()["items"]] == ["google", "google"]
        for each in listed.json()["items"]:
            gone = await service.client.delete(f"{SOCIAL}/accounts/{each['id']}", headers=headers)
            assert gone.status_code == 200, gone.text
        assert (await service.client.get(f"{SOCIAL}/accounts", headers=headers)).json()["items"] == []


@pytest.mark.parametrize("path", ["google/link", "google/link/callback"])
async def test_nobody_links_without_a_session(path: str) -> None:
    async with social_service() as (service, _):
        answer = await service.post(f"{SOCIAL}/{path}", id_token="a.b.c", state="s")
        assert answer.status_code == 401
        assert (await service.client.get(f"{SOCIAL}/accounts")).status_code == 401


async def test_apple_tells_of_a_revoked_consent() -> None:
    async with social_service() as (service, provider):
        tokens = await service.post(
            f"{SOCIAL}/apple/token", id_token=provider.token(email="ada@stark.com", email_verified=True)
        )
        headers = {"authorization": f"Bearer {tokens.json()['access']}"}
        moment = int(provider.now().timestamp()) + 5
        claims = provider.claims(
            jti="1", events=f'{{"type":"consent-revoked","sub":"subject-1","event_time":{moment}}}'
        )
        del claims["sub"], claims["exp"]
        told = await service.post(f"{SOCIAL}/apple/notifications", payload=provider.signed(claims))
        assert told.status_code == 200, told.text
        assert (await service.client.get(f"{SOCIAL}/accounts", headers=headers)).status_code == 401
