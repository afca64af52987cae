"""People come from a real OpenID provider: by a real browser's way, with tokens that nobody here made."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from tests.servers.oidc_provider import oidc_provider
from tests.servers.provider import ec_key, public_jwk
from tests.servers.recipes import ServerUnavailableError
from tests.unit.entrypoints.http_service import BASE, Service, running_service

GOOGLE, APPLE = "google-client", "apple.client"
TEAM, PLAIN_SECRET = "TEAMID1234", "what the provider compares in the end"
OWN = "http://127.0.0.1:8000/api/v1/identity/social"
MAX_STEPS = 12
ACCOUNTS = {
    "ada": {"email": "ada@gmail.com", "email_verified": True, "given_name": "Ada", "family_name": "Lovelace"},
    "tony": {"email": "tony@stark.com", "email_verified": True, "hd": "stark.com", "given_name": "Tony"},
    "guest": {"email": "guest@stark.com", "email_verified": True, "given_name": "Guest"},
    "liar": {"email": "victim@gmail.com", "email_verified": False},
    "relay": {"email": "x7f@privaterelay.appleid.com", "email_verified": "true", "is_private_email": "true"},
}


def client(client_id: str, secret: str, provider: str) -> dict[str, Any]:
    return {
        "client_id": client_id,
        "client_secret": secret,
        "redirect_uris": [f"{OWN}/{provider}/callback"],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_post",
    }


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    try:
        with oidc_provider(
            clients=[client(GOOGLE, "google-secret", "google"), client(APPLE, PLAIN_SECRET, "apple")],
            accounts=ACCOUNTS,
            apple={
                "client_id": APPLE,
                "team_id": TEAM,
                "jwk": public_jwk(ec_key(), "apple-key"),
                "plain_secret": PLAIN_SECRET,
            },
        ) as address:
            yield address
    except ServerUnavailableError as missing:
        pytest.skip(str(missing))


@asynccontextmanager
async def service_of(issuer: str, **changed: Any) -> AsyncIterator[Service]:
    endpoints = f"issuer={issuer},authorization={issuer}/auth,token={issuer}/token,keys={issuer}/jwks"
    pem = ec_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    given = {
        "google_client_id": GOOGLE,
        "google_client_secret": "google-secret",
        "google_endpoints": endpoints,
        "apple_client_id": APPLE,
        "apple_team_id": TEAM,
        "apple_key_id": "apple-key",
        "apple_private_key": pem.decode(),
        "apple_endpoints": endpoints,
        "rate_limit_profile": "unlimited",
    }
    async with running_service(**{**given, **changed}) as service:
        yield service


async def agree(url: str, login: str) -> tuple[str, dict[str, str]]:
    """What the person does in the browser: signs in there, agrees, and is sent back. Answers where to
    and with what."""
    async with httpx2.AsyncClient() as browser:
        answer = await browser.get(url)
        for _ in range(MAX_STEPS):
            if answer.is_redirect:
                target = str(answer.url.join(answer.headers["location"]))
                if target.startswith(OWN):
                    parts = urlsplit(target)
                    return parts._replace(query="").geturl(), dict(parse_qsl(parts.query))
                answer = await browser.get(target)
                continue
            assert answer.status_code == 200, answer.text
            action = re.search(r'<form[^>]* action="([^"]+)"', answer.text)
            assert action is not None, answer.text
            fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
            target = str(answer.url.join(action[1]))
            if target.startswith(OWN):
                return target, fields
            answer = await browser.post(target, data={**fields, "login": login, "password": "any"})
    raise AssertionError("the provider never sent the browser back")


async def go_and_come_back(service: Service, provider: str, login: str) -> httpx2.Response:
    departure = await service.client.post(f"{BASE}/social/{provider}/start", json={})
    assert departure.status_code == 200, departure.text
    cookie = {"cookie": departure.headers["set-cookie"].partition(";")[0]}
    target, fields = await agree(departure.json()["url"], login)
    path = urlsplit(target).path
    if provider == "apple":
        return await service.client.post(path, data=fields, headers=cookie)
    return await service.client.get(path, params=fields, headers=cookie)


async def test_a_person_comes_from_google_and_comes_again(issuer: str) -> None:
    async with service_of(issuer) as service:
        first = await go_and_come_back(service, "google", "ada")
        assert first.status_code == 200, first.text
        user = first.json()["user"]
        assert (user["email"], user["is_email_verified"]) == ("ada@gmail.com", True)
        assert (user["first_name"], user["last_name"]) == ("Ada", "Lovelace")
        again = await go_and_come_back(service, "google", "ada")
        assert again.json()["user"]["id"] == user["id"]


async def test_the_issuer_stands_in_the_answer_to_the_browser(issuer: str) -> None:
    async with service_of(issuer) as service:
        departure = await service.client.post(f"{BASE}/social/google/start", json={})
        _, fields = await agree(departure.json()["url"], "ada")
        assert fields["iss"] == issuer
        mixed_up = {**fields, "iss": "https://attacker.example"}
        answer = await service.client.get(f"{BASE}/social/google/callback", params=mixed_up)
        assert answer.json()["code"] == "social_state_invalid"


async def test_a_person_comes_from_apple_by_a_form_with_a_relay_address(issuer: str) -> None:
    async with service_of(issuer) as service:
        answer = await go_and_come_back(service, "apple", "relay")
        assert answer.status_code == 200, answer.text
        user = answer.json()["user"]
        assert (user["email"], user["is_email_verified"]) == ("x7f@privaterelay.appleid.com", True)


async def test_another_teams_key_is_refused_by_apple(issuer: str) -> None:
    pem = ec_key(1).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    async with service_of(issuer, apple_private_key=pem.decode()) as service:
        answer = await go_and_come_back(service, "apple", "relay")
        assert (answer.status_code, answer.json()["code"]) == (401, "social_token_invalid")


async def test_a_hosted_mailbox_is_linked_and_a_vouched_one_is_not(issuer: str) -> None:
    async with service_of(issuer) as service:
        tony = await service.signed_up("tony@stark.com", "tony.s")
        linked = await go_and_come_back(service, "google", "tony")
        assert linked.json()["user"]["id"] == tony["id"]
        await service.signed_up("guest@stark.com", "guest.s")
        refused = await go_and_come_back(service, "google", "guest")
        assert (refused.status_code, refused.json()["code"]) == (409, "link_required")


async def test_an_address_that_is_not_verified_proves_nothing(issuer: str) -> None:
    async with service_of(issuer) as service:
        victim = await service.signed_up("victim@gmail.com", "victim.v")
        answer = await go_and_come_back(service, "google", "liar")
        assert answer.status_code == 200, answer.text
        assert answer.json()["user"]["id"] != victim["id"]
        assert answer.json()["user"]["email"] is None


async def test_a_code_is_bound_to_its_verifier_by_the_provider(issuer: str) -> None:
    async with service_of(issuer) as service:
        stolen = await service.client.post(f"{BASE}/social/google/start", json={})
        _, loot = await agree(stolen.json()["url"], "ada")
        mine = await service.client.post(f"{BASE}/social/google/start", json={})
        _, fields = await agree(mine.json()["url"], "tony")
        injected = {**fields, "code": loot["code"]}
        answer = await service.client.get(f"{BASE}/social/google/callback", params=injected)
        assert (answer.status_code, answer.json()["code"]) == (401, "social_token_invalid")
