"""User administration, invitations and own data over HTTP, in canonical names and in those of the seeds."""

import asyncio

import pytest
from tests.unit.application.identity.role_holders import a_holder
from tests.unit.entrypoints.http_service import BASE, PASSWORD, Service, running_service

IBAN = "GB82 WEST 1234 5698 7654 32"


@pytest.fixture
async def service():
    async with running_service(rate_limit_profile="unlimited") as running:
        yield running


async def as_admin(service: Service) -> dict[str, str]:
    return {"authorization": f"Bearer {(await a_holder(service.container, 'admin')).token}"}


async def as_member(service: Service) -> dict[str, str]:
    await service.signed_up()
    return {"authorization": f"Bearer {(await service.signed_in())['access']}"}


async def mails_until(service: Service, to: str, words: str) -> str:
    """The texts of all mails to an address, once one of them has the words."""
    for _ in range(500):
        texts = "\n".join(mail.text for mail in await service.container.mailbox.messages(to))
        if words in texts:
            return texts
        await asyncio.sleep(0.01)
    raise AssertionError(f"no mail with {words!r} came")


async def test_the_story_of_an_invitation(service):
    boss = await as_admin(service)
    sent = await service.client.post(
        f"{BASE}/invitations", json={"email": "pepper@stark.com", "first_name": "Pepper"}, headers=boss
    )
    assert sent.status_code == 201
    assert sent.json()["state"] == "open"
    page = await service.link("pepper@stark.com", "invitation")
    for _ in range(2):
        shown = await service.client.get(page)
        assert shown.status_code == 200
        assert 'type="password"' in shown.text
    wrong = await service.client.post(page, data={"username": "rescue", "password": "short"})
    assert wrong.status_code == 422
    assert 'value="rescue"' in wrong.text
    done = await service.client.post(page, data={"username": "rescue", "password": PASSWORD})
    assert done.status_code == 200
    assert "rescue" in done.text
    assert (await service.signed_in("rescue"))["user"]["is_email_verified"] is True
    for answer in (
        await service.client.get(page),
        await service.client.post(page, data={"password": PASSWORD}),
    ):
        assert answer.status_code == 410
    assert (await service.client.get("/invitation/nonsense")).status_code == 404
    listed = await service.client.get(f"{BASE}/invitations", headers=boss)
    assert [each["state"] for each in listed.json()["items"]] == ["accepted"]


async def test_an_invitation_is_accepted_by_the_api_as_well(service):
    boss = await as_admin(service)
    await service.client.post(f"{BASE}/users", json={"email": "pepper@stark.com"}, headers=boss)
    token = (await service.link("pepper@stark.com", "invitation")).rpartition("/")[2]
    accepted = await service.post(f"{BASE}/invitations/accept", token=token, password=PASSWORD)
    assert accepted.status_code == 200, accepted.text
    again = await service.post(f"{BASE}/invitations/accept", token=token, password=PASSWORD)
    assert (again.status_code, again.json()["code"]) == (422, "invitation_invalid")


async def test_people_are_listed_and_filtered_by_the_query(service):
    boss = await as_admin(service)
    await service.signed_up()
    found = await service.client.get(
        f"{BASE}/users",
        params={"search": "tony", "verified": "true", "created_from": "2020-01-01T00:00:00Z", "limit": "1"},
        headers=boss,
    )
    assert found.status_code == 200, found.text
    (tony,) = found.json()["items"]
    assert (tony["username"], tony["status"], found.json()["next_cursor"]) == ("tony.s", "active", None)
    for wrong in (
        {"limit": "0"},
        {"limit": "201"},
        {"status": "x"},
        {"search": "t"},
        {"created_from": "yesterday"},
    ):
        assert (await service.client.get(f"{BASE}/users", params=wrong, headers=boss)).status_code == 422


async def test_an_accounts_standing_is_changed_by_its_path(service):
    boss = await as_admin(service)
    tony = await service.signed_up()
    path = f"{BASE}/users/{tony['id']}"
    assert (await service.client.post(f"{path}/suspend", headers=boss)).json()["status"] == "suspended"
    assert (await service.client.post(f"{path}/reinstate", headers=boss)).json()["status"] == "active"
    changed = await service.client.patch(path, json={"status": "suspended", "last_name": "S"}, headers=boss)
    assert (changed.json()["is_active"], changed.json()["last_name"]) == (False, "S")
    assert (await service.client.patch(path, json={"email": "x@y.z"}, headers=boss)).status_code == 422
    assert (await service.client.delete(path, headers=boss)).status_code == 200
    gone = await service.client.get(path, headers=boss)
    assert (gone.json()["status"], gone.json()["email"]) == ("deleted", None)
    assert (await service.client.delete(path, headers=boss)).json()["code"] == "user_not_found"


async def test_fluxus_clients_find_their_paths(service):
    boss = await as_admin(service)
    made = await service.client.post(
        "/api/users/",
        json={"email": "tony@stark.com", "username": "tony.s", "password": "ignored", "is_staff": True},
        headers=boss,
    )
    assert made.status_code == 201, made.text
    assert made.json()["is_verified"] is False
    assert made.json()["is_staff"] is False
    path = f"/api/users/{made.json()['id']}/"
    listed = await service.client.get("/api/users/", headers=boss)
    assert made.json()["id"] in [each["id"] for each in listed.json()["items"]]
    sent = {"email": "tony@stark.com", "first_name": "Tony"}
    for method in ("PUT", "PATCH"):
        changed = await service.client.request(method, path, json=sent, headers=boss)
        assert (changed.status_code, changed.json()["first_name"]) == (200, "Tony")
    assert (await service.client.get(path, headers=boss)).json()["email"] == "tony@stark.com"
    assert (await service.client.delete(path, headers=boss)).status_code == 200


async def test_a_member_sees_neither_lists_nor_others(service):
    boss = await a_holder(service.container, "admin")
    member = await as_member(service)
    for path in (f"{BASE}/users", f"{BASE}/users/{boss.user.id}", f"{BASE}/invitations"):
        assert (await service.client.get(path, headers=member)).status_code == 403
        assert (await service.client.get(path)).status_code == 401


async def test_own_data_are_handed_out_and_erased(service):
    member = await as_member(service)
    exported = await service.client.post(f"{BASE}/me/export", headers=member)
    assert exported.status_code == 200
    assert exported.json()["data"]["profile"]["username"] == "tony.s"
    assert exported.headers["cache-control"] == "no-store"
    assert (await service.client.delete(f"{BASE}/me", headers=member)).status_code == 200
    assert (await service.client.get(f"{BASE}/me", headers=member)).status_code == 401
    assert "deleted" in await mails_until(service, "tony@stark.com", "were deleted")


@pytest.mark.parametrize("path", [f"{BASE}/me/bank-details", "/api/v1/user/bank/info/"])
async def test_bank_details_come_back_masked(service, path):
    member = await as_member(service)
    assert (await service.client.get(path, headers=member)).status_code == 404
    for method in ("POST", "PUT"):
        put = await service.client.request(
            method, path, json={"holder": "Tony Stark", "iban": IBAN}, headers=member
        )
        assert put.status_code == 200, put.text
    shown = await service.client.get(path, headers=member)
    assert shown.json()["account"] == "****5432"
    assert "WEST" not in shown.text
    wrong = await service.client.put(path, json={"holder": "T", "iban": IBAN[:-1] + "3"}, headers=member)
    assert [each["code"] for each in wrong.json()["errors"]] == ["invalid_iban"]
    assert (await service.client.delete(path, headers=member)).status_code == 200
    assert (await service.client.get(path, headers=member)).status_code == 404
