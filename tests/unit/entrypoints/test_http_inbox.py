"""One's inbox over HTTP: canonical paths, those of the source systems, and what is refused."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.application.notifications.inboxes import Owner, an_owner
from tests.unit.entrypoints.http_service import Service, running_service

BASE = "/api/v1/notifications"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


async def signed_in(service: Service) -> Owner:
    owner = await an_owner(service.container)
    service.client.headers["authorization"] = f"Bearer {owner.holder.token}"
    return owner


async def test_notifications_are_listed_looked_at_and_marked(service: Service) -> None:
    owner = await signed_in(service)
    await owner.gets(1, 2)
    listed = (await service.client.get(f"{BASE}/")).json()
    assert [each["title"] for each in listed["items"]] == ["Invoice 2", "Invoice 1"]
    assert listed["next_cursor"] is None
    newest = listed["items"][0]
    assert newest["is_read"] is False
    assert newest["data"] == {"invoice": 2, "final": True, "note": None}
    place = f"{BASE}/{newest['id']}"
    assert (await service.client.get(place)).json() == newest
    read = (await service.client.post(f"{place}/read/")).json()
    assert (read["is_read"], read["read_at"] is not None) == (True, True)
    assert (await service.client.get(f"{BASE}/unread-count/")).json() == {"unread": 1, "version": 3}
    unread = (await service.client.get(BASE, params={"unread": "true"})).json()["items"]
    assert [each["title"] for each in unread] == ["Invoice 1"]
    assert (await service.client.post(f"{place}/unread")).json()["is_read"] is False
    assert (await service.client.get(f"{BASE}/unread-count")).json() == {"unread": 2, "version": 4}


async def test_all_is_marked_with_an_empty_body_and_with_a_bound(service: Service) -> None:
    owner = await signed_in(service)
    await owner.gets(1, 2, 3)
    middle = (await service.client.get(BASE)).json()["items"][1]["id"]
    bounded = await service.client.post(f"{BASE}/read-all/", json={"up_to": middle})
    assert bounded.json() == {"unread": 1, "version": 4, "marked": 2}
    for empty in ({"json": {}}, {"content": b""}):
        done = await service.client.post(f"{BASE}/read-all/", **empty)
        assert done.status_code == 200, done.text
    assert done.json() == {"unread": 0, "version": 5, "marked": 0}
    unknown = await service.client.post(f"{BASE}/read-all", json={"until": middle})
    assert unknown.status_code == 422


async def test_another_persons_notification_is_not_found(service: Service) -> None:
    await (await signed_in(service)).gets(1)
    (mine,) = (await service.client.get(BASE)).json()["items"]
    await signed_in(service)
    for method, path in (("GET", ""), ("POST", "/read"), ("POST", "/unread")):
        answer = await service.client.request(method, f"{BASE}/{mine['id']}{path}")
        assert answer.status_code == 404
    answer = await service.client.post(f"{BASE}/read-all", json={"up_to": mine["id"]})
    assert answer.status_code == 404


@pytest.mark.parametrize("prefix", ["", "/api/v1", "/api/v1/services"])
async def test_the_paths_of_the_first_source_system_answer(service: Service, prefix: str) -> None:
    owner = await signed_in(service)
    await owner.gets(1)
    (listed,) = (await service.client.get(f"{prefix}/notifications/")).json()["items"]
    read = await service.client.post(f"{prefix}/notifications/{listed['id']}/read/", json={"is_read": True})
    assert (read.status_code, read.json()["is_read"]) == (200, True)
    assert (await owner.counted()).unread == 0


async def test_a_ticket_is_given_to_a_session_and_to_nobody_else(service: Service) -> None:
    assert (await service.client.post(f"{BASE}/stream-tickets")).status_code == 401
    await signed_in(service)
    issued = await service.client.post(f"{BASE}/stream-tickets")
    assert issued.status_code == 201
    assert len(issued.json()["ticket"]) == 43
    assert issued.headers["cache-control"] == "no-store"
