"""Push devices over HTTP: registered, refreshed, listed and removed by whoever they belong to."""

from collections.abc import AsyncIterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.servers.push_providers import Browser, pem_of, point_of, text_of
from tests.unit.application.identity.role_holders import Holder, a_holder
from tests.unit.entrypoints.http_service import Service, running_service

BASE = "/api/v1/notifications"
KEY = ec.generate_private_key(ec.SECP256R1())
URL = "https://push.example.com/send/1"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited", push_vapid_key=pem_of(KEY)) as running:
        yield running


async def signed_in(service: Service) -> Holder:
    holder = await a_holder(service.container, "standard_user")
    service.client.headers["authorization"] = f"Bearer {holder.token}"
    return holder


def a_subscription(**changed: object) -> dict[str, object]:
    return {"kind": "web", "token": URL, "keys": Browser(URL).keys, **changed}


async def test_a_browser_learns_the_key_that_it_subscribes_with(service: Service) -> None:
    await signed_in(service)
    answer = await service.client.get(f"{BASE}/push-options")
    assert answer.json() == {"kinds": ["web"], "vapid_public_key": text_of(point_of(KEY))}


async def test_a_device_is_registered_refreshed_listed_and_removed(service: Service) -> None:
    await signed_in(service)
    made = await service.client.post(f"{BASE}/devices", json=a_subscription(name="My browser"))
    assert made.status_code == 201, made.text
    assert made.json()["name"] == "My browser"
    assert "push.example.com" not in made.text
    place = f"{BASE}/devices/{made.json()['id']}"
    refreshed = await service.client.post(f"{place}/refresh", json={"locale": "fa"})
    assert (refreshed.status_code, refreshed.json()["locale"]) == (200, "fa")
    listed = await service.client.get(f"{BASE}/devices")
    assert listed.json()["items"] == [refreshed.json()]
    assert (await service.client.delete(place)).json() == {"removed": True}
    assert (await service.client.delete(place)).status_code == 404
    assert (await service.client.get(f"{BASE}/devices")).json()["items"] == []


async def test_a_path_without_a_body_refreshes(service: Service) -> None:
    await signed_in(service)
    made = (await service.client.post(f"{BASE}/devices", json=a_subscription())).json()
    answer = await service.client.post(f"{BASE}/devices/{made['id']}/refresh", json={})
    assert answer.status_code == 200


async def test_anothers_device_is_not_found(service: Service) -> None:
    await signed_in(service)
    made = (await service.client.post(f"{BASE}/devices", json=a_subscription())).json()
    await signed_in(service)
    place = f"{BASE}/devices/{made['id']}"
    answers = [
        await service.client.delete(place),
        await service.client.post(f"{place}/refresh", json={}),
    ]
    assert {answer.status_code for answer in answers} == {404}


async def test_what_is_wrong_is_told_by_field(service: Service) -> None:
    await signed_in(service)
    answer = await service.client.post(f"{BASE}/devices", json=a_subscription(token="https://192.168.0.1/"))
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [
        ("token", "url_not_public")
    ]
    assert "192.168.0.1" not in answer.text


async def test_a_kind_that_is_off_is_told(service: Service) -> None:
    await signed_in(service)
    answer = await service.client.post(f"{BASE}/devices", json={"kind": "fcm", "token": "token:0000000001"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_configured")


async def test_nobody_registers_without_signing_in(service: Service) -> None:
    assert (await service.client.post(f"{BASE}/devices", json=a_subscription())).status_code == 401
