"""Passkeys and device keys over HTTP, on canonical paths and on those of a source system."""

from types import SimpleNamespace

import pytest
from tests.software_authenticator import SoftwareAuthenticator
from tests.software_device import SoftwareDevice, b64, claims
from tests.unit.entrypoints.http_service import BASE, running_service

BIOMETRIC = "/api/v1/auth/biometric"


@pytest.fixture
async def service():
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


async def signed_in(service) -> dict[str, str]:
    await service.signed_up()
    return {"authorization": f"Bearer {(await service.signed_in())['access']}"}


async def post(service, path, document, headers=None):
    return await service.client.post(path, json=document, headers=headers)


async def test_a_passkey_is_made_listed_renamed_used_and_removed(service):
    bearer, authenticator = await signed_in(service), SoftwareAuthenticator()
    offered = (await post(service, f"{BASE}/passkeys/registration/options", {}, bearer)).json()
    document = {
        "challenge_id": offered["challenge_id"],
        "credential": authenticator.create(offered["public_key"]),
        "name": "Mark I",
    }
    made = await post(service, f"{BASE}/passkeys/registration", document, bearer)
    assert made.status_code == 201, made.text
    again = await post(service, f"{BASE}/passkeys/registration", document, bearer)
    assert (again.status_code, again.json()["code"]) == (422, "credential_refused")

    asked = (await post(service, f"{BASE}/passkeys/authentication/options", {})).json()
    document = {"challenge_id": asked["challenge_id"], "credential": authenticator.get(asked["public_key"])}
    tokens = await post(service, f"{BASE}/passkeys/authentication", document)
    assert tokens.status_code == 200, tokens.text
    assert tokens.json()["user"]["email"] == "tony@stark.com"
    again = await post(service, f"{BASE}/passkeys/authentication", document)
    assert (again.status_code, again.json()["code"]) == (401, "invalid_credentials")

    place = f"{BASE}/passkeys/{made.json()['id']}"
    renamed = await service.client.patch(place, json={"name": "Mark II"}, headers=bearer)
    assert renamed.json()["name"] == "Mark II"
    listed = await service.client.get(f"{BASE}/passkeys", headers=bearer)
    assert [each["name"] for each in listed.json()["items"]] == ["Mark II"]
    assert (await service.client.delete(place, headers=bearer)).status_code == 200
    gone = await service.client.delete(place, headers=bearer)
    assert gone.status_code == 404


@pytest.mark.parametrize("base", [f"{BASE}/device-keys", BIOMETRIC])
@pytest.mark.parametrize("ending", ["", "/"])
async def test_one_path_does_both_steps_of_a_device(service, base, ending):
    bearer, device = await signed_in(service), SoftwareDevice()
    answer = await post(service, f"{base}/enroll{ending}", {}, bearer)
    offered = SimpleNamespace(**answer.json())
    enrolled = await post(
        service,
        f"{base}/enroll{ending}",
        {
            "challenge_id": offered.challenge_id,
            "public_key": b64(device.spki),
            "signature": b64(device.sign(device.message(offered, claims("pin", "hardware")))),
            "user_verification": "pin",
            "storage": "hardware",
            "name": "Telephone",
        },
        bearer,
    )
    assert enrolled.status_code == 200, enrolled.text
    assert enrolled.json()["key_id"] == device.key_id
    answer = await post(service, f"{base}/authenticate{ending}", {"key_id": device.key_id})
    offered = SimpleNamespace(**answer.json())
    document = {
        "challenge_id": offered.challenge_id,
        "key_id": device.key_id,
        "signature": b64(device.sign(device.message(offered))),
    }
    tokens = await post(service, f"{base}/authenticate{ending}", document)
    assert tokens.status_code == 200, tokens.text
    own = {"authorization": f"Bearer {tokens.json()['access']}"}
    place = f"{BASE}/device-keys/{enrolled.json()['id']}"
    assert (await service.client.delete(place, headers=bearer)).status_code == 200
    assert (await service.client.get(f"{BASE}/me", headers=own)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/passkeys/registration/options"),
        ("POST", "/passkeys/registration"),
        ("POST", "/passkeys/check/options"),
        ("GET", "/passkeys"),
        ("PATCH", "/passkeys/0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"),
        ("DELETE", "/passkeys/0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"),
        ("POST", "/device-keys/enroll"),
        ("GET", "/device-keys"),
        ("PATCH", "/device-keys/0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"),
        ("DELETE", "/device-keys/0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10"),
    ],
)
async def test_one_has_to_be_signed_in_to_see_to_keys(service, method, path):
    answer = await service.client.request(method, f"{BASE}{path}", json={})
    assert answer.status_code == 401


@pytest.mark.parametrize(
    "credential",
    [
        {},
        {"id": 1, "rawId": [], "type": None, "response": "x"},
        {"id": "a", "rawId": "a", "type": "public-key", "response": {}},
        {"id": "é", "rawId": "é", "type": "public-key", "response": {"clientDataJSON": "é"}},
        {"id": "a" * 20_000, "rawId": "a" * 20_000, "type": "public-key", "response": {}},
        {
            "id": "YQ",
            "rawId": "YQ",
            "type": "public-key",
            "response": {
                "clientDataJSON": b64(b"[" * 12_000),
                "authenticatorData": b64(b"\x9f" * 12_000),
                "attestationObject": b64(b"\x81" * 12_000),
                "signature": "YQ",
                "userHandle": "YQ",
            },
        },
    ],
    ids=lambda credential: str(credential)[:40],
)
async def test_nonsense_in_a_credential_is_a_plain_refusal(service, credential):
    bearer = await signed_in(service)
    for path, headers, status in (
        ("registration", bearer, 422),
        ("authentication", None, 401),
    ):
        offered = (await post(service, f"{BASE}/passkeys/{path}/options", {}, headers)).json()
        document = {"challenge_id": offered["challenge_id"], "credential": credential}
        answer = await post(service, f"{BASE}/passkeys/{path}", document, headers)
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize("signature", ["A", "AAAAA", "-_-_"])
async def test_nonsense_in_a_signature_is_a_plain_refusal(service, signature):
    document = {
        "challenge_id": "0199a4d2-7c1e-7b9a-9f0e-3b1f6a2c8d10",
        "key_id": "ab" * 32,
        "signature": signature,
    }
    answer = await post(service, f"{BASE}/device-keys/authenticate", document)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
