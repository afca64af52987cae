"""Webhooks over HTTP: from adding an endpoint to looking at what was sent."""

from collections.abc import AsyncIterator

import pytest
from tests.servers.web import Answered, Asked, web_server
from tests.unit.application.identity.role_holders import Holder, a_holder
from tests.unit.entrypoints.http_service import Service, running_service

BASE = "/api/v1/webhooks"
WISH = {"url": "https://hooks.example.com/x", "events": ["identity.*"]}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


async def signed_in(service: Service, *roles: str) -> Holder:
    holder = await a_holder(service.container, *(roles or ("standard_user",)))
    service.client.headers["authorization"] = f"Bearer {holder.token}"
    return holder


async def test_an_endpoint_is_added_read_changed_switched_and_removed(service: Service) -> None:
    await signed_in(service)
    made = await service.client.post(f"{BASE}/endpoints", json=WISH)
    assert made.status_code == 201, made.text
    assert made.json()["secret"].startswith("whsec_")
    place = f"{BASE}/endpoints/{made.json()['endpoint']['id']}"
    assert (await service.client.get(place)).json() == made.json()["endpoint"]
    assert (await service.client.get(f"{BASE}/endpoints")).json()["items"] == [made.json()["endpoint"]]
    changed = await service.client.patch(place, json={"description": "ours"})
    assert (changed.status_code, changed.json()["description"]) == (200, "ours")
    off = await service.client.post(f"{place}/disable")
    assert (off.json()["enabled"], off.json()["disabled_reason"]) == (False, "owner")
    refused = await service.client.post(f"{place}/test")
    assert (refused.status_code, refused.json()["code"]) == (409, "webhook_endpoint_disabled")
    assert (await service.client.post(f"{place}/enable")).json()["enabled"] is True
    rotated = await service.client.post(f"{place}/rotate-secret", json={})
    assert rotated.json()["secret"] != made.json()["secret"]
    assert (await service.client.delete(place)).status_code == 200
    assert (await service.client.get(place)).status_code == 404


async def test_anothers_endpoint_is_not_found(service: Service) -> None:
    await signed_in(service)
    made = (await service.client.post(f"{BASE}/endpoints", json=WISH)).json()["endpoint"]
    await signed_in(service, "admin")
    place = f"{BASE}/endpoints/{made['id']}"
    answers = [
        await service.client.get(place),
        await service.client.patch(place, json={}),
        await service.client.delete(place),
        await service.client.post(f"{place}/rotate-secret", json={}),
        await service.client.post(f"{place}/replay", json={"since": "2026-11-20T06:30:00Z"}),
        await service.client.get(f"{BASE}/messages", params={"endpoint_id": made["id"]}),
    ]
    assert {answer.status_code for answer in answers} == {404}


async def test_an_idempotency_key_makes_one_endpoint(service: Service) -> None:
    await signed_in(service)
    made = [
        (await service.client.post(f"{BASE}/endpoints", json=WISH, headers={"idempotency-key": "k"})).json()
        for _ in range(2)
    ]
    assert made[0]["endpoint"] == made[1]["endpoint"]
    assert (made[0]["secret"] is None, made[1]["secret"]) == (False, None)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"url": "http://hooks.example.com/"}, "url", "url_not_https"),
        ({"url": "https://10.0.0.1/"}, "url", "url_not_public"),
        ({"url": "https://hooks.example.com:25/"}, "url", "url_port"),
        ({"url": "https://a:b@hooks.example.com/"}, "url", "url_credentials"),
        ({"url": "nowhere"}, "url", "url_malformed"),
        ({"events": ["no.such"]}, "events", "unknown_webhook_event"),
    ],
)
async def test_what_is_wrong_is_told_by_field(service: Service, change, field: str, code: str) -> None:
    await signed_in(service)
    refused = await service.client.post(f"{BASE}/endpoints", json=WISH | change)
    assert refused.status_code == 422
    (error,) = refused.json()["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert error["message"]


async def test_a_test_message_is_sent_and_its_log_read(service: Service) -> None:
    asked: list[Asked] = []

    def take(each: Asked) -> Answered:
        asked.append(each)
        return Answered(200, b"thanks")

    await signed_in(service)
    with web_server(take) as receiver:
        wish = WISH | {"url": f"{receiver}/hook"}
        made = (await service.client.post(f"{BASE}/endpoints", json=wish)).json()["endpoint"]
        sent = await service.client.post(f"{BASE}/endpoints/{made['id']}/test")
        assert sent.status_code == 201, sent.text
        await service.container.webhooks.sending.stop()
        await service.container.webhooks.sending.drain()
    listed = (await service.client.get(f"{BASE}/messages", params={"endpoint_id": made["id"]})).json()
    assert [(each["id"], each["state"]) for each in listed["items"]] == [(sent.json()["id"], "delivered")]
    details = (await service.client.get(f"{BASE}/messages/{sent.json()['id']}")).json()
    assert details["payload"]["type"] == "webhooks.test.v1"
    (attempt,) = details["attempts"]
    assert (attempt["status"], attempt["response"]) == (200, "thanks")
    assert asked[0].headers["webhook-id"] == sent.json()["id"]
    again = await service.client.post(f"{BASE}/messages/{sent.json()['id']}/replay")
    assert again.json()["state"] == "pending"


async def test_messages_come_in_pages(service: Service) -> None:
    await signed_in(service)
    made = (await service.client.post(f"{BASE}/endpoints", json=WISH)).json()["endpoint"]
    await service.container.webhooks.sending.stop()
    ids = [(await service.client.post(f"{BASE}/endpoints/{made['id']}/test")).json()["id"] for _ in range(5)]
    found, cursor = [], None
    while True:
        params = {"endpoint_id": made["id"], "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await service.client.get(f"{BASE}/messages", params=params)).json()
        found += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ids[::-1]


async def test_every_event_is_listed_with_its_fields(service: Service) -> None:
    await signed_in(service)
    listed = {
        each["name"]: each["fields"] for each in (await service.client.get(f"{BASE}/events")).json()["items"]
    }
    assert listed["billing.invoice_paid.v1"] == [
        "invoice_id", "order_id", "customer_id", "number", "amount",
    ]  # fmt: skip
    assert all(name.endswith(".v1") for name in listed)
