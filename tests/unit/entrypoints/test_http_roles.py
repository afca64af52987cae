"""Roles over HTTP: canonical paths, the paths of the source system, and ids in paths."""

from collections.abc import AsyncIterator

import pytest
from tests.unit.application.identity.role_holders import Holder, a_holder
from tests.unit.entrypoints.http_service import BASE, Service, running_service

from multiproduct.adapters.contracts.builders import a_uuid
from multiproduct.domain.identity import built_in_roles

ADMIN_ID = built_in_roles()[0].id
WISH = {"key": "auditor", "name": "Auditor", "permissions": ["audit.entry.read"]}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with running_service() as running:
        yield running


@pytest.fixture
async def admin(service) -> Holder:
    holder = await a_holder(service.container, "admin")
    service.client.headers["authorization"] = f"Bearer {holder.token}"
    return holder


async def test_a_role_is_made_read_changed_listed_and_deleted(service, admin) -> None:
    made = await service.client.post(f"{BASE}/roles", json=WISH)
    assert made.status_code == 201, made.text
    place = f"{BASE}/roles/{made.json()['id']}"
    assert (await service.client.get(place)).json() == made.json()
    changed = await service.client.patch(f"{place}/", json={"description": "Looks after us."})
    assert (changed.status_code, changed.json()["description"]) == (200, "Looks after us.")
    listed = (await service.client.get(f"{BASE}/roles/")).json()["items"]
    assert [role["key"] for role in listed][4:] == ["auditor"]
    gone = await service.client.delete(place)
    assert (gone.status_code, gone.json()) == (200, {"message": "The role is gone."})
    assert (await service.client.get(place)).json()["code"] == "role_not_found"


async def test_roles_of_people_are_given_listed_and_taken(service, admin) -> None:
    member = await a_holder(service.container, "standard_user")
    place = f"{BASE}/users/{member.user.id}/roles"
    given = await service.client.post(
        place, json={"role": "market_owner", "expires_at": "2100-01-01T00:00:00Z"}
    )
    assert given.status_code == 200, given.text
    assert given.json()["expires_at"] == "2100-01-01T00:00:00Z"
    listed = (await service.client.get(place)).json()["items"]
    assert [(each["role"], each["scope"]) for each in listed] == [
        ("market_owner", "platform"),
        ("standard_user", "platform"),
    ]
    taken = await service.client.delete(place, params={"role": "market_owner"})
    assert (taken.status_code, taken.json()) == (200, {"message": "The role was taken away."})
    again = await service.client.delete(place, params={"role": "market_owner", "scope": "platform"})
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


async def test_the_last_admin_is_told_so(service, admin) -> None:
    place = f"{BASE}/users/{admin.user.id}/roles"
    refused = await service.client.delete(place, params={"role": "admin"})
    assert (refused.status_code, refused.json()["code"]) == (409, "last_admin")
    assert refused.json()["title"] == "This is the last administrator"


@pytest.mark.parametrize(
    "id",
    ["7", "admin", "{role_id}", f"urn:uuid:{a_uuid()}", a_uuid().hex, f"{{{a_uuid()}}}"],
    ids=["number", "word", "template", "urn", "hex", "braces"],
)
async def test_a_malformed_id_is_not_found(service, admin, id) -> None:
    answer = await service.client.get(f"{BASE}/roles/{id}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_id_may_be_written_in_capitals(service, admin) -> None:
    answer = await service.client.get(f"{BASE}/roles/{str(ADMIN_ID).upper()}")
    assert answer.json()["key"] == "admin"


async def test_whoever_is_not_signed_in_learns_nothing_of_ids(service) -> None:
    for any_id in (ADMIN_ID, a_uuid(), "7"):
        assert (await service.client.get(f"{BASE}/roles/{any_id}")).status_code == 401


async def test_what_is_wrong_with_a_role_is_told_at_once(service, admin) -> None:
    answer = await service.client.post(
        f"{BASE}/roles", json={"key": "No", "permissions": ["audit.entry.raed"], "nam": "x"}
    )
    assert answer.status_code == 422
    assert {(each["field"], each["code"]) for each in answer.json()["errors"]} == {
        ("name", "required"),
        ("nam", "unknown"),
        ("key", "invalid"),
        ("permissions.0", "not_allowed"),
    }


@pytest.mark.parametrize("place", ["/auth/kn/role/", "/api/v1/auth/kn/role/"])
async def test_the_source_systems_path_does_all_of_it(service, admin, place) -> None:
    made = await service.client.post(place, json=WISH)
    assert made.status_code == 201, made.text
    role_id = made.json()["id"]
    assert "auditor" in [role["key"] for role in (await service.client.get(place)).json()["items"]]
    changed = await service.client.patch(place, params={"role_id": role_id}, json={"name": "Inspector"})
    assert changed.json()["name"] == "Inspector"
    assert (await service.client.get(f"{place}{role_id}/")).json()["name"] == "Inspector"
    unnamed = await service.client.delete(place)
    assert (unnamed.status_code, unnamed.json()["errors"][0]["field"]) == (422, "role_id")
    assert (await service.client.delete(place, params={"role_id": "7"})).status_code == 404
    assert (await service.client.delete(place, params={"role_id": role_id})).status_code == 200
    assert (await service.client.get(f"{place}{role_id}/")).status_code == 404


async def test_the_document_tells_where_ids_go(service, admin) -> None:
    paths = (await service.client.get("/schema/?format=json")).json()["paths"]
    in_path = paths[f"{BASE}/roles/{{role_id}}"]["get"]["parameters"][-1]
    assert (in_path["name"], in_path["in"], in_path["required"]) == ("role_id", "path", True)
    assert in_path["schema"] == {"type": "string", "format": "uuid"}
    in_query = paths["/auth/kn/role/"]["patch"]["parameters"][-1]
    assert (in_query["name"], in_query["in"], in_query["required"]) == ("role_id", "query", True)
    revoke = paths[f"{BASE}/users/{{user_id}}/roles"]["delete"]
    assert [each["name"] for each in revoke["parameters"][2:]] == ["user_id", "role", "scope"]
    assert "requestBody" not in revoke
