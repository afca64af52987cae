"""The audit log over HTTP: who is let in, how it is narrowed, and in which language it speaks."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.entrypoints.http_service import PASSWORD, Service, running_service

from multiproduct.application.caller import SYSTEM
from multiproduct.application.identity import CreateAdmin

ENTRIES, MINE = "/api/v1/audit/entries", "/api/v1/audit/mine"
NICK = "nick@shield.gov"


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


async def bearer(service: Service, identifier: str) -> dict[str, str]:
    return {"authorization": f"Bearer {(await service.signed_in(identifier))['access']}"}


async def admin(service: Service) -> dict[str, str]:
    command = CreateAdmin(email=NICK, username="nick.fury", password=PASSWORD)
    await service.container.identity.administration.create_admin(command, SYSTEM)
    return await bearer(service, NICK)


async def test_an_administrator_searches_the_log_and_stands_in_it(service: Service) -> None:
    user = await service.signed_up()
    headers = await admin(service)
    found = await service.client.get(
        ENTRIES, params={"user_id": user["id"], "action": "create"}, headers=headers
    )
    assert found.status_code == 200, found.text
    (entry,) = [each for each in found.json()["items"] if each["event"] == "identity.user_registered"]
    assert entry["description"] == "An account was created."
    assert (entry["resource_type"], entry["resource_id"]) == ("user", user["id"])
    reads = (await service.client.get(ENTRIES, params={"event": "audit.read"}, headers=headers)).json()[
        "items"
    ]
    assert [each["resource_id"] for each in reads] == [f"action=create user_id={user['id']}"]
    assert [each["actor_type"] for each in reads] == ["user"]


async def test_whoever_is_no_administrator_is_refused(service: Service) -> None:
    await service.signed_up()
    assert (await service.client.get(ENTRIES)).status_code == 401
    assert (
        await service.client.get(ENTRIES, headers=await bearer(service, "tony@stark.com"))
    ).status_code == 403


async def test_everybody_reads_their_own_in_their_language(service: Service) -> None:
    user = await service.signed_up()
    # English is what the account is set to: that goes before the browser.
    headers = await bearer(service, "tony@stark.com") | {"accept-language": "fa"}
    asked = {"event": "identity.signed_in", "lang": "es"}
    answer = await service.client.get(MINE, params=asked, headers=headers)
    (entry,) = answer.json()["items"]
    assert (entry["user_id"], entry["description"]) == (user["id"], "Comenzó una sesión.")
    assert answer.headers["cache-control"] == "no-store"
    assert (await service.client.get(MINE)).status_code == 401


async def test_pages_are_fetched_by_cursor(service: Service) -> None:
    await service.signed_up()
    headers = await bearer(service, "tony@stark.com")
    first = (await service.client.get(MINE, params={"limit": 1}, headers=headers)).json()
    second = (
        await service.client.get(MINE, params={"limit": 1, "cursor": first["next_cursor"]}, headers=headers)
    ).json()
    assert first["items"][0]["id"] > second["items"][0]["id"]


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"since": "yesterday"},
        {"since": "2026-11-20T00:00:00"},
        {"cursor": "somebody else's"},
        {"user_id": "7d9f0a52-4c1b-4e0e-8a65-0f1b2c3d4e5f"},
        {"event": "x" * 101},
        {"event": "identity.\0"},
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "9999-12-31T23:59:59-14:00"},
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(service: Service, query: dict[str, str]) -> None:
    await service.signed_up()
    answer = await service.client.get(MINE, params=query, headers=await bearer(service, "tony@stark.com"))
    assert answer.status_code == 422, answer.text
    assert [problem["field"] for problem in answer.json()["errors"]] == list(query)
